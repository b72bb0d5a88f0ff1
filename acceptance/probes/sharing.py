"""What sharing answers, how soon it shows, and what it is worth in mid-copy."""

from collections.abc import Mapping

from acceptance.families import INSTANCE
from acceptance.probes.answers import PARAMETERS, Answer, refusal
from acceptance.stage import Stage, accounts

_MOST_ANSWERS = 50


def again(stage: Stage) -> Mapping[str, Answer]:
    """Sharing with an account that has the snapshot already, and what that account sees of it."""
    arn = stage.shared("postgres")
    told = stage.share(INSTANCE, stage.ground.named("postgres", "shared"))
    repeated = Answer(value="idempotent", evidence=["the second call was answered as the first"])
    if told.refused:
        repeated = refusal(told, *PARAMETERS)
    side = stage.ground.backup
    found = stage.one(side, INSTANCE, arn) or _listed(stage, arn)
    tags = found.get("TagList", []) if found else []
    seen = bool(tags)
    evidence = [f"TagList of the listing: {tags}"]
    listed = side.ask("rds", "list_tags_for_resource", ResourceName=arn)
    evidence.append(listed.words if listed.refused else f"ListTagsForResource: {listed['TagList']}")
    seen = seen or (not listed.refused and bool(listed["TagList"]))
    return {
        "share_repeat": repeated,
        "foreign_tags_visible": Answer(value=seen, evidence=evidence),
    }


def _listed(stage: Stage, arn: str) -> dict[str, object] | None:
    """The snapshot among those that are shared: by its ARN alone it may not be found."""
    found: list[dict[str, object]] = stage.ground.backup.listed(
        "rds", "describe_db_snapshots", "DBSnapshots", SnapshotType="shared", IncludeShared=True
    )
    return next((one for one in found if one.get("DBSnapshotArn") == arn), None)


def how_late(stage: Stage) -> Mapping[str, Answer]:
    """How many answers still show whom a snapshot was shared with before."""
    side, name = stage.ground.source, stage.ground.fresh("sharing")
    stage.copied(side, INSTANCE, stage.snapshot("postgres"), name, KmsKeyId=stage.keys.sharing)
    stage.available(side, INSTANCE, name)
    late, seen = 0, accounts(INSTANCE, stage.share(INSTANCE, name))
    while stage.ground.backup.account not in seen and late < _MOST_ANSWERS:
        late, seen = late + 1, stage.shared_with(INSTANCE, name)
    evidence = [f"{late} answers did not show it yet, that of the call itself among them"]
    fits = late < _MOST_ANSWERS
    return {"sharing_lag_calls": Answer(value=late, evidence=evidence, fits=fits)}


def taken_away(stage: Stage) -> Mapping[str, Answer]:
    """A copy in the backup account whose source is no longer shared while it runs."""
    source, backup = stage.ground.source, stage.ground.backup
    name, target = stage.ground.fresh("unshared"), stage.ground.fresh("unshared-copy")
    stage.copied(source, INSTANCE, stage.snapshot("postgres"), name, KmsKeyId=stage.keys.sharing)
    arn = stage.available(source, INSTANCE, name)["DBSnapshotArn"]
    stage.share(INSTANCE, name)
    stage.copied(backup, INSTANCE, arn, target, KmsKeyId=stage.keys.backup)
    told = stage.share(INSTANCE, name, "ValuesToRemove")
    if told.refused:
        return {"unshared_mid_copy": Answer(value=None, evidence=[told.words])}
    status = stage.ended(backup, INSTANCE, target)["Status"]
    value = {"failed": "fails", "available": "goes_on"}.get(status)
    evidence = [f"Status of the copy in the end: {status}"]
    return {"unshared_mid_copy": Answer(value=value, evidence=evidence, fits=value is not None)}
