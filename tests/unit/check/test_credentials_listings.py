"""What the credentials of each account see; nothing can be backed up that cannot be seen."""

from copy import replace

import pytest

from rds_backup.aws.errors import AwsError
from rds_backup.check.answer import Answer, Level
from rds_backup.check.credentials import of_backup, of_source
from rds_backup.model.inventory import Kind, Lane, Side
from rds_backup.model.world import World
from tests.support import handed_out, making
from tests.support.asked import BACKUP, SOURCE, one, pasted
from tests.support.made_facts import (
    DENIED,
    OTHERWISE,
    THROTTLED,
    database,
    facts,
    undatabased,
    unlisted,
    unread,
    world,
)

SEES = {
    Side.SOURCE: "databases and snapshots can be listed",
    Side.BACKUP: "backups can be listed",
}
TWO = world(
    database(),
    database("billing", Kind.CLUSTER),
    shared=[making.shared(), making.shared(making.point(database="b", kind=Kind.CLUSTER))],
    backups=[making.backup(making.point(making.NIGHT - n * making.DAY)) for n in (1, 2, 3)],
)


def asked(side: Side, seen: World) -> Answer:
    """What is said of the listings of an account."""
    return one((of_source if side is Side.SOURCE else of_backup)(facts(seen)), SEES[side])


class TestListings:
    """Nothing can be backed up that cannot be seen."""

    def test_the_manual_snapshots_of_each_account_are_counted(self) -> None:
        """Of both families, and each account's own."""
        source, backup = asked(Side.SOURCE, TWO), asked(Side.BACKUP, TWO)

        assert (SOURCE, Level.PASS, "manual snapshots: 2") == (
            source.about,
            source.level,
            source.fact,
        )
        assert (BACKUP, Level.PASS, "manual snapshots: 3") == (
            backup.about,
            backup.level,
            backup.fact,
        )

    @pytest.mark.parametrize("kind", Kind)
    @pytest.mark.parametrize(
        ("side", "other", "into", "statement"),
        [
            (Side.SOURCE, Side.BACKUP, handed_out.TO_FUNCTION, handed_out.LIST_SOURCE),
            (Side.BACKUP, Side.SOURCE, handed_out.TO_BACKUP_ROLE, handed_out.LIST_BACKUPS),
        ],
    )
    def test_a_listing_that_is_refused_fails_with_the_statement(
        self, kind: Kind, side: Side, other: Side, into: str, statement: handed_out.Statement
    ) -> None:
        """It is the stack's own, for the role of that account."""
        seen = unlisted(TWO, Lane(side, kind), DENIED)
        found = asked(side, seen)

        assert (Level.FAIL, "cannot list: AccessDenied: not authorized") == (
            found.level,
            found.fact,
        )
        assert str(found.fix).endswith("the action that the message names")
        assert [(into, statement)] == pasted(found)
        assert Level.PASS is asked(other, seen).level

    @pytest.mark.parametrize("why", [DENIED, THROTTLED], ids=["denied", "throttled"])
    @pytest.mark.parametrize("kind", Kind)
    def test_automated_snapshots_and_databases_are_the_source_account_s(
        self, why: AwsError, kind: Kind
    ) -> None:
        """Without either nothing is copied."""
        level = Level.FAIL if why is DENIED else Level.WARN
        without = replace(TWO, automated={**TWO.automated, kind: unread(why)})

        for seen in (without, undatabased(TWO, kind, why)):
            assert level is asked(Side.SOURCE, seen).level
            assert Level.PASS is asked(Side.BACKUP, seen).level

    @pytest.mark.parametrize("side", Side)
    def test_no_answer_is_never_a_pass(self, side: Side) -> None:
        """Nor a failure."""
        found = asked(side, unlisted(TWO, Lane(side, Kind.CLUSTER)))

        assert Level.WARN is found.level
        assert "cannot tell: cannot list: Throttling: Rate exceeded" == found.fact
        assert () == found.paste

    def test_a_refusal_is_not_hidden_behind_a_throttle(self) -> None:
        """Of several listings the one that has to be mended is said."""
        seen = unlisted(TWO, Lane(Side.BACKUP, Kind.INSTANCE))
        found = asked(Side.BACKUP, unlisted(seen, Lane(Side.BACKUP, Kind.CLUSTER), DENIED))

        assert Level.FAIL is found.level
        assert [(handed_out.TO_BACKUP_ROLE, handed_out.LIST_BACKUPS)] == pasted(found)

    def test_a_refusal_that_is_no_matter_of_permissions_gets_no_statement(self) -> None:
        """AWS's words are all there is."""
        found = asked(Side.BACKUP, unlisted(TWO, Lane(Side.BACKUP, Kind.INSTANCE), OTHERWISE))

        assert (Level.FAIL, ()) == (found.level, found.paste)
        assert "cannot list: OptInRequired: not subscribed" == found.fact

    def test_a_name_that_leads_to_no_database_hides_no_listing(self) -> None:
        """Everything was listed; the name has an answer of its own."""
        seen = replace(undatabased(TWO, Kind.CLUSTER, DENIED), unlisted=frozenset())

        assert Level.PASS is asked(Side.SOURCE, seen).level
