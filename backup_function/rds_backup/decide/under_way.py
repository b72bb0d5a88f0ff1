"""What a tick decides on names alone: a hand-over, and what a verified backup has made needless.

A family is read by the names that its shared copies wait for.  All else rests on complete
listings: then this says that a whole look is worth while, and decides nothing.  Pure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from rds_backup.decide.attempts import next_attempt
from rds_backup.decide.limits import most_open, opened
from rds_backup.decide.plan import Subject
from rds_backup.model.decisions import Decision, HandOver, State
from rds_backup.model.identity import KMS_KEY, all_owned, identifier, owned
from rds_backup.model.inventory import Kind, Lane, Listing, Side, Snapshot, Status
from rds_backup.model.settings import Settings
from rds_backup.model.world import World

_DAY = timedelta(days=1)


def waited_for(listings: Mapping[Lane, Listing], settings: Settings) -> dict[Kind, set[str]]:
    """The names in the backup account that available shared copies wait for, by family.

    Those of every attempt: a reading by name is complete for its names.
    """
    prefix = settings.backup.prefix
    return {
        lane.kind: {
            identifier(prefix, item.point, number)
            for item in all_owned(listing.snapshots, settings.backup.marker)
            if item.snapshot.status is Status.AVAILABLE
            for number in range(1, settings.max_attempts + 1)
        }
        for lane, listing in listings.items()
    }


def by_names(subject: Subject, now: datetime) -> Subject:
    """The subject with those of its decisions that rest on names alone.

    A hand-over, a wait, and the deletion of a shared copy whose backup is verified.
    """
    decisions = tuple(d for d in subject.decisions if _rests_on_names(d, now))
    return replace(subject, decisions=decisions, by_names=True)


def _rests_on_names(decision: Decision, now: datetime) -> bool:
    """Not that a point is stuck or blocked, either: it may give way to one that nobody has read.

    Nor the hand-over of data older than a day: newer data may be verified, and its backup, the
    latest made, would cost that one its place among those kept.
    """
    if isinstance(decision.start, HandOver) and now - decision.start.shared.point.taken_at > _DAY:
        return False
    refused = decision.cause is not None
    return decision.holds or refused or decision.state is State.PROTECTED


def worth_a_look(
    kind: Kind, subjects: Iterable[Subject], world: World, settings: Settings, now: datetime
) -> bool:
    """Whether more could be done for a family that was read by names after a whole look."""
    mine = list(subjects)
    listing = world.manual[Lane(Side.SOURCE, kind)]
    assert isinstance(listing, Listing)  # noqa: S101 - the caller has asked world.problem
    open_now = opened(d for s in mine for d in s.decisions)[kind]
    bases = {base.snapshot.identifier for s in mine for base in s.bases}
    others = [s for s in listing.snapshots if s.identifier not in bases]
    return _place_for_queued(kind, open_now, others, settings, now) or any(
        _could_go_on(subject, settings, now) for subject in mine
    )


def surely_worth_a_look(kind: Kind, listing: Listing, settings: Settings, now: datetime) -> bool:
    """The same by the source account's listing alone, before any name is read.

    Every shared copy of ours that has not failed is taken to be open.  Which are bases only names
    tell.
    """
    if settings.incremental and kind is Kind.INSTANCE:
        return False
    ours = all_owned(listing.snapshots, settings.backup.marker)
    alive = sum(item.snapshot.status is not Status.DEAD for item in ours)
    return _place_for_queued(kind, alive, listing.snapshots, settings, now)


def _could_go_on(subject: Subject, settings: Settings, now: datetime) -> bool:
    """Whether a whole look may do more for a series: another attempt, a hand-over, a deletion.

    Nothing more is to be had of a point whose attempts are used up, nor of one that RDS has given
    another key than it was asked for, until the next automated snapshot.  One with data older
    than MAX_SNAPSHOT_AGE_HOURS is left to the nightly window, so that what lies there for a
    person costs no look at every tick.
    """
    limit = timedelta(hours=settings.backup.max_age_hours)
    return _done_late(subject, now) or any(
        (isinstance(decision.start, HandOver) and not _rests_on_names(decision, now))
        or (
            decision.point is not None
            and decision.state is State.STALE
            and now - decision.point.taken_at <= limit
            and all(
                next_attempt(o for o in some if o.point == decision.point) <= settings.max_attempts
                for some in (subject.view.shared, subject.view.backups)
            )
            and not any(_other_key(item.snapshot) for item in decision.left)
        )
        for decision in subject.decisions
    )


def _done_late(subject: Subject, now: datetime) -> bool:
    """Whether a point is done for which a newer one, of the day since, may have been waiting.

    That it is done now is known by what goes: its shared copy, or the base before it.
    """
    done = [d for d in subject.decisions if d.state is State.PROTECTED]
    last = max((d.point.taken_at for d in done if d.point), default=now)
    return any(d.deletes for d in done) and now - last > _DAY


def _other_key(snapshot: Snapshot) -> bool:
    return snapshot.tags.get(KMS_KEY) not in (None, snapshot.kms_key)


def _place_for_queued(
    kind: Kind, open_now: int, there: Sequence[Snapshot], settings: Settings, now: datetime
) -> bool:
    """Whether the source account has a place that a queued database may be waiting for.

    A whole look fills every place: nothing is queued where fewer copies than places have been
    there since, ours that are not deleted yet, and others' that run or are of the last day.
    """
    places = settings.max_copies[kind]
    running = sum(s.status is Status.RUNNING for s in there)
    if running >= places or open_now >= most_open(places):
        return False
    recent = (
        owned(s, settings.backup.marker) is not None
        or s.created_at is None
        or now - s.created_at < _DAY
        for s in there
    )
    return sum(recent) >= places
