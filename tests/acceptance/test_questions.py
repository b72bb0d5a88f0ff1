"""No question is left out: those of the pages, and those of the sandbox's switches."""

import dataclasses

import pytest

from acceptance.questions import QUESTIONS, Question
from sandbox import Switches
from tests.sandbox.test_contract import ROOT
from tests.support.pages import Page, code

PAGE = Page("docs/explained/open-questions.md")
SWITCHES = {field.name for field in dataclasses.fields(Switches)}
# AWS shows it of no copy, and neither does the sandbox.
NOT_SHOWN = {"across_regions", "one_lineage"}
IDS = {question.id for question in QUESTIONS}


def test_every_open_question_has_a_row_here() -> None:
    """A new one on the page, or a new switch, fails until it is asked, or said why not."""
    listed = [code(row[0]) for row in PAGE.table("id")]

    assert sorted(set(listed)) == sorted(listed)
    assert set(listed) | SWITCHES <= IDS
    assert len(IDS) == len(QUESTIONS)


def test_every_unconfirmed_rule_of_the_contract_has_a_row_here() -> None:
    """By its switch, or by its number where it has none."""
    text = (ROOT / "docs/explained/aws-contract.md").read_text()
    rows = [line.strip("|").split("|") for line in text.splitlines() if "*Unconfirmed*" in line]
    here = {rule for question in QUESTIONS for rule in question.rules}
    without = [row for row in rows if not any(f"`{s}`" in row[-1] for s in SWITCHES)]

    assert len(rows) > 25
    assert here == {row[1].strip() for row in without}


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_a_question_is_asked_or_says_why_not(question: Question) -> None:
    """One of the two; what has a switch is asked."""
    assert question.asked != bool(question.why_not)
    assert question.asked or question.id not in SWITCHES - NOT_SHOWN
