"""Whose snapshot a name or an ARN means, and who may see and copy it."""

import pytest

from sandbox import Sandbox, Switches
from tests.sandbox.families import Family, refused


def test_an_arn_means_the_snapshot_of_its_account_and_not_a_namesake(
    aws: Sandbox, family: Family
) -> None:
    """2.3: a source ARN names account and Region; the caller's own namesake is another snapshot."""
    shared = family.shared("namesake")
    aws.add_manual("namesake", of="ledger", account=aws.backup, kind=family.kind)
    family.copied(shared.arn, "copy", aws.backup, KmsKeyId=aws.backup_key)
    assert "orders" == family.row("copy").database


def test_a_plain_name_means_ones_own_snapshot_only(aws: Sandbox, family: Family) -> None:
    """2.3: a snapshot shared by another account can be copied by its ARN only."""
    family.shared("shared")
    with refused(family.codes["not found"], status=404):
        family.copy("shared", "copy", aws.backup, KmsKeyId=aws.backup_key)


def test_a_snapshot_that_is_not_shared_is_not_found_by_another_account(
    aws: Sandbox, family: Family
) -> None:
    """2g: a source that is not, or no longer, shared with the caller does not exist for it."""
    shared = family.shared("shared")
    family.share("shared", remove=(aws.backup.id,))
    with refused(family.codes["not found"], status=404):
        family.copy(shared.arn, "copy", aws.backup, KmsKeyId=aws.backup_key)


def test_an_account_can_name_its_own_snapshot_by_arn(family: Family) -> None:
    """2.3: an ARN of one's own account is as good as the name."""
    source = family.add()
    assert source.arn == family.copied(source.arn, "copy").source_arn


def test_a_snapshot_of_another_region_takes_its_arn_and_a_key(aws: Sandbox, family: Family) -> None:
    """2.24, 2.40, 2.41: asked for in the destination, by ARN, with a key of that Region."""
    there = aws.keys.managed(aws.source.id, "us-east-1")
    far = aws.add_snapshot(aws.source, family.kind, "far", region="us-east-1", key=there)
    with refused(family.codes["not found"], status=404):
        family.copy("far", "copy", KmsKeyId=aws.sharing_key)
    with refused("InvalidParameterValue", saying="Must specify new KMS key"):
        family.copy(far.arn, "copy")
    assert aws.sharing_key == family.copied(far.arn, "copy", KmsKeyId=aws.sharing_key).kms_key


def test_shared_snapshots_are_listed_under_their_arn(aws: Sandbox, family: Family) -> None:
    """1.1, 1.13: type ``shared`` lists other accounts' snapshots, with the ARN as identifier."""
    shared = family.shared("shared")
    assert {shared.arn} == family.names(aws.backup, SnapshotType="shared")
    assert set() == family.names(SnapshotType="shared")
    assert (
        shared.arn
        == family.one(shared.arn, aws.backup, SnapshotType="shared")[f"{family.noun}Identifier"]
    )


def test_an_account_lists_its_own_snapshots_unless_it_asks_for_others(
    aws: Sandbox, family: Family
) -> None:
    """1.2: without a type, one's own automated and manual ones; IncludeShared adds others'."""
    shared = family.shared("shared")
    assert set() == family.names(aws.backup)
    assert {shared.arn} == family.names(aws.backup, IncludeShared=True)
    assert set() == family.names(aws.backup, SnapshotType="manual", IncludeShared=True)


def test_public_snapshots_are_listed_on_demand(aws: Sandbox, family: Family) -> None:
    """1.1, 3.2: what is shared with ``all`` is type ``public`` to everybody else."""
    family.aws.add_snapshot(
        aws.source, family.kind, "everybodys", kms_key=None, shared_with={"all"}
    )
    row = family.row("everybodys")
    assert {row.arn} == family.names(aws.backup, SnapshotType="public")
    assert {row.arn} == family.names(aws.backup, IncludePublic=True)


@pytest.mark.parametrize(
    "switches",
    [Switches(foreign_tags_visible=True), Switches(foreign_tags_visible=False)],
)
def test_tags_of_a_shared_snapshot_may_or_may_not_be_seen(
    aws: Sandbox, family: Family, switches: Switches
) -> None:
    """1.14: whether another account sees the tags is not documented."""
    source = family.add()
    tag = {"Key": "team", "Value": "shop"}
    family.copied(source.identifier, "shared", KmsKeyId=aws.sharing_key, Tags=[tag])
    family.share("shared", aws.backup.id)
    expected = [tag] if switches.foreign_tags_visible else []
    arn = family.row("shared").arn
    assert expected == family.one(arn, aws.backup, SnapshotType="shared")["TagList"]


@pytest.mark.parametrize(
    "switches",
    [Switches(foreign_tags_visible=True), Switches(foreign_tags_visible=False)],
)
def test_tags_are_not_copied_across_accounts(
    aws: Sandbox, family: Family, switches: Switches
) -> None:
    """2.18: CopyTags is for copies within an account, whether the tags can be seen or not."""
    assert switches is aws.switches
    source = family.add()
    tag = {"Key": "team", "Value": "shop"}
    family.copied(source.identifier, "shared", KmsKeyId=aws.sharing_key, Tags=[tag])
    family.share("shared", aws.backup.id)
    arn = family.row("shared").arn
    family.copied(arn, "copy", aws.backup, KmsKeyId=aws.backup_key, CopyTags=True)
    assert [] == family.one("copy", aws.backup)["TagList"]
