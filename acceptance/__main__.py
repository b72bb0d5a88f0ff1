"""``python -m acceptance``: run, clean, report, observe; docs/contributing/acceptance.md."""

import argparse
import json
import secrets
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3

from acceptance import report
from acceptance.asking import ask
from acceptance.cleaning import Cleaning
from acceptance.ground import Ground
from acceptance.offer import PARTS, agreed, offer
from acceptance.probes.listed import REGIONS
from acceptance.run import RunFile, run_id
from acceptance.sides import RefusedToBeginError, Side, UnknownCallError, config_of, different
from acceptance.steps import play
from sandbox.observing import OBSERVED, switches_of

FILE = "acceptance-run.json"


def main(arguments: Sequence[str] | None = None, confirm: Callable[[str], str] = input) -> int:
    """0 if all went well, 1 if something is left or refused to begin."""
    given = _parser().parse_args(arguments)
    try:
        done: int = given.does(given, confirm)
    except (RefusedToBeginError, UnknownCallError) as error:
        print(error, file=sys.stderr)
        return 1
    return done


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m acceptance", description=__doc__)
    commands = parser.add_subparsers(required=True)
    for name, does in (("run", _run), ("clean", _clean), ("report", _report)):
        command = commands.add_parser(name)
        command.set_defaults(does=does)
        command.add_argument("--folder", type=Path, default=Path())
        command.add_argument("--source-profile", required=True)
        command.add_argument("--backup-profile", required=True)
        command.add_argument("--region", required=True)
        if name == "run":
            command.add_argument("--parts", help=f"of {', '.join(PARTS)}; all by default")
            command.add_argument("--backup-region", default="", help="another Region, if any")
            command.add_argument("--yes", action="store_true", help="do not ask")
        if name == "clean":
            command.add_argument("--run", help="this run only, whatever the file says")
            command.add_argument("--also-in", default="", help="further Regions, comma-separated")
        if name != "report":
            command.add_argument("--look-every", type=float, default=15, metavar="SECONDS")
    command = commands.add_parser("observe")
    command.set_defaults(does=_observe)
    command.add_argument("report", type=Path)
    return parser


def _sides(given: argparse.Namespace) -> tuple[Side, Side]:
    sides = [_side(each, getattr(given, f"{each}_profile"), given) for each in ("source", "backup")]
    different(*sides)
    return sides[0], sides[1]


def _side(name: str, profile: str, given: argparse.Namespace) -> Side:
    if not profile or not given.region:
        # boto3 would take whatever credentials and Region there are.
        raise RefusedToBeginError("SOURCE_PROFILE, BACKUP_PROFILE and REGION have to be given")
    try:
        session = boto3.Session(profile_name=profile)
    except Exception as error:
        raise RefusedToBeginError(f"{name}: {error}") from error

    def connect(service: str, region: str) -> Any:  # noqa: ANN401 - boto3's
        return session.client(service, region_name=region, config=config_of(service))  # type: ignore[call-overload]

    return Side.of(name, connect, given.region, profile)


def _run(given: argparse.Namespace, confirm: Callable[[str], str]) -> int:
    source, backup = _sides(given)
    far = replace(backup, region=given.backup_region) if given.backup_region else None
    parts = _parts(given)
    path = given.folder / FILE
    there = _file(path, source, backup)
    place = [given.region, given.backup_region]
    if there and there.place != place:
        was = "REGION={} BACKUP_REGION={}".format(*there.place)
        raise RefusedToBeginError(
            f"{path} was begun with {was}: give the same, or clean up and move it away"
        )
    run = there.run if there else run_id(datetime.now(UTC), secrets.token_hex(2))
    if not given.yes:
        agreed(offer(run, source, far or backup, parts), confirm)
    here = Ground(
        source=source,
        backup=backup,
        file=there or RunFile.begin(path, run, (source.account, backup.account), place),
        clock=lambda: datetime.now(UTC),
        sleep=time.sleep,
        say=_say,
        look_every=given.look_every,
        far=far,
    )
    ask(here, parts=parts)
    play(here, parts)
    _write(here.file, source, backup, given.folder)
    return 0


def _parts(given: argparse.Namespace) -> list[str]:
    """What was chosen, or all; that of the other Region only if one is named."""
    wanted = ",".join(PARTS) if given.parts is None else given.parts
    parts = [part for part in wanted.split(",") if part]
    if unknown := set(parts) - set(PARTS):
        raise RefusedToBeginError(f"PARTS: {', '.join(unknown)} is none of {', '.join(PARTS)}")
    if given.backup_region == given.region:
        raise RefusedToBeginError("BACKUP_REGION has to be another Region than REGION")
    if not given.backup_region and given.parts is None:
        parts.remove(REGIONS)
    if not given.backup_region and REGIONS in parts:
        raise RefusedToBeginError(f"PARTS={REGIONS} needs BACKUP_REGION")
    return parts


def _clean(given: argparse.Namespace, _confirm: Callable[[str], str]) -> int:
    source, backup = _sides(given)
    file = _file(given.folder / FILE, source, backup)
    further = [region for region in given.also_in.split(",") if region]
    done = Cleaning(
        sides=(source, backup),
        regions=sorted({given.region, *further, *(file.regions if file else [])}),
        run=given.run or (file.run if file else None),
        clock=lambda: datetime.now(UTC),
        sleep=time.sleep,
        say=_say,
        look_every=given.look_every,
    ).all()
    for key in done.keys:
        print(f"is deleted within 7 days: key {key}")
    for what, why in done.left.items():
        print(f"could not be removed: {what}: {why}")
    print(f"{len(done.removed)} removed, {len(done.left)} left")
    return 1 if done.left else 0


def _report(given: argparse.Namespace, _confirm: Callable[[str], str]) -> int:
    sides = _sides(given)
    file = _file(given.folder / FILE, *sides)
    if file is None:
        raise RefusedToBeginError(f"there is no {FILE}: nothing was asked yet")
    _write(file, *sides, given.folder)
    return 0


def _file(path: Path, source: Side, backup: Side) -> RunFile | None:
    """The run's file, if there is one; it has to be of these accounts."""
    found = RunFile.read(path)
    if found is not None and found.accounts != [source.account, backup.account]:
        raise RefusedToBeginError(f"{path} is of other accounts: name their profiles")
    return found


def _write(file: RunFile, source: Side, backup: Side, folder: Path) -> None:
    known = {source.account: "SOURCE", backup.account: "BACKUP"}
    report.write(folder, report.body(file, known, datetime.now(UTC)))


def _observe(given: argparse.Namespace, _confirm: Callable[[str], str]) -> int:
    told = json.loads(given.report.read_text())
    try:
        switches_of(told)
    except ValueError as error:
        raise RefusedToBeginError(f"{given.report}: {error}") from error
    OBSERVED.write_text(json.dumps(told, indent=2) + "\n")
    return 0


def _say(words: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S} {words}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
