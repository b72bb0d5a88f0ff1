"""The build leaves botocore's data trimmed beside the code, and the function reads no others."""

import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

import botocore
import pytest
from botocore.loaders import Loader

from rds_backup.aws import account
from tests.support.lean import CREDENTIALS, REGION, lean, lean_models

CODE = """
from typing import Any
NOUNS = {"instance": "DBSnapshot", "cluster": "DBClusterSnapshot"}
def named(session: Any, noun: str, item: Any) -> Any:
    client = session.client("rds")
    client.describe_db_instances()
    return client.call(f"Copy{noun}"), item[f"{noun}Arn"], item.get("Status")
"""


@pytest.fixture
def said(tmp_path: Path) -> Any:  # noqa: ANN401 - of a program, which is no package
    """What such a module says."""
    (tmp_path / "module.py").write_text(CODE)
    return lean_models.words(tmp_path)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("DescribeDBInstances", True),
        ("CopyDBSnapshot", True),
        ("CopyDBClusterSnapshot", True),
        ("DBClusterSnapshotArn", True),
        ("Status", True),
        ("CopyOptionGroup", False),
        ("DBInstanceArn", False),
        ("StatusInfos", False),
        ("DescribeDBClusters", False),
    ],
)
def test_the_code_has_a_word_for_what_it_reads(
    said: Any,  # noqa: ANN401 - as above
    name: str,
    meant: bool,  # noqa: FBT001
) -> None:
    """A call by its method, a text, and what an f-string makes of any text."""
    assert frozenset({"rds"}) == said.services
    assert meant is said.mean(name)


def test_what_is_sent_and_every_error_stays_whole() -> None:
    """Only answers are trimmed: what is in the way of a call has to be seen as it was."""
    for path in sorted(lean().glob("*/*/service-2.json")):
        trimmed = json.loads(path.read_text())
        whole = Loader().load_service_model(path.parts[-3], "service-2")
        assert trimmed["metadata"] == whole["metadata"]
        for name, operation in trimmed["operations"].items():
            for sent in [operation.get("input"), *operation.get("errors", ())]:
                if sent:
                    members = whole["shapes"][sent["shape"]].get("members", {})
                    assert members.keys() == trimmed["shapes"][sent["shape"]]["members"].keys()
            assert whole["operations"][name].get("errors") == operation.get("errors")


def searched(folder: Path) -> list[str]:
    """Where the function's clients look for their data."""
    with patch.dict("os.environ", CREDENTIALS), patch.object(account, "LEAN", folder):
        own: account.Account = account.own.__wrapped__(REGION)
    paths: list[str] = own.loader.search_paths
    return paths


def test_the_trimmed_data_are_read_alone_or_not_at_all(tmp_path: Path) -> None:
    """A plain `sam build` leaves none, and the function works as well."""
    own = Loader.BUILTIN_DATA_PATH
    assert [str(lean())] == [path for path in searched(lean()) if path in (own, str(lean()))]
    assert [own] == [path for path in searched(tmp_path / "none") if path in (own, str(lean()))]


def test_the_trimmed_data_are_of_one_version_of_botocore() -> None:
    """Beside another, the folder that the function looks for is not there."""
    assert f"lean-{botocore.__version__}" == lean().name == account.LEAN.name
    assert account.__file__ == str(account.LEAN.with_name("account.py"))


def test_a_package_gets_the_data_of_its_own_botocore(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The build runs in an environment that has another."""
    assert 1 == lean_models.main(tmp_path)
    assert "set PYTHONPATH" in capsys.readouterr().out
    assert [] == list(tmp_path.iterdir())
