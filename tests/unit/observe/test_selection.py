"""Which databases a name or a tag chooses, and why it chooses none."""

from collections.abc import Mapping, Sequence
from copy import replace
from typing import Any

import pytest

from rds_backup.model.decisions import Problem, State
from rds_backup.model.drills import DRILL
from rds_backup.model.inventory import Database, Kind
from rds_backup.model.settings import Selector
from rds_backup.model.world import Rejected, Selection
from rds_backup.observe.selection import select
from tests.support.making import database

INSTANCE, CLUSTER = Kind.INSTANCE, Kind.CLUSTER
NIGHTLY = {"backup": "nightly"}


ORDERS = database("orders", tags=NIGHTLY)


STOCK = database("stock", tags={"backup": "weekly"})


BILLING = database("billing", CLUSTER, tags=NIGHTLY)


MEMBER = database("billing-1", engine="aurora-postgresql", member_of="billing")
TAGGED_MEMBER = database("billing-2", engine="aurora-postgresql", tags=NIGHTLY, member_of="billing")


LISTED: Mapping[Kind, Sequence[Database]] = {
    INSTANCE: (STOCK, ORDERS, MEMBER, TAGGED_MEMBER),
    CLUSTER: (BILLING,),
}
type Listed = Mapping[Kind, Sequence[Database] | Problem]


UNREADABLE = Problem(State.UNKNOWN, "cannot list: Throttling")


def by_name(*names: str, kind: Kind = INSTANCE) -> Selector:
    """DB_ID, and CLUSTER for its kind."""
    return Selector(names, kind, None)


def by_tag(key: str = "backup", value: str | None = "nightly") -> Selector:
    """DB_TAG."""
    return Selector((), INSTANCE, (key, value))


@pytest.mark.parametrize(
    ("selector", "chosen"),
    [
        (by_name("orders"), (ORDERS,)),
        (by_name("stock", "orders"), (ORDERS, STOCK)),
        (by_name("billing", kind=CLUSTER), (BILLING,)),
        (by_tag(), (BILLING, ORDERS)),
        (by_tag("backup", "weekly"), (STOCK,)),
        (by_tag("backup", None), (BILLING, ORDERS, STOCK)),
        (Selector(("stock",), INSTANCE, ("backup", "nightly")), (BILLING, ORDERS, STOCK)),
        (Selector(("orders",), INSTANCE, ("backup", "nightly")), (BILLING, ORDERS)),
    ],
)
def test_names_and_tags_choose_databases_in_a_fixed_order(
    selector: Selector, chosen: tuple[Database, ...]
) -> None:
    """Names of one family, a tag of either, or the union; each database once."""
    assert Selection(chosen, ()) == select(LISTED, selector)


def test_a_tagged_member_selects_its_cluster_once() -> None:
    """Aurora is backed up as a whole, however many of its members carry the tag."""
    bare = database("billing", CLUSTER)
    members = [
        database(f"billing-{n}", engine="aurora-postgresql", tags=NIGHTLY, member_of="billing")
        for n in range(3)
    ]
    assert Selection((bare,), ()) == select({INSTANCE: members, CLUSTER: [bare]}, by_tag())


@pytest.mark.parametrize(
    ("tags", "selector"),
    [
        ({"backup": "nightly "}, by_tag()),
        ({"backup": "NIGHTLY"}, by_tag()),
        ({"Backup": "nightly"}, by_tag()),
        ({"backup": ""}, by_tag()),
        ({"backup": "nightly"}, by_tag("backup", "")),
        ({"backup-2": "nightly"}, by_tag("backup", None)),
        ({}, by_tag("backup", None)),
    ],
)
def test_a_tag_matches_exactly_or_not_at_all(tags: dict[str, str], selector: Selector) -> None:
    """Tags are compared as AWS compares them: with case, and an empty value is a value."""
    assert () == select({INSTANCE: [database(tags=tags)], CLUSTER: []}, selector).databases


def test_an_empty_value_is_matched_by_a_selector_for_it() -> None:
    """``DB_TAG=backup=`` asks for the tag with nothing in it."""
    mine = database(tags={"backup": ""})
    assert (mine,) == select({INSTANCE: [mine], CLUSTER: []}, by_tag("backup", "")).databases


@pytest.mark.parametrize(
    ("selector", "name", "reason", "fix"),
    [
        (by_name("billing"), "billing", "billing is a cluster", "set CLUSTER=true"),
        (
            by_name("orders", kind=CLUSTER),
            "orders",
            "orders is an instance",
            "set CLUSTER=false",
        ),
        (
            by_name("billing-1"),
            "billing-1",
            "billing-1 is a member of the cluster billing, which is backed up as a whole",
            "set DB_ID=billing and CLUSTER=true",
        ),
        (
            by_name("gone"),
            "gone",
            "there is no instance gone in this account and Region",
            "correct DB_ID or CLUSTER",
        ),
        (
            by_name("gone", kind=CLUSTER),
            "gone",
            "there is no cluster gone in this account and Region",
            "correct DB_ID or CLUSTER",
        ),
    ],
)
def test_a_name_that_chooses_nothing_says_why_and_what_to_set(
    selector: Selector, name: str, reason: str, fix: str
) -> None:
    """The fact and the fix, in an entry of its own."""
    expected = Rejected(name, selector.kind, Problem(State.BLOCKED, reason, fix))
    assert Selection((), (expected,)) == select(LISTED, selector)


def test_a_restore_drills_own_database_is_never_chosen() -> None:
    """It is a backup of a backup, and gone tomorrow; a person who names it is told."""
    mine = database("rds-backup-drill-0123456789-1", tags={**NIGHTLY, DRILL: "x"})
    member = database("its-member", tags={**NIGHTLY, DRILL: "x"}, member_of="its-cluster")
    listed = {INSTANCE: [*LISTED[INSTANCE], mine, member], CLUSTER: LISTED[CLUSTER]}

    assert select(LISTED, by_tag()) == select(listed, by_tag())
    (rejected,) = select(listed, by_name(mine.identifier)).rejected
    assert State.UNSUPPORTED is rejected.problem.state
    assert rejected.problem.reason.endswith("is a restore drill's own, and will be deleted")


def test_one_wrong_name_does_not_hold_up_the_others() -> None:
    """One bad database never stops the others."""
    selection = select(LISTED, by_name("gone", "orders", "billing"))
    assert (ORDERS,) == selection.databases
    assert ["gone", "billing"] == [r.name for r in selection.rejected]


def test_the_name_of_a_missing_database_is_known_from_its_own_family_alone() -> None:
    """Where the other family was not listed, nothing is claimed about it."""
    rejected = select({INSTANCE: [ORDERS]}, by_name("billing")).rejected
    assert [State.BLOCKED] == [r.problem.state for r in rejected]
    assert "there is no instance billing" in rejected[0].problem.reason


def test_an_instance_and_a_cluster_may_share_a_name() -> None:
    """RDS allows it; DB_ID means the family that CLUSTER says, the tag means both."""
    twin = database("orders", CLUSTER, tags=NIGHTLY)
    listed = {INSTANCE: [ORDERS], CLUSTER: [twin]}
    assert Selection((ORDERS,), ()) == select(listed, by_name("orders"))
    assert Selection((twin,), ()) == select(listed, by_name("orders", kind=CLUSTER))
    assert Selection((twin, ORDERS), ()) == select(listed, by_tag())


@pytest.mark.parametrize(
    ("value", "shown"), [("never", "DB_TAG backup=never"), ("", "DB_TAG backup=")]
)
def test_a_tag_that_matches_nothing_is_an_error(value: str, shown: str) -> None:
    """A selector with a spelling mistake must not look like a night without work."""
    (rejected,) = select(LISTED, by_tag("backup", value)).rejected
    assert shown == rejected.name
    assert State.BLOCKED is rejected.problem.state
    assert "no instance or cluster carries the tag" in rejected.problem.reason


def test_an_unreadable_listing_makes_its_names_unknown() -> None:
    """An unreadable account is not an empty one: the database is not said to be gone."""
    selection = select({INSTANCE: UNREADABLE}, by_name("orders", "stock"))
    assert (
        Selection(
            (),
            (Rejected("orders", INSTANCE, UNREADABLE), Rejected("stock", INSTANCE, UNREADABLE)),
        )
        == selection
    )


def test_an_unreadable_listing_of_the_other_family_claims_nothing() -> None:
    """The hint about CLUSTER is a help, not a condition."""
    listed: Listed = {INSTANCE: [ORDERS], CLUSTER: UNREADABLE}
    selection = select(listed, by_name("orders", "billing"))
    assert (ORDERS,) == selection.databases
    assert [
        ("there is no instance billing in this account and Region", "correct DB_ID or CLUSTER")
    ] == [(r.problem.reason, r.problem.fix) for r in selection.rejected]


def test_an_unreadable_family_is_told_beside_what_the_tag_chose_in_the_other() -> None:
    """Half a view chooses what it shows, and says what it does not show."""
    listed: Listed = {INSTANCE: [ORDERS], CLUSTER: UNREADABLE}
    expected = (Rejected("DB_TAG backup=nightly", CLUSTER, UNREADABLE),)
    assert Selection((ORDERS,), expected) == select(listed, by_tag())


def test_a_tag_that_matches_nothing_in_half_a_view_is_unknown_and_not_wrong() -> None:
    """That nobody carries the tag can be said only of both listings."""
    rejected = select({INSTANCE: [], CLUSTER: UNREADABLE}, by_tag()).rejected
    assert (Rejected("DB_TAG backup=nightly", CLUSTER, UNREADABLE),) == rejected


def test_a_tagged_member_of_a_cluster_that_is_not_listed_is_unknown() -> None:
    """It is never backed up as an instance, and never passed over in silence."""
    listed = {INSTANCE: [TAGGED_MEMBER], CLUSTER: []}
    selection = select(listed, by_tag())
    assert () == selection.databases
    assert [("billing-2", State.UNKNOWN)] == [(r.name, r.problem.state) for r in selection.rejected]


@pytest.mark.parametrize(
    ("selector", "kinds"),
    [
        (by_name("orders"), {INSTANCE}),
        (by_name("orders", kind=CLUSTER), {CLUSTER}),
        (by_tag(), {INSTANCE, CLUSTER}),
        (Selector(("orders",), INSTANCE, ("backup", None)), {INSTANCE, CLUSTER}),
    ],
)
def test_a_selector_says_which_families_have_to_be_listed(
    selector: Selector, kinds: set[Kind]
) -> None:
    """A tag may be on either family; CLUSTER applies to DB_ID only."""
    assert kinds == set(selector.kinds)


@pytest.mark.parametrize(
    ("changed", "name", "missing"),
    [
        ({"resource_id": ""}, "orders", "resource id"),
        ({"engine": ""}, "orders", "engine"),
        ({"resource_id": "", "engine": ""}, "orders", "resource id and engine"),
        ({"identifier": ""}, "instance without a name", "identifier"),
    ],
)
def test_an_odd_item_is_rejected_as_unknown_and_nothing_else(
    changed: dict[str, Any], name: str, missing: str
) -> None:
    """Nothing can be decided on it, and the others are selected as ever."""
    odd = replace(ORDERS, **changed)
    selection = select({INSTANCE: [odd, STOCK], CLUSTER: [BILLING]}, by_tag("backup", None))
    assert (BILLING, STOCK) == selection.databases
    assert [(name, INSTANCE, State.UNKNOWN, f"RDS lists it without {missing}")] == [
        (r.name, r.kind, r.problem.state, r.problem.reason) for r in selection.rejected
    ]
