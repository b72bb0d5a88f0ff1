"""Anything in any order: databases, nights, faults, deaths, people and settings, under a checker.

A state machine of Hypothesis draws what happens; ``tests.checker`` judges every call, every report
and the two accounts.  When it ends, the faults end, and everything has to heal.

The whole run is the same each time.  ``LONG_PROOFS=1`` (``make soak``) draws new ones; what fails
is printed as a script of steps.
"""

import os
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, note, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from sandbox import Sandbox, Switches
from sandbox.kinds import FAMILIES, Kind
from tests.support.checker import Checker
from tests.support.drawn import SEED, WHOLE
from tests.support.playing import BACKUP, DAY, EXPIRE, NIGHT, RESUME, TICK, WINDOW
from tests.support.process import Death, Dies, Process
from tests.support.stories import HEALS_WITHIN
from tests.support.truth import KEEP_TAG, Rules

LONG = bool(os.environ.get("LONG_PROOFS"))
EXAMPLES = 400 if LONG else 20 if WHOLE else 3
STEPS = 60 if LONG else 50
# What the whole proofs play, at least; all but a few examples are of full length.
STEPS_STATED = 750
TAGGED = {"backup": "nightly"}
NAMES = ("orders", "customers", "billing")
QUICK = timedelta(minutes=8)
LONGEST_COPY = timedelta(hours=30)
COMMON = settings(
    deadline=None,
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    derandomize=WHOLE and not LONG,
    database=None,
    print_blob=True,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)

kinds = st.sampled_from(["instance", "cluster"])
names = st.sampled_from(NAMES)
# Weeks, months and years of which the first day is kept.  The simplest draw has some: most of the
# expirations of the fixed run are in examples that take it.
tiers = st.sampled_from([(2, 1, 0), (0, 0, 0), (1, 0, 0), (0, 2, 1)])
# What answers which operations, once or for a while; retried ones among them.
FAULTS = (
    ("Describe*Snapshots", "InternalFailure"),
    ("Describe*Snapshots", "AccessDenied"),
    ("Describe*", "ThrottlingException"),
    ("DescribeKey", "KMSInternalException"),
    ("AssumeRole", "AccessDenied"),
    ("GetCallerIdentity", "InternalFailure"),
    ("Copy*", "KMSKeyNotAccessibleFault"),
    ("Copy*", "InternalFailure"),
    ("Copy*", "SnapshotQuotaExceeded"),
    ("Copy*", "InvalidParameterValue"),
    ("Modify*", "AccessDenied"),
    ("Modify*", "InvalidDBSnapshotState"),
    ("Delete*", "AccessDenied"),
    ("Delete*", "InvalidDBSnapshotState"),
    ("Delete*", "ServiceUnavailable"),
)
CHANGES = ("Copy*", "Modify*", "Delete*")
# What the checker has to have had to judge in a run that is worth anything.
JUDGED = (
    "looks",
    "ages",
    "protected",
    "first days",
    "series",
    "no age",
    *(f"Copy{noun}" for noun in ("DBSnapshot", "DBClusterSnapshot")),
    *(f"Modify{noun}Attribute" for noun in ("DBSnapshot", "DBClusterSnapshot")),
    *(f"Delete{noun}" for noun in ("DBSnapshot", "DBClusterSnapshot")),
)


class Accounts(RuleBasedStateMachine):
    """Two accounts and everything that happens in them."""

    counted: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        """Nothing is there before ``begin``."""
        super().__init__()
        self.aws: Sandbox
        self.checker: Checker
        self.next_night = NIGHT
        self.opened = False

    @initialize(
        switches=st.builds(
            Switches,
            listing_lag_calls=st.sampled_from([0, 0, 1, 2]),
            cluster_create_time=st.sampled_from(["copy", "original"]),
            copied_resource_id=st.sampled_from(["kept", "absent"]),
            share_repeat=st.sampled_from(["idempotent", "refuse"]),
            sharing_lag_calls=st.sampled_from([0, 0, 1, 3]),
            foreign_tags_visible=st.booleans(),
            unshared_mid_copy=st.sampled_from(["goes_on", "fails"]),
            one_copy_per_database=st.booleans(),
        ),
        kind=kinds,
        tiers=tiers,
    )
    def begin(self, switches: Switches, kind: Kind, tiers: tuple[int, int, int]) -> None:
        """Two accounts, of a world as it may be, with one database."""
        self.aws = aws = Sandbox(start=NIGHT - DAY / 4, switches=switches).__enter__()
        self.opened = True
        self.sharing_keys = [aws.sharing_key, aws.keys.create(aws.source.id, "alias/two")]
        self.backup_keys = [aws.backup_key, aws.keys.create(aws.backup.id, "alias/two")]
        aws.keys.admit(self.sharing_keys[1], aws.backup.id)
        self.told = Rules(sharing_key=aws.sharing_key, backup_key=aws.backup_key, keep=2)
        self.told.weekly, self.told.monthly, self.told.yearly = tiers
        self.checker = Checker(aws, self.told).install()
        self.expires = True
        self.people = 0
        Process.new_clients()
        self._add("orders", kind)

    @invariant()
    def a_step_was_taken(self) -> None:
        """Counted; the checker has looked in every invocation."""
        self.counted["steps"] += 1

    # What is there

    @rule(name=names, kind=kinds, key=st.sampled_from(["aws/rds", "customer"]))
    def a_database_comes(self, name: str, kind: Kind, key: str) -> None:
        """Of either family, under AWS's key or a customer's."""
        if self._kind_of(name) is None:
            self._add(name, kind, key)

    @rule(name=names, retain=st.booleans())
    def a_database_goes(self, name: str, *, retain: bool) -> None:
        """With its automated snapshots, or without."""
        kind = self._kind_of(name)
        if kind:
            self.aws.delete_database(name, kind=kind, retain_automated=retain)

    @rule(name=names)
    def a_database_is_made_anew_under_its_name(self, name: str) -> None:
        """Another series."""
        kind = self._kind_of(name)
        if kind:
            self.aws.delete_database(name, kind=kind, retain_automated=True)
            self._add(name, kind)

    @rule(name=names)
    def rds_lets_an_automated_snapshot_go(self, name: str) -> None:
        """The newest one, in the middle of the night."""
        rows = [r for r in self.aws.snapshots(type="automated") if r.database == name]
        if rows:
            newest = max(rows, key=lambda row: (row.taken_at, row.arn))
            self.aws.remove_snapshot(newest.account, newest.kind, newest.identifier)

    # Time

    @rule(minutes=st.sampled_from([0, 0, 0, 40]))
    def night_falls(self, minutes: int) -> None:
        """RDS makes its snapshots an hour before the first run, or runs late."""
        self._night_falls(timedelta(minutes=minutes))
        self._invoke(BACKUP)

    @rule(count=st.integers(1, 6))
    def ticks(self, count: int) -> None:
        """The schedule goes on."""
        for _ in range(count):
            self._tick()

    @rule(hours=st.integers(1, 60))
    def nothing_is_scheduled_for_a_while(self, hours: int) -> None:
        """An outage of the schedule."""
        self.aws.clock.advance(hours=hours)
        self._invoke(BACKUP)

    @rule()
    def the_backup_account_expires(self) -> None:
        """Its own function, beside the source's."""
        self._invoke(EXPIRE)

    @rule(action=st.sampled_from(["plan", "status"]))
    def somebody_looks(self, action: str) -> None:
        """Looking changes nothing."""
        before = self.aws.count(mutating=True)
        self._invoke({"action": action})
        assert before == self.aws.count(mutating=True)

    # Faults

    @rule(
        fault=st.sampled_from(FAULTS),
        times=st.sampled_from([1, 2, 8]),
        after=st.integers(0, 6),
        side=st.sampled_from(["source", "backup", None]),
    )
    def calls_begin_to_fail(
        self, fault: tuple[str, str], times: int, after: int, side: str | None
    ) -> None:
        """Once, or for a while."""
        operation, code = fault
        message = "Cannot copy more than 20 snapshots" if "Quota" in code else "A fault."
        account = getattr(self.aws, side) if side else None
        self.aws.fault(
            operation, code=code, message=message, times=times, after=after, account=account
        )

    @rule(operation=st.sampled_from(CHANGES), after=st.integers(0, 2))
    def an_answer_gets_lost(self, operation: str, after: int) -> None:
        """The call has taken effect."""
        self.aws.lose_answer(operation, after=after)

    @rule(call=st.integers(0, 25), when=st.sampled_from(["before", "after"]))
    def the_process_dies(self, call: int, when: str) -> None:
        """In its next invocation, at some call."""
        hook = Dies({call: when})
        self.aws.hooks.append(hook)
        self._invoke(BACKUP)
        self.aws.hooks.remove(hook)

    @rule(count=st.integers(1, 3))
    def copies_fail(self, count: int) -> None:
        """The next ones, in whichever account."""
        self.aws.copies.fail_next(count)

    @rule(
        duration=st.sampled_from([timedelta(0), QUICK, 3 * TICK, timedelta(hours=4), LONGEST_COPY])
    )
    def copies_take(self, duration: timedelta) -> None:
        """As long as they take."""
        self.aws.copies.duration = duration

    @rule()
    def faults_end(self) -> None:
        """For now."""
        self._mend()

    # People

    @rule(
        name=names,
        side=st.sampled_from(["source", "backup"]),
        tags=st.sampled_from(["none", "ours"]),
    )
    def a_person_makes_a_snapshot(self, name: str, side: str, tags: str) -> None:
        """Their own, or a copy of one of ours with its tags, under our prefix or not."""
        self.people += 1
        account = self.aws.source if side == "source" else self.aws.backup
        kind = self._kind_of(name) or "instance"
        ours = [r.tags for r in self.aws.snapshots() if r.arn in self.checker.made]
        said = ours[-1] if ours and tags == "ours" else {}
        prefix = "rds-backup-" if self.people % 2 else "by-hand-"
        row = self.aws.add_manual(
            f"{prefix}{self.people}", of=name, kind=kind, account=account, tags=said
        )
        self.checker.strangers.append(row)

    @rule(which=st.integers(0, 5))
    def a_person_keeps_a_backup(self, which: int) -> None:
        """By its tag."""
        good = self.checker.verified()
        if which < len(good):
            row = good[which]
            tags = {**row.tags, KEEP_TAG: "yes"}
            self.aws.change_snapshot(row.account, row.kind, row.identifier, tags=tags)

    @rule(which=st.integers(0, 3))
    def a_person_deletes_one_of_ours(self, which: int) -> None:
        """Whichever, in whatever state."""
        ours = [row for row in self.aws.snapshots() if row.arn in self.checker.made]
        if which < len(ours):
            row = ours[-1 - which]
            self.aws.remove_snapshot(row.account, row.kind, row.identifier)

    # Settings

    @rule(keep=st.integers(1, 3), days=st.sampled_from([0, 0, 2]), tiers=tiers)
    def another_number_is_kept(self, keep: int, days: int, tiers: tuple[int, int, int]) -> None:
        """BACKUPS_TO_KEEP, KEEP_AT_LEAST_DAYS, KEEP_WEEKLY, KEEP_MONTHLY and KEEP_YEARLY."""
        self.told.keep, self.told.keep_days = keep, days
        self.told.weekly, self.told.monthly, self.told.yearly = tiers

    @rule(attempts=st.integers(1, 4))
    def another_number_of_attempts(self, attempts: int) -> None:
        """MAX_ATTEMPTS."""
        self.told.max_attempts = attempts

    @rule(prefix=st.sampled_from(["rds-backup", "other"]))
    def another_prefix(self, prefix: str) -> None:
        """What was made under the old one is nobody's now."""
        self.told.prefix = prefix

    @rule(number=st.integers(0, 1))
    def another_sharing_key(self, number: int) -> None:
        """KMS_KEY_ID."""
        self.told.sharing_key = self.sharing_keys[number]

    @rule(number=st.integers(0, 1))
    def another_backup_key(self, number: int) -> None:
        """BACKUP_KMS_KEY_ID."""
        self.told.backup_key = self.backup_keys[number]

    @rule(expires=st.booleans())
    def somebody_else_expires(self, *, expires: bool) -> None:
        """EXPIRE_BACKUPS."""
        self.expires = expires

    @rule(on=st.booleans())
    def increments_are_on_or_off(self, *, on: bool) -> None:
        """INCREMENTAL."""
        self.told.incremental = on

    @precondition(lambda self: self.opened)
    @rule()
    def all_is_well_again(self) -> None:
        """In the middle, too."""
        self._heals()

    def teardown(self) -> None:
        """At the end the faults stop, and everything heals."""
        if self.opened:
            try:
                self._heals()
            finally:
                self.counted.update(self.checker.judged)
                self.aws.__exit__(None, None, None)

    # How

    def _add(self, name: str, kind: Kind, key: str = "aws/rds") -> None:
        add = self.aws.add_instance if kind == "instance" else self.aws.add_cluster
        add(name, kms_key=self.sharing_keys[0] if key == "customer" else key, tags=TAGGED)

    def _kind_of(self, name: str) -> Kind | None:
        for kind in FAMILIES:
            try:
                return self.aws.database(name, kind=kind).kind
            except KeyError:
                continue
        return None

    def _invoke(self, event: Mapping[str, Any]) -> Any:  # noqa: ANN401 - an Invocation or None
        """One invocation, judged; None if it died."""
        told, aws = self.told, self.aws
        kept = {
            "BACKUPS_TO_KEEP": str(told.keep),
            "KEEP_AT_LEAST_DAYS": str(told.keep_days),
            "KEEP_WEEKLY": str(told.weekly),
            "KEEP_MONTHLY": str(told.monthly),
            "KEEP_YEARLY": str(told.yearly),
            "SNAPSHOT_PREFIX": told.prefix,
            "BACKUP_KMS_KEY_ID": told.backup_key,
        }
        if event == EXPIRE:
            environment = aws.backup_environment(**kept)
        else:
            environment = aws.environment(
                **kept,
                DB_TAG="backup=nightly",
                KMS_KEY_ID=told.sharing_key,
                MAX_ATTEMPTS=str(told.max_attempts),
                EXPIRE_BACKUPS=str(self.expires).lower(),
                INCREMENTAL=str(told.incremental).lower(),
            )
        done = None
        try:
            done = Process(aws, environment).invoke(event)
        except Death:
            note("it died")
        if done:
            assert done.error is None or type(done.error).__name__ in (
                "BackupFailedError",
                "SettingsError",
            ), done.error
            self.checker.answered(done, series_only=event == EXPIRE)
        self.checker.looked()
        self.checker.assert_kept()
        return done

    def _tick(self) -> Any:  # noqa: ANN401 - as above
        self.aws.clock.advance(TICK)
        now = self.aws.clock.now
        on_the_hour = now.minute < TICK.seconds // 60 and now.hour - NIGHT.hour in WINDOW
        return self._invoke(BACKUP if on_the_hour else RESUME)

    def _night_falls(self, late: timedelta = timedelta(0)) -> None:
        aws = self.aws
        while self.next_night - timedelta(hours=1) <= aws.clock.now:
            self.next_night += DAY
        aws.clock.move_to(self.next_night - timedelta(hours=1) + late)
        aws.take_automated_of_all()
        aws.clock.move_to(self.next_night)

    def _mend(self) -> None:
        aws = self.aws
        aws.hooks[:] = [self.checker]
        aws.copies.forget_failures()
        Process.new_clients()

    def _heals(self) -> None:
        """Faults stop, copies under way end, a night falls: so many ticks later all is well."""
        self._mend()
        aws, told = self.aws, self.told
        aws.copies.duration = QUICK
        aws.clock.advance(4 * LONGEST_COPY)
        self._night_falls()
        self._invoke(BACKUP)
        for _ in range(HEALS_WITHIN):
            self._tick()
        wrong = []
        done = self._invoke({"action": "status"})
        selected = {d.resource_id: d for d in self._databases()}
        for database in selected.values():
            entry = next(
                line for line in done.logs if line.get("resource_id") == database.resource_id
            )
            if entry["state"] != "protected":
                wrong.append(f"{database.name} is {entry['state']}: {entry['reason']}")
        wrong += [
            f"{row.identifier} is left, {row.status}"
            for row in self.checker.leftovers()
            if row.resource_id in selected
        ]
        self._invoke(EXPIRE)
        if not told.keep_days:
            wrong += [f"{row.identifier} is still kept" for row in self.checker.surplus()]
        note(f"not healed: {wrong}")
        assert [] == wrong

    def _databases(self) -> list[Any]:
        return [
            self.aws.database(name, kind=kind)
            for name in NAMES
            for kind in (self._kind_of(name),)
            if kind is not None
        ]


def test_whatever_happens_in_whatever_order_every_promise_is_kept() -> None:
    """Promises 1 to 9, after every step; and when faults stop, everything heals."""
    if not WHOLE:
        seed(SEED)(Accounts)
    run_state_machine_as_test(Accounts, settings=COMMON)
    if not WHOLE:
        assert 0 < Accounts.counted["steps"]
        return
    assert STEPS_STATED <= Accounts.counted["steps"]
    assert [] == [name for name in JUDGED if not Accounts.counted[name]], Accounts.counted
