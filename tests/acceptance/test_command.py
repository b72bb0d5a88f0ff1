"""The command as it is typed: what it refuses, what it offers, and that it asks once."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from acceptance.__main__ import FILE, main
from acceptance.report import JSON, MARKDOWN
from sandbox import Sandbox, Switches
from sandbox.observing import observed
from sandbox.serving.served import served
from tests.acceptance.offered import made_and_offered
from tests.acceptance.playing import world
from tests.acceptance.truth import things
from tests.support.pages import ROOT

type Typed = Callable[..., int]


def _profile(name: str, keys: dict[str, str]) -> str:
    return "\n".join([f"[{name}]", *(f"{k.lower()} = {v}" for k, v in keys.items()), ""])


@contextmanager
def profiles(folder: Path, patch: pytest.MonkeyPatch, **of: dict[str, str]) -> Iterator[None]:
    """A credentials file with these profiles."""
    file = folder / "credentials"
    file.write_text("".join(_profile(name, keys) for name, keys in of.items()))
    patch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    patch.setenv("AWS_CONFIG_FILE", str(folder / "none"))
    yield


@pytest.fixture
def aws() -> Iterator[Sandbox]:
    """Two accounts in which nothing takes long."""
    with world() as sandbox:
        yield sandbox


@pytest.fixture
def typed(aws: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Typed]:
    """The command, with two profiles, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    given = {"prod": aws.source.person.environment(), "vault": aws.backup.person.environment()}
    with profiles(tmp_path, monkeypatch, **given):

        def call(
            *words: str, says: str = "yes", source: str = "prod", backup: str = "vault"
        ) -> int:
            command, *more = words
            ours = ["--source-profile", source, "--backup-profile", backup]
            return main([command, *ours, "--region", aws.region, *more], lambda _: says)

        yield call


def test_both_profiles_of_one_account_are_refused(typed: Typed, aws: Sandbox) -> None:
    """Before anything is made."""
    assert 1 == typed("run", backup="prod")
    assert 0 == aws.count(mutating=True)


def test_a_profile_that_is_not_there_is_refused(
    typed: Typed, aws: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    """In words, with which of the two it is."""
    assert 1 == typed("run", backup="nothing")
    assert "backup: The config profile (nothing) could not be found" in capsys.readouterr().err
    assert 0 == aws.count(mutating=True)


@pytest.mark.parametrize("command", ["run", "clean"])
def test_what_is_not_given_is_asked_for(
    typed: Typed, aws: Sandbox, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Or else the credentials that happen to be there would be taken."""
    assert 1 == typed(command, source="")
    assert "SOURCE_PROFILE, BACKUP_PROFILE and REGION have to be given" in capsys.readouterr().err
    assert 0 == len(aws.calls)


def test_anything_but_yes_makes_nothing(typed: Typed, aws: Sandbox, tmp_path: Path) -> None:
    """Not even the run's file."""
    assert 1 == typed("run", says="y")
    assert 0 == aws.count(mutating=True)
    assert not (tmp_path / FILE).exists()


def test_an_unknown_part_is_refused(typed: Typed, aws: Sandbox) -> None:
    """With those that there are."""
    assert 1 == typed("run", "--parts", "probes,nothing")
    assert 0 == aws.count(mutating=True)


@pytest.mark.parametrize("region", ["", "eu-west-1"])
def test_the_part_of_the_other_region_needs_another(typed: Typed, region: str) -> None:
    """That of the databases is none."""
    assert 1 == typed("run", "--parts", "regions", "--backup-region", region)


def test_a_run_is_offered_played_reported_and_cleaned_up(
    typed: Typed, aws: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is made is no more than what was offered, of each kind in each account."""
    before = things(aws)
    assert 0 == typed("run", "--parts", "probes")
    made, offered = made_and_offered(aws, "probes")

    assert made <= offered
    assert set(made) == set(offered)
    assert (tmp_path / MARKDOWN).exists()
    capsys.readouterr()
    assert 0 == typed("clean")
    said = capsys.readouterr().out
    assert 3 == said.count("is deleted within 7 days: key")
    assert "0 left" in said
    assert before == things(aws)


def test_a_file_of_other_accounts_is_refused(typed: Typed, tmp_path: Path) -> None:
    """Or else a clean-up in the wrong accounts would find nothing, and call that clean."""
    assert 0 == typed("run", "--yes", "--parts", "")
    told = json.loads((tmp_path / FILE).read_text())
    (tmp_path / FILE).write_text(json.dumps({**told, "accounts": ["1", "2"]}))

    assert 1 == typed("clean")
    assert 1 == typed("report")


def test_the_sandbox_takes_a_report_that_it_can_play(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another one is refused in words, and what was there stays."""
    monkeypatch.setattr("acceptance.__main__.OBSERVED", tmp_path / "observed.json")
    given = tmp_path / "report.json"
    for value, expected in (("refuse", 0), ("a new word", 1)):
        given.write_text(json.dumps({"questions": [{"id": "sse_rds", "value": value}]}))
        assert expected == main(["observe", str(given)])

    assert "a new word" in capsys.readouterr().err
    assert Switches(sse_rds="refuse") == observed(tmp_path / "observed.json")


def test_a_run_goes_on_where_it_was_begun(typed: Typed, capsys: pytest.CaptureFixture[str]) -> None:
    """Or else the stacks of the one Region would be looked for in the other."""
    assert 0 == typed("run", "--yes", "--parts", "")
    assert 1 == typed("run", "--yes", "--parts", "", "--backup-region", "eu-central-1")
    assert "was begun with REGION=eu-west-1 BACKUP_REGION=:" in capsys.readouterr().err


def test_it_runs_against_a_port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As against AWS: another process, real time, the whole way of every call."""
    with served(copy_seconds=600) as there:
        keys = {name: there.environment[name] for name in there.person_in_backup}
        stop = threading.Event()

        def time_flies() -> None:
            while not stop.wait(0.1):
                there.advance(60)

        with profiles(tmp_path, monkeypatch, prod=keys, vault=dict(there.person_in_backup)):
            monkeypatch.setenv("AWS_ENDPOINT_URL", there.url)
            thread = threading.Thread(target=time_flies)
            thread.start()
            try:
                asked = ["--parts", "probes,regions", "--backup-region", "eu-central-1"]
                for command in (["run", "--yes", *asked], ["clean"]):
                    subprocess.run(  # noqa: S603 - our own module
                        [
                            *(sys.executable, "-m", "acceptance", *command),
                            *("--source-profile", "prod", "--backup-profile", "vault"),
                            *("--region", there.environment["AWS_REGION"]),
                            *("--folder", str(tmp_path), "--look-every", "0.1"),
                        ],
                        cwd=ROOT,
                        check=True,
                        timeout=240,
                    )
            finally:
                stop.set()
                thread.join()
        left = [row["identifier"] for row in there.state()["snapshots"]]

    rows = json.loads((tmp_path / JSON).read_text())["questions"]
    assert [] == [row["id"] for row in rows if row["value"] is None and not row["not_asked"]]
    assert [] == [name for name in left if name.startswith("acc-")]
