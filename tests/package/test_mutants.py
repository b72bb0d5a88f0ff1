"""What `make mutants` compares: a run's survivors and figures with those that are written down."""

import pytest

from tests.support import mutants
from tests.support.mutants import Figures, Found, Survivor

NAME = "rds_backup.apply.guard.x__holds__mutmut_7"
DIFF = f"""# {NAME}: survived
--- src/rds_backup/apply/guard.py
+++ src/rds_backup/apply/guard.py
@@ -3,3 +3,3 @@
 def _holds(left: int, keep: int) -> int:
-    return left | keep
+    return left & keep
"""
FOUND = Found({"apply.guard": Figures(80, 79)}, {NAME: DIFF})
PAGE = r"""
| module | mutants | killed |
| --- | --- | --- |
| apply.guard | 80 | 79 |

| function | code | changed to | why |
| --- | --- | --- | --- |
| `apply.guard._holds` | `return left \| keep` | `return left & keep` | Both are 1. |
"""


def test_a_run_that_is_written_down_is_not_complained_of() -> None:
    """Function and diff tell a survivor, not its number, which changes with other code."""
    assert [] == mutants.complaints(FOUND, PAGE)
    renumbered = Found(FOUND.figures, {NAME.replace("_7", "_8"): DIFF})
    assert [] == mutants.complaints(renumbered, PAGE)


@pytest.mark.parametrize(
    ("found", "page", "about"),
    [
        (FOUND, PAGE.replace("left & keep", "left ^ keep"), ["not accepted", "accepted, but"]),
        (FOUND, PAGE.replace("_holds", "_held"), ["not accepted", "accepted, but"]),
        (Found(FOUND.figures, {}), PAGE, ["accepted, but noticed"]),
        (Found(FOUND.figures, {NAME: DIFF, f"{NAME}7": DIFF}), PAGE, ["not accepted"]),
        (Found({"apply.guard": Figures(81, 79)}, FOUND.diffs), PAGE, ["apply.guard: "]),
        (Found({}, FOUND.diffs), PAGE, ["apply.guard: "]),
        (
            Found({**FOUND.figures, "decide.point": Figures(1, 1)}, FOUND.diffs),
            PAGE,
            ["decide.point: "],
        ),
        (FOUND, "", ["not accepted", "apply.guard: "]),
    ],
)
def test_every_difference_is_complained_of(found: Found, page: str, about: list[str]) -> None:
    """A survivor that is new, one that is gone, one more of the same look, other figures."""
    complaints = mutants.complaints(found, page)
    assert len(about) == len(complaints)
    assert all(words in complaint for words, complaint in zip(about, complaints, strict=True))


def test_a_complaint_of_a_survivor_is_the_row_to_be_given_a_reason() -> None:
    """It can be pasted into the page."""
    complaint, *_ = mutants.complaints(FOUND, "")
    assert complaint.endswith(
        r"| `apply.guard._holds` | `return left \| keep` | `return left & keep` | |"
    )


def test_a_survivor_without_a_reason_is_refused() -> None:
    """Why is the point of the page."""
    with pytest.raises(ValueError, match="without a reason"):
        mutants.complaints(FOUND, PAGE.replace("Both are 1.", ""))


def test_a_change_of_several_lines_is_one_cell() -> None:
    """An argument that is left out takes its line along."""
    diff = "@@ -1,3 +1,2 @@\n call(\n-    one,\n-    two,\n+    None,\n )"
    expected = Survivor("apply.guard.floor_holds", "one, two,", "None,")
    assert expected == mutants.survivor("rds_backup.apply.guard.x_floor_holds__mutmut_1", diff)


def test_both_pages_state_the_same_figures() -> None:
    """Those of the last run, which `make mutants` compares with the page."""
    stated = mutants.figures(mutants.PAGE.read_text()).values()
    total, killed = (sum(column) for column in zip(*stated, strict=True))
    reliability = (mutants.ROOT / "docs/explained/reliability.md").read_text()
    assert total - killed == mutants.accepted(mutants.PAGE.read_text()).total()
    assert f"in {total} places, one at a time: a unit test fails on {killed} of them" in reliability
