"""Names and ARNs: which snapshot names RDS takes, and whose snapshot a name or ARN means.

Knows no snapshots.
"""

import hashlib
import re
from dataclasses import dataclass

from sandbox.errors import invalid_value
from sandbox.kinds import Family

_NAME = re.compile(r"[a-zA-Z](-?[a-zA-Z0-9])*")
_ARN_PARTS = 7
LONGEST_DATABASE = 63
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a caller says that something is: account, Region, and the name there."""

    account: str
    region: str
    name: str
    by_arn: bool


def snapshot_name(family: Family, parameter: str, name: str) -> str:
    """The name in lower case; raises InvalidParameterValue for one that RDS does not take.

    CopyDBSnapshotMessage, CopyDBClusterSnapshotMessage: letters, digits and hyphens, a letter
    first, no two hyphens together, none at the end; 255 characters, or 63 for clusters.
    """
    return _checked(parameter, name, family.longest_name)


def _checked(parameter: str, name: str, longest: int) -> str:
    if len(name) > longest or not _NAME.fullmatch(name):
        raise invalid_value(
            f"The parameter {parameter} is not a valid identifier. Identifiers must begin with a "
            "letter; must contain only ASCII letters, digits, and hyphens; must not end with a "
            "hyphen or contain two consecutive hyphens; and must have at most "
            f"{longest} characters."
        )
    return name.lower()


def database_name(parameter: str, name: str) -> str:
    """The name of a database in lower case: like a snapshot's, 63 characters at most."""
    return _checked(parameter, name, LONGEST_DATABASE)


def arn(region: str, account: str, word: str, name: str) -> str:
    """The ARN of something in RDS."""
    return f"arn:aws:rds:{region}:{account}:{word}:{name}"


def reference(text: str, word: str, account: str, region: str) -> Reference:
    """What a name or ARN means to a caller: a plain name is the caller's own.

    The name may itself contain a colon (``rds:orders-2026-03-02-02-00``).
    """
    if not text.startswith("arn:"):
        return Reference(account, region, text.lower(), by_arn=False)
    parts = text.split(":", _ARN_PARTS - 1)
    if len(parts) < _ARN_PARTS or parts[2] != "rds" or parts[5] != word:
        raise invalid_value(f"Invalid resource name: {text}")
    return Reference(parts[4], parts[3], parts[6].lower(), by_arn=True)


def resource_id(prefix: str, *facts: object) -> str:
    """An RDS resource id such as ``db-ABC...``, always the same for the same facts."""
    digest = hashlib.sha256("/".join(map(str, facts)).encode()).digest()
    return prefix + "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:26])
