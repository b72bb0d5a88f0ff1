"""What a run plays with both stacks, in order; what came of each step is kept at once."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from acceptance import nights, recovery
from acceptance.deployed import Deployed
from acceptance.ground import CannotTellError, Ground
from acceptance.recovery import Shell, by_bash
from acceptance.stacks import Sam, Stacks, by_sam
from acceptance.stage import Stage


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a part."""

    part: str
    id: str
    play: Callable[[Deployed, Shell], str]


def _of(play: Callable[[Deployed], str]) -> Callable[[Deployed, Shell], str]:
    return lambda deployed, _: play(deployed)


STEPS = (
    Step("stacks", "deploy", _of(lambda deployed: deployed.stacks.deploy(incremental=True))),
    Step("stacks", "check_before", _of(nights.check)),
    Step("nights", "night", _of(nights.night)),
    Step("nights", "repeat", _of(nights.repeat)),
    Step("nights", "check_after", _of(nights.check)),
    Step("restores", "restore_plan", recovery.restore_plan),
    Step("restores", "drill", _of(recovery.drill)),
    Step("nights", "second_night", _of(nights.second_night)),
    Step("nights", "third_night", _of(nights.third_night)),
    Step("nights", "expiry", _of(nights.expiry)),
)


def play(ground: Ground, parts: Collection[str], sam: Sam = by_sam, shell: Shell = by_bash) -> None:
    """Play the steps of these parts that were not played; one that cannot be is told, with why."""
    deployed = Deployed(Stage(ground), Stacks(ground, sam))
    for step in STEPS:
        if step.part not in parts or ground.file.is_played(step.id):
            continue
        ground.say(f"playing: {step.id}")
        ground.file.touch(ground.source.region, ground.vault.region)
        try:
            said, done = step.play(deployed, shell), True
        except (CannotTellError, RuntimeError) as error:
            said, done = str(error), False
        ground.file.play(step.id, said, ground.clock(), done=done)
