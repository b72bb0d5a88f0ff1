"""When a release was last accepted: the newest report in docs/acceptance, if there is one."""

import json
from pathlib import Path

REPORTS = Path(__file__).parents[1] / "docs/acceptance"


def sentence(folder: Path = REPORTS) -> str:
    """What the README says."""
    dates = sorted(json.loads(path.read_text())["date"] for path in folder.glob("*.json"))
    when = f"on {dates[-1]}" if dates else "never yet"
    return f"Last accepted on two real AWS accounts: {when}."
