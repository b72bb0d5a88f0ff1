"""PostgreSQL and MariaDB on a free port of this machine, as Debian packages them.

Neither serves as root: as root, each runs as the user that its package makes.
"""

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from glob import glob
from pathlib import Path
from tempfile import TemporaryDirectory

import pg8000.native

from tests.support.programs import SECONDS_TO_START, free_port, program

USER, PASSWORD, DATABASE = "drill", "a-password-of-the-test", "shop"
TABLE = "CREATE TABLE orders (id integer, placed timestamp, total numeric(8, 2))"
ROWS = (
    "INSERT INTO orders VALUES (1, '2026-03-02 01:00:00', 9.50), (2, '2026-03-02 02:00:00', 1.25)"
)
# A procedure that ends the transaction it is called in, and then writes.
PROCEDURE = "CREATE PROCEDURE emptied() {} BEGIN COMMIT; DELETE FROM orders; END{}"
# Where Debian has them; not all of it is on PATH.
PLACES = os.pathsep.join([*glob("/usr/lib/postgresql/*/bin"), "/usr/sbin", os.environ["PATH"]])  # noqa: PTH207 - any version


def where(name: str) -> str | None:
    """The program, or None if it is not installed."""
    return shutil.which(name, path=PLACES)


MISSING = [name for name in ("initdb", "mariadbd", "openssl") if not where(name)]


@dataclass(frozen=True)
class Database:
    """A server that is up, with two orders in it; `certificate` is what it proves itself with."""

    engine: str
    port: int
    certificate: Path


@contextmanager
def database(engine: str, *, tls: bool = True) -> Iterator[Database]:
    """Serve one until it is left."""
    postgresql = engine == "postgres"
    owner = ("postgres" if postgresql else "mysql") if os.geteuid() == 0 else ""
    with TemporaryDirectory() as name:
        folder = Path(name)
        certificate = _certificate(folder)
        (folder / "password").write_text(PASSWORD)
        made, served = (_postgresql if postgresql else _mariadb)(folder, tls=tls)
        if owner:
            for path in (folder, *folder.iterdir()):
                shutil.chown(path, owner, pwd.getpwnam(owner).pw_gid)
        prefix = (
            [str(where("setpriv")), f"--reuid={owner}", f"--regid={owner}", "--clear-groups"]
            if owner
            else []
        )
        subprocess.run([*prefix, *made], check=True, cwd=folder)  # noqa: S603 - our own commands
        port = free_port()  # as late as can be, or somebody else has it
        with program(
            [*prefix, *served, f"--port={port}"], port, os.environ, folder, folder / "log"
        ):
            if postgresql:
                _fill(port, tls=tls)
            yield Database(engine, port, certificate)


def _certificate(folder: Path) -> Path:
    """One that names this machine, with its key beside it."""
    certificate, key = folder / "server.pem", folder / "server.key"
    names = "subjectAltName=DNS:localhost"
    command = [str(where("openssl")), "req", "-x509", "-nodes", "-newkey", "rsa:2048", "-days", "2"]
    command += ["-subj", "/CN=localhost", "-addext", names, "-keyout", str(key)]
    subprocess.run([*command, "-out", str(certificate)], check=True, capture_output=True)  # noqa: S603 - the same
    key.chmod(0o600)
    return certificate


type Commands = tuple[Sequence[str], Sequence[str]]


def _postgresql(folder: Path, *, tls: bool) -> Commands:
    """What makes the data, and what serves it."""
    data = str(folder / "data")
    made = [str(where("initdb")), "--no-sync", "-D", data, "-U", USER, "-A", "scram-sha-256"]
    served = [str(where("postgres")), "-D", data, "-h", "localhost", "-F"]
    served += ["-k", str(folder)]
    if tls:
        served += ["-c", "ssl=on", "-c", f"ssl_cert_file={folder / 'server.pem'}"]
        served += ["-c", f"ssl_key_file={folder / 'server.key'}"]
    return [*made, f"--pwfile={folder / 'password'}"], served


def _fill(port: int, *, tls: bool) -> None:
    """The database, its table and its rows, as soon as it is more than listening."""
    ready = [str(where("pg_isready")), "--host=localhost", f"--port={port}", "--quiet"]
    deadline = time.monotonic() + SECONDS_TO_START
    while subprocess.run(ready, check=False).returncode:  # noqa: S603 - the same
        assert time.monotonic() < deadline
        time.sleep(0.05)
    procedure = PROCEDURE.format("LANGUAGE plpgsql AS $$", " $$")
    filling = {"postgres": [f"CREATE DATABASE {DATABASE}"], DATABASE: [TABLE, ROWS, procedure]}
    for name, statements in filling.items():
        connection = pg8000.native.Connection(
            USER, host="localhost", port=port, password=PASSWORD, database=name, ssl_context=tls
        )
        with closing(connection):
            for statement in statements:
                connection.run(statement)


def _mariadb(folder: Path, *, tls: bool) -> Commands:
    """The same; MariaDB itself fills it when it starts."""
    data = f"--datadir={folder / 'data'}"
    init = folder / "init.sql"
    init.write_text(
        f"CREATE USER '{USER}' IDENTIFIED BY '{PASSWORD}';\nGRANT ALL ON *.* TO '{USER}';\n"
        f"CREATE DATABASE {DATABASE};\nUSE {DATABASE};\n{TABLE};\n{ROWS};\n"
        f"{PROCEDURE.format('', '')};\n"
    )
    made = [str(where("mariadb-install-db")), "--no-defaults", data, "--skip-test-db"]
    served = [str(where("mariadbd")), "--no-defaults", data]
    served += ["--bind-address=127.0.0.1", f"--socket={folder / 'socket'}", f"--init-file={init}"]
    if tls:
        served += [f"--ssl-cert={folder / 'server.pem'}", f"--ssl-key={folder / 'server.key'}"]
    return [*made, "--auth-root-authentication-method=normal"], served
