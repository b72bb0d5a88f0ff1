"""What is read of a listing: the values, and each text once."""

from typing import Any

from rds_backup.aws.parsing import read_database, read_snapshot
from rds_backup.model.inventory import Kind


def item(**said: str) -> Any:  # noqa: ANN401 - as botocore gives it
    """An item whose texts are nobody else's, as a parser makes them."""
    tags = [{"Key": _new("team"), "Value": _new("orders")}]
    return {name: _new(value) for name, value in said.items()} | {"TagList": tags}


def _new(text: str) -> str:
    return "".join(list(text))


def test_a_text_that_many_items_have_is_kept_once() -> None:
    """A thousand databases have fifteen thousand snapshots, most of whose texts are the same."""
    keys = {"Engine": "postgres", "KmsKeyId": "arn:aws:kms:eu-west-1:111111111111:key/1"}
    one, other = (read_snapshot(Kind.INSTANCE, item(**keys)) for _ in range(2))
    database = read_database(Kind.INSTANCE, item(**keys))

    assert "postgres" == one.engine
    assert one.engine is other.engine is database.engine
    assert one.kms_key is other.kms_key is database.kms_key
    for (key, value), (same_key, same_value) in zip(
        one.tags.items(), database.tags.items(), strict=True
    ):
        assert ("team", "orders") == (key, value)
        assert key is same_key
        assert value is same_value
