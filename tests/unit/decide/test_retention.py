"""What is kept and why, and what no listing, however strange, can make us delete."""

from collections.abc import Sequence
from copy import replace
from datetime import UTC, datetime, timedelta, timezone
from random import Random
from time import tzset

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rds_backup.apply.guard import floor_holds
from rds_backup.decide.forecast import Outlook, first_to_go
from rds_backup.decide.retention import (
    Verdict,
    age_order,
    counted_days,
    floor_of,
    judge,
    later_days,
)
from rds_backup.model.decisions import Owned
from rds_backup.model.identity import KEEP
from rds_backup.model.inventory import Status
from rds_backup.model.proof import RESTORE_RESULT, RESTORED_AT, Proof, last_restored
from rds_backup.model.settings import Rules
from rds_backup.model.verified import Vault, good, verified
from tests.support.making import (
    BACKUP_KEY,
    DAY,
    HOUR,
    NIGHT,
    OTHER_KEY,
    SEARCH,
    SHARING_KEY,
    VAULT,
    backup,
    point,
    series,
)

NOW = NIGHT + 12 * HOUR
NO_AGE = timedelta(0)
ONE, TWO = Rules(1, NO_AGE), Rules(2, NO_AGE)
KEPT = {KEEP: "before the migration"}


def proven(hours_ago: float, result: str = "passed") -> dict[str, str]:
    """The tags of a drill that ended so long ago."""
    return Proof(NOW - hours_ago * HOUR, 40, result).as_tags


PROVEN = (proven(1), proven(30), proven(100), proven(0, "overdue"))


def on(
    days_ago: int,
    attempt: int = 1,
    word: str = "available",
    key: str = BACKUP_KEY,
    tags: dict[str, str] | None = None,
) -> Owned:
    """The backup of the night that is so many days ago."""
    return backup(point(NIGHT - days_ago * DAY), attempt, word, key, tags=tags)


def created(made: Owned, when: datetime | None) -> Owned:
    """The same, made at another time."""
    return replace(made, snapshot=replace(made.snapshot, created_at=when))


def judged(
    backups: Sequence[Owned], rules: Rules = TWO, vault: Vault | None = VAULT
) -> tuple[Verdict, ...]:
    """The verdicts at noon."""
    return judge(backups, vault, rules, NOW)


def expired(
    backups: Sequence[Owned], rules: Rules = TWO, vault: Vault | None = VAULT
) -> list[Owned]:
    """Those without a reason to be kept, oldest first."""
    return [v.backup for v in judged(backups, rules, vault) if not v.kept]


def reason(of: Owned, backups: Sequence[Owned], rules: Rules = TWO) -> str:
    """Why one of them is kept."""
    (verdict,) = (v for v in judged(backups, rules) if v.backup is of)
    assert verdict.kept
    return verdict.reason


def test_the_newest_n_are_kept_and_the_rest_expires() -> None:
    """BACKUPS_TO_KEEP, as its name says."""
    nights = [on(n) for n in range(5)]
    assert [nights[4], nights[3], nights[2]] == expired(nights)
    assert "day 1 of the newest 2" == reason(nights[0], nights)
    assert "day 2 of the newest 2" == reason(nights[1], nights)
    assert {"2 later days have a verified backup"} == {
        v.reason for v in judged(nights) if not v.kept
    }


@pytest.mark.parametrize("count", [0, 1, 2])
def test_until_there_are_n_nothing_expires(count: int) -> None:
    """The first nights only add."""
    assert [] == expired([on(n) for n in range(count)])


def test_no_backup_expires_while_it_is_younger_than_the_age() -> None:
    """A flood of backups in one day evicts nothing quickly."""
    week = Rules(2, 7 * DAY)
    honest = [on(n) for n in range(1, 11)]
    flood = [created(on(0, attempt), NOW - timedelta(minutes=attempt)) for attempt in range(1, 11)]
    assert [on(n) for n in (10, 9, 8, 7)] == expired([*honest, *flood], week)
    assert "younger than 7 days" == reason(honest[2], [*honest, *flood], week)


def test_a_backup_of_exactly_the_age_may_expire() -> None:
    """Seven days are seven days."""
    week = Rules(1, 7 * DAY)
    newest = on(0)
    old = created(on(8), NOW - 7 * DAY)
    young = created(on(8), NOW - 7 * DAY + timedelta(seconds=1))
    assert [old] == expired([newest, old], week)
    assert [] == expired([newest, young], week)


def test_a_backup_under_another_key_is_kept_until_n_later_days_have_verified_ones() -> None:
    """After a key change the old backups are what there is."""
    old = [on(n, key=OTHER_KEY) for n in (3, 4, 5)]
    assert [] == expired([on(0), *old])
    assert "not verified, and only 1 of 2 later days have a verified backup" == reason(
        old[0], [on(0), *old]
    )
    assert [old[2], old[1], old[0]] == expired([on(0), on(1), *old])


def test_a_backup_with_the_keep_tag_makes_no_room_for_another_key() -> None:
    """It is not counted: N verified ones besides it have to be newer."""
    old = on(5, key=OTHER_KEY)
    assert [] == expired([old, on(1, tags=KEPT), on(0)])
    assert [old] == expired([old, on(2), on(1, tags=KEPT), on(0)])


def test_a_newer_backup_under_another_key_stays_and_evicts_nothing() -> None:
    """What is not verified is neither counted nor the first to go."""
    other = on(0, key=OTHER_KEY)
    nights = [on(1), on(2)]
    assert [] == expired([other, *nights])
    assert [on(3)] == expired([other, *nights, on(3)])


def test_a_backup_with_the_keep_tag_is_kept_and_not_counted() -> None:
    """A person said so; the nightly ones are kept as if it were not there."""
    kept = [on(0, tags=KEPT), on(9, tags=KEPT)]
    assert [on(3)] == expired([*kept, on(1), on(2), on(3)])
    assert "tagged rds-backup:keep" == reason(kept[1], [*kept, on(1), on(2), on(3)])


@pytest.mark.parametrize("word", ["failed", "creating", "deleting", "available"])
def test_the_keep_tag_holds_in_every_status_and_with_any_value(word: str) -> None:
    """What a person wants to keep is not ours to understand."""
    kept = on(9, word=word, key=OTHER_KEY, tags={KEEP: ""})
    assert [] == expired([on(0), on(1), kept])


def test_the_last_one_restored_is_kept_and_not_counted() -> None:
    """Its proof would expire with it; the newest two are kept as if it were not there."""
    nights = [on(n) for n in range(4)]
    old = on(9, tags=proven(30))
    assert [nights[3], nights[2]] == expired([*nights, old])
    assert "last restored" == reason(old, [*nights, old])


def test_of_several_restored_the_newest_proof_keeps_its_own() -> None:
    """One place more a series; one that counts among the newest needs none."""
    nights = [on(0), on(1)]
    older, newer = on(9, tags=proven(40)), on(8, tags=proven(30))
    assert [older] == expired([*nights, older, newer])
    of_today = on(0, 2, tags=proven(0.5))
    assert [older, newer] == expired([*nights, of_today, older, newer])
    assert "day 1 of the newest 2" == reason(of_today, [*nights, of_today])


@pytest.mark.parametrize(
    "tags",
    [
        proven(30, "overdue"),
        proven(-1),
        proven(24 * 30),
        {RESTORE_RESULT: "passed"},
        proven(30) | {RESTORED_AT: "yesterday"},
    ],
    ids=["failed", "in the future", "before it was made", "no time", "no time that can be read"],
)
def test_what_is_no_proof_keeps_nothing(tags: dict[str, str]) -> None:
    """Such a tag can only keep, and only where it can be true."""
    nights, old = [on(0), on(1)], on(9, tags=tags)
    assert [old] == expired([*nights, old])


def test_a_proof_keeps_no_failed_copy_and_makes_none_verified() -> None:
    """It holds no data, whatever somebody wrote onto it."""
    dead = on(3, word="failed", tags=proven(1))
    older = on(8, tags=proven(30))
    assert [dead] == expired([on(0), on(1), dead, older])
    other = on(8, key=OTHER_KEY, tags=proven(30))
    assert "last restored" == reason(other, [on(0), on(1), other])
    assert {"the series has no verified backup"} == {v.reason for v in judged([other])}


def test_what_was_last_restored_is_not_the_next_to_go() -> None:
    """The forecast is retention's own verdict."""
    found = first_to_go([on(3, tags=proven(1)), on(2), on(1)], VAULT, TWO, NOW)
    assert found
    assert on(2) == found.backup
    assert first_to_go([on(3, tags=proven(1))], VAULT, TWO, NOW) is None


@pytest.mark.parametrize("word", ["creating", "copying", "deleting", "a-word-of-2030"])
def test_what_is_not_finished_is_kept(word: str) -> None:
    """A copy under way is no backup yet, and none of retention's business."""
    under_way = on(9, word=word)
    assert f"not finished: {word}" == reason(under_way, [on(0), on(1), under_way])


def test_a_backup_without_a_creation_time_is_kept() -> None:
    """RDS does not show it yet (rule 1.15): it counts as the newest, never as the oldest."""
    timeless = created(on(9), None)
    assert [] == expired([on(0), on(1), timeless])


def test_without_the_key_nothing_expires() -> None:
    """Where the backup key cannot be resolved nobody knows what is verified."""
    assert [] == expired([on(0), on(1), on(2), on(3), on(4, word="failed")], vault=None)


def test_without_a_verified_backup_nothing_expires() -> None:
    """The last backups of a series are kept, whatever is wrong with them."""
    backups = [*(on(n, key=OTHER_KEY) for n in range(4)), on(4, word="failed"), on(5, 2, "failed")]
    assert {"the series has no verified backup"} == {v.reason for v in judged(backups)}
    assert [] == expired(backups)


@pytest.mark.parametrize(
    "after",
    [on(3, 2), on(2), on(2, word="creating")],
    ids=["its point is done", "a later point is done", "a later point has begun"],
)
def test_a_failed_attempt_goes_when_its_point_is_done_or_passed(after: Owned) -> None:
    """It holds no data: its memory is needed only while its point is open."""
    dead = on(3, word="failed")
    backups = [on(4), dead, after]
    assert [dead] == expired(backups)
    assert ["a failed attempt at a point that is done or passed"] == [
        v.reason for v in judged(backups) if not v.kept
    ]


@pytest.mark.parametrize("word", ["failed", "incompatible-restore", "incompatible-parameters"])
def test_a_failed_attempt_is_remembered_while_its_point_is_open(word: str) -> None:
    """Else the next run would start attempt 1 again, for ever."""
    dead = on(0, word=word)
    again = on(0, 2, word="creating")
    expected = "a failed attempt, remembered until its point is done"
    assert expected == reason(dead, [on(1), on(2), on(3), dead, again])


def test_failed_attempts_are_not_counted() -> None:
    """Three bad nights must not push three good ones out."""
    dead = [on(n, word="failed") for n in (0, 1)]
    assert [on(4)] == [b for b in expired([*dead, on(2), on(3), on(4)]) if good(b)]


def test_a_taken_at_in_the_future_evicts_nothing() -> None:
    """The order is RDS's own creation time; whoever writes tags in the source cannot forge it."""
    honest = [on(0), on(1)]
    junk = [
        created(backup(point(NIGHT + n * 365 * DAY)), NIGHT - 10 * DAY + n * HOUR)
        for n in range(1, 6)
    ]
    assert not set(map(name, honest)) & set(map(name, expired([*honest, *junk])))
    assert 5 == len(expired([*honest, *junk]))


@pytest.mark.parametrize("keep", [7, 30])
def test_a_flood_of_one_day_displaces_one_night(keep: int) -> None:
    """Seven good nights, N well-formed copies within one day, and eight days without a night."""
    week = Rules(keep, 7 * DAY)
    honest = [on(n) for n in range(8, 15)]
    flood = [created(on(0, n), NIGHT - 7 * DAY - n * timedelta(minutes=1)) for n in range(keep)]
    gone = [*expired([*honest, *flood], week)]
    assert ([honest[-1]] if keep == 7 else []) == gone
    assert [] == expired([*honest[:-1], *flood], week)


def test_two_nights_that_end_on_one_day_keep_one_more() -> None:
    """At 00:30 and at 23:40, ten times: never fewer than seven, and the newest of all."""
    first = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
    made: list[Owned] = []
    for n in range(10):
        for when in (first + 2 * n * DAY, first + 2 * n * DAY + timedelta(hours=23, minutes=10)):
            made.append(created(backup(point(when - HOUR)), when))
            made = [v.backup for v in judge(made, VAULT, Rules(7, timedelta(0)), when) if v.kept]
            assert len(made) >= min(7, 2 * n + 1)
            assert when == made[-1].snapshot.created_at
    assert 14 == len(made)


def test_a_day_is_a_day_of_utc() -> None:
    """Whatever the zone in which a time is given: midnight is UTC's."""
    tokyo = timezone(9 * HOUR)
    late = created(on(0), datetime(2026, 3, 2, 8, 59, tzinfo=tokyo))  # 23:59 of March 1 in UTC
    early = created(on(0, 2), datetime(2026, 3, 2, 9, 0, tzinfo=tokyo))
    assert [late] == expired([late, early], Rules(1, timedelta(0)))
    assert [] == expired([early, created(on(0, 3), NIGHT + 20 * HOUR)], Rules(1, timedelta(0)))


def test_a_day_is_a_day_of_utc_wherever_the_code_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container may have any time zone."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    tzset()
    try:
        late = created(on(0), datetime(2026, 3, 1, 23, 59, tzinfo=UTC))
        early = created(on(0, 2), datetime(2026, 3, 2, 0, 0, tzinfo=UTC))
        assert [late] == expired([late, early], Rules(1, timedelta(0)))
    finally:
        monkeypatch.undo()
        tzset()


def test_days_are_later_only_than_a_day_that_is_known() -> None:
    """One whose time RDS does not show is not older than anything."""
    days = counted_days([on(0), on(1), on(1, 2), on(3), on(4, tags=KEPT)])
    assert 3 == len(days)
    assert [0, 1, 2, 2] == [later_days(on(n), days) for n in range(4)]
    assert 0 == later_days(created(on(9), None), days)


def test_verdicts_come_oldest_first_and_one_for_each() -> None:
    """What is deleted first is what is needed least."""
    nights = [on(n) for n in (2, 0, 3, 1)]
    assert [on(n) for n in (3, 2, 1, 0)] == [v.backup for v in judged(nights)]


def outlook(rules: Rules, *have: Owned) -> tuple[str, int, bool]:
    """What goes first, after how many nights, and whether it has to be older for it."""
    found = first_to_go(have, VAULT, rules, NOW)
    assert found
    day = f"{found.backup.snapshot.created_at:%m-%d}"
    return day, found.after, found.not_before is not None


def renamed(days_ago: int, name: str) -> Owned:
    """The backup of a night on which the database bore this name."""
    return backup(point(NIGHT - days_ago * DAY, name, of=series("orders")))


def test_a_name_that_sorts_against_its_age_changes_nothing() -> None:
    """A database is renamed: the age counts, and not the name of the snapshot."""
    older, newer = renamed(3, "zebra"), renamed(1, "apple")

    assert [older, newer] == [v.backup for v in judged([newer, older])]
    assert (newer,) == floor_of([older, newer], VAULT, ONE)
    assert ("02-27", 1, False) == outlook(TWO, newer, older)
    of_one_day = [created(renamed(0, name), NIGHT + n * HOUR) for n, name in enumerate("zy", 1)]
    found = first_to_go(of_one_day, VAULT, TWO, NOW)
    assert found
    assert of_one_day[0] is found.backup


def test_where_all_is_tagged_to_be_kept_the_newest_alone_is_the_floor() -> None:
    """However many there are."""
    tagged = [on(n, tags=KEPT) for n in (4, 3, 2, 1)]
    assert (tagged[-1],) == floor_of(tagged, VAULT, TWO)


def name(backup_: Owned) -> str:
    """Its identifier: unique among backups."""
    return backup_.snapshot.identifier


@st.composite
def anything(draw: st.DrawFn) -> list[Owned]:
    """A series as a bad year leaves it, each backup under its own name."""
    spots = draw(st.lists(st.tuples(st.integers(0, 12), st.integers(1, 3)), unique=True))
    made = []
    for days_ago, attempt in spots:
        words = ["available"] * 4 + ["failed", "creating", "deleting", "a-word-of-2030"]
        one = on(
            days_ago,
            attempt,
            draw(st.sampled_from(words)),
            draw(st.sampled_from([BACKUP_KEY] * 4 + [OTHER_KEY] * 2 + [SHARING_KEY])),
            draw(st.sampled_from([{}, {}, {}, KEPT, *PROVEN])),
        )
        if draw(st.booleans()):
            when = draw(st.one_of(st.none(), st.integers(0, 300)))
            one = created(one, None if when is None else NOW - when * HOUR)
        made.append(one)
    return made


few = st.integers(0, 2)
rules = st.builds(
    Rules, st.integers(1, 6), st.sampled_from([timedelta(0), 2 * DAY, 7 * DAY]), few, few, few
)


def sound(backups: Sequence[Owned]) -> list[Owned]:
    """The verified ones."""
    return [b for b in backups if verified(b, VAULT)]


@SEARCH
@given(anything(), rules)
def test_never_fewer_than_n_verified_backups_are_kept(backups: list[Owned], of: Rules) -> None:
    """Min(N, existing), whatever the listing."""
    kept = [v.backup for v in judged(backups, of) if v.kept]
    assert len(sound(kept)) >= min(of.keep, len(sound(backups)))


@SEARCH
@given(anything(), rules)
def test_the_newest_copy_that_is_available_never_expires(backups: list[Owned], of: Rules) -> None:
    """The next copy is incremental to it, whatever it is under and whoever has tagged it (2.31)."""
    newest = max(filter(good, backups), key=age_order, default=None)
    assert newest not in expired(backups, of)


@SEARCH
@given(anything(), rules)
def test_the_guard_lets_go_what_expires_by_the_floor_alone(backups: list[Owned], of: Rules) -> None:
    """What is read again is enough to judge by: the guard and retention never disagree."""
    gone = expired(backups, of)
    floor = floor_of(backups, VAULT, of)
    assert not {*map(name, floor)} & {*map(name, gone)}
    assert len(floor) <= of.keep + of.tiers
    read = [*floor, *gone]
    for item in gone:
        floor_holds(item, read, of, VAULT)
        read.remove(item)


def test_the_floor_is_one_verified_backup_of_each_of_the_newest_days() -> None:
    """The newest of a day; what a person keeps and what is not verified makes none."""
    first, second = on(1), created(on(1, 2), NIGHT - DAY + 2 * HOUR)
    kept, other, dead = on(0, tags=KEPT), on(0, 2, key=OTHER_KEY), on(0, 3, word="failed")
    backups = [on(3), kept, second, other, first, dead, on(2)]
    assert [second, on(2)] == [*floor_of(backups, VAULT, TWO)]
    assert [second, on(2), on(3)] == [*floor_of(backups, VAULT, Rules(9, timedelta(0)))]


def test_where_all_is_kept_by_a_person_the_newest_of_it_is_the_floor() -> None:
    """A dead copy of a passed night may go then, too, and needs one verified backup."""
    older, newer = on(2, tags=KEPT), on(1, tags=KEPT)
    dead = on(3, word="failed")
    assert (newer,) == floor_of([newer, dead, older], VAULT, TWO)
    assert () == floor_of([dead, on(1, key=OTHER_KEY)], VAULT, TWO)
    assert [dead] == expired([newer, dead, older])


@SEARCH
@given(anything(), rules)
def test_nothing_expires_without_the_key_or_a_verified_backup(
    backups: list[Owned], of: Rules
) -> None:
    """Not known is not expired."""
    assert [] == expired(backups, of, None)
    assert [] == expired([b for b in backups if b not in sound(backups)], of)


@SEARCH
@given(anything(), rules)
def test_only_finished_untagged_old_backups_ever_expire(backups: list[Owned], of: Rules) -> None:
    """Neither what a person kept, nor what is under way, nor what is younger than the age."""
    for gone in expired(backups, of):
        snapshot = gone.snapshot
        assert KEEP not in snapshot.tags
        assert snapshot.status in (Status.AVAILABLE, Status.DEAD)
        if good(gone):
            assert snapshot.created_at is not None
            assert NOW - snapshot.created_at >= of.min_age


@SEARCH
@given(anything(), rules, st.randoms(use_true_random=False))
def test_the_order_of_the_listing_changes_nothing(
    backups: list[Owned], of: Rules, random: Random
) -> None:
    """AWS promises no order."""
    shuffled = list(backups)
    random.shuffle(shuffled)
    assert judged(backups, of) == judged(shuffled, of)


@SEARCH
@given(anything(), rules, st.data())
def test_no_taken_at_changes_what_becomes_of_a_good_backup(
    backups: list[Owned], of: Rules, data: st.DataObject
) -> None:
    """Tags can be forged in the source account; RDS's creation time cannot."""
    hours = data.draw(st.permutations(range(0, 12 * len(backups), 12)))
    apart = [created(b, NOW - h * HOUR) for b, h in zip(backups, hours, strict=True)]
    forged = [
        replace(b, point=replace(b.point, taken_at=NIGHT + data.draw(st.integers(-99, 9999)) * DAY))
        for b in apart
    ]
    before = {name(b) for b in expired(apart, of) if good(b)}
    assert before == {name(b) for b in expired(forged, of) if good(b)}


@SEARCH
@given(anything(), rules)
def test_what_was_left_is_not_judged_again(backups: list[Owned], of: Rules) -> None:
    """A repeat with nothing due changes nothing."""
    left = [v.backup for v in judged(backups, of) if v.kept]
    assert [] == expired(left, of)


@SEARCH
@given(anything(), rules)
def test_every_backup_has_one_verdict_with_a_reason(backups: list[Owned], of: Rules) -> None:
    """Nobody has to ask why a backup is still there, or why it went."""
    verdicts = judged(backups, of)
    assert sorted(map(name, backups)) == sorted(name(v.backup) for v in verdicts)
    assert all(v.reason for v in verdicts)


def nights(backups: Sequence[Owned], count: int) -> list[Owned]:
    """So many more verified backups: one a day late at night, today if there is none of today."""
    newest = max(b.snapshot.created_at for b in backups if b.snapshot.created_at)
    first = max(newest.date() + DAY, NOW.date())
    first = datetime(first.year, first.month, first.day, 23, 30, tzinfo=UTC)
    points = [point(NIGHT + (n + 1) * 999 * DAY) for n in range(count)]
    return [created(backup(p), first + n * DAY) for n, p in enumerate(points)]


@SEARCH
@given(anything(), rules)
def test_what_is_said_to_go_first_goes_then_and_nothing_good_before(
    backups: list[Owned], of: Rules
) -> None:
    """A forecast is retention's own verdict, some nights later."""
    dated = [b for b in backups if b.snapshot.created_at]
    first = first_to_go(dated, VAULT, of, NOW)
    able = [b for b in dated if good(b) and KEEP not in b.snapshot.tags]
    if first is None:
        found = last_restored(filter(good, dated), NOW)
        assert able == ([found[0]] if found and found[0] in able else [])
        return
    since = first.not_before or NOW
    some = nights(able or dated, first.after + 30)
    then = max([since, *(b.snapshot.created_at or since for b in some[: first.after])])

    def gone(more: list[Owned], when: datetime) -> list[Owned]:
        return [v.backup for v in judge(dated + more, VAULT, of, when) if not v.kept]

    def made_by(when: datetime) -> list[Owned]:
        return [b for b in some if b.snapshot.created_at and b.snapshot.created_at <= when]

    assert first.backup in gone(made_by(then), then)
    before = datetime(then.year, then.month, then.day, tzinfo=UTC)
    if before > NOW:
        assert [] == [b for b in gone(made_by(before), before) if good(b) and b in dated]
    if first.after:
        assert first.backup not in gone(some[: first.after - 1], then + 999 * DAY)
    if first.not_before:
        assert first.backup not in gone(some, since - timedelta(microseconds=1))


@pytest.mark.parametrize(
    ("expected", "have"),
    [
        ((3, 0, None), [on(3), on(2), on(1)]),
        ((2, 1, None), [on(2), on(1)]),
        ((1, 2, None), [on(1)]),
        ((2, 1, None), [on(3, tags=KEPT), on(2), on(1)]),
        ((3, 1, None), [on(3, key=OTHER_KEY), on(1)]),
        ((2, 1, None), [on(2), on(1, tags=proven(1))]),
        (None, [on(1, tags=KEPT)]),
        (None, [on(1, word="copying")]),
        (None, []),
    ],
)
def test_what_goes_first_is_said_with_its_condition(
    expected: tuple[int, int, datetime | None] | None, have: list[Owned]
) -> None:
    """With two to keep: the night, how many more are needed, and the time before which it stays."""
    found = first_to_go(have, VAULT, TWO, NOW)
    told = found and ((NOW - found.backup.point.taken_at).days, found.after, found.not_before)

    assert expected == told


def test_what_is_too_young_to_go_is_said_with_the_time() -> None:
    """Beyond the newest two, it stays until it is a week old."""
    oldest = on(3)
    found = first_to_go([oldest, on(2), on(1)], VAULT, Rules(2, 7 * DAY), NOW)

    assert oldest.snapshot.created_at
    assert found == Outlook(oldest, 0, oldest.snapshot.created_at + 7 * DAY)


WEEKS = Rules(1, 9 * DAY, weekly=2)


@pytest.mark.parametrize(
    ("expected", "rules", "have"),
    [
        (("03-01", 1, False), Rules(2, NO_AGE, weekly=1), [on(1), on(0)]),
        (("03-01", 7, False), Rules(2, NO_AGE, weekly=2), [on(1), on(0)]),
        (("03-01", 2, False), Rules(3, NO_AGE, weekly=2), [on(2), on(1), on(0)]),
        (("02-10", 1, False), Rules(1, NO_AGE, weekly=1), [on(20), on(19)]),
        (("02-11", 1, False), Rules(1, NO_AGE, monthly=2), [on(20), on(19)]),
        (("02-28", 0, True), Rules(1, 8 * DAY, weekly=2), [on(3), on(2), on(1), on(0)]),
        (("02-27", 7, True), WEEKS, [on(3), on(2), on(1), on(0)]),
        (("02-27", 0, True), Rules(1, 9 * DAY), [on(3, key=SHARING_KEY), on(0)]),
        # What is not sound is of no first day, though a sound one of that day is.
        (("02-27", 0, True), WEEKS, [on(3, key=SHARING_KEY), on(3, 2), on(0)]),
    ],
)
def test_what_a_tier_holds_goes_when_enough_newer_periods_have_begun(
    expected: tuple[str, int, bool], rules: Rules, have: list[Owned]
) -> None:
    """A night a day from tomorrow on, or from today if there is none of today; it is a Monday."""
    assert expected == outlook(rules, *have)


def test_a_dead_copy_that_is_due_goes_before_any_backup() -> None:
    """What has expired already goes first, although no data is in it."""
    dead = on(2, word="failed")
    have = [dead, on(2, attempt=2), on(1)]
    assert Outlook(dead, 0, None) == first_to_go(have, VAULT, TWO, NOW)


def test_what_reaches_its_age_just_now_is_not_too_young() -> None:
    """At exactly KEEP_AT_LEAST_DAYS only the number still holds it."""
    oldest = created(on(8), NOW - 7 * DAY)
    found = first_to_go([oldest, on(1)], VAULT, Rules(2, 7 * DAY), NOW)
    assert Outlook(oldest, 1, None) == found
