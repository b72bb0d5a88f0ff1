"""The role in the backup account, taken as the function takes it.

Speaks to STS as any client would; knows nothing of how the sandbox is made.
"""

from sandbox import Account, Credentials, Sandbox, connect
from sandbox.accounts import Identity


def assume(aws: Sandbox, caller: Credentials | None = None, /, **params: object) -> Credentials:
    """Take the role; credentials as the answer gives them.  The function does, unless said else."""
    sts = connect("sts", caller or aws.source.function, aws.region)
    arguments = {"RoleArn": aws.role_arn, "RoleSessionName": "backup", **params}
    given = sts.assume_role(**arguments)["Credentials"]
    nobody = Identity("", "", "", "")
    return Credentials(
        nobody, given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]
    )


def with_the_role(aws: Sandbox) -> Account:
    """The backup account as somebody has it who took the role."""
    given = assume(aws)
    return Account(aws.backup.id, aws.region, given, given)
