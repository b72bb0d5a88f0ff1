"""What was made, and what a run offers to make, of each kind in each account."""

import re
from collections import Counter

from acceptance.offer import PARTS
from sandbox import Sandbox

_MADE = (
    ("CreateDBInstance|RestoreDBInstance.*", "instance"),
    ("CreateDBCluster|RestoreDBCluster.*", "cluster"),
    ("CreateDBSnapshot|CopyDBSnapshot", "snapshot of an instance"),
    ("CreateDBClusterSnapshot|CopyDBClusterSnapshot", "snapshot of a cluster"),
    ("CreateKey", "key"),
)
_WORDS = {
    "snapshot of an instance": "snapshot of an instance",
    "snapshot of a cluster": "snapshot of a cluster",
    "PostgreSQL": "instance",
    "Aurora cluster": "cluster",
    "KMS key": "key",
    "stack": "stack",
}
type Counted = Counter[tuple[str, str]]


def made_and_offered(aws: Sandbox, *parts: str) -> tuple[Counted, Counted]:
    """Of a run with these parts."""
    made: Counted = Counter()
    for call in aws.calls:
        for pattern, kind in _MADE:
            if re.fullmatch(pattern, call.operation) and not call.error:
                made["source" if call.account == aws.source.id else "backup", kind] += 1
    offered: Counted = Counter()
    for quantity in [one for part in parts for one in PARTS[part].pays]:
        kind = next(kind for word, kind in _WORDS.items() if word in quantity.what)
        offered[quantity.account, kind] += quantity.count
    return made, offered
