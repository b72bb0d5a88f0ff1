"""The proofs sweep over every place of a night: `make test` plays a part, `make proofs` all."""

from itertools import groupby
from pathlib import Path

import pytest

from tests.support.drawn import SEED, WHOLE, drawn

HERE = Path(__file__).parent


def pytest_report_header() -> str:
    """Which part, so that it can be played again."""
    return (
        "proofs: whole" if WHOLE else f"proofs: a part, PROOFS_SEED={SEED}; make proofs plays all"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out of each sweep what was not drawn."""
    sweeps = [item for item in items if HERE in item.path.parents]
    played = set()
    for name, cases in groupby(sweeps, key=lambda item: item.nodeid.partition("[")[0]):
        played.update(drawn(cases, name))
    left_out = [item for item in sweeps if item not in played]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]
