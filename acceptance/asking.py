"""Plays the probes whose questions have no answer yet; keeps each answer as soon as it is there."""

from collections.abc import Collection
from dataclasses import asdict

from acceptance.ground import CannotTellError, Ground
from acceptance.probes import PROBES, Answer, Probe
from acceptance.stage import Stage

PARTS = ("probes", "regions")


def ask(ground: Ground, only: Collection[str] = (), parts: Collection[str] = PARTS) -> None:
    """Ask all open questions of these parts, or those of ``only``.

    What could not be told is asked by a later run; what needs another Region, once there is one.

    An operation that AWS does not know ends the run: the kit is wrong then.
    """
    ground.file.touch(ground.source.region, ground.vault.region)
    stage = Stage(ground)
    for probe in PROBES:
        if only and not set(only) & set(probe.asks):
            continue
        if probe.part not in parts or (probe.part == "regions" and ground.far is None):
            continue
        if all(_told(ground, question) for question in probe.asks):
            continue
        ground.say(f"asking: {', '.join(probe.asks)}")
        _play(stage, probe)


def _told(ground: Ground, question: str) -> bool:
    return ground.file.answers.get(question, {}).get("value") is not None


def _play(stage: Stage, probe: Probe) -> None:
    try:
        found = dict(probe.play(stage))
    except (CannotTellError, RuntimeError) as error:
        words = f"could not be asked: {error}"
        found = {each: Answer(value=None, evidence=[words]) for each in probe.asks}
    for question in probe.asks:
        stage.ground.file.answer(question, asdict(found[question]))
