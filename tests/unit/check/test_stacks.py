"""Safeguards that are switched off: a warning each time, and no word while they are on."""

from collections.abc import Mapping
from copy import replace

import pytest

from rds_backup.check.answer import Level
from rds_backup.check.questions import answers
from rds_backup.check.stacks import SOURCE_SCHEDULES, TAG_GUARD, of_stacks
from rds_backup.model.inventory import Role
from tests.support import handed_out
from tests.support.asked import one
from tests.support.made_facts import DENIED, SETTINGS, facts

GUARD, ALARM = "tag guard", "alarm on old backups"


def asked(
    tags: Mapping[str, str] | None, *, guarded: bool = True, scheduled: bool = True
) -> dict[str, tuple[str, str]]:
    """Fact and fix by question, where the role bears these tags; None: it cannot be read."""
    made = facts(settings=replace(SETTINGS, tags_guarded=guarded, scheduled=scheduled))
    role = DENIED if tags is None else Role(handed_out.BACKUP_ROLE, tags, None)
    found = [*of_stacks(replace(made, there=replace(made.there, role=role)))]

    assert {("stacks", Level.WARN)} >= {(a.about, a.level) for a in found}
    return {a.question: (a.fact, str(a.fix)) for a in found}


@pytest.mark.parametrize("tags", [{TAG_GUARD: "on", SOURCE_SCHEDULES: "ENABLED"}, {}, None])
def test_nothing_is_said_while_all_is_on(tags: Mapping[str, str] | None) -> None:
    """A stack without the tags is of 0.1.0, which has the safeguards; nor is one that is unread."""
    assert {} == asked(tags)


@pytest.mark.parametrize(
    ("tags", "guarded", "where"),
    [
        ({TAG_GUARD: "on"}, False, "this account"),
        ({TAG_GUARD: "off"}, True, "the backup account"),
        ({TAG_GUARD: "off"}, False, "this account and the backup account"),
        (None, False, "this account"),
    ],
)
def test_a_guard_that_is_off_is_said_with_its_place(
    tags: Mapping[str, str] | None, where: str, *, guarded: bool
) -> None:
    """Each time: it is meant for the one question that only AWS can answer."""
    fact, fix = asked(tags, guarded=guarded)[GUARD]

    assert f"TagGuard is off in {where}: the roles may change tags of snapshots that exist" == fact
    assert "deploy both stacks with TagGuard=on, and check whether a copy is denied" == fix


def test_an_alarm_that_sends_nothing_is_said_once_the_schedules_run() -> None:
    """Before, that they are off is an answer already."""
    quiet = {SOURCE_SCHEDULES: "DISABLED"}
    fact, fix = asked(quiet)[ALARM]

    assert "SourceSchedules is DISABLED in the backup account: its alarm sends nothing" == fact
    assert "deploy backup-account.yaml with SourceSchedules=ENABLED" == fix
    assert {} == asked(quiet, scheduled=False)


def test_check_asks_it() -> None:
    """Among all questions."""
    made = facts(settings=replace(SETTINGS, tags_guarded=False))

    assert Level.WARN is one(answers(made), GUARD).level
