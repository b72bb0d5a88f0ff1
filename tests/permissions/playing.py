"""What has to be allowed for the nights of one deployment, out of the calls that they make."""

from collections.abc import Iterator
from copy import replace

from sandbox import Sandbox, Switches
from sandbox.calls import Call
from sandbox.serving.lambda_runtime import Function
from tests.permissions import drills, recording
from tests.permissions.asking import BACKUP, SOURCE, Principal, Request
from tests.permissions.authorising import Keys, requests
from tests.permissions.known_keys import BACKUP_KEY, DATABASE_KEYS, DEFAULT_KEYS, SHARING_KEY
from tests.permissions.resolving import Stack
from tests.permissions.scenarios import Deployed, there
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
    return [*dict.fromkeys(everywhere)]


def keys_of(deployed: Deployed) -> Keys:
    """What the sandbox's keys are called in a deployment."""
    alias = deployed.backup.value({"Ref": "BackupKeyAlias"})
    default = {(account, "alias/aws/rds"): arn for account, arn in DEFAULT_KEYS.items()}
    return {(BACKUP, alias): BACKUP_KEY, **default}


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


def _played(deployed: Deployed) -> Iterator[recording.Recorded]:
    """Play the story with the environments that the stacks give their functions."""
    with Sandbox(start=NIGHT.replace(hour=0), switches=Switches(share_repeat="refuse")) as aws:
        aws.external_id = deployed.scenario.source.get("BackupAccountExternalId")
        keys = [aws.keys.create(SOURCE) for _ in DATABASE_KEYS]
        assert (SHARING_KEY, BACKUP_KEY, *DATABASE_KEYS) == (aws.sharing_key, aws.backup_key, *keys)
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
