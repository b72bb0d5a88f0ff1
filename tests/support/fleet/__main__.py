"""Play the fleets, and compare the page with them: ``python -m tests.support.fleet``.

Needs ``PYTHONPATH=backup_function``.  With ``--write`` it writes the page's tables.  Without, it
fails if a count on the page is another now, or if a look at 1,000 databases takes more than GROWTH
times as long for each of them as one at 100.
"""

import sys
from concurrent.futures import ProcessPoolExecutor
from difflib import unified_diff
from pathlib import Path

from tests.support.fleet.page import Measured, filled, look_seconds, tables
from tests.support.fleet.polling import poll
from tests.support.fleet.scenarios import (
    FLEETS,
    HUNDRED,
    LARGEST,
    THOUSAND,
    look,
    play,
)

PAGE = Path(__file__).parents[3] / "docs" / "explained" / "performance.md"
GROWTH = 2.0


def measure() -> Measured:
    """Everything, each fleet in a process of its own; the largest first."""
    with ProcessPoolExecutor(max_tasks_per_child=1) as pool:
        days = {fleet: pool.submit(play, fleet) for fleet in reversed(FLEETS)}
        looks = {fleet: pool.submit(look, fleet) for fleet in (THOUSAND, LARGEST)}
        polled = {fleet: pool.submit(poll, fleet) for fleet in FLEETS}
        return Measured(
            {fleet: days[fleet].result() for fleet in FLEETS},
            {fleet: future.result() for fleet, future in polled.items()},
            {fleet: future.result() for fleet, future in looks.items()},
        )


def main(arguments: list[str]) -> int:
    """Write the tables, or say what is different; 1 if that is a count, or a look has grown."""
    measured = measure()
    made = tables(measured)
    page = PAGE.read_text(encoding="utf-8")
    if "--write" in arguments:
        PAGE.write_text(filled(page, made), encoding="utf-8")
        return 0
    times = made.pop("times")
    now = filled(page, made)
    changed = [*unified_diff(page.splitlines(), now.splitlines(), "on the page", "now", n=0)]
    print("\n".join(changed) if changed else f"every count of {PAGE.name} is as the page says")
    print(times)
    grown = look_seconds(measured.days[THOUSAND]) / look_seconds(measured.days[HUNDRED])
    print(f"a look at 1,000 databases takes {grown:.2f} times as long for each as one at 100")
    return 1 if changed or grown > GROWTH else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
