"""Backups brought back by the deployed functions: a restore plan followed, and a drill."""

import os
import re
import subprocess
from collections.abc import Callable, Mapping
from typing import Any

from acceptance.databases import delete_database
from acceptance.deployed import Deployed
from acceptance.families import INSTANCE
from acceptance.ground import CannotTellError

_BLANK = re.compile(r"^([A-Z_]+)= +#", flags=re.MULTILINE)
type Shell = Callable[[str, Mapping[str, str]], None]


def by_bash(script: str, values: Mapping[str, str]) -> None:
    """Run it, with these variables; CannotTellError with its last words if it fails."""
    done = subprocess.run(  # noqa: S603 - the product's own script
        ["/bin/bash", "-euc", script],
        env={**os.environ, **values},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CannotTellError(" ".join(done.stderr.split())[-500:])


def restore_plan(deployed: Deployed, shell: Shell) -> str:
    """Way A of the plan for the PostgreSQL instance, filled in and run as it stands."""
    ground = deployed.stage.ground
    source, backup = ground.source, ground.vault
    name = ground.named("postgres")
    told = deployed.invoke(source, "LookFunctionName", action="restore_plan", database=name).result
    if told["outcome"] != "completed":
        raise CannotTellError(str(told["reason"]))
    script = re.split(r"^# B\.", told["text"], maxsplit=1, flags=re.MULTILINE)[0]
    known = {
        "BACKUP_PROFILE": backup.profile,
        "DB_SUBNET_GROUP": deployed.stacks.resource(backup, "DrillDatabaseGroup"),
        "SECURITY_GROUP_ID": deployed.stacks.outputs(backup)["DrillProbeGroupId"],
    }
    if unknown := set(_BLANK.findall(script)) - set(known):
        raise CannotTellError(f"the plan asks for {', '.join(sorted(unknown))}")
    begun = ground.clock()
    shell(_BLANK.sub(r"#", script), known)
    seconds = (ground.clock() - begun).total_seconds()
    ground.file.took("a restore plan followed, of an instance", seconds)
    restored = f"{name}-restored"
    found = backup.ask("rds", "describe_db_instances", DBInstanceIdentifier=restored)
    status = found["DBInstances"][0]["DBInstanceStatus"]
    _ = delete_database(backup, INSTANCE, restored)["DBInstance"]
    return f"the restored instance is {status}"


def drill(deployed: Deployed) -> str:
    """One drill until its database is gone; what it asked, and how long until it was answered."""
    ground = deployed.stage.ground
    side, output = ground.vault, "DrillFunctionName"
    seen: dict[str, object] = {}
    begun = deployed.invoke(side, output, action="drill")

    def look() -> bool | None:
        told = deployed.invoke(side, output, action="drill", resume=True)
        seen.update(told.result.get("drill") or {})
        return True if told.outcome == "nothing_to_do" or told.error else None

    ground.wait("the drill ends", look, minutes=360)
    if "result" not in seen:
        raise CannotTellError(f"no result: {begun.outcome} {begun.error}")
    ground.file.took("a drill until it was answered", 60 * float(str(seen["minutes"])))
    asked: Any = seen.get("questions", ())
    return "; ".join([str(seen["result"]), *(f"{a['question']}: {a['words']}" for a in asked)])
