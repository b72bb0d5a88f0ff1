"""Asks a restored database one SQL statement, and answers the drill with what came back.

It runs in the drill's network, where no route leads out, and changes nothing: the database itself
refuses to write.  The password is in no answer and in no log line.
"""

import json
import math
import os
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import date, time
from pathlib import Path
from typing import Any

import boto3
import pg8000.native
import pymysql
from botocore.config import Config

# With RDS's certificates beside the code, the server has to prove that it is the one asked for.
BUNDLE = Path(__file__).with_name("global-bundle.pem")
# The database ends the statement; if it does not, the connection is given up a little later.
# All of it stays below the function's own timeout.
CONNECT_SECONDS = 10
STATEMENT_SECONDS = 30
GRACE_SECONDS = 5
# What is recorded is a proof and no export.
MOST_COLUMNS = 20
MOST_CHARACTERS = 200

type Row = list[tuple[str, object]]
type Ask = Callable[[str, int, str, str], Row]


def lambda_handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """The answer to the drill: `{"ok": true, "facts": {...}}`, or `ok` false and a `reason`."""
    config = Config(connect_timeout=3, read_timeout=3, retries={"total_max_attempts": 2})
    return validated(event, boto3.client("secretsmanager", config=config))


def validated(event: dict[str, Any], secrets: Any) -> dict[str, Any]:  # noqa: ANN401 - boto3's client
    """The same with the client for Secrets Manager given; never raises, whatever goes wrong."""
    ask = ENGINES.get(event["engine"])
    if ask is None:
        return {"ok": False, "reason": f"engine {event['engine']} is not supported"}
    password = ""
    try:
        secret = json.loads(secrets.get_secret_value(SecretId=event["secret_arn"])["SecretString"])
        password = secret["password"]
        row = ask(event["endpoint"], event["port"], secret["username"], password)
    except Exception as error:  # noqa: BLE001 - whatever went wrong is the answer
        return {"ok": False, "reason": _reason(error, password)}
    return _answer(row)


def _answer(row: Row) -> dict[str, Any]:
    """What the first row says: its columns are the facts, and one named `ok` has to be true."""
    if not row:
        return {"ok": False, "reason": "the SQL returned no row"}
    tls = "server verified" if BUNDLE.exists() else "server not verified"
    facts = {"tls": tls, **{name: _fact(value) for name, value in row[:MOST_COLUMNS]}}
    # MySQL has no boolean of its own: true is 1 there.
    if all(value == 1 for name, value in row if name.lower() == "ok"):
        return {"ok": True, "facts": facts}
    return {"ok": False, "reason": "the column ok is not true", "facts": facts}


def _fact(value: object) -> object:
    """A value as JSON has it; whatever JSON has no word for is a text."""
    if (
        value is None
        or isinstance(value, int)
        or (isinstance(value, float) and math.isfinite(value))
    ):
        return value
    text = value.isoformat() if isinstance(value, date | time) else str(value)
    return text[:MOST_CHARACTERS]


def _reason(error: Exception, password: str) -> str:
    """An error's type and message; a server may have repeated what it was sent."""
    [first, *_] = error.args or ("",)
    # PostgreSQL's fields, of which M is the message (PostgreSQL, Error and Notice Message Fields).
    message = str(first["M"]) if isinstance(first, dict) else str(error)
    shown = message.replace(password, "***") if password else message
    return f"{type(error).__name__}: {shown}"


def _tls() -> ssl.SSLContext:
    """Always encrypted; without the bundle nobody proves who the server is."""
    if BUNDLE.exists():
        return ssl.create_default_context(cafile=BUNDLE)
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _ask_postgresql(host: str, port: int, user: str, password: str) -> Row:
    """The first row, or none; PostgreSQL refuses to write and ends what takes too long."""
    with socket.create_connection((host, port), CONNECT_SECONDS) as plain:
        plain.settimeout(STATEMENT_SECONDS + GRACE_SECONDS)
        connection = pg8000.native.Connection(
            user,
            host=host,
            password=password,
            database=os.environ.get("DATABASE_NAME") or "postgres",
            sock=plain,
            ssl_context=_tls(),
        )
        with closing(connection):
            connection.run("BEGIN READ ONLY")
            connection.run(f"SET LOCAL statement_timeout = '{STATEMENT_SECONDS}s'")
            # Not `run`: that takes several statements, of which one may end the transaction.
            result = connection.execute_unnamed(os.environ["SQL"])
            names = [column["name"] for column in result.columns or ()]
            return _first(names, result.rows)


def _ask_mysql(host: str, port: int, user: str, password: str) -> Row:
    """The same of MySQL and MariaDB, which differ in the name of the time limit."""
    connection = pymysql.connect(
        host=host,
        port=port,
        user=user,
        password=password,
        database=os.environ.get("DATABASE_NAME") or None,
        ssl=_tls(),
        connect_timeout=CONNECT_SECONDS,
        read_timeout=STATEMENT_SECONDS + GRACE_SECONDS,
    )
    with closing(connection), connection.cursor() as cursor:
        if "MariaDB" in connection.server_version:
            cursor.execute(f"SET SESSION max_statement_time = {STATEMENT_SECONDS}")
        else:
            cursor.execute(f"SET SESSION max_execution_time = {STATEMENT_SECONDS * 1000}")
        # For the session: a procedure may end the transaction it was called in.
        cursor.execute("SET SESSION TRANSACTION READ ONLY")
        cursor.execute(os.environ["SQL"])
        names = [column[0] for column in cursor.description or ()]
        return _first(names, cursor.fetchall())


def _first(names: Sequence[str], rows: Sequence[Sequence[object]] | None) -> Row:
    return list(zip(names, rows[0], strict=True)) if rows else []


ENGINES: dict[str, Ask] = {
    "aurora-mysql": _ask_mysql,
    "aurora-postgresql": _ask_postgresql,
    "mariadb": _ask_mysql,
    "mysql": _ask_mysql,
    "postgres": _ask_postgresql,
}
