"""What RDS says of the backups, against what their tags say."""

from copy import replace
from typing import Any

import pytest

from rds_backup.check.answer import Answer, Level
from rds_backup.check.origins import of_origins
from rds_backup.model.decisions import Owned
from rds_backup.model.inventory import Kind, Lane, Side
from tests.support import making
from tests.support.asked import one
from tests.support.made_facts import facts, unlisted, world

CONTRADICTED = "contradicted by RDS"
MISDATED = "older or younger than tagged"
POINTER = "source as RDS names it"
FOREIGN = "arn:aws:rds:eu-west-1:444444444444:snapshot:rds-backup-orders"


def changed(
    of: Owned | None = None,
    **fields: Any,  # noqa: ANN401 - what AWS may say of a snapshot
) -> Owned:
    """A backup of which RDS says something else."""
    made = of or making.backup()
    return replace(made, snapshot=replace(made.snapshot, **fields))


def asked(*backups: Owned) -> list[Answer]:
    """What is said where these are there."""
    return [*of_origins(facts(world(backups=backups)))]


def test_where_nothing_is_odd_each_question_passes() -> None:
    """With a pointer to the series' own account, or without any."""
    own = f"arn:aws:rds:{making.REGION}:{making.SOURCE}:snapshot:rds-backup-orders"
    found = asked(changed(copied_from=own), making.backup(making.point(making.NIGHT - making.DAY)))

    assert [(Level.PASS, "none")] * 3 == [(a.level, a.fact) for a in found]
    assert [CONTRADICTED, MISDATED, POINTER] == [a.question for a in found]


def test_a_copy_from_another_account_fails_and_is_named() -> None:
    """It is not counted, and somebody has made it."""
    odd = changed(copied_from=FOREIGN)
    found = one(asked(odd), CONTRADICTED)

    assert Level.FAIL is found.level
    assert (
        f"{odd.snapshot.identifier} was copied from account 444444444444 in eu-west-1, "
        "not from 111111111111 in eu-west-1"
    ) == found.fact
    assert found.fix == ("not counted; find out in the backup account's CloudTrail who made them")


def test_another_resource_id_is_named_too() -> None:
    """RDS's own, not the tag's."""
    found = one(asked(changed(resource_id="db-OTHER")), CONTRADICTED)
    assert found.fact.endswith("has resource id db-OTHER, not db-ORDERS")


def test_a_tag_far_from_what_rds_says_is_a_warning() -> None:
    """The age goes by the older of them already."""
    found = one(asked(changed(original_at=making.NIGHT - 80 * making.DAY)), MISDATED)
    assert Level.WARN is found.level
    assert "but RDS says 2025-12-12" in found.fact


@pytest.mark.parametrize("pointer", ["rds-backup-orders", FOREIGN.replace("snapshot", "db", 1)])
def test_a_pointer_in_another_form_is_a_warning(pointer: str) -> None:
    """It counts as none, so that nobody can be kept out by it."""
    found = one(asked(changed(copied_from=pointer)), POINTER)
    assert Level.WARN is found.level
    assert f"is a copy of {pointer}, which is no snapshot's ARN" in found.fact


def test_three_are_named_and_the_rest_counted() -> None:
    """A flood makes no page of it."""
    nights = [making.backup(making.point(making.NIGHT - n * making.DAY)) for n in range(5)]
    found = one(asked(*(changed(b, copied_from="odd") for b in nights)), POINTER)
    assert 3 == found.fact.count("is a copy of odd")
    assert found.fact.endswith(" and 2 more")
    three = one(asked(*(changed(b, copied_from="odd") for b in nights[:3])), POINTER)
    assert "more" not in three.fact


def test_a_copy_that_is_not_available_is_not_asked_about() -> None:
    """RDS fills its fields while it is made."""
    assert Level.PASS is one(asked(making.backup(word="copying")), POINTER).level
    running = changed(making.backup(word="copying"), copied_from=FOREIGN)
    assert Level.PASS is one(asked(running), CONTRADICTED).level


@pytest.mark.parametrize("kind", Kind)
def test_what_was_not_listed_may_be_odd(kind: Kind) -> None:
    """No answer is no pass."""
    seen = unlisted(world(), Lane(Side.BACKUP, kind))
    assert [Level.WARN] * 3 == [a.level for a in of_origins(facts(seen))]
