"""The environment of each function of the two stacks, as the templates give it."""

from sandbox.accounts import Both, Credentials

# A security group's id is not checked by anything that the sandbox plays.
DRILL_SECURITY_GROUP = "sg-0d0000000000d0011"
DRILL_SUBNET_GROUP = "drill"


class Environments(Both):
    """What a deployed function finds in its environment; a part of Sandbox."""

    drill: Credentials
    sharing_key: str
    backup_key: str
    role_arn: str

    def environment(self, **overrides: str | None) -> dict[str, str]:
        """The environment of the function in the source account; None leaves a variable out."""
        ours = {
            "SOURCE_ACCOUNT": self.source.id,
            "KMS_KEY_ID": self.sharing_key,
            "BACKUP_ACCOUNT": self.backup.id,
            "BACKUP_ACCOUNT_ROLE": self.role_arn,
            "BACKUP_REGION": self.backup_region,
        }
        return self._environment(self.source.function, {**ours, **overrides})

    def backup_environment(self, **overrides: str | None) -> dict[str, str]:
        """The environment of the function in the backup account; None leaves a variable out."""
        ours = {"BACKUP_ACCOUNT": self.backup.id}
        return self._environment(self.backup.function, {**ours, **overrides})

    def drill_environment(self, **overrides: str | None) -> dict[str, str]:
        """The environment of the drill's function; None leaves a variable out."""
        ours = {
            "BACKUP_ACCOUNT": self.backup.id,
            "BACKUP_KMS_KEY_ID": self.backup_key,
            "DRILL_CLASSES": "db.t4g.medium,db.r7g.large",
            "DRILL_SUBNET_GROUP": DRILL_SUBNET_GROUP,
            "DRILL_SECURITY_GROUP": DRILL_SECURITY_GROUP,
            "DRILL_PROBE": "drill-probe",
            "DRILL_DEADLINE_HOURS": "12",
        }
        return self._environment(self.drill, {**ours, **overrides})

    def _environment(self, credentials: Credentials, ours: dict[str, str | None]) -> dict[str, str]:
        region = self.region_of(credentials.identity.account)
        found = {
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            **credentials.environment(),
            **ours,
        }
        return {name: value for name, value in found.items() if value is not None}
