"""In the place of sam, bash and RDS's own nights: both stacks' functions on the sandbox."""

import itertools
import shlex
from collections.abc import Callable, Mapping, Sequence

from acceptance.run import TAG, bears
from acceptance.sides import Side
from sandbox import Sandbox
from sandbox.environments import DRILL_SECURITY_GROUP, DRILL_SUBNET_GROUP
from sandbox.serving.lambda_runtime import Function
from tests.acceptance.playing import RUN, connecting
from tests.support.aws_cli import commands, filled, parse


class Cloud:
    """What happens beside the kit's own calls."""

    def __init__(self, aws: Sandbox) -> None:
        """Nothing is deployed; the role behind the backup profile is there."""
        self.aws, self.asked, self._deployed = aws, list[dict[str, str]](), set[str]()
        self.without: tuple[str, ...] = ()
        aws.backup.client("iam").create_role(
            RoleName="administrator", Path="/people/", AssumeRolePolicyDocument="{}"
        )

    def sam(self, side: Side, words: Sequence[str]) -> None:
        """A deployment: what the templates would make of these parameters, and a retained rest."""
        at = words.index("--parameter-overrides")
        given = dict(shlex.split(word)[0].split("=", 1) for word in words[at + 1 :])
        options = dict(itertools.pairwise(words))
        name, tag = options["--stack-name"], options["--tags"]
        self.asked.append(given)
        bucket = options["--s3-bucket"]
        self.aws.source.client("s3").put_object(Bucket=bucket, Key="code", Body=b"zip")
        account = self.aws.source if side.name == "source" else self.aws.backup
        functions = self._functions(side, given)
        for function, deployed in functions.items():
            self.aws.add_function(f"{name}-{function}", deployed, account)
        outputs = {f"{function}Name": f"{name}-{function}" for function in functions}
        if name in self._deployed:
            return  # its parameters were changed, and its functions with them
        self._deployed.add(name)
        tags = dict([tag.split("=", 1)])
        self.aws.add_stack(
            name,
            account,
            tags=tags,
            outputs=outputs | self._outputs(side),
            resources={"DrillDatabaseGroup": DRILL_SUBNET_GROUP},
        )
        self.aws.add_log_group(f"{name}-logs", account, tags)
        key = account.client("kms").create_key(Tags=[{"TagKey": TAG, "TagValue": tags[TAG]}])
        assert key["KeyMetadata"]["KeyState"] == "Enabled"

    def _functions(
        self, side: Side, given: Mapping[str, str]
    ) -> dict[str, Callable[[object], object]]:
        same = {"SNAPSHOT_PREFIX": given["SnapshotPrefix"]}
        same |= {"BACKUPS_TO_KEEP": given["BackupsToKeep"], "POWERTOOLS_LOG_LEVEL": "INFO"}
        if side.name == "source":
            more = {"DB_TAG": given["DbTag"], "EXPIRE_BACKUPS": "false", **same}
            more["INCREMENTAL"] = given["Incremental"]
            environment = self.aws.environment(**more)
            kinds = {"Function": environment, "LookFunction": environment | {"READ_ONLY": "true"}}
        else:
            drill = self.aws.drill_environment(**same)
            kinds = {"Function": self.aws.backup_environment(**same), "DrillFunction": drill}
        return {kind: self._calling(Function(self.aws, kinds[kind])) for kind in kinds}

    def _calling(self, function: Function) -> Callable[[object], object]:
        def call(event: object) -> object:
            done = function.invoke(event)
            if done.error:
                raise done.error
            return done.result

        return call

    def _outputs(self, side: Side) -> dict[str, str]:
        given = self.asked[0]
        if side.name == "backup":
            return {"DrillProbeGroupId": DRILL_SECURITY_GROUP}
        words = f"SnapshotPrefix={given['SnapshotPrefix']} KeyAdministrators=NAME"
        words += f" BackupsToKeep={given['BackupsToKeep']} 'SnapshotArnPatterns=arn:x-*'"
        command = f"sam deploy --config-env backup --region eu-west-1 --parameter-overrides {words}"
        return {"NextCommand": command, "SharingKeyArn": self.aws.sharing_key}

    def sleep(self, seconds: float) -> None:
        """Time goes on, and RDS makes its automated snapshots when their windows have come."""
        before = self.aws.clock.now
        self.aws.clock.advance(seconds=seconds)
        taken = {row.database for row in self.aws.snapshots(self.aws.source, type="automated")}
        for one in self.aws.databases(self.aws.source):
            if one.status != "available" or not bears(one.identifier, one.tags, RUN):
                continue
            if one.identifier.endswith(self.without):
                continue
            window = str(one.fields.get("PreferredBackupWindow", ""))
            begins = before.replace(hour=int(window[:2] or 0), minute=int(window[3:5] or 0))
            if one.identifier not in taken or (window and before < begins <= self.aws.clock.now):
                self.aws.take_automated(one.identifier, kind=one.kind)

    def shell(self, script: str, values: Mapping[str, str]) -> None:
        """What bash would do with the AWS CLI, as the person of the backup account."""
        for words in commands(script):
            command = parse(filled(words, values))
            assert values["BACKUP_PROFILE"] == command.options["profile"]
            assert command.options["region"] == self.aws.backup.region
            client = connecting(self.aws.backup.person)(command.service, self.aws.backup.region)
            if command.waiter:
                self.aws.clock.advance(hours=1)
            command.run(client)
