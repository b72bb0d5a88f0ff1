"""The sample validator of the restore drill, against real PostgreSQL and MariaDB servers.

Skipped without them: `make servers` installs both, and `.ci/run` does so first.
"""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

import validator
from tests.support.databases import DATABASE, MISSING, PASSWORD, USER, Database, database
from tests.support.resolved_templates import ROOT

SECRET = "arn:aws:secretsmanager:eu-west-1:222222222222:secret:rds!db-1-AbCdEf"
INSTALLED = pytest.mark.skipif(
    bool(MISSING), reason=f"not installed: {', '.join(MISSING)} (make servers, as root)"
)
ENGINES = pytest.mark.parametrize("engine", ["mariadb", "postgres"])

type Ask = Callable[..., dict[str, Any]]


class Secrets:
    """Secrets Manager with the one secret; its holder knows this password."""

    def __init__(self, password: str = PASSWORD) -> None:
        """RDS's own form."""
        self.secret = {"username": USER, "password": password}

    def get_secret_value(self, *, SecretId: str) -> dict[str, str]:  # noqa: N803 - boto3's
        """As boto3 answers."""
        if SecretId != SECRET:
            denied: Any = {"Error": {"Code": "AccessDeniedException", "Message": "not authorized"}}
            raise ClientError(denied, "GetSecretValue")
        return {"SecretString": json.dumps(self.secret)}


@pytest.fixture(
    scope="module", params=[pytest.param(e, marks=INSTALLED) for e in ("mariadb", "postgres")]
)
def served(request: pytest.FixtureRequest) -> Iterator[Database]:
    """Each of the two, with two orders in it."""
    with database(request.param) as up:
        yield up


@pytest.fixture(autouse=True)
def _shop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_NAME", DATABASE)


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Ask:
    """The validator's answer to this SQL."""

    def answer(
        up: Database, sql: str, secrets: Secrets | None = None, **event: str
    ) -> dict[str, Any]:
        monkeypatch.setenv("SQL", sql)
        sent = {"engine": up.engine, "endpoint": "localhost", "port": up.port, "secret_arn": SECRET}
        return validator.validated({**sent, **event}, secrets or Secrets())

    return answer


def test_the_first_row_is_the_facts(served: Database, ask: Ask) -> None:
    """Numbers as they are, exact numbers and times as texts; and whether the server is verified."""
    sql = """SELECT count(*) AS orders, max(placed) AS newest, sum(total) AS total, 'x' AS word,
        cos(0) AS cosine, NULL AS nothing, count(*) = 2 AS ok FROM orders"""

    assert ask(served, sql) == {
        "ok": True,
        "facts": {
            "tls": "server not verified",
            "orders": 2,
            "newest": "2026-03-02T02:00:00",
            "total": "10.75",
            "word": "x",
            "cosine": 1.0,
            "nothing": None,
            "ok": True,
        },
    }


def test_the_engines_of_a_family_are_asked_alike(served: Database, ask: Ask) -> None:
    """Aurora speaks as the engine that it is compatible with."""
    family = {"mariadb": ("mysql", "aurora-mysql"), "postgres": ("aurora-postgresql",)}

    for engine in family[served.engine]:
        assert ask(served, "SELECT 1 AS one", engine=engine)["facts"]["one"] == 1


def test_what_json_has_no_word_for_is_a_text(served: Database, ask: Ask) -> None:
    """Lambda would answer what no parser of JSON reads."""
    asked = {
        "mariadb": ("SELECT TIME '01:02:03' AS value", "1:02:03"),
        "postgres": ("SELECT 'NaN'::float8 AS value", "nan"),
    }
    sql, value = asked[served.engine]

    assert value == ask(served, sql)["facts"]["value"]


def test_facts_are_a_proof_and_no_export(served: Database, ask: Ask) -> None:
    """At most 20 columns of the row, each of at most 200 characters."""
    columns = ", ".join(f"repeat('x', 300) AS c{number}" for number in range(30))

    facts = ask(served, f"SELECT {columns}")["facts"]
    del facts["tls"]

    assert [f"c{number}" for number in range(20)] == list(facts)
    assert {"x" * 200} == set(facts.values())


def test_without_a_name_no_database_of_a_customer_is_chosen(
    served: Database,
    ask: Ask,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The one that PostgreSQL always has; MySQL needs none."""
    monkeypatch.setenv("DATABASE_NAME", "")
    postgresql = served.engine == "postgres"
    sql = "SELECT current_database() AS name" if postgresql else "SELECT database() AS name"

    assert ("postgres" if postgresql else None) == ask(served, sql)["facts"]["name"]


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM orders",
        "DROP TABLE orders",
        "CREATE TABLE more (id integer)",
        "INSERT INTO orders (id) VALUES (3)",
    ],
)
def test_a_statement_that_writes_is_refused_by_the_database(
    sql: str,
    served: Database,
    ask: Ask,
) -> None:
    """A validator that changes what it looks at proves nothing."""
    answer = ask(served, sql)

    assert (False, True) == (
        answer["ok"],
        "read only" in answer["reason"].lower().replace("-", " "),
    )
    assert ask(served, "SELECT count(*) AS orders FROM orders")["facts"]["orders"] == 2


@pytest.mark.parametrize("sql", ["COMMIT; DELETE FROM orders", "SELECT 1; DELETE FROM orders"])
def test_a_second_statement_is_refused(sql: str, served: Database, ask: Ask) -> None:
    """The first may end the read-only transaction."""
    assert not ask(served, sql)["ok"]
    assert ask(served, "SELECT count(*) AS orders FROM orders")["facts"]["orders"] == 2


def test_a_procedure_cannot_leave_the_read_only_session(served: Database, ask: Ask) -> None:
    """It may commit in the midst of it."""
    assert not ask(served, "CALL emptied()")["ok"]
    assert ask(served, "SELECT count(*) AS orders FROM orders")["facts"]["orders"] == 2


def test_a_statement_that_never_ends_is_cut_off(
    served: Database,
    ask: Ask,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By the database itself, long before the function's own timeout."""
    monkeypatch.setattr(validator, "STATEMENT_SECONDS", 1)
    begun = time.monotonic()

    answer = ask(served, f"SELECT {'pg_' * (served.engine == 'postgres')}sleep(30)")

    assert not answer["ok"]
    assert "statement timeout" in answer["reason"] or "max_statement_time" in answer["reason"]
    assert 1 <= time.monotonic() - begun < 5


@ENGINES
def test_a_server_that_does_not_answer_is_given_up(
    engine: str,
    ask: Ask,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It accepts the connection, and that is all."""
    monkeypatch.setattr(validator, "STATEMENT_SECONDS", 1)
    monkeypatch.setattr(validator, "GRACE_SECONDS", 0)
    begun = time.monotonic()

    with socket.create_server(("127.0.0.1", 0)) as silent:
        too_late = threading.Timer(5, silent.close)  # a test that fails has to end
        too_late.start()
        answer = ask(Database(engine, silent.getsockname()[1], Path()), "SELECT 1")
        too_late.cancel()

    assert (False, True) == (answer["ok"], "timed out" in answer["reason"])
    assert 1 <= time.monotonic() - begun < 5


@ENGINES
def test_a_server_that_is_not_there_is_said(engine: str, ask: Ask) -> None:
    """An answer, and no broken function."""
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]

    answer = ask(Database(engine, port, Path()), "SELECT 1")

    assert (False, True) == (answer["ok"], "Connection refused" in answer["reason"])


def test_sql_with_an_error_is_told_in_the_databases_words(served: Database, ask: Ask) -> None:
    """Its author reads it in the drill's result."""
    answer = ask(served, "SELECT nonsense FROM orders")

    said = {
        "mariadb": """OperationalError: (1054, "Unknown column 'nonsense'""",
        "postgres": 'DatabaseError: column "nonsense" does not exist',
    }
    assert {"ok", "reason"} == set(answer)
    assert not answer["ok"]
    assert answer["reason"].startswith(said[served.engine])


def test_no_row_proves_nothing(served: Database, ask: Ask) -> None:
    """Nor does a statement that returns none."""
    said = {"ok": False, "reason": "the SQL returned no row"}

    assert said == ask(served, "SELECT id FROM orders WHERE id = 9")
    assert said == ask(served, "COMMIT")


@pytest.mark.parametrize("value", ["1 = 0", "NULL", "'true'", "2"])
@pytest.mark.parametrize("name", ["ok", "Ok"])
def test_a_column_ok_that_is_not_true_fails(
    name: str,
    value: str,
    served: Database,
    ask: Ask,
) -> None:
    """Whatever is not plainly true is no proof; the facts say why."""
    quote = '"' if served.engine == "postgres" else "`"

    answer = ask(served, f"SELECT 7 AS seen, {value} AS {quote}{name}{quote}")

    assert (False, "the column ok is not true") == (answer["ok"], answer["reason"])
    assert answer["facts"]["seen"] == 7


def test_a_wrong_password_is_nowhere_to_be_read(
    served: Database,
    ask: Ask,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Neither in the answer nor in what is logged, at the level that says most."""
    caplog.set_level(0)

    answer = ask(served, "SELECT 1", Secrets("not-the-password"))

    assert not answer["ok"]
    assert USER in answer["reason"]
    assert "not-the-password" not in f"{answer} {caplog.text} {capfd.readouterr()}"


def test_a_server_that_repeats_the_password_is_not_quoted(served: Database, ask: Ask) -> None:
    """An error message may hold anything."""
    answer = ask(served, f'TABLE "{PASSWORD}"')

    assert not answer["ok"]
    assert (PASSWORD in answer["reason"], "***" in answer["reason"]) == (False, True)


@INSTALLED
@ENGINES
def test_a_server_without_tls_is_refused(engine: str, ask: Ask) -> None:
    """Before the password is sent."""
    with database(engine, tls=False) as plain:
        answer = ask(plain, "SELECT 1")

    assert not answer["ok"]
    assert "SSL" in answer["reason"]


def test_the_connection_is_encrypted(served: Database, ask: Ask) -> None:
    """As the server itself sees it."""
    sql = (
        "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        if served.engine == "postgres"
        else "SELECT variable_value AS version FROM information_schema.session_status"
        " WHERE variable_name = 'Ssl_version'"
    )

    assert ask(served, sql)["facts"]["version"].startswith("TLSv1.")


def test_with_the_bundle_the_server_is_verified(
    served: Database,
    ask: Ask,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its certificate and its name; and the facts say so."""
    monkeypatch.setattr(validator, "BUNDLE", served.certificate)

    assert ask(served, "SELECT 1 AS one")["facts"]["tls"] == "server verified"
    refused = ask(served, "SELECT 1 AS one", endpoint="127.0.0.1")
    assert (False, True) == (refused["ok"], "CERTIFICATE_VERIFY_FAILED" in refused["reason"])


@pytest.mark.parametrize("engine", ["oracle-ee", "sqlserver-ex", "db2-se"])
def test_an_engine_that_is_not_supported_is_said(engine: str) -> None:
    """Before any secret is read."""
    answer = validator.validated({"engine": engine}, None)

    assert {"ok": False, "reason": f"engine {engine} is not supported"} == answer


@ENGINES
def test_a_secret_that_cannot_be_read_is_said(engine: str, ask: Ask) -> None:
    """AWS's own words: a permission, or a way to Secrets Manager, is missing."""
    answer = ask(Database(engine, 1, Path()), "SELECT 1", secret_arn="another")

    assert not answer["ok"]
    assert answer["reason"].startswith("ClientError: An error occurred (AccessDeniedException)")


def test_the_function_gets_the_drivers_that_the_tests_run_with() -> None:
    """Two compilations of one list, at two times, could differ."""
    text = (ROOT / "examples/drill-validator/requirements.txt").read_text()
    pins = [line for line in text.splitlines() if "==" in line]

    assert {"pg8000", "pymysql"} < {pin.split("==")[0] for pin in pins}
    assert set(pins) <= set((ROOT / "requirements/dev.txt").read_text().splitlines())
