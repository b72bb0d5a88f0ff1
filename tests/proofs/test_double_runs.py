"""Two invocations at once over one database, in every order of their calls.

A meeting is a moment of a night at which two invocations find something to do.  Every order of
their calls is played from it, then the schedules go on as if nothing had been.
"""

import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from sandbox import Row, Sandbox, Switches
from sandbox.kinds import Kind
from sandbox.serving.memory import Moment
from tests.support.checker import Checker
from tests.support.interleaving import Race, every_order, stops
from tests.support.playing import DAY, NIGHT, RESUME, TICK, automated, backups
from tests.support.scenes import KEEP, Scene

LONG = bool(os.environ.get("LONG_PROOFS"))
INSTANT = timedelta(0)
type Meeting = Callable[[Scene], None]


def night_begins(_scene: Scene) -> None:
    """Nothing of tonight's is there yet."""


def shared_copy_runs(scene: Scene) -> None:
    """The first copy is under way."""
    scene.tick()
    scene.aws.clock.advance(TICK)


def shared_copy_ready(scene: Scene) -> None:
    """The shared copy is available."""
    scene.tick()
    scene.wait()


def shared_copy_failed(scene: Scene) -> None:
    """The first attempt at the shared copy has failed."""
    scene.aws.copies.fail_next()
    shared_copy_ready(scene)


def backup_runs(scene: Scene) -> None:
    """The second copy is under way."""
    shared_copy_ready(scene)
    scene.tick()
    scene.aws.clock.advance(TICK)


def backup_ready(scene: Scene) -> None:
    """One backup too many, and a shared copy that nothing needs any more."""
    shared_copy_ready(scene)
    scene.tick()
    scene.wait()


def backup_failed(scene: Scene) -> None:
    """The first attempt at the second copy has failed."""
    shared_copy_ready(scene)
    scene.aws.copies.fail_next()
    scene.tick()
    scene.wait()


def second_attempts_ready(scene: Scene) -> None:
    """Two dead copies beside the good ones: four deletions are due."""
    shared_copy_failed(scene)
    scene.tick()
    scene.wait()
    scene.aws.copies.fail_next()
    for _ in range(2):
        scene.tick()
        scene.wait()


def fewer_to_keep(scene: Scene) -> None:
    """The number to keep has just become 1: two backups expire at once."""
    backup_ready(scene)
    scene.retention["BACKUPS_TO_KEEP"] = "1"
    scene.rules.keep = 1


def stuck_gives_way(scene: Scene) -> None:
    """Last night's copies into the backup account have all failed, and there is a newer one."""
    backup = scene.aws.backup.id
    scene.aws.copies.fail_next(n=3, where=lambda _kind, account, _params: account == backup)
    for _ in range(10):
        scene.tick()
        scene.aws.clock.advance(TICK)
    automated(scene.aws, NIGHT + DAY)
    scene.aws.clock.move_to(NIGHT + DAY)


def other_sharing_key(scene: Scene) -> None:
    """KMS_KEY_ID was changed while the shared copy was made."""
    shared_copy_ready(scene)
    key = scene.aws.keys.create(scene.aws.source.id, "alias/other-sharing")
    scene.aws.keys.admit(key, scene.aws.backup.id)
    scene.environment["KMS_KEY_ID"] = scene.rules.sharing_key = key


# How many orders there are that differ in anything, with another ``backup``, with ``resume`` and
# with ``expire``; the same for both families.
ORDERS: dict[Meeting, tuple[int, int, int]] = {
    night_begins: (4, 2, 1),
    shared_copy_runs: (1, 1, 1),
    shared_copy_ready: (4, 4, 2),
    shared_copy_failed: (4, 4, 1),
    backup_runs: (1, 1, 1),
    backup_ready: (26, 6, 3),
    backup_failed: (4, 4, 2),
    fewer_to_keep: (74, 6, 5),
    stuck_gives_way: (14, 3, 1),
    other_sharing_key: (4, 4, 1),
    second_attempts_ready: (188, 28, 5),
}
MEETINGS = tuple(ORDERS)
KINDS: tuple[Kind, ...] = ("instance", "cluster")


@dataclass
class Found:
    """What came of the orders of one meeting."""

    orders: int = 0
    ends: int = 0
    wrong: list[str] = field(default_factory=list)


@contextmanager
def at(
    meeting: Meeting,
    kind: Kind = "instance",
    *,
    by_source: bool = True,
    incremental: bool = False,
    duration: timedelta | None = None,
    switches: Switches | None = None,
) -> Iterator["Judge"]:
    """A scene at its meeting, with its judge."""
    with Sandbox(start=NIGHT - (KEEP + 1) * DAY, switches=switches) as aws:
        scene = Scene(aws, kind, by_source=by_source, incremental=incremental)
        if duration is not None:
            aws.copies.duration = duration
        meeting(scene)
        scene.checker.assert_kept()
        yield Judge(scene)


class Judge:
    """Looks at the end of each order, and goes on from it: once for each world that comes out."""

    def __init__(self, scene: Scene) -> None:
        """Remember the meeting."""
        self.scene, self.found = scene, Found()
        self._meeting = Moment(scene.aws), scene.checker
        self._ended: set[object] = set()
        self._slept: dict[object, tuple[Moment, Checker]] = {}

    def begin(self, *names: str) -> Race:
        """The meeting again, with these invocations before their first calls that matter."""
        self._back_to(*self._meeting)
        return Race(self.scene.works(*names))

    def state(self) -> tuple[object, ...]:
        """All that an answer of AWS can depend on."""
        aws = self.scene.aws
        return (aws.clock.now, *map(_of_row, aws.snapshots()))

    def sleep(self, nights: int) -> None:
        """What happens while an invocation sleeps: the night ends, and other nights pass."""
        before, scene = self.state(), self.scene
        if before not in self._slept:
            scene.tick_on()
            first = NIGHT if scene.aws.clock.now < NIGHT + DAY / 2 else NIGHT + DAY
            for number in range(1, nights + 1):
                scene.night(first + number * DAY)
            self._slept[before] = Moment(scene.aws), scene.checker.fork()
        self._back_to(*self._slept[before])

    def end(self, race: Race, *, slept: bool = False) -> None:
        """What every order has to come to; a report of one that slept is about another day."""
        scene, found = self.scene, self.found
        found.orders += 1
        for name, one in race.invocations.items():
            if one.error:
                self._wrong(race, f"{name} raised {one.error!r}")
            elif not slept:
                scene.checker.reported([e.as_dict() for e in one.result.databases])
                if one.result.outcome in ("failed", "partially_failed"):
                    self._wrong(race, f"{name} raises an alarm: {one.result.as_dict()}")
        self._wrong(race, *scene.checker.broken)
        state = self.state()
        if state not in self._ended:
            self._ended.add(state)
            found.ends += 1
            self._wrong(race, *(f"later: {words}" for words in self._later()))

    def _wrong(self, race: Race, *words: str) -> None:
        self.found.wrong += [f"{' '.join(race.played)}: {w}" for w in words]

    def _later(self) -> Iterator[str]:
        """The schedules go on: the newest backup arrives, and nothing is left or lost."""
        scene, aws = self.scene, self.scene.aws
        scene.checker.broken.clear()
        done = scene.tick_on()
        yield from scene.checker.broken
        if done.outcome != "nothing_to_do":
            yield f"{done.outcome}: {done.error}"
        newest = max(r.taken_at for r in aws.snapshots(type="automated"))
        good = [r.taken_at for r in scene.checker.verified()]
        wanted = [newest - n * DAY for n in reversed(range(scene.rules.keep))]
        if good != wanted and self._nights_without_a_backup() == 0:
            yield f"the backups are of {good}, not of {wanted}"
        if len(good) != scene.rules.keep or newest not in good:
            yield f"the backups are of {good}"
        if len(backups(aws, "orders")) != len(good):
            yield f"more than the good ones is left: {backups(aws, 'orders')}"
        if left := scene.checker.leftovers():
            yield f"left: {[r.identifier for r in left]}"
        if "by-hand" not in [r.identifier for r in aws.snapshots(account=aws.source.id)]:
            yield "the snapshot made by hand is gone"

    def _nights_without_a_backup(self) -> int:
        return int(self._meeting[0].time >= NIGHT + DAY)

    def _back_to(self, moment: Moment, checker: Checker) -> None:
        moment.restore()
        self.scene.aws.hooks.clear()
        self.scene.checker = checker.fork().install()


def _of_row(row: Row) -> tuple[str, ...]:
    shared = ",".join(sorted(row.shared_with))
    started = row.tags.get("rds-backup:started-at", "")
    return row.arn, row.status, str(row.created_at), shared, str(row.kms_key), started


def in_every_order(
    meeting: Meeting, kind: Kind, other: str, duration: timedelta | None = None
) -> Found:
    """Every order of ``backup`` and another invocation at a meeting."""
    with at(meeting, kind, by_source=other != "expire", duration=duration) as judge:
        every_order(lambda: judge.begin("a", other), judge.state, judge.end)
        return judge.found


def asleep(meeting: Meeting, kind: Kind, sleeper: str, nights: int) -> Found:
    """An invocation that stops before each of its calls in turn, and wakes nights later."""
    with at(meeting, kind, by_source=sleeper != "expire") as judge:
        for race in stops(lambda: judge.begin(sleeper), sleeper):
            judge.sleep(nights)
            race.finish()
            judge.end(race, slept=True)
        return judge.found


def ids(meeting: object) -> str:
    """The name of a meeting."""
    return getattr(meeting, "__name__", str(meeting))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("meeting", MEETINGS, ids=ids)
def test_two_backups_at_once_come_to_what_one_alone_does(meeting: Meeting, kind: Kind) -> None:
    """Every run may be doubled: nothing is lost, doubled or left, and nobody is alarmed."""
    found = in_every_order(meeting, kind, "b")
    assert [] == found.wrong
    assert ORDERS[meeting][0] == found.orders


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("meeting", MEETINGS, ids=ids)
def test_backup_and_a_tick_at_once_come_to_what_they_do_in_turn(
    meeting: Meeting, kind: Kind
) -> None:
    """A tick reads names while a whole look decides more: neither undoes the other's work."""
    found = in_every_order(meeting, kind, "resume")
    assert [] == found.wrong
    assert ORDERS[meeting][1] == found.orders


@pytest.mark.parametrize("meeting", [night_begins, shared_copy_ready, backup_failed], ids=ids)
def test_two_backups_at_once_alarm_nobody_where_a_taken_name_is_denied(meeting: Meeting) -> None:
    """7.6: the second one to copy may be told "access denied" instead of "exists already"."""
    with at(meeting, switches=Switches(copy_onto_marked="denied")) as judge:
        every_order(lambda: judge.begin("a", "b"), judge.state, judge.end)
        assert [] == judge.found.wrong
        assert judge.found.orders > 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("meeting", MEETINGS, ids=ids)
def test_backup_and_the_other_accounts_expire_at_once_come_to_what_they_do_in_turn(
    meeting: Meeting, kind: Kind
) -> None:
    """Neither waits for the other, and neither may rely on what the other is about to do."""
    found = in_every_order(meeting, kind, "expire")
    assert [] == found.wrong
    assert ORDERS[meeting][2] == found.orders


@pytest.mark.parametrize("other", ["b", "resume", "expire"])
@pytest.mark.parametrize("meeting", MEETINGS, ids=ids)
def test_two_at_once_leave_one_base_where_increments_are_on(meeting: Meeting, other: str) -> None:
    """And take none away that the next copy rests on, whichever of them comes first."""
    with at(meeting, by_source=other != "expire", incremental=True) as judge:
        every_order(lambda: judge.begin("a", other), judge.state, judge.end)
        assert [] == judge.found.wrong
        assert judge.found.orders


@pytest.mark.parametrize(("first", "then"), [("a", "b"), ("b", "a")])
def test_a_whole_night_interrupted_at_any_call_by_another_whole_night(
    first: str, then: str
) -> None:
    """Where copies are instant an invocation is a night: all four changes, doubled."""
    with at(night_begins, duration=INSTANT) as judge:
        for race in stops(lambda: judge.begin(first, then), first):
            race.finish(then, first)
            judge.end(race)
        assert [] == judge.found.wrong
        assert judge.found.orders > 10


def test_two_whole_nights_at_once_in_orders_drawn_by_lot() -> None:
    """Each waits for the other several times; all orders are in the long proofs."""
    if LONG:
        assert [] == in_every_order(night_begins, "instance", "b", INSTANT).wrong
        return
    seed = int(os.environ.get("PROOF_SEED", random.SystemRandom().randrange(10**6)))
    lot = random.Random(seed)  # noqa: S311 - no secret
    with at(night_begins, duration=INSTANT) as judge:
        for _ in range(25):
            race = judge.begin("a", "b")
            while race.pending:
                race.step(lot.choice(sorted(race.pending)))
            judge.end(race)
        assert [] == judge.found.wrong, f"PROOF_SEED={seed}"


SLEEPS = [night_begins, shared_copy_ready, backup_ready, fewer_to_keep, stuck_gives_way]


@pytest.mark.parametrize("meeting", MEETINGS if LONG else SLEEPS, ids=ids)
@pytest.mark.parametrize("sleeper", ["a", "expire"])
def test_an_invocation_that_slept_for_nights_wakes_with_its_old_plan_and_does_no_harm(
    meeting: Meeting, sleeper: str
) -> None:
    """Readings older than a minute delete nothing; an old point that is begun anew is abandoned."""
    assert [] == asleep(meeting, "instance", sleeper, KEEP + 1).wrong


@pytest.mark.parametrize("meeting", MEETINGS if LONG else SLEEPS, ids=ids)
def test_an_invocation_that_slept_for_the_rest_of_the_night_does_no_harm(meeting: Meeting) -> None:
    """The same, with everything that it was going to do already done."""
    assert [] == asleep(meeting, "instance", "a", 0).wrong


def replaced(scene: Scene, account_id: str) -> set[str]:
    """A person deletes tonight's copies in one account, and the function makes them again.

    In the source account also the backup, or else nothing would be due.  The new ones' ARNs.
    """
    tonight = NIGHT - timedelta(hours=1)
    old = {row.arn: row.tags for row in scene.aws.snapshots()}
    for row in scene.aws.snapshots(type="manual"):
        gone = row.account in (account_id, scene.aws.backup.id)
        if row.taken_at == tonight and gone and scene.checker.ours(row):
            scene.aws.remove_snapshot(row.account, row.kind, row.identifier)
    scene.tick()
    scene.tick(RESUME)
    now = scene.aws.snapshots(type="manual")
    return {row.arn for row in now if old.get(row.arn) != row.tags}


@pytest.mark.parametrize("sleeper", ["a", "expire"])
@pytest.mark.parametrize("side", ["source", "backup"])
@pytest.mark.parametrize("duration", [INSTANT, timedelta(minutes=20)], ids=["at once", "later"])
def test_a_stale_plan_to_delete_a_failed_copy_does_not_delete_what_replaced_it(
    sleeper: str, side: str, duration: timedelta
) -> None:
    """The name may be the same again after a person's hand: the fresh look before deleting tells.

    Between that look and the call nothing can be told: RDS has no conditional deletion.  There the
    new name of every attempt protects; see the next test.
    """
    with at(second_attempts_ready, by_source=sleeper != "expire") as judge:
        scene = judge.scene
        scene.aws.copies.duration = duration
        account_id = scene.aws.source.id if side == "source" else scene.aws.backup.id
        played = 0
        for race in stops(lambda: judge.begin(sleeper), sleeper):
            if race.pending[sleeper].operation.startswith("Delete"):
                race.kill()
                continue
            new = replaced(scene, account_id)
            race.finish()
            assert new <= {row.arn for row in scene.aws.snapshots()}, race.played
            assert scene.checker.verified()
            played += 1
        assert played >= 2


@pytest.mark.parametrize("sleeper", ["a", "expire"])
@pytest.mark.parametrize("fewer", [False, True])
def test_a_deletion_that_comes_late_meets_nothing_good_under_that_name(
    sleeper: str, *, fewer: bool
) -> None:
    """Stalled before the call itself, and sent nights later: a name is never used again."""

    def meeting(scene: Scene) -> None:
        second_attempts_ready(scene)
        if fewer:
            scene.retention["BACKUPS_TO_KEEP"] = "1"
            scene.rules.keep = 1

    with at(meeting, by_source=sleeper != "expire") as judge:
        late = 0
        for race in stops(lambda: judge.begin(sleeper), sleeper):
            if race.pending[sleeper].operation.startswith("Delete"):
                late += 1
                judge.sleep(KEEP + 1)
                race.finish()
                judge.end(race, slept=True)
            else:
                race.kill()
        assert [] == judge.found.wrong
        assert late >= 2
