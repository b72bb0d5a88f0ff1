"""Which engine is used, and what is said where there is none."""

import json
from pathlib import Path
from subprocess import CompletedProcess
from unittest.mock import patch

import pytest

from containers.__main__ import SKIPPED, main
from containers.engine import Engine, SkippedError, engine

# `docker` as it is where no daemon answers.
SILENT = "#!/bin/sh\necho 'Cannot connect to the Docker daemon.' >&2\nexit 1\n"
ANSWERING = "#!/bin/sh\nexit 0\n"


def _commands(folder: Path, monkeypatch: pytest.MonkeyPatch, **commands: str) -> None:
    """These programs on PATH, and no others."""
    for name, script in commands.items():
        (folder / name).write_text(script)
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("DOCKER_HOST", raising=False)


def test_a_machine_without_docker_is_skipped_with_a_status_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither a pass nor a failure, and it says what to do."""
    _commands(tmp_path, monkeypatch)

    assert (77, 77) == (main(), SKIPPED)
    said = capsys.readouterr().out
    assert said.startswith("skipped: there is no `docker` command here")
    assert "`make engine`" in said


@pytest.mark.parametrize(
    ("user", "words"),
    [
        (1000, "no container engine answers .Cannot connect to the Docker daemon.*only root"),
        (0, "no container engine is running, or installed"),
    ],
)
def test_an_engine_that_cannot_be_started_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: int, words: str
) -> None:
    """Without root, or without the daemon's program; the reason is in the message."""
    _commands(tmp_path, monkeypatch, docker=SILENT)

    with (
        patch("os.geteuid", return_value=user),
        pytest.raises(SkippedError, match=words),
        engine(),
    ):
        pytest.fail("there is no engine")


def test_an_engine_that_is_running_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And none is started: there is no `dockerd` to start."""
    _commands(tmp_path, monkeypatch, docker=ANSWERING)

    with engine() as found:
        assert Engine() == found


@pytest.mark.parametrize(
    ("config", "address"),
    [
        pytest.param({"Subnet": "172.17.0.0/16"}, "172.17.0.1", id="Docker 20"),
        pytest.param({"Subnet": "10.1.0.0/24", "Gateway": "10.1.0.9"}, "10.1.0.9", id="newer"),
    ],
)
def test_on_linux_containers_reach_this_machine_at_the_bridge(
    config: dict[str, str], address: str
) -> None:
    """127.0.0.1 would be the container itself."""
    said = CompletedProcess([], 0, json.dumps([{"IPAM": {"Config": [config]}}]), "")

    with patch("sys.platform", "linux"), patch.object(Engine, "docker", return_value=said):
        assert (address, address) == Engine().host()


def test_the_users_aws_settings_stay_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither credentials nor a profile of a real account reach what runs here."""
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "real")

    found = Engine("unix:///a/socket").environment

    assert [] == [name for name in found if name.startswith("AWS_")]
    assert "unix:///a/socket" == found["DOCKER_HOST"]
