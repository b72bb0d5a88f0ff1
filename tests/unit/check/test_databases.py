"""Whether RDS has something of each database to copy, and may; each is asked by itself."""

from collections.abc import Sequence
from copy import replace

import pytest

from rds_backup.check.answer import Answer, Level
from rds_backup.check.databases import of_databases
from rds_backup.model.inventory import Database, Kind
from rds_backup.model.settings import Selector
from rds_backup.model.world import Rejected
from rds_backup.observe.selection import select
from tests.support import making
from tests.support.asked import BILLING, ORDERS, not_well, one
from tests.support.made_facts import (
    SETTINGS,
    database,
    facts,
    undatabased,
    unread,
    world,
)

NEWEST, TONIGHT = "newest automated snapshot", "tonight's backup"
AVAILABLE, ENGINE = "available", "engine"
CLUSTER = database("billing", Kind.CLUSTER)


def asked(changed: Database) -> list[Answer]:
    """What is said of one database, while the cluster beside it is well."""
    found = [*of_databases(facts(world(changed, CLUSTER)))]
    assert set() == not_well(a for a in found if a.about == BILLING)
    return [a for a in found if a.about != BILLING]


def rejected(*names: str, clusters: Sequence[Database] = (CLUSTER,)) -> tuple[Rejected, ...]:
    """The names among these that lead to no instance."""
    listed = {Kind.INSTANCE: (), Kind.CLUSTER: clusters}
    return select(listed, Selector(names, Kind.INSTANCE, None)).rejected


def test_each_database_is_asked_everything() -> None:
    """Of each it is said what was seen."""
    snapshot = "1.0 h old, of 2026-03-02T02:00:30.250Z"
    for identifier, kind in (("orders", Kind.INSTANCE), ("billing", Kind.CLUSTER)):
        found = [*of_databases(facts(world(database(identifier, kind))))]

        assert {f"{identifier} ({kind})"} == {a.about for a in found}
        assert set() == not_well(found)
        assert making.series(identifier, kind).resource_id == one(found, "exists").fact
        assert making.ENGINE[kind] == one(found, ENGINE).fact
        assert "on (BackupRetentionPeriod 7)" == one(found, "automated backups").fact
        assert snapshot == one(found, NEWEST).fact
        assert one(found, TONIGHT).fact.startswith("in_progress: ")


class TestTheSelection:
    """Every name that leads to no backup is a failure."""

    def test_a_name_that_is_not_there_fails(self) -> None:
        """The others are asked about all the same."""
        found = [*of_databases(facts(world(rejected=rejected("nobody"))))]

        assert {("fail", "nobody", "exists")} == not_well(found)
        assert "db-ORDERS" == one(found, "exists", ORDERS).fact
        assert one(found, "exists", "nobody").fact.startswith("there is no instance nobody")
        assert "correct DB_ID or CLUSTER" == one(found, "exists", "nobody").fix

    def test_a_cluster_that_is_taken_for_an_instance_fails(self) -> None:
        """With the fix."""
        found = one(of_databases(facts(world(rejected=rejected("billing")))), "exists", "billing")

        assert ("billing is a cluster", "set CLUSTER=true") == (found.fact, found.fix)

    def test_a_tag_that_selects_nothing_fails(self) -> None:
        """Nothing would be backed up, and nobody told."""
        listed: dict[Kind, Sequence[Database]] = {Kind.INSTANCE: (), Kind.CLUSTER: ()}
        nothing = select(listed, SETTINGS.selector).rejected

        assert ("fail", "DB_TAG backup=nightly", "exists") in not_well(
            of_databases(facts(world(rejected=nothing)))
        )

    def test_a_listing_without_an_answer_is_no_failure(self) -> None:
        """Whether the database is there may be known in a minute."""
        found = [*of_databases(facts(undatabased(world(), Kind.INSTANCE)))]

        assert {("warn", "DB_TAG backup=nightly", "exists")} == not_well(found)
        assert one(found, "exists").fact.startswith("cannot tell: cannot list instances")

    def test_narrowed_to_some_the_others_are_not_said(self) -> None:
        """Neither another database nor a name that is not there; its own name is."""
        seen = world(database(), CLUSTER, rejected=rejected("nobody", "somebody"))
        found = [*of_databases(facts(seen, only=["orders", "somebody"]))]

        assert {"somebody", ORDERS} == {a.about for a in found}

    @pytest.mark.parametrize("engine", ["mysql", "neptune"])
    def test_an_engine_that_cannot_be_copied_is_all_that_is_said(self, engine: str) -> None:
        """A Multi-AZ DB cluster, and Neptune in the same listing (12)."""
        reports = database("reports", Kind.CLUSTER, engine)
        found = [a for a in of_databases(facts(world(database(), reports))) if a.about != ORDERS]

        assert ["exists", ENGINE] == [a.question for a in found]
        assert {("fail", "reports (cluster)", ENGINE)} == not_well(found)

    def test_what_is_not_documented_is_not_told(self) -> None:
        """Aurora Limitless, and backups that are not kept in the Region (12)."""
        found = asked(replace(database(), special="BackupTarget outposts"))

        assert {("warn", ORDERS, ENGINE)} == not_well(found)
        assert "postgres, BackupTarget outposts" == one(found, ENGINE).fact
        assert str(one(found, ENGINE).fix).endswith("copied and shared: rds-backup tries it")

    def test_tags_that_find_no_room_on_a_backup_are_named(self) -> None:
        """Fifty are the most (2.19), and some places are ours; a cost center may be among them."""
        tags = {f"tag-{n:02}": "ü" * 256 for n in range(48)} | {"zz-cost-center": "7"}
        found = asked(replace(database(), tags=tags))
        names = [*(f"tag-{n}" for n in range(38, 48)), "zz-cost-center"]

        assert {("warn", ORDERS, "tags")} == not_well(found)
        answer = one(found, "tags")
        assert f"11 of 49 are left out of its backups: {', '.join(names)}" == answer.fact
        assert str(answer.fix).startswith("remove some tags from the database")

    def test_tags_that_find_room_are_not_said(self) -> None:
        """Nothing is left out."""
        found = asked(replace(database(), tags={f"tag-{n}": "" for n in range(38)}))

        assert "tags" not in [a.question for a in found]


class TestItsStatus:
    """Only an available database is backed up, and only one with automated backups."""

    @pytest.mark.parametrize("word", ["available", "backing-up"])
    def test_one_that_is_backed_up_passes(self, word: str) -> None:
        """RDS makes its snapshot, or is making it."""
        found = one(asked(replace(database(), word=word)), AVAILABLE)

        assert (Level.PASS, word) == (found.level, found.fact)

    @pytest.mark.parametrize(
        ("word", "level"),
        [
            ("modifying", "warn"),
            ("a-new-word", "warn"),
            ("stopped", "fail"),
            ("stopping", "fail"),
            ("storage-full", "fail"),
            ("failed", "fail"),
            ("inaccessible-encryption-credentials", "fail"),
            ("inaccessible-encryption-credentials-recoverable", "fail"),
            ("incompatible-network", "fail"),
            ("incompatible-option-group", "fail"),
            ("incompatible-parameters", "fail"),
            ("incompatible-restore", "fail"),
            ("insufficient-capacity", "fail"),
            ("restore-error", "fail"),
            ("deleting", "warn"),
        ],
    )
    def test_what_lasts_is_a_failure_and_what_passes_by_itself_a_warning(
        self, word: str, level: str
    ) -> None:
        """As long as it is not available there is no new automated snapshot (1.21)."""
        found = asked(replace(database(), word=word))

        assert {(level, ORDERS, AVAILABLE)} == not_well(found)
        assert word == one(found, AVAILABLE).fact
        assert str(one(found, AVAILABLE).fix).startswith("make it available")

    @pytest.mark.parametrize(
        ("word", "fix"),
        [
            ("cloning-failed", "delete it, and clone it again"),
            ("incompatible-create", "see its events in RDS, and create it again"),
            ("migration-failed", "see its events in RDS, and migrate it again"),
            ("upgrade-failed", "restore its final snapshot, whose name begins with rds-final"),
        ],
    )
    def test_what_never_becomes_available_has_its_own_advice(self, word: str, fix: str) -> None:
        """Nobody can make it available (1.18b)."""
        found = asked(replace(database(), word=word))

        assert {("fail", ORDERS, AVAILABLE)} == not_well(found)
        expected = f"{fix}: it will not become available by itself"
        assert (word, expected) == (one(found, AVAILABLE).fact, one(found, AVAILABLE).fix)

    @pytest.mark.parametrize("word", ["storage-optimization", "storage-initialization"])
    def test_one_that_remains_available_meanwhile_passes(self, word: str) -> None:
        """It may last a day and more (1.18b)."""
        found = one(asked(replace(database(), word=word)), AVAILABLE)

        said = f"{word}, during which it remains available"
        assert (Level.PASS, said) == (found.level, found.fact)

    def test_a_status_that_is_not_shown_is_not_told(self) -> None:
        """RDS always shows it."""
        found = asked(replace(database(), word=""))

        assert {("warn", ORDERS, AVAILABLE)} == not_well(found)
        assert "cannot tell: no status" == one(found, AVAILABLE).fact

    @pytest.mark.parametrize(
        ("days", "level", "fact", "fix"),
        [
            (
                0,
                "fail",
                "off (BackupRetentionPeriod 0)",
                "set BackupRetentionPeriod to at least 1 day",
            ),
            (None, "warn", "cannot tell: no BackupRetentionPeriod", None),
        ],
    )
    def test_automated_backups_have_to_be_on(
        self, days: int | None, level: str, fact: str, fix: str | None
    ) -> None:
        """Retention 0 means off (1.22); RDS always shows it."""
        found = asked(replace(database(), retention_days=days))
        answer = one(found, "automated backups")

        assert {(level, ORDERS, "automated backups")} == not_well(found)
        assert (fact, fix) == (answer.fact, answer.fix)

    def test_one_day_is_on(self) -> None:
        """The least that there is."""
        found = one(asked(replace(database(), retention_days=1)), "automated backups")

        assert (Level.PASS, "on (BackupRetentionPeriod 1)") == (found.level, found.fact)


class TestWhoBacksItUp:
    """RDS itself, AWS Backup, or nobody: only what RDS makes is copied."""

    MANAGED = replace(database(), aws_backup=True)
    AUTOMATED = "automated backups"

    def test_aws_backup_may_manage_them(self) -> None:
        """RDS does not let its own be turned on then (1.18c): the fix is another."""
        found = asked(replace(self.MANAGED, retention_days=0))

        assert {("fail", ORDERS, self.AUTOMATED)} == not_well(found)
        answer = one(found, self.AUTOMATED)
        assert "AWS Backup manages them (BackupRetentionPeriod 0)" == answer.fact
        assert str(answer.fix).startswith(
            "only automated snapshots of RDS itself are copied: remove"
        )

    def test_where_rds_lists_none_they_are_not_copied(self) -> None:
        """Whatever the retention says: its snapshots are of another type."""
        made = facts(world(self.MANAGED, made=[]))
        found = [*of_databases(made)]

        assert Level.FAIL is one(found, self.AUTOMATED).level

    def test_where_rds_lists_some_they_are(self) -> None:
        """Whether it does is not documented."""
        found = one(asked(self.MANAGED), self.AUTOMATED)

        said = "on (BackupRetentionPeriod 7), managed by AWS Backup"
        assert (Level.PASS, said) == (found.level, found.fact)

    def test_what_was_not_listed_is_not_missing(self) -> None:
        """The listing did not come."""
        made = world(self.MANAGED, made=[])
        found = [*of_databases(facts(replace(made, automated={Kind.INSTANCE: unread()})))]

        assert Level.PASS is one(found, self.AUTOMATED).level

    def test_a_read_replica_has_none_unless_asked_for(self) -> None:
        """What to do is to back up its source (1.18d); a tag of a whole stack selects both."""
        found = asked(replace(database(), retention_days=0, replica_of="main"))

        assert {("fail", ORDERS, self.AUTOMATED)} == not_well(found)
        answer = one(found, self.AUTOMATED)
        assert "off (BackupRetentionPeriod 0); a read replica of main" == answer.fact
        assert str(answer.fix).startswith("back up main, and remove the replica from the selection")

    def test_a_read_replica_with_backups_passes(self) -> None:
        """It is said what it is."""
        found = one(asked(replace(database(), replica_of="main")), self.AUTOMATED)

        said = "on (BackupRetentionPeriod 7); a read replica of main"
        assert (Level.PASS, said) == (found.level, found.fact)


@pytest.mark.parametrize(
    ("engine", "version", "level"),
    [
        ("sqlserver-dev-ee", "16.00.4215.2.my-cev", "warn"),
        ("sqlserver-dev-se", "", "warn"),
        ("sqlserver-ee", "16.00.4215.2.byom-1", "warn"),
        ("sqlserver-ee", "16.00.4215.2.v1", "pass"),
        ("sqlserver-se", "", "pass"),
        ("oracle-ee", "19.0.0.0.ru-2024-01.rur-2024-01.r1", "pass"),
    ],
)
def test_an_engine_version_of_one_account_is_told(engine: str, version: str, level: str) -> None:
    """It is not shared with other accounts; whether it is restored there nobody says (12.5)."""
    found = one(asked(replace(database(engine=engine), engine_version=version)), ENGINE)

    assert level == found.level
    if found.level is Level.WARN:
        said = f"{engine} {version}: a custom engine version belongs to one account and Region"
        assert said == found.fact
        assert "rds:CopyCustomDBEngineVersion" in str(found.fix)
