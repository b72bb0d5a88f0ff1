"""How much of the proofs is played: all of them, or a part that a seed draws.

``PROOFS=whole`` (``make proofs``) plays all; without it a part is drawn by ``PROOFS_SEED``, which
is the date unless it is given: every day another part, and the same one again for whoever asks.
"""

import os
import random
from collections.abc import Iterable
from datetime import UTC, datetime

WHOLE = os.environ.get("PROOFS") == "whole" or bool(os.environ.get("LONG_PROOFS"))
SEED = os.environ.get("PROOFS_SEED") or f"{datetime.now(UTC):%Y-%m-%d}"
# Of the cases of each proof, and at least one of each.
_ONE_OF = 8


def drawn[T](cases: Iterable[T], name: str) -> list[T]:
    """The cases of one proof that are played, in their order."""
    found = list(cases)
    if WHOLE:
        return found
    lot = random.Random(f"{SEED} {name}")  # noqa: S311 - no secret
    chosen = lot.sample(range(len(found)), -(-len(found) // _ONE_OF))
    return [found[number] for number in sorted(chosen)]
