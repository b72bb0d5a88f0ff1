"""What was read, put together: which databases are asked about, what was not seen, what is newest.

A problem of one family is no problem of the other.
"""

from copy import replace
from datetime import timedelta

import pytest

from rds_backup.check.facts import newest_by_database
from rds_backup.model.inventory import Kind, Lane, Side
from tests.support.made_facts import (
    automated,
    database,
    facts,
    undatabased,
    unlisted,
    unread,
    world,
)
from tests.support.making import HOUR

TWO = world(database(), database("billing", Kind.CLUSTER))


def test_every_selected_database_is_asked_about_unless_it_is_narrowed() -> None:
    """By its identifier."""
    assert ["orders", "billing"] == [d.identifier for d in facts(TWO).selected]
    assert ["billing"] == [d.identifier for d in facts(TWO, only=["billing"]).selected]


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize(
    ("kind", "other"), [(Kind.INSTANCE, Kind.CLUSTER), (Kind.CLUSTER, Kind.INSTANCE)]
)
def test_a_family_that_was_not_listed_is_unread(side: Side, kind: Kind, other: Kind) -> None:
    """In either account; the other family was seen whole."""
    found = facts(unlisted(TWO, Lane(side, kind)))

    problem = unread(side=side)
    assert (problem, None) == (found.unread(kind), found.unread(other))
    assert problem == found.anything_unread


@pytest.mark.parametrize("kind", Kind)
def test_a_family_whose_databases_were_not_listed_is_unread(kind: Kind) -> None:
    """What is there of it may be of a database that is selected."""
    found = facts(undatabased(TWO, kind))

    problem = unread(doing=f"cannot list {kind}s")
    assert {kind: problem} == {k: p for k in Kind if (p := found.unread(k))}
    assert problem == found.anything_unread


def test_each_family_has_its_own_reason() -> None:
    """Where neither was listed."""
    found = facts(undatabased(undatabased(TWO, Kind.INSTANCE), Kind.CLUSTER))

    expected = {kind: unread(doing=f"cannot list {kind}s") for kind in Kind}
    assert expected == {kind: found.unread(kind) for kind in Kind}


def test_a_name_that_leads_to_no_database_hides_nothing() -> None:
    """All that is there was seen."""
    seen = undatabased(TWO, Kind.CLUSTER)

    assert None is facts(replace(seen, unlisted=frozenset())).anything_unread


def test_nothing_is_unread_where_all_was_read() -> None:
    """The default."""
    assert None is facts(TWO).anything_unread


def test_the_newest_automated_snapshot_counts() -> None:
    """In whatever order they are listed."""
    orders = database()
    newer = automated(orders)
    older = replace(automated(orders, age=2 * HOUR), arn=f"{newer.arn}-z")

    assert {"db-ORDERS": newer} == newest_by_database(world(made=[older, newer]))
    assert {"db-ORDERS": newer} == newest_by_database(world(made=[newer, older]))


def test_of_two_at_the_same_time_the_same_one_is_always_the_newest() -> None:
    """By its ARN, as a backup decides it."""
    first = automated(database())
    second = replace(first, arn=f"{first.arn}-z")

    for made in ([first, second], [second, first]):
        assert {"db-ORDERS": second} == newest_by_database(world(made=made))


def test_each_database_has_its_own_newest_snapshot() -> None:
    """Of either family; one that has none has none."""
    orders, more, billing = database(), database("more"), database("billing", Kind.CLUSTER)
    made = [automated(orders, age=timedelta(days=2)), automated(billing)]

    expected = {"db-ORDERS": made[0], "cluster-BILLING": made[1]}
    assert expected == newest_by_database(world(orders, more, billing, made=made))


def test_a_namesake_s_snapshots_do_not_count() -> None:
    """They are another database's, by resource id (1.8)."""
    gone = replace(automated(database()), resource_id="db-GONE")

    assert ["db-GONE"] == [*newest_by_database(world(made=[gone]))]


@pytest.mark.parametrize("word", ["creating", "failed", "deleting"])
def test_one_that_is_not_available_does_not_count(word: str) -> None:
    """It cannot be copied (2.1); an older one can."""
    orders = database()
    older, newer = automated(orders, age=2 * HOUR), automated(orders, word)

    assert {"db-ORDERS": older} == newest_by_database(world(made=[older, newer]))


def test_one_without_a_time_or_a_resource_id_does_not_count() -> None:
    """Of nothing it can be said to be the newest."""
    made = automated(database())
    strange = [replace(made, created_at=None), replace(made, resource_id=None)]

    assert {} == newest_by_database(world(made=strange))


def test_a_listing_that_was_not_read_has_none() -> None:
    """The other family's is there all the same."""
    seen = replace(TWO, automated={**TWO.automated, Kind.INSTANCE: unread()})

    assert ["cluster-BILLING"] == [*newest_by_database(seen)]
