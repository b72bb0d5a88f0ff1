"""The commands that a person may choose to run: real ones, quoted, and no wider than they say."""

import shlex
from typing import Any

import botocore.session
import pytest
from botocore import xform_name

from rds_backup.model.decisions import Series
from rds_backup.model.inventory import Kind
from rds_backup.report.removal import commands
from tests.support.making import BACKUP, series

MODEL: Any = botocore.session.get_session().get_service_model("rds")
OPERATIONS = {xform_name(name).replace("_", "-"): name for name in MODEL.operation_names}
IDS = ("rds-backup-orders-1", "rds-backup-orders-2")


def _arguments(command: str) -> tuple[str, dict[str, str]]:
    """The operation of an ``aws rds`` command and its options, as a shell reads them."""
    aws, rds, operation, *options = shlex.split(command)
    assert ("aws", "rds") == (aws, rds)
    names = [name.removeprefix("--") for name in options[::2]]
    return OPERATIONS[operation], dict(zip(names, options[1::2], strict=True))


@pytest.mark.parametrize("kind", Kind)
def test_they_are_operations_of_rds_with_its_own_parameters(kind: Kind) -> None:
    """A misspelled option is found here, and not at 4 a.m."""
    found = commands(series(kind=kind), kind, BACKUP, IDS)
    deletions = found.delete.split(" &&\n")[1:]

    for command in (found.look, *deletions):
        operation, given = _arguments(command)
        members = MODEL.operation_model(operation).input_shape.members
        known = {xform_name(name).replace("_", "-") for name in members}

        assert set(given) - {"region"} <= known
        assert "eu-west-1" == given["region"]


@pytest.mark.parametrize("kind", Kind)
def test_the_filter_of_the_look_is_one_that_rds_documents(kind: Kind) -> None:
    """An unknown filter is refused; one that is ignored would list every database."""
    operation, given = _arguments(commands(series(kind=kind), kind, BACKUP, IDS).look)
    documented = MODEL.operation_model(operation).input_shape.members["Filters"].documentation
    name, value = given["filters"].split(",")

    assert f"<code>{name.removeprefix('Name=')}</code>" in documented
    assert f"Values={series(kind=kind).resource_id}" == value


@pytest.mark.parametrize("kind", Kind)
def test_each_listed_identifier_is_deleted_once_and_nothing_else(kind: Kind) -> None:
    """In the backup account only, and no further after a refusal."""
    first, *deletions = commands(series(kind=kind), kind, BACKUP, IDS).delete.split(" &&\n")
    named = [next(reversed(_arguments(command)[1].values())) for command in deletions]

    assert list(IDS) == named
    assert all(_arguments(command)[0].startswith("DeleteDB") for command in deletions)
    assert first.startswith('test "$(aws sts get-caller-identity ')
    assert first.endswith(f'" = {BACKUP}')


def test_a_tag_cannot_add_to_a_command() -> None:
    """The resource id comes from a tag, and the source account writes tags."""
    evil = Series("111111111111", "eu-west-1", "db-1 --filters Name=engine,Values=x; rm $HOME `id`")
    _, given = _arguments(commands(evil, Kind.INSTANCE, BACKUP, IDS).look)

    assert ["region", "filters"] == list(given)
    assert given["filters"].endswith("x; rm $HOME `id`")
