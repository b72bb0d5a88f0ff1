"""What `check` says is what a night then meets; it says it beforehand, and with the fix."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from sandbox import Sandbox
from sandbox.serving.lambda_runtime import Function
from tests.support.check_answers import BACKUP, BACKUP_KEY, ORDERS, SHARING_KEY, checked
from tests.support.playing import BACKUP as BACKUP_DUE
from tests.support.playing import DAY, NIGHT, RESUME, automated, backups, play

PLACES, OWN_KEY = "places for instance snapshots", "its own key"
COPIES = "a night of cluster copies"
OTHER, SEEN = "policy, for the backup account", "seen from the backup account"


@pytest.fixture
def aws(aws: Sandbox) -> Sandbox:
    """An instance with a key of its own, before a night on which nothing is wrong."""
    own = aws.keys.create(aws.source.id, "alias/of-orders")
    aws.add_instance("orders", engine="postgres", kms_key=own, tags={"backup": "nightly"})
    automated(aws)
    aws.clock.move_to(NIGHT)
    return aws


def own_key(aws: Sandbox) -> str:
    """The ARN of the key of ``orders``."""
    return str(aws.database("orders").key)


CAUSES: dict[str, tuple[Callable[[Sandbox], object], tuple[str, str]]] = {
    "the database's own key": (lambda a: a.keys.disable(own_key(a)), (ORDERS, OWN_KEY)),
    "the sharing key's policy": (
        lambda a: a.keys.shut_out(a.sharing_key, a.backup.id),
        (SHARING_KEY, OTHER),
    ),
    "the key of the copy": (lambda a: a.keys.disable(a.backup_key), (BACKUP_KEY, "enabled")),
}


@pytest.mark.parametrize("cause", CAUSES)
def test_each_cause_of_a_key_error_has_an_answer_that_the_others_have_not(
    aws: Sandbox, cause: str
) -> None:
    """KMSKeyNotAccessibleFault means one of three keys (6.6); the night fails of it."""
    spoil, expected = CAUSES[cause]
    spoil(aws)
    failed = {(about, asked) for level, about, asked in checked(aws).not_well()}
    others = {answer for name, (_, answer) in CAUSES.items() if name != cause}

    assert expected in failed
    assert not failed & others
    function = Function(aws, aws.environment(DB_ID="orders"))
    assert any(i.error for i in play(function, NIGHT, hours=1))


def test_what_was_pasted_passes_and_the_night_succeeds(aws: Sandbox) -> None:
    """The statements are the fix, as they stand."""
    aws.keys.shut_out(aws.sharing_key, aws.backup.id)
    narrow = aws.keys.policy(own_key(aws))
    narrow["Statement"][0]["Action"] = ["kms:DescribeKey", "kms:GetKeyPolicy"]
    aws.keys.set_policy(own_key(aws), narrow)
    found = checked(aws)
    assert found.not_well() == {
        ("fail", SHARING_KEY, OTHER),
        ("fail", SHARING_KEY, SEEN),
        ("warn", ORDERS, OWN_KEY),
    }
    for arn, answer in (
        (aws.sharing_key, found.one(SHARING_KEY, OTHER)),
        (own_key(aws), found.one(ORDERS, OWN_KEY)),
    ):
        policy = aws.keys.policy(arn)
        policy["Statement"] += [paste["statement"] for paste in answer["paste"]]
        aws.keys.set_policy(arn, policy)

    assert checked(aws).not_well() == set()
    function = Function(aws, aws.environment(DB_TAG="backup=nightly"))
    results = play(function, NIGHT, hours=1)
    assert "protected" == results[-2].entry("orders")["state"]


@pytest.mark.parametrize(
    ("most", "said", "errors"),
    [(2, "reached in the night of 2026-03-04", [False, True]), (3, None, [False, False])],
)
def test_the_night_that_is_named_is_the_one_on_which_it_is_refused(
    aws: Sandbox, most: int, said: str | None, errors: list[bool]
) -> None:
    """As many places as are needed are enough."""
    environment = {"BACKUPS_TO_KEEP": "2"}
    function = Function(aws, aws.environment(DB_TAG="backup=nightly", **environment))
    play(function, NIGHT, hours=1)
    automated(aws, NIGHT + DAY)
    aws.clock.move_to(NIGHT + DAY)
    aws.backup.limits.manual["instance"] = most
    found = checked(aws, **environment)

    assert found.not_well() == ({("fail", BACKUP, PLACES)} if said else set())
    assert (said or "1 x 3") in found.one(BACKUP, PLACES)["fact"]
    met = []
    for number in (1, 2):
        automated(aws, NIGHT + number * DAY)
        met.append(any(i.error for i in play(function, NIGHT + number * DAY, hours=1)))
    assert errors == met


def test_a_database_that_is_stopped_in_its_window_is_told_of(aws: Sandbox) -> None:
    """Window 01:30-02:00, stopped from 22:00 to 06:00: RDS makes its snapshot every second day.

    The data is too old every second night, and everything else looks well (1.21).
    """
    aws.add_instance("nightly-stopped", engine="postgres", tags={"backup": "nightly"})
    function = Function(aws, aws.environment(DB_ID="nightly-stopped"))
    stale = []
    for number in range(5):
        night = NIGHT + number * DAY
        stale.append(any(done.error for done in play(function, night, hours=3)))
        if number % 2 == 0:
            aws.clock.move_to(night + timedelta(hours=3, minutes=6))
            aws.take_automated("nightly-stopped")
        play(function, night + timedelta(hours=4), hours=2)
    assert [True, False, True, False, True] == stale
    aws.clock.move_to(NIGHT + 4 * DAY + timedelta(hours=9))
    found = checked(aws, "nightly-stopped")

    name = "nightly-stopped (instance)"
    assert found.not_well() == {("warn", "schedule", f"snapshots of {name}")}
    said = found.one("schedule", f"snapshots of {name}")
    assert "up to 48.0 h apart" in said["fact"]
    assert "48.9 h old before the next copy starts, of at most 36" in said["fact"]
    assert "pass" == found.level("schedule", f"after the window of {name}")


def test_a_night_that_does_not_fit_into_a_day_is_told_of_in_its_course(aws: Sandbox) -> None:
    """Five clusters, one copy at once, each of 295 minutes: the last is handed over a day later.

    Before the first night only the room is known.
    """
    one = {"MAX_CLUSTER_COPIES": "1"}
    for number in range(5):
        aws.add_cluster(f"big-{number}", tags={"backup": "nightly"})
    aws.copies.duration = lambda kind, *_: timedelta(minutes=295 if kind == "cluster" else 15)
    automated(aws)
    aws.clock.move_to(NIGHT)
    before = checked(aws, **one).one("throughput", COPIES)
    function = Function(aws, aws.environment(DB_TAG="backup=nightly", **one))
    for hour in range(11):
        function.at(NIGHT + timedelta(hours=hour), BACKUP_DUE if hour < 7 else RESUME)
    found = checked(aws, **one).one("throughput", COPIES)

    assert "warn" == before["level"]
    assert "cannot tell yet: 5 selected; 1 at once, in flight 0 here" in before["fact"]
    assert "288 min for both copies of each would fill a day" in before["fact"]
    assert "fail" == found["level"]
    assert "took a place for 300 min on average: about 25.0 h for all" in found["fact"]
    for hour in range(11, 24):
        function.at(NIGHT + timedelta(hours=hour), RESUME)
    assert 4 == len([b for b in backups(aws) if b.kind == "cluster"])
