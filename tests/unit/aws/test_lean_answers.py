"""With botocore's data trimmed, everything that the function reads of an answer is what it was.

The answers are made from botocore's own models: whole, without any one of the members that are
kept, and with nothing but any one of those that are not.
"""

import inspect
import json
import shutil
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping
from copy import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from botocore.loaders import Loader
from botocore.model import ListShape, ServiceModel, Shape, StructureShape
from moto.core.exceptions import ServiceException
from moto.core.utils import get_service_model

from rds_backup.aws import account
from rds_backup.aws.account import Account
from rds_backup.aws.rds import Rds
from rds_backup.aws.restores import Offer, Restores, Target
from rds_backup.model.drills import DatabaseThere
from rds_backup.model.inventory import Kind, Side, Snapshot
from sandbox.wire import Reply, answer_reply, error_reply
from tests.support.lean import CREDENTIALS, REGION, answered, lean, lean_models
from tests.support.making import backup, point

NOWHERE = Path("/nowhere")
NAMES = [f"db{noun}identifier{n}" for noun in ("snapshot", "clustersnapshot") for n in ("", "2")]
# What a reading depends on, where the name of the member would not do.
SAID = {
    "Arn": "arn:aws:sts::222222222222:assumed-role/writer/one",
    "AssumeRolePolicyDocument": "{}",
    "AttributeName": "restore",
    "StorageType": "gp2",
}
QUOTAS = ("ManualSnapshots", "ManualClusterSnapshots")
# Of a snapshot in another Region, of which a copy is signed there, too.
ARN = "arn:aws-us-gov:rds:us-gov-east-1:111111111111:snapshot:name"
NEVER = datetime(2999, 1, 1, tzinfo=UTC)
type Place = tuple[str, ...]
OF_RDS: dict[str, Callable[[Rds, Kind], Any]] = {
    "automated": lambda rds, kind: rds.automated(kind),
    "bearer": lambda rds, kind: rds.bearer(kind, "name"),
    "copy": lambda rds, kind: rds.copy(kind, ARN, "name", "key", {"key": "value"}),
    "databases": lambda rds, kind: rds.databases(kind),
    "delete": lambda rds, kind: rds.delete(kind, "name"),
    "lasting_options": lambda rds, _: rds.lasting_options(),
    "manual": lambda rds, kind: rds.manual(kind),
    "manual_quotas": lambda rds, _: rds.manual_quotas(),
    "named": lambda rds, kind: rds.named(kind, NAMES),
    "offers": lambda rds, _: rds.offers("postgres", "16.4"),
    "share": lambda rds, kind: rds.share(kind, "name", "222222222222"),
    "shared_with": lambda rds, kind: rds.shared_with(kind, "name"),
    "surroundings": lambda rds, kind: rds.surroundings(kind, "resource"),
    "unshare": lambda rds, kind: rds.unshare(kind, "name", frozenset({"222222222222"})),
}
THERE = DatabaseThere(Kind.INSTANCE, "name", "available", {})
TARGET = Target("name", "group", "sg-1", "key", {"key": "value"})
OFFER = Offer("db.t4g.medium", "gp2")
OF_RESTORES: dict[str, Callable[[Restores, Kind], Any]] = {
    "add_member": lambda restores, _: restores.add_member(THERE, OFFER, {"key": "value"}),
    "delete": lambda restores, kind: restores.delete(THERE._replace(kind=kind)),
    "offers": lambda restores, kind: restores.offers(_snapshot(kind), "db.t4g.medium"),
    "restore": lambda restores, kind: restores.restore(_snapshot(kind), OFFER, TARGET),
    "set_password": lambda restores, kind: restores.set_password(THERE._replace(kind=kind)),
    "tag": lambda restores, _: restores.tag("arn", {"key": "value"}),
    "there": lambda restores, kind: restores.there(kind),
}
OF_AN_ACCOUNT: dict[str, Callable[[Account], Any]] = {
    "caller": lambda account: account.caller(),
    "describe_key": lambda account: account.describe_key("key"),
    "identity": lambda account: account.identity(),
    "key": lambda account: account.key("key", "KMS_KEY_ID", Side.SOURCE),
    "key_policy": lambda account: account.key_policy("arn"),
    "role": lambda account: account.role("role"),
}
READINGS = [
    *((name, kind) for name in OF_RDS for kind in Kind),
    *((f"drill {name}", kind) for name in OF_RESTORES for kind in Kind),
    *((name, Kind.INSTANCE) for name in (*OF_AN_ACCOUNT, "assumed")),
]


def _snapshot(kind: Kind) -> Snapshot:
    """A backup whose storage is named as the made answers name it."""
    made = backup(point(kind=kind)).snapshot
    return replace(made, engine="postgres", engine_version="17.2", allocated_gib=1)


def credentials(assumed: Account) -> Any:  # noqa: ANN401 - botocore's
    """What the role's session works with, and who it is."""
    found: Any = assumed._session.get_credentials()  # noqa: SLF001 - nothing of ours shows them
    return found.get_frozen_credentials(), assumed.caller()


@cache
def account_of(folder: Path) -> Account:
    """An account that reads with the data in the folder, if it is there."""
    with patch.dict("os.environ", CREDENTIALS), patch.object(account, "LEAN", folder):
        return account.own.__wrapped__(REGION)


def outcome(name: str, kind: Kind, folder: Path) -> str:
    """What a reading comes to: a value, or an error."""
    try:
        if name in OF_RDS:
            return repr(OF_RDS[name](account_of(folder).rds, kind))
        if name.startswith("drill "):
            restores = Restores(account_of(folder).rds.calls)
            return repr(OF_RESTORES[name.removeprefix("drill ")](restores, kind))
        if name in OF_AN_ACCOUNT:
            asked = account_of(folder)
            vars(asked).pop("_asked", None)  # asked for once, else
            return repr(OF_AN_ACCOUNT[name](asked))
        own = account_of(folder)
        with patch.object(account, "own", lambda _: own), patch.object(account, "LEAN", folder):
            account.assumed.cache_clear()
            return repr(
                credentials(
                    account.assumed("role-arn-of-20-letters", "id", (REGION, REGION), "one")
                )
            )
    except Exception as error:  # noqa: BLE001 - whatever is raised has to be the same
        return f"error {type(error)}: {error}"


def whole(service: str) -> ServiceModel:
    """A service as botocore knows it."""
    return get_service_model(service)


@cache
def kept(service: str) -> ServiceModel:
    """A service as the trimmed data have it."""
    loader = Loader([str(lean())], include_default_search_paths=False)
    return ServiceModel(loader.load_service_model(service, "service-2"), service)


def places(shape: Shape | None, place: Place = ()) -> Iterator[Place]:
    """Every member of an answer, and the members in it."""
    if isinstance(shape, ListShape):
        yield from places(shape.member, place)
    elif isinstance(shape, StructureShape):
        for name, member in shape.members.items():
            yield (*place, name)
            yield from places(member, (*place, name))


def made(shape: Shape, wanted: Callable[[Place], bool], page: str, place: Place = ()) -> Any:  # noqa: ANN401
    """Every wanted member, with a value that no other has, nor the same on another page."""
    if isinstance(shape, StructureShape):
        members = {name: (*place, name) for name in shape.members if wanted((*place, name))}
        return {name: made(shape.members[name], wanted, page, at) for name, at in members.items()}
    if isinstance(shape, ListShape):
        one = made(shape.member, wanted, page, place)
        if "AccountQuotaName" in one:
            return [one | {"AccountQuotaName": quota} for quota in QUOTAS]
        return [one]
    number = zlib.crc32("/".join(place).encode()) % 10_000
    match shape.type_name:
        case "boolean":
            return True
        case "timestamp" if place[-1] == "Expiration":
            return NEVER
        case "timestamp":
            return datetime(2026, 3, 2, 3, 4, 5, 678000, UTC) + timedelta(hours=number)
        case "integer" | "long" | "float" | "double":
            return number
        case _:
            return SAID.get(place[-1], place[-1] + page)


class Answers:
    """The services: whole answers, but for the one operation that the test is about."""

    def __init__(self) -> None:
        """Nothing was asked yet."""
        self.asked: dict[tuple[str, str], None] = {}
        self.about: tuple[str, str] | None = None
        self.wanted: Callable[[Place], bool] = lambda _: True
        self.error: ServiceException | None = None

    def __call__(self, service: str, operation: str, sent: Mapping[str, str]) -> Reply:
        """The answer to one call; what comes in pages has two."""
        self.asked[service, operation] = None
        here = self.about == (service, operation)
        if here and self.error:
            return error_reply(service, self.error)

        page = "2" if "Marker" in sent else ""

        def wanted(place: Place) -> bool:
            if place == ("Marker",) and page:
                return False
            return self.wanted(place) if here else True

        shape = whole(service).operation_model(operation).output_shape
        said = made(shape, wanted, page) if shape else {}
        status, headers, text = answer_reply(service, operation, {} if service == "kms" else said)
        if service == "kms":
            text = json.dumps(said, default=lambda moment: moment.timestamp())
        return status, headers, text


def asked_by(name: str, kind: Kind) -> list[tuple[str, str]]:
    """The services and operations that a reading asks."""
    answers = Answers()
    with answered(answers):
        assert not outcome(name, kind, NOWHERE).startswith("error")
    return list(answers.asked)


def differing(name: str, kind: Kind, folder: Path) -> set[tuple[str, Place]]:
    """The answers that come out otherwise with the folder's data than with botocore's own."""
    found = set()
    for service, operation in asked_by(name, kind):
        answers = Answers()
        answers.about = service, operation
        left = kept(service).operation_model(operation).output_shape
        every = whole(service).operation_model(operation).output_shape
        cases: dict[tuple[str, Place], Callable[[Place], bool]] = {("whole", ()): lambda _: True}
        cases |= {
            ("without", p): lambda place, p=p: place != p  # type: ignore[misc]
            for p in places(left)
            if len(p) <= lean_models.TRIMMED_LEVELS
        }
        dropped = set(places(every)) - set(places(left))
        cases |= {
            ("only", p): lambda place, p=p: place == p[: len(place)] or place[: len(p)] == p  # type: ignore[misc]
            for p in dropped
            if p[:-1] not in dropped
        }
        with answered(answers):
            for case, answers.wanted in cases.items():
                if outcome(name, kind, NOWHERE) != outcome(name, kind, folder):
                    found.add(case)
    return found


def test_every_reading_is_tried() -> None:
    """A new method of either class has to be entered above."""
    known: Collection[str]
    for known, owner in (
        ({*OF_RDS, "begin"}, Rds),
        (OF_RESTORES, Restores),
        (OF_AN_ACCOUNT, Account),
    ):
        methods = inspect.getmembers(owner, inspect.isfunction)
        assert sorted(known) == [name for name, _ in methods if not name.startswith("_")]


@pytest.mark.parametrize(("name", "kind"), READINGS)
def test_answers_come_out_the_same(name: str, kind: Kind) -> None:
    """Botocore drops without a word what its model does not have."""
    assert set() == differing(name, kind, lean())


@pytest.mark.parametrize(
    ("shape", "member"),
    [
        ("DBSnapshot", "StorageEncryptionType"),
        ("DBSnapshot", "Encrypted"),
        ("DBSnapshot", "FullSnapshotSizeInBytes"),
        ("DBSnapshotMessage", "Marker"),
    ],
)
def test_a_member_that_is_missing_is_noticed(shape: str, member: str, tmp_path: Path) -> None:
    """Also one that is read only where another is absent, and the one that botocore pages by."""
    shutil.copytree(lean(), tmp_path, dirs_exist_ok=True)
    (path,) = tmp_path.glob("rds/*/service-2.json")
    service = json.loads(path.read_text())
    del service["shapes"][shape]["members"][member]
    path.write_text(json.dumps(service))

    assert set() != differing("automated", Kind.INSTANCE, tmp_path)


@pytest.mark.parametrize(("name", "kind"), READINGS)
def test_errors_come_out_the_same(name: str, kind: Kind) -> None:
    """Those of the service's model, and those that it does not have."""
    for service, operation in asked_by(name, kind):
        answers = Answers()
        answers.about = service, operation
        errors = whole(service).operation_model(operation).error_shapes
        codes = {shape.metadata.get("error", {}).get("code", shape.name) for shape in errors}
        with answered(answers):
            for code in sorted(codes | {"AccessDenied", "Throttling", "InternalFailure", "New"}):
                answers.error = ServiceException(code, f"words on {code}")
                expected = outcome(name, kind, NOWHERE)
                assert expected == outcome(name, kind, lean())
                assert f"words on {code}" in expected or "delete" in name
