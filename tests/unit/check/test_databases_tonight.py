"""Of each database the newest automated snapshot, and what a backup would make of it now."""

from collections.abc import Sequence
from copy import replace
from datetime import timedelta
from typing import Any

import pytest

from rds_backup.check.answer import Answer, Level
from rds_backup.check.databases import of_databases
from rds_backup.model.decisions import Owned, Problem
from rds_backup.model.inventory import Kind, Lane, Side
from rds_backup.report.from_plan import Said
from tests.support import making
from tests.support.asked import BILLING, ORDERS, not_well, one
from tests.support.made_facts import (
    DENIED,
    NOW,
    automated,
    database,
    facts,
    unlisted,
    unread,
    world,
)

NEWEST, TONIGHT = "newest automated snapshot", "tonight's backup"
CLUSTER = database("billing", Kind.CLUSTER)


class TestItsNewestSnapshot:
    """It is what is copied tonight."""

    def test_one_without_a_snapshot_has_still_to_wait(self) -> None:
        """A new database is no failure; what it is under is read from itself."""
        found = [*of_databases(facts(world(made=[])))]
        answer = one(found, NEWEST)

        assert {("warn", ORDERS, NEWEST)} == not_well(found)
        assert "none is available" == answer.fact
        assert "wait for its backup window, or find out why RDS makes none" == answer.fix
        assert one(found, "encryption").fact.startswith("under aws/rds")
        assert TONIGHT not in [a.question for a in found]

    @pytest.mark.parametrize(
        ("hours", "level", "fact"),
        [(35.9, "pass", "35.9 h old"), (36, "pass", "36.0 h old"), (36.005, "fail", "36.0 h old")],
    )
    def test_its_age_is_measured_in_hours(self, hours: float, level: str, fact: str) -> None:
        """At more than MAX_SNAPSHOT_AGE_HOURS its backup would be stale when it is made."""
        orders = database()
        made = [automated(orders, age=timedelta(hours=hours)), automated(CLUSTER)]
        found = [*of_databases(facts(world(orders, CLUSTER, made=made)))]
        answer = one(found, NEWEST, ORDERS)

        assert (level, fact) == (answer.level, answer.fact.partition(",")[0])
        assert (level == "fail") is ("MAX_SNAPSHOT_AGE_HOURS (36)" in str(answer.fix))
        assert Level.PASS is one(found, NEWEST, BILLING).level

    def test_a_listing_without_an_answer_is_not_told(self) -> None:
        """None is said to be there, and none not to be; the other family's are known."""
        seen = world(database(), CLUSTER)
        blind = replace(seen, automated={**seen.automated, Kind.INSTANCE: unread()})
        found = [*of_databases(facts(blind))]

        assert {("warn", ORDERS, NEWEST), ("warn", ORDERS, TONIGHT)} == not_well(found)
        assert one(found, NEWEST, ORDERS).fact.startswith("cannot tell: cannot list")


class TestTonight:
    """What a backup would decide now."""

    def asked(
        self,
        *backups: Owned,
        shared: Sequence[Owned] = (),
        **changes: Any,  # noqa: ANN401
    ) -> list[Answer]:
        """What is said with these copies of tonight's snapshot."""
        seen = replace(world(backups=backups, shared=shared), **changes)
        return [*of_databases(facts(seen))]

    def test_a_database_whose_attempts_are_used_up_fails(self) -> None:
        """Everything else about it is well."""
        dead = [making.backup(attempt=n, word="failed") for n in (1, 2, 3)]
        found = self.asked(*dead, shared=[making.shared()])

        assert {("fail", ORDERS, TONIGHT)} == not_well(found)
        assert one(found, TONIGHT).fact.startswith("stuck: ")
        assert str(one(found, TONIGHT).fix).startswith(
            "look in CloudTrail there for KMS AccessDenied"
        )

    @pytest.mark.parametrize(
        ("backups", "state"),
        [
            ([], "in_progress"),
            ([making.backup(word="creating")], "in_progress"),
            ([making.backup()], "protected"),
        ],
    )
    def test_what_is_under_way_or_done_is_well(self, backups: list[Owned], state: str) -> None:
        """It says how far it is."""
        found = self.asked(*backups, shared=[making.shared()] if backups else ())

        assert set() == not_well(found)
        assert one(found, TONIGHT).fact.startswith(f"{state}: ")

    def test_what_may_not_be_read_is_a_failure(self) -> None:
        """The other account's key, say: no backup can be verified."""
        found = self.asked(backup_key=blocked())

        assert {("fail", ORDERS, TONIGHT)} == not_well(found)
        assert one(found, TONIGHT).fact.startswith("blocked: ")

    def test_what_can_never_be_copied_fails(self) -> None:
        """A cluster whose copy RDS has left unencrypted, though it was given a key (2.8)."""
        bare = replace(CLUSTER, encryption="none", kms_key=None)
        made = automated(bare)
        copy = making.shared(making.point(NOW - making.HOUR, "billing", Kind.CLUSTER)).snapshot
        ignored = replace(copy, encryption="none", kms_key=None)
        found = [*of_databases(facts(world(bare, made=[made], shared=[ignored])))]

        assert {("warn", BILLING, "encryption"), ("fail", BILLING, TONIGHT)} == not_well(found)
        assert one(found, TONIGHT).fact.startswith("unsupported: ")

    def test_what_cannot_be_known_is_not_told(self) -> None:
        """The state is unknown."""
        found = [*of_databases(facts(unlisted(world(), Lane(Side.BACKUP, Kind.INSTANCE))))]

        assert {("warn", ORDERS, TONIGHT)} == not_well(found)
        assert one(found, TONIGHT).fact.startswith("cannot tell: unknown: cannot list")

    def test_old_data_has_an_answer_of_its_own(self) -> None:
        """That the newest snapshot is too old is said once."""
        made = [automated(database(), age=timedelta(hours=50))]
        old = [making.backup(making.point(made[0].created_at or making.NIGHT))]
        found = [*of_databases(facts(world(made=made, backups=old)))]

        assert {("fail", ORDERS, NEWEST)} == not_well(found)
        assert TONIGHT not in [a.question for a in found]

    def test_each_database_has_its_own_night(self) -> None:
        """One that is backed up already, and one that is not."""
        seen = world(database("more"), database(), backups=[making.backup()])
        found = [*of_databases(facts(seen))]

        assert one(found, TONIGHT, ORDERS).fact.startswith("protected: ")
        assert one(found, TONIGHT, "more (instance)").fact.startswith("in_progress: ")


def blocked() -> Problem:
    """What stands for a key that may not be described."""
    return unread(DENIED, "BACKUP_KMS_KEY_ID cannot be resolved", Side.BACKUP)


def test_a_database_of_which_nothing_is_reported_has_no_night() -> None:
    """Nothing is made up; nor of a snapshot without a time."""
    made = facts()
    undated = {"db-ORDERS": replace(automated(database()), created_at=None)}
    found = [*of_databases(replace(made, said=Said(()), newest=undated))]

    assert TONIGHT not in [a.question for a in found]
    assert "none is available" == one(found, NEWEST).fact


def test_a_database_that_is_not_narrowed_to_still_has_its_entry() -> None:
    """Answers are told by resource id, not by their order."""
    found = facts(world(database("a"), database(), backups=[making.backup()]), only=["orders"])

    assert one(of_databases(found), TONIGHT).fact.startswith("protected: ")
