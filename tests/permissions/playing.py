"""What has to be allowed for the nights of one deployment, out of the calls that they make."""

from collections.abc import Iterator
from copy import replace
from itertools import product
from typing import Any

from sandbox import Sandbox, Switches
from sandbox.calls import Call
from sandbox.serving.lambda_runtime import Function
from tests.permissions import drills, recording
from tests.permissions.asking import BACKUP, SOURCE, Principal, Request
from tests.permissions.authorising import THROUGH_RDS, Keys, requests
from tests.permissions.known_keys import (
    BACKUP_KEY,
    DATABASE_KEYS,
    DEFAULT_KEYS,
    KEY_THERE,
    SHARING_KEY,
)
from tests.permissions.resolving import REGION, Stack
from tests.permissions.scenarios import Deployed, Scenario, there
from tests.support.playing import NIGHT


def recorded(deployed: Deployed) -> list[Request]:
    """What has to be allowed for the nights, once each; in every source account."""
    keys = keys_of(deployed)
    found = [
        request
        for each in _played(deployed)
        for request in requests(each, role_of(each.call), keys)
    ]
    everywhere = [in_account(r, a) for a in deployed.scenario.accounts for r in found]
    return [*dict.fromkeys(p for r in everywhere for p in placed(r, deployed.scenario))]


def keys_of(deployed: Deployed) -> Keys:
    """What the sandbox's keys are called in a deployment."""
    alias = deployed.backup.value({"Ref": "BackupKeyAlias"})
    default = {(account, "alias/aws/rds"): arn for account, arn in DEFAULT_KEYS.items()}
    return {(BACKUP, alias): deployed.scenario.backup_key, **default}


def role_of(call: Call) -> Principal:
    """The role whose session made a call."""
    _, _, _, _, account, name = str(call.caller).split(":")
    return Principal(f"arn:aws:iam::{account}:role/{name.split('/')[1]}")


def in_account(request: Request, account: str) -> Request:
    """The same request where another account is the source."""
    return replace(
        request,
        principal=replace(request.principal, name=there(request.principal.name, account)),
        resource=there(request.resource, account),
        account=there(request.account, account),
        context=there(request.context, account),
    )


def placed(request: Request, scenario: Scenario) -> Iterator[Request]:
    """The request where the backup account is in another Region, if the scenario says so.

    A copy from another Region is asked for in both (2.29), and RDS of either may be the one that
    uses its source's key (2.27c).
    """
    there = scenario.region
    if there is None:
        yield request
        return
    context = tuple((key, _moved(value, there)) for key, value in request.context)
    own = replace(request, resource=_moved(request.resource, there), context=context)
    regions, through = [REGION], [REGION]
    if own.account == BACKUP:
        regions, through = [there], [there]
        if f":{REGION}:{SOURCE}:" in own.resource:
            regions.append(REGION)
    elif own.principal.account == BACKUP:
        through.append(there)
    for region, service in product(regions, through):
        by = ("kms:ViaService", f"rds.{service}.amazonaws.com")
        said = tuple(by if each == THROUGH_RDS else each for each in own.context)
        yield replace(own, context=(("aws:RequestedRegion", region), *said))


def _moved(value: Any, region: str) -> Any:  # noqa: ANN401 - a text, or a tuple of texts
    """What is the backup account's, in its Region."""
    if isinstance(value, tuple):
        return tuple(_moved(each, region) for each in value)
    found = str(value).replace(BACKUP_KEY, KEY_THERE)
    return found.replace(f":{REGION}:{BACKUP}", f":{region}:{BACKUP}")


def _played(deployed: Deployed) -> Iterator[recording.Recorded]:
    """Play the story with the environments that the stacks give their functions."""
    start, switches = NIGHT.replace(hour=0), Switches(share_repeat="refuse")
    scenario = deployed.scenario
    with Sandbox(start=start, switches=switches, backup_region=scenario.region) as aws:
        aws.external_id = deployed.scenario.source.get("BackupAccountExternalId")
        keys = [aws.keys.create(SOURCE) for _ in DATABASE_KEYS]
        known = (SHARING_KEY, scenario.backup_key, *DATABASE_KEYS)
        assert known == (aws.sharing_key, aws.backup_key, *keys)
        own_keys = "DatabaseKmsKeyArns" in deployed.scenario.source
        recording.families(aws, keys if own_keys else ["aws/rds"] * 2)
        here = environment(deployed.source, "BackupFunction")
        function = Function(aws, {**aws.environment(), **here})
        expiring = None
        if deployed.expires_itself:
            there = environment(deployed.backup, "ExpireFunction")
            expiring = Function(aws, {**aws.backup_environment(), **there})
        record = recording.Record(aws)
        recording.story(recording.World(aws, function, expiring))
        if deployed.drills:
            _drills(aws, deployed)
    yield from record.calls


def _drills(aws: Sandbox, deployed: Deployed) -> None:
    """Play drills, in the stack's network, and with its validator if it has one."""
    drilling, looking = (
        Function(aws, {**aws.drill_environment(), **environment(deployed.backup, name)})
        for name in ("DrillFunction", "DrillLookFunction")
    )
    aws.add_group("DBSubnetGroupName", drilling.environment["DRILL_SUBNET_GROUP"], aws.backup)
    settings = drilling.environment
    _answers(aws, settings["DRILL_PROBE"], {"ok": True, "milliseconds": 12})
    if validator := settings["DRILL_VALIDATOR_ARN"]:
        _answers(aws, validator, {"ok": True, "facts": {}})
    drills.story(aws, drilling, looking)


def _answers(aws: Sandbox, function: str, answer: object) -> None:
    """A function of the backup account that always gives the same answer."""
    assert function == aws.add_function(function.rsplit(":", 1)[1], lambda _: answer)


def environment(stack: Stack, function: str) -> dict[str, str]:
    """The variables that a stack gives its function."""
    variables = stack.resources[function]["Properties"]["Environment"]["Variables"]
    return {name: str(value) for name, value in variables.items()}
