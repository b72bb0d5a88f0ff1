"""Listings that fail half-way, repeat themselves, come late or say what no document names.

Nothing is deleted on the strength of them, and nobody is called protected by them.  Then each
clause of *verified* and of ``protected`` alone, false in a world where everything else is true.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from sandbox import AwsError, Call, Hook, Row, Sandbox, Switches
from sandbox.kinds import FAMILIES, Kind
from sandbox.serving.memory import Moment
from tests.support.playing import BACKUP, DAY, EXPIRE, NIGHT, TICK, automated
from tests.support.scenes import KEEP, Scene

KINDS: tuple[Kind, ...] = ("instance", "cluster")


class Nights:
    """Three nights of one database, the third with one backup too many and a shared copy to go."""

    def __init__(self, scene: Scene) -> None:
        """Play them, up to where a deletion is due in both accounts."""
        self.scene, self.aws = scene, scene.aws
        for _ in range(2):
            scene.tick()
            scene.wait()
        scene.checker.assert_kept()
        self._due = Moment(scene.aws)

    def due(self) -> Scene:
        """An expiry and the deletion of a shared copy are due."""
        self._due.restore()
        self.aws.hooks.clear()
        self.scene.checker = self.scene.checker.fork().install()
        return self.scene

    def satisfied(self) -> Scene:
        """Nothing is due: the N newest backups, the newest automated snapshot among them."""
        scene = self.due()
        scene.tick_on()
        scene.checker.assert_kept()
        assert [] == scene.checker.shared_copies()
        return scene


def _nights(kind: Kind, switches: Switches | None = None) -> Iterator[Nights]:
    with Sandbox(start=NIGHT - (KEEP + 1) * DAY, switches=switches) as aws:
        yield Nights(Scene(aws, kind))


@pytest.fixture(params=KINDS)
def nights(request: pytest.FixtureRequest) -> Iterator[Nights]:
    """The nights, of an instance and of a cluster."""
    yield from _nights(request.param)


def look(scene: Scene, event: Mapping[str, Any] = BACKUP, *, twice: bool = False) -> dict[str, Any]:
    """One invocation and its entry on the database; its promises are checked.

    ``twice``: another copy is made of what is a backup in truth, but cannot be seen to be one.
    """
    done = scene.function.invoke(event) if event != EXPIRE else scene.expiring.invoke(event)
    found = [line for line in done.logs if line.get("database") == "orders"]
    scene.checker.reported(found)
    scene.checker.looked()
    broken = [words for words in scene.checker.broken if not (twice and "doubles" in words)]
    assert [] == broken
    return found[0]


def names(aws: Sandbox) -> set[tuple[str, str]]:
    """Everything that exists."""
    return {(row.account, row.identifier) for row in aws.snapshots()}


def fill(scene: Scene, account: str) -> None:
    """So many manual snapshots of other people that a listing has two pages."""
    for number in range(100):
        scene.aws.add_manual(f"theirs-{number}", of="theirs", kind=scene.kind, account=account)


@dataclass(eq=False)
class ListingHook(Hook):
    """Interferes with listings of manual snapshots in one account."""

    account: str

    def before(self, call: Call) -> None:
        """Interfere before."""
        if self._is(call):
            self.asked(call)

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        """Interfere with the answer, the list of snapshots and the rest."""
        if self._is(call):
            self.answered(call, next(v for v in answer.values() if isinstance(v, list)), answer)

    def asked(self, call: Call) -> None:
        """A listing was asked for."""

    def answered(self, call: Call, rows: list[dict[str, Any]], answer: dict[str, Any]) -> None:
        """A listing was answered."""

    def _is(self, call: Call) -> bool:
        return (
            call.operation.endswith("Snapshots")
            and call.account == self.account
            and call.params.get("SnapshotType") == "manual"
        )


class FailsOnPageTwo(ListingHook):
    """The second page of a listing never comes."""

    code = "InternalFailure"
    status = 500

    def asked(self, call: Call) -> None:
        """Fail."""
        if call.params.get("Marker"):
            raise AwsError(self.code, "A fault of the sandbox.", self.status)


class Refused(FailsOnPageTwo):
    """The second page is refused."""

    code = "AccessDenied"
    status = 403


class Repeats(ListingHook):
    """The second page is the first one again, and the last."""

    first: list[dict[str, Any]]

    def answered(self, call: Call, rows: list[dict[str, Any]], answer: dict[str, Any]) -> None:
        """Say the same again."""
        if call.params.get("Marker"):
            rows[:] = self.first
            answer.pop("Marker", None)
        elif not call.params.get("Filters"):
            self.first = list(rows)


class RepeatsForEver(Repeats):
    """Every page is the first one, with the same marker."""

    marker: str

    def answered(self, call: Call, rows: list[dict[str, Any]], answer: dict[str, Any]) -> None:
        """Say the same again and again."""
        if call.params.get("Marker"):
            rows[:] = self.first
            answer["Marker"] = self.marker
        elif "Marker" in answer:
            self.first, self.marker = list(rows), answer["Marker"]


class SaysAllTwice(ListingHook):
    """Every snapshot is in the listing twice, as where it changes while it is paged."""

    def answered(self, call: Call, rows: list[dict[str, Any]], answer: dict[str, Any]) -> None:
        """Say everything twice."""
        del call, answer
        rows += list(rows)


@pytest.mark.parametrize("side", ["source", "backup"])
@pytest.mark.parametrize("lie", [FailsOnPageTwo, Refused, RepeatsForEver])
def test_a_listing_that_ends_on_page_two_deletes_nothing_and_proves_nothing(
    nights: Nights, side: str, lie: type[ListingHook]
) -> None:
    """An unreadable account is not an empty one: no copy, no deletion there, nobody protected."""
    scene = nights.due()
    account = scene.aws.source.id if side == "source" else scene.aws.backup.id
    fill(scene, account)
    before = names(scene.aws)
    scene.aws.hooks.append(lie(account))
    assert look(scene)["state"] in ("unknown", "blocked")
    gone = before - names(scene.aws)
    # The backup account's own listing is complete where only the source's fails: it expires.
    assert [a for a, _ in gone] == ([scene.aws.backup.id] if side == "source" else [])
    assert names(scene.aws) <= before
    if side == "backup":
        assert "all " in str(scene.expiring.invoke(EXPIRE).error)
        assert before == names(scene.aws)
    assert len(scene.checker.verified()) == KEEP + (side == "backup")


@pytest.mark.parametrize("side", ["source", "backup"])
@pytest.mark.parametrize("lie", [Repeats, SaysAllTwice])
def test_a_listing_that_repeats_itself_never_counts_a_backup_twice(
    nights: Nights, side: str, lie: type[ListingHook]
) -> None:
    """N backups are N snapshots, however often each is listed."""
    scene = nights.due()
    account = scene.aws.source.id if side == "source" else scene.aws.backup.id
    fill(scene, account)
    newest = scene.checker.verified()[-KEEP:]
    hook = lie(account)
    scene.aws.hooks.append(hook)
    for event in (BACKUP, EXPIRE, BACKUP):
        done = scene.expiring.invoke(event) if event == EXPIRE else scene.function.invoke(event)
        scene.checker.reported(line for line in done.logs if line.get("database") == "orders")
    scene.checker.assert_kept()
    assert [r.arn for r in scene.checker.verified()][-KEEP:] == [r.arn for r in newest]
    scene.aws.hooks.remove(hook)
    scene.aws.clock.move_to(NIGHT + DAY / 4)
    scene.tick_on()
    scene.checker.assert_kept()
    assert [] == scene.checker.shared_copies()
    assert "protected" == look(scene)["state"]


@pytest.mark.parametrize(
    ("lag", "calls"),
    [*(("listing_lag_calls", n) for n in (1, 2, 3, 5)), *(("status_lag_calls", n) for n in (1, 2))],
)
@pytest.mark.parametrize("kind", KINDS)
def test_listings_that_lag_behind_cost_nothing(kind: Kind, lag: str, calls: int) -> None:
    """A copy that is not listed yet is neither made twice nor called a backup.

    One that has ended and is not listed so is waited for; what is listed and has gone is gone.
    """
    for nights in _nights(kind, Switches(**{lag: calls})):  # type: ignore[arg-type]
        scene = nights.satisfied()
        scene.night(NIGHT + DAY)
        scene.checker.assert_kept()
        assert "protected" == look(scene)["state"]
        assert KEEP == len(scene.checker.verified())
        assert [] == scene.checker.shared_copies()


@pytest.mark.parametrize("word", ["modifying", "", "AVAILABLE", "available ", "verifying"])
def test_a_status_that_no_document_names_is_neither_a_backup_nor_a_failure(
    nights: Nights, word: str
) -> None:
    """Whatever it is, it is not done: it is waited for, and not deleted."""
    for which in range(-KEEP - 1, 0):
        scene = nights.due()
        row = scene.checker.verified()[which]
        (shared,) = scene.checker.shared_copies()
        for changed in (row, shared):
            scene.aws.change_snapshot(changed.account, scene.kind, changed.identifier, status=word)
        entry = look(scene)
        assert entry["state"] == ("in_progress" if which == -1 else "protected")
        look(scene, EXPIRE)
        assert {(r.account, r.identifier) for r in (row, shared)} <= names(scene.aws)
        assert KEEP == len(scene.checker.verified())


class WithoutTimes(ListingHook):
    """SnapshotCreateTime is absent, as while a snapshot is created (1.15)."""

    only: str | None = None

    def answered(self, call: Call, rows: list[dict[str, Any]], answer: dict[str, Any]) -> None:
        """Leave it out."""
        del answer
        name = "DBClusterSnapshot" if "Cluster" in call.operation else "DBSnapshot"
        for row in rows:
            if self.only in (None, row[f"{name}Identifier"]):
                row.pop("SnapshotCreateTime", None)


def test_backups_without_a_creation_time_prove_nothing_and_push_nothing_out(
    nights: Nights,
) -> None:
    """The order is RDS's own; without it there is none."""
    scene = nights.due()
    before = names(scene.aws)
    scene.aws.hooks.append(WithoutTimes(scene.aws.backup.id))
    assert look(scene, twice=True)["state"] != "protected"
    look(scene, EXPIRE, twice=True)
    assert {n for a, n in before if a == scene.aws.backup.id} <= {n for _, n in names(scene.aws)}


@pytest.mark.parametrize("which", range(-KEEP - 1, 0))
def test_one_backup_without_a_creation_time_is_not_deleted_and_counts_for_nothing(
    nights: Nights, which: int
) -> None:
    """Neither as the oldest nor as the newest."""
    scene = nights.due()
    row = scene.checker.verified()[which]
    hook = WithoutTimes(scene.aws.backup.id)
    hook.only = row.identifier
    before = {r.arn for r in scene.checker.verified()}
    scene.aws.hooks.append(hook)
    assert (look(scene, twice=which == -1)["state"] == "protected") == (which != -1)
    look(scene, EXPIRE, twice=which == -1)
    assert before == {r.arn for r in scene.checker.verified()}


@pytest.mark.parametrize("side", ["source", "backup"])
@pytest.mark.parametrize("code", ["InternalFailure", "AccessDenied"])
def test_a_fresh_look_that_fails_deletes_nothing(nights: Nights, side: str, code: str) -> None:
    """What is about to go is read again, and what was not read stays."""
    scene = nights.due()
    before = names(scene.aws)
    account = scene.aws.source.id if side == "source" else scene.aws.backup.id
    scene.aws.fault(
        "Describe*Snapshots",
        code=code,
        account=account,
        status=500 if code == "InternalFailure" else 403,
        when=lambda call: bool(call.params.get("Filters")),
    )
    look(scene)
    assert {name for name in before if name[0] == account} <= names(scene.aws)
    if side == "backup":
        look(scene, EXPIRE)
        assert before == names(scene.aws)


# Each clause of *verified* alone.  A flip changes the newest backup of a satisfied world.

type Flip = Callable[[Scene, Row], None]


def change(**fields: Any) -> Flip:  # noqa: ANN401 - attributes of a snapshot
    """Other attributes."""

    def flip(scene: Scene, row: Row) -> None:
        scene.aws.change_snapshot(row.account, scene.kind, row.identifier, **fields)

    return flip


def tag(name: str, value: str | None) -> Flip:
    """Another value of a tag, or none."""

    def flip(scene: Scene, row: Row) -> None:
        tags = {**row.tags, f"rds-backup:{name}": value}
        said = {k: v for k, v in tags.items() if v is not None}
        scene.aws.change_snapshot(row.account, scene.kind, row.identifier, tags=said)

    return flip


def other_key(scene: Scene, row: Row) -> None:
    """Another key of the backup account."""
    key = scene.aws.keys.create(scene.aws.backup.id)
    change(key=key)(scene, row)


def sharing_key(scene: Scene, row: Row) -> None:
    """The sharing key: the backup would die with the source account."""
    change(key=scene.aws.sharing_key)(scene, row)


def renamed(scene: Scene, row: Row) -> None:
    """Another name under the prefix."""
    scene.aws.remove_snapshot(row.account, scene.kind, row.identifier)
    scene.aws.add_snapshot(
        row.account,
        scene.kind,
        row.identifier[:-1] + "9",
        database=row.database,
        resource_id=row.resource_id,
        kms_key=row.kms_key,
        created_at=row.created_at,
        taken_at=row.taken_at,
        tags=row.tags,
    )


class Says(ListingHook):
    """A listing says something else of one snapshot."""

    name: str
    said: Mapping[str, Any]

    def answered(self, call: Call, rows: list[dict[str, Any]], answer: dict[str, Any]) -> None:
        """Say so."""
        del answer
        noun = "DBClusterSnapshot" if "Cluster" in call.operation else "DBSnapshot"
        for row in rows:
            if row[f"{noun}Identifier"] == self.name:
                row.update({k.replace("NOUN", noun): v for k, v in self.said.items()})


def says(**said: Any) -> Flip:  # noqa: ANN401 - members of the answer
    """The listing says something else of it; ``NOUN`` stands for the family's."""

    def flip(scene: Scene, row: Row) -> None:
        hook = Says(scene.aws.backup.id)
        hook.name, hook.said = row.identifier, said
        scene.aws.hooks.append(hook)

    return flip


def in_another_account(scene: Scene, row: Row) -> None:
    """Its ARN names an account that is not the backup account."""
    says(NOUNArn=row.arn.replace(scene.aws.backup.id, "333333333333"))(scene, row)


def copied_from(account: str = "111111111111", region: str = "eu-west-1") -> Flip:
    """RDS's own pointer to what it was copied from (1.16)."""

    def flip(scene: Scene, row: Row) -> None:
        source = (row.source_arn or "").split(":")
        change(source_arn=":".join([*source[:3], region, account, *source[5:]]))(scene, row)

    return flip


FLIPS: dict[str, Flip] = {
    **{f"status {word}": change(status=word) for word in ("creating", "failed", "deleting", "x")},
    "incompatible": change(status="incompatible-restore"),
    "not encrypted": change(encryption="none", key=None),
    "under a key that AWS owns": change(encryption="sse-rds", key=None),
    "said to be of no kind of encryption": says(StorageEncryptionType="none"),
    "under another key": other_key,
    "under the sharing key": sharing_key,
    "of another resource id, says RDS": change(resource_id="db-SOMEBODYELSES"),
    "copied from another account's snapshot, says RDS": copied_from(account="444444444444"),
    "copied from another Region, says RDS": copied_from(region="us-east-1"),
    "without a creation time": change(created_at=None),
    "under another name": renamed,
    "in another account": in_another_account,
    "of another type": says(SnapshotType="shared"),
    **{
        f"without the tag {name}": tag(name, None)
        for name in (
            "managed-by",
            "backup-account",
            "resource-id",
            "database",
            "source-snapshot",
            "taken-at",
            "attempt",
        )
    },
    "of another deployment": tag("managed-by", "rds-backup-2"),
    "of another backup account": tag("backup-account", "333333333333"),
    "tagged with another resource id": tag("resource-id", "db-SOMEBODYELSES"),
    "tagged with another database": tag("database", "customers"),
    "tagged with another source": tag(
        "source-snapshot", "arn:aws:rds:eu-west-1:111111111111:snapshot:rds:orders-2026-03-02-02-01"
    ),
    "tagged with a source that is no ARN": tag("source-snapshot", "rds:orders"),
    "tagged with another night": tag("taken-at", "2026-03-03T02:00:00.000Z"),
    "tagged with a time that is none": tag("taken-at", "yesterday"),
    "tagged with a time without a zone": tag("taken-at", "2026-03-02T02:00:00.000"),
    "tagged with the same time in other words": tag("taken-at", "2026-03-02T02:00:00Z"),
    "tagged with another attempt": tag("attempt", "2"),
    "tagged with the same attempt in other words": tag("attempt", "01"),
    "tagged with an attempt that is no number": tag("attempt", "first"),
}


@pytest.mark.parametrize("name", FLIPS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_backup_is_no_proof_if_it_is(name: str, kind: Kind) -> None:
    """Every clause of *verified* counts by itself; what fails it costs no other its place."""
    for nights in _nights(kind):
        scene = nights.satisfied()
        assert "protected" == look(scene)["state"]
        newest = scene.checker.verified()[-1]
        FLIPS[name](scene, newest)
        before = names(scene.aws)
        for event in ({"action": "plan"}, {"action": "status"}, BACKUP, EXPIRE, BACKUP):
            done = scene.expiring.invoke(event) if event == EXPIRE else scene.function.invoke(event)
            entries = [line for line in done.logs if line.get("database") == "orders"]
            protecting = [e for e in entries if e["state"] == "protected"]
            if event == EXPIRE:
                # An older backup is young enough: what expire says is about the series alone.
                protecting = [e for e in protecting if e["backup"] == newest.arn]
            assert [] == protecting
        assert before <= names(scene.aws)


@pytest.mark.parametrize("kind", KINDS)
def test_old_data_protects_nobody(kind: Kind) -> None:
    """The last clause of ``protected``: at most MAX_SNAPSHOT_AGE_HOURS old, to the minute."""
    for nights in _nights(kind):
        scene = nights.satisfied()
        taken_at = scene.checker.verified()[-1].taken_at
        scene.aws.clock.move_to(taken_at + timedelta(hours=36))
        assert "protected" == look(scene)["state"]
        scene.aws.clock.advance(minutes=1)
        assert "stale" == look(scene)["state"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_made_late_of_old_data_protects_nobody(kind: Kind) -> None:
    """The age is that of the data, whatever RDS says of the copy."""
    for nights in _nights(kind):
        scene = nights.satisfied()
        row = scene.checker.verified()[-1]
        now = row.taken_at + timedelta(hours=40)
        scene.aws.clock.move_to(now)
        change(created_at=now)(scene, row)
        assert "stale" == look(scene)["state"]


def test_old_data_under_a_young_tag_protects_nobody() -> None:
    """RDS's own time of the original does not change with a copy (1.16b); clusters have none."""
    for nights in _nights("instance"):
        scene = nights.satisfied()
        for row in scene.checker.verified():
            change(taken_at=NIGHT - 99 * DAY)(scene, row)
        found = look(scene)
        assert "stale" == found["state"]
        assert found["age_hours"] > 99 * 24


class Deletes(ListingHook):
    """A person deletes backups right after one page of the backup account's whole listing."""

    def __init__(self, scene: Scene, answers: int, which: tuple[int, ...]) -> None:
        """After so many answers; which of the verified ones, by their order of age."""
        super().__init__(scene.aws.backup.id)
        self._scene, self.left, self._which = scene, answers, which

    def answered(self, call: Call, rows: list[dict[str, Any]], answer: dict[str, Any]) -> None:
        """Delete once."""
        del rows, answer
        self.left -= not call.params.get("Filters")
        if self.left == 0:
            verified = self._scene.checker.verified()
            for number in self._which:
                row = verified[number]
                self._scene.aws.remove_snapshot(row.account, row.kind, row.identifier)


WHICH = ((-1,), (-2,), (0,), (-1, -2))


@pytest.mark.parametrize("event", [BACKUP, EXPIRE], ids=["source expires", "backup expires"])
@pytest.mark.parametrize("which", WHICH, ids=str)
def test_a_person_may_delete_backups_in_the_middle_of_any_look(
    nights: Nights, which: tuple[int, ...], event: Mapping[str, Any]
) -> None:
    """The floor holds on what is there when a backup is deleted: the checker looks at that.

    What is said of the database may be a listing old; what is deleted may not.
    """
    played = 0
    for pages in range(1, 20):
        scene = nights.due()
        fill(scene, scene.aws.backup.id)
        assert len(scene.checker.verified()) > KEEP
        person = Deletes(scene, pages, which)
        scene.aws.hooks.append(person)
        function = scene.expiring if event == EXPIRE else scene.function
        function.invoke(event)
        assert [] == [words for words in scene.checker.broken if "promise 2" in words]
        if person.left > 0:
            break
        played += 1
    assert played >= 2


@pytest.mark.parametrize("kind", KINDS)
def test_yesterdays_backup_does_not_stand_for_tonights_snapshot(kind: Kind) -> None:
    """Due is a level: the newest automated snapshot has no verified backup."""
    for nights in _nights(kind):
        scene = nights.satisfied()
        automated(scene.aws, NIGHT + DAY)
        scene.aws.clock.advance(TICK)
        assert "in_progress" == look(scene)["state"]


def test_the_families_and_their_words_are_both_played() -> None:
    """A proof for one family is none for the other."""
    assert set(KINDS) == set(FAMILIES)
