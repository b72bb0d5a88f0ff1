"""An error of AWS as a reason, with what to do about it where a person has to mend it."""

from rds_backup.aws.errors import (
    DENIED,
    FIND_ENDPOINT,
    MORE_TIME,
    NO_ENDPOINT,
    NO_SUCH_KEY,
    OUT_OF_TIME,
    AwsError,
    Meaning,
)
from rds_backup.model.decisions import Problem, State
from rds_backup.model.inventory import Side
from rds_backup.model.keys import DEFAULT_KEY, MAKE_DEFAULT, names_default

# AWS does not say whether it makes such a copy, nor with which error it would refuse one (6.13d).
_CUSTOMER_KEY = (
    "set BACKUP_KMS_KEY_ID to a customer managed key: RDS does not copy under aws/rds what another "
    "account shares"
)
_AT_THE_NEXT_RUN = "wait: the next run tries again"
_LATER = {
    OUT_OF_TIME: MORE_TIME,
    NO_ENDPOINT: f"{_AT_THE_NEXT_RUN}; if this stays, {FIND_ENDPOINT}",
}
# What an account is told in a Region that it has to enable first, and has not.
_NOT_ENABLED = ("InvalidClientTokenId", "OptInRequired", "UnrecognizedClientException")


def problem(error: AwsError, doing: str, side: Side, key: str = "") -> Problem:
    """The error as a reason: AWS's words, and the fix where the words tell it.

    Refused is ``blocked``; anything that may be different in a minute is ``unknown``.  ``key`` is
    the one that was to be resolved or copied under, as it is configured.
    """
    words = f"{doing}: {error.code}: {error.message}"
    if error.meaning is not Meaning.REFUSED:
        fix = _LATER.get(error.code, _AT_THE_NEXT_RUN)
        return Problem(State.UNKNOWN, words, fix, error.code)
    return Problem(State.BLOCKED, words, _fix(error, side, key), error.code)


def _fix(error: AwsError, side: Side, key: str) -> str:
    if error.operation == "AssumeRole":
        return (
            "deploy the backup account's stack if it does not exist yet; otherwise allow the "
            "function's role sts:AssumeRole on BACKUP_ACCOUNT_ROLE, and name it in that role's "
            "trust policy (with BACKUP_ACCOUNT_EXTERNAL_ID, if the policy asks for one)"
        )
    if error.code == NO_SUCH_KEY and names_default(key):
        return MAKE_DEFAULT
    if error.code == NO_SUCH_KEY:
        own = side is Side.SOURCE
        which = "KMS_KEY_ID to the sharing key" if own else "BACKUP_KMS_KEY_ID to the backup key"
        account = "SOURCE_ACCOUNT" if own else "BACKUP_ACCOUNT"
        where = "in this Region" if own else "in the Region of the backups"
        return f"set {which}: its id, ARN or alias in {account} and {where}"
    if error.code in _NOT_ENABLED:
        what = "this Region in the account"
        if side is Side.BACKUP:
            what = "the Regions of the databases and of the backups in the backup account"
        return f"enable {what}, if AWS asks for that"
    if error.code == "OptionGroupNotFoundFault":
        return (
            "make an option group of this name in the backup account, in BACKUP_REGION, with the "
            "options that it has here"
        )
    if error.code == "KMSKeyNotAccessibleFault":
        return _kms_fix(error.message, side, key)
    if error.code in DENIED:
        where = "the function's role" if side is Side.SOURCE else "the role in the backup account"
        allowed = f"allow {where} the action that the message names"
        if error.operation == "DescribeKey" and names_default(key):
            return f"deploy the backup account's stack with BackupKeyAlias={DEFAULT_KEY}"
        # Nobody has seen the condition on tags on AWS (docs/explained/aws-contract.md, 7.21).
        guarded = "; if that role has it already, deploy both stacks with TagGuard=off"
        return allowed + (guarded if error.operation.startswith("Copy") else "")
    return _CUSTOMER_KEY if names_default(key) else _AT_THE_NEXT_RUN


def _kms_fix(message: str, side: Side, key: str) -> str:
    """The one code that AWS gives for three causes; the message tells which key it is."""
    text = message.lower()
    actions = (
        "kms:DescribeKey, kms:Decrypt, kms:Encrypt, kms:ReEncrypt*, kms:GenerateDataKey* and "
        "kms:CreateGrant (for AWS resources)"
    )
    if "source snapshot kms key" in text:
        if side is Side.SOURCE:
            return f"allow the function's role {actions} on the database's own key"
        return (
            f"enable the sharing key, and allow {actions} on it both in its own policy and in the "
            "policy of the backup account's role"
        )
    if names_default(key):
        return _CUSTOMER_KEY
    which = (
        "enable the sharing key KMS_KEY_ID, and allow the function's role on it"
        if side is Side.SOURCE
        else "enable the backup key BACKUP_KMS_KEY_ID, and allow the assumed role on it"
    )
    return f"{which}: {actions}"
