"""Which names and tags RDS takes."""

import pytest

from sandbox import Sandbox
from tests.sandbox.families import Family, refused


def test_a_name_may_be_as_long_as_the_family_allows(family: Family) -> None:
    """2.2: 255 characters for instances, 63 for clusters."""
    source = family.add()
    family.copy(source.identifier, "a" * family.longest)
    with refused("InvalidParameterValue"):
        family.copy(source.identifier, "a" * (family.longest + 1))


@pytest.mark.parametrize(
    "name", ["1abc", "-abc", "abc-", "a--b", "a_b", "rds:abc", "a.b", "a b", "naïve"]
)
def test_a_name_is_letters_digits_and_single_hyphens(family: Family, name: str) -> None:
    """2.2, 1.19: a letter first, no hyphen last, no two together, no colon."""
    source = family.add()
    with refused("InvalidParameterValue"):
        family.copy(source.identifier, name)


def test_a_name_is_kept_in_lower_case(family: Family) -> None:
    """1.5: identifiers are stored in lower case and found in any."""
    family.copy(family.add().identifier, "Before-Migration")
    assert {"before-migration"} == family.names(SnapshotType="manual")
    assert "before-migration" == family.one("BEFORE-migration")[f"{family.noun}Identifier"]


@pytest.mark.parametrize("key", ["aws:cloudformation:stack-name", "rds:of", "AWS:x"])
def test_a_reserved_tag_is_refused(family: Family, key: str) -> None:
    """2.19: the prefixes ``aws:`` and ``rds:`` are reserved."""
    source = family.add()
    with refused("InvalidParameterValue", saying="reserved prefix"):
        family.copy(source.identifier, "copy", Tags=[{"Key": key, "Value": "x"}])


@pytest.mark.parametrize(
    ("key", "value"), [("k" * 129, "v"), ("", "v"), ("k", "v" * 257), ("k", "{}"), ("k!", "v")]
)
def test_a_tag_beyond_the_limits_is_refused(family: Family, key: str, value: str) -> None:
    """2.19: key 1 to 128, value up to 256 characters, of a limited set."""
    source = family.add()
    with refused("InvalidParameterValue"):
        family.copy(source.identifier, "copy", Tags=[{"Key": key, "Value": value}])


def test_fifty_tags_are_the_most(family: Family) -> None:
    """2.19: at most 50 tags a resource."""
    source = family.add()
    tags = [{"Key": f"key-{n}", "Value": ""} for n in range(51)]
    with refused("InvalidParameterValue"):
        family.copy(source.identifier, "copy", Tags=tags)
    family.copy(source.identifier, "copy", Tags=tags[:50])
    assert 50 == len(family.one("copy")["TagList"])


def test_copying_tags_fails_as_a_whole_on_a_reserved_one(family: Family) -> None:
    """2.17: CopyTags from a source with an ``aws:`` tag refuses the call."""
    source = family.add(tags={"aws:cloudformation:stack-name": "shop", "team": "shop"})
    with refused("InvalidParameterValue", saying="reserved prefix"):
        family.copy(source.identifier, "copy", CopyTags=True)
    assert [] == family.list(SnapshotType="manual")


def test_tags_are_copied_only_on_demand(family: Family) -> None:
    """2.16: CopyTags defaults to false."""
    source = family.add(tags={"team": "shop"})
    family.copy(source.identifier, "without")
    family.copy(source.identifier, "with", CopyTags=True)
    assert [] == family.one("without")["TagList"]
    assert [{"Key": "team", "Value": "shop"}] == family.one("with")["TagList"]


def test_tags_come_with_the_listing_and_can_be_changed(aws: Sandbox, family: Family) -> None:
    """1b: TagList is in the listing; Add- and RemoveTagsFromResource change one's own."""
    source = family.add()
    copy = family.copied(source.identifier, "copy", Tags=[{"Key": "a", "Value": "1"}])
    rds = aws.source.client("rds")
    rds.add_tags_to_resource(ResourceName=copy.arn, Tags=[{"Key": "b", "Value": "2"}])
    rds.remove_tags_from_resource(ResourceName=copy.arn, TagKeys=["a"])
    expected = [{"Key": "b", "Value": "2"}]
    assert expected == family.one("copy")["TagList"]
    assert expected == rds.list_tags_for_resource(ResourceName=copy.arn)["TagList"]
    with refused(family.codes["not found"], status=404):
        aws.backup.client("rds").list_tags_for_resource(ResourceName=copy.arn)
