"""Copies to another Region: whether they go in one step, through which RDS, and what is refused."""

from collections.abc import Mapping

from acceptance.families import INSTANCE
from acceptance.ground import CannotTellError
from acceptance.probes.answers import PARAMETERS, Answer, refusal, shown
from acceptance.sides import Side, Told
from acceptance.stage import Stage

_NO_KEY = "KMSKeyNotAccessibleFault"


def across(stage: Stage) -> Mapping[str, Answer]:
    """A shared copy whose key admits the backup account through RDS of one of the two Regions."""
    far, told = _far(stage), None
    for side, value in ((stage.ground.source, "source"), (far, "destination")):
        arn = stage.shared("postgres", through=side.region)
        target = stage.ground.fresh("across")
        told = _once_known(stage, arn, target)
        if not told.refused:
            found = stage.available(far, INSTANCE, target)
            accepted = Answer(value="accept", evidence=[shown(found, "Status", "KmsKeyId")])
            through = [f"the key admits RDS of the {value} Region only"]
            return {
                "copy_across_regions": accepted,
                "decrypts_from": Answer(value=value, evidence=through),
            }
    assert told is not None  # noqa: S101 - there are two
    refused = refusal(told, _NO_KEY, *PARAMETERS)
    unknown = Answer(value=None, evidence=[told.words])
    return {"copy_across_regions": refused, "decrypts_from": unknown}


def lacking(stage: Stage) -> Mapping[str, Answer]:
    """A copy that names an option group which the other Region lacks, and one that names none."""
    far, arn = _far(stage), stage.shared("options")
    key = {"KmsKeyId": stage.keys.backup_in(far)}
    plain = stage.copy(far, INSTANCE, arn, stage.ground.fresh("no-group"), **key)
    group = stage.ground.named("options", "elsewhere")
    target = stage.ground.fresh("group")
    told = stage.copy(far, INSTANCE, arn, target, OptionGroupName=group, **key)
    words = plain.words if plain.refused else "taken"
    evidence = [f"no group named: {words}", told.words if told.refused else "taken"]
    return {"other_region_lacks": Answer(value=told.code or "taken", evidence=evidence)}


def _once_known(stage: Stage, source: str, target: str) -> Told:
    """The copy; or that it is refused still, minutes after the key's policy was made."""
    far = _far(stage)
    last: list[Told] = []

    def copy() -> Told | None:
        key = stage.keys.backup_in(far)
        last.append(stage.copy(far, INSTANCE, source, target, KmsKeyId=key))
        return None if last[-1].code == _NO_KEY else last[-1]

    try:
        return stage.ground.wait("a copy to the other Region", copy, minutes=5)
    except CannotTellError:
        return last[-1]


def _far(stage: Stage) -> Side:
    if stage.ground.far is None:
        raise CannotTellError("BACKUP_REGION was not given")
    return stage.ground.far
