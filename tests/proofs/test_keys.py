"""Keys that fail at any moment of a night, and are mended (promises 1 to 7 and 10).

A trouble begins between two invocations, at every place of the night, lasts some ticks, and ends.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from sandbox.sandbox import BACKUP, SOURCE
from tests.support.playing import TICK
from tests.support.stories import HEALS_WITHIN, STORIES, Story, World, world

ALIASES = SHARING, _ = "alias/rds-sharing", "alias/rds-backup"
LASTS = 4
# The invocations of a night between which a trouble may begin: at its start, and after each that
# did something.
PLACES = range(5)


def nothing(_night: World) -> None:
    """It ends by itself."""


@dataclass(frozen=True)
class Trouble:
    """What happens to a key, how it is mended, and what is said of it."""

    name: str
    begin: Callable[[World], None]
    mend: Callable[[World], None]
    words: str

    def __str__(self) -> str:
        """The id of a test."""
        return self.name


def key(night: World, side: str) -> str:
    """The key that the deployment was told to use."""
    return night.rules.sharing_key if side == "sharing" else night.rules.backup_key


def unusable(side: str, variable: str, how: str, word: str) -> Trouble:
    """The key is disabled or waits for its deletion, and is enabled again."""
    return Trouble(
        f"{side} key {word}",
        lambda night: getattr(night.aws.keys, how)(key(night, side)),
        lambda night: night.aws.keys.enable(key(night, side)),
        f"{variable} is {word}; ",
    )


def told(variable: str, value: Callable[[World], str], name: str, words: str) -> Trouble:
    """The deployment is told a key that cannot be used."""
    environment: dict[str, str | None] = {}

    def begin(night: World) -> None:
        for function in (night.function, night.expiring):
            if function and (function is night.function or variable == "BACKUP_KMS_KEY_ID"):
                environment[variable] = function.environment.get(variable)
                function.environment[variable] = value(night)

    def mend(night: World) -> None:
        for function in (night.function, night.expiring):
            if function:
                function.environment.pop(variable, None)
                if environment[variable] and function is night.function:
                    function.environment[variable] = environment[variable] or ""

    return Trouble(name, begin, mend, words)


def shut_out(night: World) -> None:
    """The sharing key's policy no longer names the backup account."""
    night.aws.keys.shut_out(night.rules.sharing_key, BACKUP)


def admit(night: World) -> None:
    """The statement is back, and takes effect some minutes later (6.10)."""
    night.aws.keys.admit(night.rules.sharing_key, BACKUP, delay=timedelta(minutes=5))


def late_grant(night: World) -> None:
    """The statement was written a moment ago, and does not take effect yet."""
    night.aws.keys.shut_out(night.rules.sharing_key, BACKUP)
    night.aws.keys.admit(night.rules.sharing_key, BACKUP, delay=(LASTS - 1) * TICK)


TROUBLES = (
    unusable("sharing", "KMS_KEY_ID", "disable", "Disabled"),
    unusable("backup", "BACKUP_KMS_KEY_ID", "disable", "Disabled"),
    unusable("sharing", "KMS_KEY_ID", "schedule_deletion", "PendingDeletion"),
    unusable("backup", "BACKUP_KMS_KEY_ID", "schedule_deletion", "PendingDeletion"),
    told("KMS_KEY_ID", lambda _: "alias/none", "no sharing key", "NotFoundException"),
    told("BACKUP_KMS_KEY_ID", lambda _: "alias/none", "no backup key", "NotFoundException"),
    told(
        "KMS_KEY_ID",
        lambda night: night.aws.keys.create(SOURCE, region="eu-central-1"),
        "sharing key of another Region",
        "expected a key of this Region, eu-west-1",
    ),
    told(
        "BACKUP_KMS_KEY_ID",
        lambda night: night.aws.keys.create(BACKUP, region="eu-central-1"),
        "backup key of another Region",
        "expected a key of this Region, eu-west-1",
    ),
    told(
        "BACKUP_KMS_KEY_ID",
        lambda night: night.rules.sharing_key,
        "the sharing key for the backup key",
        "BACKUP_KMS_KEY_ID",
    ),
    told(
        "KMS_KEY_ID",
        lambda night: night.rules.backup_key,
        "the backup key for the sharing key",
        "KMS_KEY_ID",
    ),
    told(
        "KMS_KEY_ID",
        lambda night: night.aws.keys.managed(SOURCE),
        "aws/rds for the sharing key",
        "KMS_KEY_ID is an AWS managed key",
    ),
    Trouble(
        "sharing key without the backup account",
        shut_out,
        admit,
        "enable the sharing key, and allow",
    ),
    Trouble(
        "sharing key's grant that takes effect late",
        late_grant,
        nothing,
        "enable the sharing key, and allow",
    ),
)


def words(night: World) -> list[str]:
    """What the invocations so far said of the states, with their reasons, or raised."""
    said = [line for done in night.invocations for line in done.logs if "state" in line]
    raised = [f"blocked: {done.error}" for done in night.invocations if done.error]
    return [f"{line['state']}: {line['reason']}" for line in said] + raised


@pytest.mark.parametrize("trouble", TROUBLES, ids=str)
@pytest.mark.parametrize("story", [s for s in STORIES if s.earlier], ids=str)
def test_a_key_that_fails_at_any_moment_of_a_night_costs_no_backup(
    story: Story, trouble: Trouble
) -> None:
    """Whatever is done meanwhile is right, and when the key is mended the night ends well."""
    said = []
    for place in PLACES:
        with world(story) as night:
            for _ in range(place):
                night.step()
            trouble.begin(night)
            night.play(LASTS)
            said += words(night)
            trouble.mend(night)
            ticks = night.tick_on()
            assert (place, [], True) == (place, night.judge(), ticks <= HEALS_WITHIN)
    assert any(s.startswith("blocked") and trouble.words in s for s in said), said


@pytest.mark.parametrize("alias", ALIASES)
@pytest.mark.parametrize("story", [s for s in STORIES if s.earlier], ids=str)
def test_an_alias_pointed_at_another_key_in_mid_night_costs_no_backup(
    story: Story, alias: str
) -> None:
    """Keys are compared by ARN, resolved once an invocation: tonight's backup is under the new one.

    Backups under the old key stay until N under the new one are newer; the checker sees to it.
    """
    for place in PLACES:
        with world(story) as night:
            night.function.environment["KMS_KEY_ID"] = SHARING
            for _ in range(place):
                night.step()
            owner = SOURCE if alias == SHARING else BACKUP
            new = night.aws.keys.create(owner)
            night.aws.keys.admit(new, BACKUP)
            night.aws.keys.point(alias, new)
            if alias == SHARING:
                night.rules.sharing_key = new
                assert night.tick_on() <= HEALS_WITHIN
                assert [] == night.judge()
                continue
            night.rules.backup_key = new
            night.play(HEALS_WITHIN + 1)
            assert [] == night.checker.broken
            assert [] == night.checker.leftovers()
            made = {r.tags["rds-backup:source-snapshot"] for r in night.checker.verified()}
            # Of a base there may be no backup under the new key yet: it is handed over once more.
            assert night.sources <= made
            assert story.incremental or night.sources == made
