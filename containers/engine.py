"""The container engine: one that is running, or one that is started here and stopped again.

Decides which engine is used and where containers reach this machine.  Must not know what runs in
them.
"""

import ipaddress
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
START_SECONDS = 30
STOP_SECONDS = 30


class SkippedError(Exception):
    """Something that cannot be had on this machine; the message says what, and what to do."""


class FailedError(Exception):
    """Something that ran, and did not do what it should."""


@dataclass(frozen=True, slots=True)
class Engine:
    """A running container engine; ``socket`` is None for the one that ``docker`` finds itself."""

    socket: str | None = None

    @property
    def environment(self) -> dict[str, str]:
        """Ours, in which ``docker`` and ``sam`` find this engine and nobody's AWS account."""
        plain = {name: v for name, v in os.environ.items() if not name.startswith("AWS_")}
        return plain | ({"DOCKER_HOST": self.socket} if self.socket else {})

    def docker(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command line; the caller looks at its status."""
        return subprocess.run(  # noqa: S603 - the arguments are ours
            ["docker", *arguments],  # noqa: S607 - the user's, wherever it is
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def must(self, *arguments: str) -> str:
        """What it prints; raises FailedError with its own words."""
        done = self.docker(*arguments)
        if done.returncode:
            raise FailedError(f"docker {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout.strip()

    def remove(self, repository: str) -> None:
        """Remove every image of a repository; what cannot be removed is printed, not raised."""
        listed = self.docker("images", "--format", "{{.Repository}}:{{.Tag}}", repository)
        for image in listed.stdout.split():
            done = self.docker("image", "rm", image)
            if done.returncode:
                print(f"left behind: {done.stderr.strip()}")

    def host(self) -> tuple[str, str]:
        """The address to listen at here, and the name by which containers reach it.

        On Linux the bridge's own address.  Elsewhere the engine runs in a virtual machine, which
        has a name for this one.
        """
        if sys.platform != "linux":
            return "127.0.0.1", "host.docker.internal"
        (bridge,) = json.loads(self.must("network", "inspect", "bridge"))
        config = bridge["IPAM"]["Config"][0]
        # Before the first container has run, Docker 20 does not name the gateway: it is the first.
        address = config.get("Gateway") or str(ipaddress.ip_network(config["Subnet"])[1])
        return address, address


@contextmanager
def engine() -> Iterator[Engine]:
    """The engine that is running, left as it is; else one that lives as long as this context.

    Raises SkippedError where there is neither.
    """
    if not shutil.which("docker"):
        raise SkippedError(f"there is no `docker` command here; {_how_to_get_one()}")
    found = Engine()
    said = found.docker("info")
    if not said.returncode:
        print("engine: the one that is running")
        yield found
        return
    if os.geteuid():
        words = said.stderr.strip().splitlines()[-1]
        raise SkippedError(f"no container engine answers ({words}), and only root can start one")
    if not shutil.which("dockerd"):
        raise SkippedError(f"no container engine is running, or installed; {_how_to_get_one()}")
    with _started() as ours:
        yield ours


def _how_to_get_one() -> str:
    return "install and start one, or on Debian, as root, run `make engine`"


@contextmanager
def _started() -> Iterator[Engine]:
    """A daemon of our own, stopped by its process id; its images go with it.

    As any dockerd it leaves its bridge, docker0, and its packet filter rules.
    """
    start = time.monotonic()
    with TemporaryDirectory(prefix="engine-") as folder:
        here = Path(folder)
        ours = Engine(f"unix://{here}/docker.sock")
        command = ["dockerd", "--host", str(ours.socket), "--data-root", f"{here}/images"]
        command += ["--exec-root", f"{here}/exec", "--pidfile", f"{here}/docker.pid"]
        log = here / "log"
        with log.open("w") as lines:
            daemon = subprocess.Popen(command, stdout=lines, stderr=lines)  # noqa: S603 - as above
        try:
            while ours.docker("info").returncode:
                if daemon.poll() is not None or time.monotonic() - start > START_SECONDS:
                    words = "\n".join(log.read_text().splitlines()[-5:])
                    raise SkippedError(f"dockerd does not come up on this machine:\n{words}")
                time.sleep(0.1)
            took = time.monotonic() - start
            print(f"engine: started dockerd, process {daemon.pid}, in {took:.1f} s")
            yield ours
        finally:
            daemon.terminate()
            daemon.wait(STOP_SECONDS)
            print(f"engine: stopped process {daemon.pid}")
