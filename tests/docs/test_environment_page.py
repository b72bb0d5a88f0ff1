"""docs/reference/environment.md: the table of variables is the settings'."""

import json
from typing import Any

import pytest

from rds_backup.inputs import environment
from rds_backup.inputs.variables import VARIABLES
from tests.support.pages import Page, code

ROWS = Page("docs/reference/environment.md").table("variable")


def test_it_has_every_variable_and_no_other() -> None:
    """A variable that is not documented is not there for a user."""
    assert list(VARIABLES) == [code(row[0]) for row in ROWS]


@pytest.mark.parametrize("row", ROWS, ids=[code(row[0]) for row in ROWS])
def test_its_default_is_that_of_the_code(row: list[str]) -> None:
    """Without a default it is required, or may be left out."""
    name, default = code(row[0]), row[1]
    row_of_code = VARIABLES[name]
    if row_of_code.default is not None:
        assert row_of_code.default == code(default)
    else:
        assert default == ("none" if row_of_code.optional else "required")


def test_the_required_ones_and_a_database_are_all_it_takes() -> None:
    """Whoever fills in what the table calls required has a configuration that is accepted."""
    blocks = Page("docs/reference/command-line.md").blocks("json")
    given = json.loads(next(b for b in blocks if '"BackupFunction"' in b))["BackupFunction"]
    required = {code(row[0]) for row in ROWS if row[1] == "required" and "a drill" not in row[2]}

    assert environment.from_env(given).source_account == given["SOURCE_ACCOUNT"]
    assert required | {"DB_TAG"} == set(given)


def test_those_marked_for_expire_are_the_ones_it_reads() -> None:
    """In the backup account nothing else has to be set."""
    read = set()

    class Environment(dict[str, str]):
        def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - as dict has it
            read.add(key)
            return super().get(key, default)

    environment.expire_from_env(Environment(BACKUP_ACCOUNT="222222222222"))

    assert read == {code(row[0]) for row in ROWS if "Also for `expire`" in row[2]}
