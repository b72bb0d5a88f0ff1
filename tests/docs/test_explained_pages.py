"""The pages that explain: the decision table, and the figures of the proofs."""

import re
from itertools import chain

from rds_backup.inputs.variables import VARIABLES
from rds_backup.model.decisions import State
from tests.proofs import test_drill_checker
from tests.support import figures
from tests.support.drill_stories import DRILL_HEALS_WITHIN
from tests.support.pages import Page
from tests.support.stories import EXPIRES_WITHIN, HEALS_WITHIN


def test_the_decision_table_speaks_of_states_and_variables_that_exist() -> None:
    """Loosely: its rows are the unit tests' business."""
    rows = Page("docs/explained/decision-table.md").table("the backup")
    words = set(re.findall(r"`(\w+)`", " ".join(chain.from_iterable(rows))))

    assert words <= {*State, *VARIABLES, "status", "check"}
    assert {"protected", "in_progress", "blocked", "stuck", "unsupported"} <= words


def test_the_figures_of_the_proofs_are_theirs() -> None:
    """Nothing is claimed that was not played."""
    page = Page("docs/explained/reliability.md")

    assert figures.figures() == {row[0]: int(row[1]) for row in page.table("what goes wrong")}
    assert figures.drill_figures() == {
        row[0]: int(row[1]) for row in page.table("what goes wrong in a drill")
    }
    assert f"is left within {DRILL_HEALS_WITHIN} ticks of" in page.text
    assert f"in each of {len(test_drill_checker.ROGUES) + 1} ways" in page.text
    assert f"within {HEALS_WITHIN} ticks of ten minutes" in page.text
    assert f"the number to keep has gone within {EXPIRES_WITHIN}." in page.text


def test_the_page_of_all_permissions_says_what_was_never_tested() -> None:
    """It is written from the templates, and proven offline only."""
    page = Page("docs/reference/permissions.md")

    assert "not-yet-tested-on-a-real-account" in page.anchors
    assert "TagGuard=off" in page.text
