"""The images that ours are built on: AWS's own and Python's, or one made of this machine's Python.

Decides where the base images come from.  The home-made one has what the Lambda service and
``sam local invoke`` ask of a base image, and nothing of the project in it.
"""

import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

from containers.engine import ROOT, Engine, FailedError, SkippedError

ARCHITECTURE = {"x86_64": "x86_64", "AMD64": "x86_64", "arm64": "arm64", "aarch64": "arm64"}[
    platform.machine()
]
LAMBDA = f"public.ecr.aws/lambda/python:3.13-{ARCHITECTURE}"
PYTHON = "python:3.13-slim"
HOME_MADE = "rds-backup-python"
# The runtime interface client from PyPI, installed by make.
CLIENT = ROOT / ".tools" / "lambda"
BOOTSTRAP = b"""#!/bin/sh
cd "${LAMBDA_TASK_ROOT:-/var/task}"
PYTHONPATH="$PWD:/var/runtime" exec /usr/local/bin/python3 -m awslambdaric "$_HANDLER"
"""
PEOPLE = b"root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
# Loaded by glibc while it runs, so that no program lists them: name service and threads.
LOADED_LATER = ("libnss_dns.so.2", "libnss_files.so.2", "libresolv.so.2", "libgcc_s.so.1")
NOT_NEEDED = {"__pycache__", "idlelib", "site-packages", "test", "tkinter", "turtledemo"}


@dataclass(frozen=True, slots=True)
class Bases:
    """The base image of the function, and that of the container task."""

    function: str
    task: str


def bases(engine: Engine) -> Bases:
    """AWS's own base images where a registry answers, else a home-made one for both."""
    for image in (LAMBDA, PYTHON):
        pulled = engine.docker("pull", "--quiet", image)
        if pulled.returncode:
            print(f"base image: {image} cannot be pulled: {pulled.stderr.strip()}")
            break
    else:
        print(f"base images: {LAMBDA}, {PYTHON}")
        return Bases(LAMBDA, PYTHON)
    start = time.monotonic()
    make(engine)
    python, took = platform.python_version(), time.monotonic() - start
    print(f"base image: {HOME_MADE}, made of this machine's Python {python} in {took:.1f} s")
    return Bases(HOME_MADE, HOME_MADE)


def make(engine: Engine) -> None:
    """Make the home-made image; raises SkippedError where its parts are missing."""
    if not CERTIFICATES.exists():
        raise SkippedError("no registry answers, and only on Debian can a base image be made")
    busybox = shutil.which("busybox")
    if not busybox or _libraries([busybox]):
        raise SkippedError(
            "no registry answers, and a base image needs a static busybox: "
            "install busybox-static, or as root run `make engine`"
        )
    command = ["docker", "import", "--change", 'ENV PATH="/usr/local/bin:/bin"', "-", HOME_MADE]
    with subprocess.Popen(  # noqa: S603 - the arguments are ours
        command,
        env=engine.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    ) as importing:
        with tarfile.open(fileobj=importing.stdin, mode="w|", dereference=True) as image:
            _fill(image, Path(busybox))
        assert importing.stdin is not None  # noqa: S101 - it is a pipe
        importing.stdin.close()
    if importing.returncode:
        raise FailedError("docker import refused the base image; its words are above")


def _fill(image: tarfile.TarFile, busybox: Path) -> None:
    library = Path(sysconfig.get_path("stdlib"))
    interpreter = Path(sys.executable).resolve()
    _folder(image, "tmp", mode=0o1777)
    _write(image, "etc/passwd", PEOPLE)
    image.add(CERTIFICATES, str(CERTIFICATES))
    image.add(busybox, "bin/busybox")
    for applet in ("sh", "mv", "chmod", "mkdir", "rm", "cat"):
        _link(image, f"bin/{applet}", "busybox")
    image.add(interpreter, "usr/local/bin/python3.13")
    for name in ("python", "python3"):
        _link(image, f"usr/local/bin/{name}", "python3.13")
    image.add(library, "usr/local/lib/python3.13", filter=_needed)
    (wheel,) = library.glob("ensurepip/_bundled/pip-*.whl")
    with ZipFile(wheel) as pip:
        for name in pip.namelist():
            _write(image, f"usr/local/lib/python3.13/site-packages/{name}", pip.read(name))
    image.add(CLIENT, "var/runtime", filter=_needed)
    _write(image, "var/runtime/bootstrap", BOOTSTRAP, mode=0o755)
    binaries = [interpreter, *library.glob("lib-dynload/*.so"), *CLIENT.rglob("*.so")]
    for found, place in _placed(_libraries(map(str, binaries))):
        image.add(found, place)


def _needed(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    name = Path(entry.name).name
    if name in NOT_NEEDED or name.startswith(("config-3", "_tkinter")):
        return None
    entry.uid = entry.gid = 0
    return entry


def _libraries(binaries: Iterable[str]) -> set[Path]:
    """The shared libraries that programs ask for, as this machine's loader finds them."""
    said = subprocess.run(  # noqa: S603 - our own files
        ["ldd", *binaries],  # noqa: S607 - glibc's
        capture_output=True,
        text=True,
        check=False,  # it says so of a static program by its status
    )
    return {Path(path) for path in re.findall(r"(?:=> |^\t)(/\S+)", said.stdout, re.MULTILINE)}


def _placed(libraries: set[Path]) -> Iterator[tuple[Path, str]]:
    """Each library with its place in the image: where it is here, or beside libc."""
    system = next(path.parent for path in libraries if path.name.startswith("libc.so"))
    libraries |= {system / name for name in LOADED_LATER}
    for path in sorted(libraries):
        own = path.parts[1].startswith("lib") or path.parts[1:3] == ("usr", "lib")
        yield path, str(path if own else system / path.name)


def _write(image: tarfile.TarFile, name: str, content: bytes, mode: int = 0o644) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    image.addfile(entry, BytesIO(content))


def _folder(image: tarfile.TarFile, name: str, mode: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode = tarfile.DIRTYPE, mode
    image.addfile(entry)


def _link(image: tarfile.TarFile, name: str, target: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = tarfile.SYMTYPE, target
    image.addfile(entry)
