"""Option groups: how they are listed, and what they keep from being shared."""

import pytest

from sandbox import Row, Sandbox
from sandbox.rds.groups import Option
from tests.sandbox.families import Family, refused

ENGINE = "oracle-ee"


def test_option_groups_come_in_pages_and_are_the_accounts_own(aws: Sandbox) -> None:
    """1.9: pages of 20 to 100, a Marker leads on; each account has its own groups."""
    for number in range(120):
        aws.add_option_group(f"group-{number}", engine="mysql")
    aws.add_option_group("theirs", engine="mysql", account=aws.backup)
    client = aws.source.client("rds")
    pages = list(client.get_paginator("describe_option_groups").paginate())
    found = [[group["OptionGroupName"] for group in page["OptionGroupsList"]] for page in pages]
    assert [100, 20] == [len(names) for names in found]
    assert {f"group-{number}" for number in range(120)} == {name for page in found for name in page}
    (theirs,) = aws.backup.client("rds").describe_option_groups()["OptionGroupsList"]
    assert "theirs" == theirs["OptionGroupName"]
    with refused("InvalidParameterValue"):
        client.describe_option_groups(MaxRecords=19)


def test_an_option_group_shows_which_options_stay(aws: Sandbox) -> None:
    """12.5: engine, major version, and of each option whether it is persistent or permanent."""
    aws.add_option_group(
        "audited",
        engine="sqlserver-ee",
        options={"SQLSERVER_AUDIT": "plain", "TDE": "persistent", "X": "permanent"},
    )
    (group,) = aws.source.client("rds").describe_option_groups()["OptionGroupsList"]
    assert "arn:aws:rds:eu-west-1:111111111111:og:audited" == group["OptionGroupArn"]
    assert ("sqlserver-ee", "16.00") == (group["EngineName"], group["MajorEngineVersion"])
    assert group["OptionGroupDescription"]
    assert {"SQLSERVER_AUDIT": (False, False), "TDE": (True, False), "X": (True, True)} == {
        option["OptionName"]: (option["Persistent"], option["Permanent"])
        for option in group["Options"]
    }


def test_option_groups_are_chosen_by_name_or_by_engine(aws: Sandbox) -> None:
    """12.5: a name stands alone, a version needs its engine, and only a name can be missing."""
    aws.add_option_group("old", engine=ENGINE)
    aws.add_group("OptionGroupName", "new", aws.source)
    client = aws.source.client("rds")
    for params, expected in (
        ({}, {"old", "new"}),
        ({"OptionGroupName": "new"}, {"new"}),
        ({"EngineName": ENGINE}, {"old"}),
        ({"EngineName": ENGINE, "MajorEngineVersion": "12.1"}, set()),
    ):
        found = client.describe_option_groups(**params)["OptionGroupsList"]
        assert expected == {group["OptionGroupName"] for group in found}
    with refused("OptionGroupNotFoundFault", status=404):
        client.describe_option_groups(OptionGroupName="nothing")
    for wrong in (
        {"OptionGroupName": "new", "EngineName": "mysql"},
        {"MajorEngineVersion": "19"},
    ):
        with refused("InvalidParameterCombination"):
            client.describe_option_groups(**wrong)


def copied(aws: Sandbox, engine: str, group: str) -> tuple[Family, Row]:
    """A copy under the sharing key of an instance with an option group."""
    family = Family(aws, "instance")
    memberships = [{"OptionGroupName": group, "Status": "in-sync"}]
    source = family.add(engine=engine, OptionGroupMemberships=memberships)
    return family, family.copied(source.identifier, "copy", KmsKeyId=aws.sharing_key)


@pytest.mark.parametrize(
    ("engine", "option", "kind"),
    [
        ("oracle-ee", "TDE", "permanent"),
        ("sqlserver-ee", "TDE", "persistent"),
        ("sqlserver-ee", "Timezone", "persistent"),
    ],
)
def test_a_snapshot_with_an_option_that_stays_cannot_be_shared(
    aws: Sandbox, engine: str, option: str, kind: Option
) -> None:
    """12: persistent and permanent options keep a snapshot in its account."""
    aws.add_option_group("own", engine=engine, options={option: kind})
    family, _ = copied(aws, engine, "own")
    with refused("InvalidParameterCombination", saying=option):
        family.share("copy", aws.backup.id)
    assert set() == family.row("copy").shared_with


@pytest.mark.parametrize(
    ("engine", "options"),
    [
        ("oracle-ee", {"Timezone": "permanent", "OLS": "permanent"}),
        ("oracle-ee", {"APEX": "plain"}),
        ("mysql", {}),
    ],
)
def test_a_snapshot_with_other_options_can_be_shared(
    aws: Sandbox, engine: str, options: dict[str, Option]
) -> None:
    """12: those that can be taken away, and the two that stay and that an Oracle may have."""
    aws.add_option_group("own", engine=engine, options=options)
    family, _ = copied(aws, engine, "own")
    assert [aws.backup.id] == family.share("copy", aws.backup.id)


def test_a_snapshot_shows_its_option_group_and_a_copy_in_another_account_has_none(
    aws: Sandbox,
) -> None:
    """11.13: the group of the database, in its account; a copy brings none along."""
    aws.add_option_group("own", engine="mysql")
    family, copy = copied(aws, "mysql", "own")
    assert "own" == family.one("copy")["OptionGroupName"]
    family.share("copy", aws.backup.id)
    family.copied(copy.arn, "backup", aws.backup, KmsKeyId=aws.backup_key)
    assert "OptionGroupName" not in family.one("backup", aws.backup)
