"""What a look at a thousand databases costs the built function: processor time, and memory.

Decides whether both keep within their budgets.  The function runs in a process of its own and reads
RDS's XML from a port of this machine: half of the databases are clusters, each has eight automated
snapshots and seven backups, with what RDS usually shows of them (`listed.json`).  Looks with
botocore's own models and its parser of times take turns with the function's, so that the ratio
holds on any machine.
"""

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar, NamedTuple
from urllib.parse import parse_qs

from rds_backup.model.decisions import Point, Series
from rds_backup.model.identity import Marker, identifier, tags
from rds_backup.model.inventory import Kind
from sandbox.wire import answer_reply

DATABASES, FEW, ROUNDS = 1_000, 200, 3
NIGHTS, KEPT, PAGE = 8, 7, 100
RATIO = 0.65  # of the processor time with botocore's own models, at most
PEAK, GROWTH = 80, 40  # MB at 1,000 databases, and kB a database, at most
SOURCE, BACKUP, REGION = "111111111111", "222222222222", "eu-west-1"
KEYS = {a: f"arn:aws:kms:{REGION}:{a}:key/00000000-0000-0000-0000-{a}" for a in (SOURCE, BACKUP)}
ROLE = f"arn:aws:iam::{BACKUP}:role/writer"
ASSUMED = f"arn:aws:sts::{BACKUP}:assumed-role/writer/one"
OF_ONES_OWN = {"backup": "nightly", "team": "orders", "stage": "production", "cost": "4711"}
NOW = datetime.now(UTC).replace(microsecond=123000)
LISTED = {
    noun: json.dumps(item)
    for noun, item in json.loads(Path(__file__).with_name("listed.json").read_text()).items()
}
LOOK = r"""
import re, sys, time
import app
class Context:
    aws_request_id = "1"
    def get_remaining_time_in_millis(self): return 600_000
begin = time.process_time()
outcome = app.lambda_handler({"action": "backup"}, Context())["outcome"]
used = time.process_time() - begin
assert outcome == "nothing_to_do", outcome
# Not getrusage: there, a process begins with the peak of the one that started it.
peak = re.search(r"VmHWM:\s+(\d+) kB", open("/proc/self/status").read())[1]
print(used, peak, file=sys.stderr)
"""
WITH_BOTOCORES_OWN = """
from pathlib import Path
from botocore.utils import parse_timestamp
from rds_backup.aws import account
account.LEAN, account.read_time = Path("/nowhere"), parse_timestamp
"""


class Cost(NamedTuple):
    """What one look took: seconds of a processor, and bytes at the peak."""

    seconds: float
    peak: float


def item(noun: str, own: Mapping[str, str], **values: str) -> dict[str, Any]:
    """An item of a listing, with these values in its places and these tags."""
    text = LISTED[noun]
    for name, value in values.items():
        text = text.replace(f"<{name}>", value)
    return {**json.loads(text), "TagList": [{"Key": k, "Value": v} for k, v in own.items()]}


@cache
def listing(account: str, noun: str, only: str, databases: int) -> list[dict[str, Any]]:
    """All items of one listing: what the operation, the account and the type of snapshots give."""
    kind = Kind.CLUSTER if "Cluster" in noun else Kind.INSTANCE
    found = []
    for number in range(databases // 2):
        name = f"{kind}-{number:04d}"
        resource = f"{'cluster' if kind is Kind.CLUSTER else 'db'}-{number:026d}"
        of = {"name": name, "resource": resource, "key": KEYS[account]}
        if not noun.endswith("Snapshot"):
            found.append(item(noun, OF_ONES_OWN, **of))
            continue
        for night in range(NIGHTS if only == "automated" else KEPT if account == BACKUP else 0):
            taken = NOW - timedelta(days=night, hours=3)
            word = "snapshot" if kind is Kind.INSTANCE else "cluster-snapshot"
            automated = f"rds:{name}-{taken:%Y-%m-%d-%H-%M}"
            arn = f"arn:aws:rds:{REGION}:{SOURCE}:{word}:{automated}"
            point = Point(Series(SOURCE, REGION, resource), kind, name, arn, taken)
            ours = tags(Marker("rds-backup", BACKUP), point, 1, KEYS[BACKUP], taken, OF_ONES_OWN)
            found.append(
                item(
                    noun,
                    OF_ONES_OWN if only == "automated" else ours,
                    **of,
                    snapshot=automated
                    if only == "automated"
                    else identifier("rds-backup", point, 1),
                    time=f"{taken:%Y-%m-%dT%H:%M:%S.%fZ}",
                    type=only,
                    account=account,
                )
            )
    return found


@cache
def page(account: str, operation: str, only: str, databases: int, start: int) -> str:
    """One page of a listing, as XML."""
    noun = operation.removeprefix("Describe").removesuffix("s")
    items = listing(account, noun, only, databases)
    more = {"Marker": str(start + PAGE)} if start + PAGE < len(items) else {}
    answer = {f"{noun}s": items[start : start + PAGE], **more}
    return answer_reply("rds", operation, answer)[2]


def answer(account: str, operation: str) -> str:
    """What STS and KMS say."""
    match operation:
        case "DescribeKey":
            key = {"KeyId": "1", "KeyManager": "CUSTOMER", "KeyState": "Enabled"}
            said: dict[str, Any] = {"KeyMetadata": {**key, "Arn": KEYS[account]}}
            return answer_reply("kms", operation, said)[2]
        case "AssumeRole":
            names = ("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration")
            given = ("ASIABACKUP", "secret", "token", NOW + timedelta(hours=1))
            said = {
                "Credentials": dict(zip(names, given, strict=True)),
                "AssumedRoleUser": {"AssumedRoleId": "AROA:one", "Arn": ASSUMED},
            }
        case _:
            said = {"Account": account, "Arn": ASSUMED.replace(BACKUP, account)}
    return answer_reply("sts", operation, said)[2]


class Aws(BaseHTTPRequestHandler):
    """Both accounts, as far as a look asks."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    databases: ClassVar[int]

    def do_POST(self) -> None:
        """Answer one call."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        said = {name: values[0] for name, values in parse_qs(body).items()}
        account = BACKUP if "ASIABACKUP" in self.headers["Authorization"] else SOURCE
        operation = self.headers.get("X-Amz-Target", "").split(".")[-1] or said["Action"]
        if operation.startswith("DescribeDB"):
            only, start = said.get("SnapshotType", ""), int(said.get("Marker", 0))
            text = page(account, operation, only, self.databases, start)
        else:
            text = answer(account, operation)
        self.send_response(200)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *arguments: Any) -> None:  # noqa: ANN401 - as the library has it
        """Say nothing."""


@contextmanager
def served(databases: int) -> Iterator[str]:
    """The address of the two accounts, with so many databases in them."""
    Aws.databases = databases
    with ThreadingHTTPServer(("127.0.0.1", 0), Aws) as server:
        Thread(target=server.serve_forever).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def look(package: Path, url: str, before: str = "") -> Cost:
    """The cost of one look, by a function that has just started."""
    environment = {
        "PYTHONPATH": str(package),
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_ENDPOINT_URL": url,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "ASIASOURCE",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "DB_TAG": "backup=nightly",
        "SOURCE_ACCOUNT": SOURCE,
        "BACKUP_ACCOUNT": BACKUP,
        "BACKUP_ACCOUNT_ROLE": ROLE,
        "KMS_KEY_ID": KEYS[SOURCE],
        "BACKUP_KMS_KEY_ID": KEYS[BACKUP],
    }
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-s", "-c", before + LOOK],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr[-1000:])
    seconds, peak = done.stderr.split()[-2:]
    return Cost(float(seconds), float(peak) * 1024)


def main(package: Path) -> int:
    """Print what a look costs; 1 if it exceeds a budget."""
    with served(FEW) as url:
        pairs = [
            (look(package, url), look(package, url, WITH_BOTOCORES_OWN)) for _ in range(ROUNDS)
        ]
    with served(DATABASES) as url:
        many = look(package, url)
    few, own = (
        statistics.median(cost.seconds for cost in costs) for costs in zip(*pairs, strict=True)
    )
    ratio = statistics.median(ours.seconds / own.seconds for ours, own in pairs)
    growth = (many.peak - min(ours.peak for ours, _ in pairs)) / (DATABASES - FEW) / 1e3
    print(f"a look: {1e3 * few / FEW:.2f} ms of processor time a database, {ratio:.2f} times")
    print(f"that with botocore's own models, {1e3 * own / FEW:.2f} ms (budget {RATIO})")
    print(f"memory at {DATABASES:,} databases: {many.peak / 1e6:.0f} MB (budget {PEAK})")
    print(f"memory a database: {growth:.0f} kB (budget {GROWTH})")
    return 0 if ratio <= RATIO and many.peak <= PEAK * 1e6 and growth <= GROWTH else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
