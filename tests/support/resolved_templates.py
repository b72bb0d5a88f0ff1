"""The two templates as CloudFormation resolves them for given parameters, without an account.

Decides nothing about what they should say: that is the tests' business.  The templates are taken as
they are written, with SAM's own resources; a resource without a name of its own has its logical id
for one, and the keys have ids that tests know.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from tests.permissions import resolving

ROOT, REGION = resolving.ROOT, resolving.REGION
SOURCE, BACKUP = "111111111111", "222222222222"
KEY = f"arn:aws:kms:{REGION}:{SOURCE}:key/12345678-1234-1234-1234-123456789012"
BACKUP_KEY = f"arn:aws:kms:{REGION}:{BACKUP}:key/87654321-4321-4321-4321-210987654321"
# Of the partitions' Regions none makes a longer ARN of a key; so many keys may databases have.
LONGEST_KEY = f"arn:aws-us-gov:kms:ap-northeast-1:{SOURCE}:key/12345678-1234-1234-1234-123456789012"
MOST_KEYS = 30
FUNCTION_ROLE = f"arn:aws:iam::{SOURCE}:role/rds-backup-function"
ADMINISTRATOR = f"arn:aws:iam::{BACKUP}:role/admins/key-administrator"
_IDS = {
    "SharingKey": KEY.rsplit("/", 1)[1],
    "BackupKey": BACKUP_KEY.rsplit("/", 1)[1],
    "DrillDatabaseGroup": "sg-0d0d0d0d0d0d0d0d0",
    "DrillProbeGroup": "sg-0a0a0a0a0a0a0a0a0",
}
_POLICIES = ("AssumeRolePolicyDocument", "KeyPolicy", "PolicyDocument")


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms: !Ref, !Sub, !If and the others."""


def _short_form(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {name: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _short_form)


def _merged(common: Any, own: Any) -> Any:  # noqa: ANN401 - a template's node is any JSON
    """A function's property with what Globals say of it, as SAM does: key by key, its own first."""
    if not (isinstance(common, dict) and isinstance(own, dict)):
        return own
    return common | {key: _merged(common.get(key), value) for key, value in own.items()}


class Template:
    """One template as it is written, with its functions' Globals."""

    def __init__(self, name: str, account: str, given: Mapping[str, str]) -> None:
        """``given`` is what a user has to give, in an account; everything else has a default."""
        self.name = name
        self.account = account
        self.given = given
        self.text = (ROOT / name).read_text()
        self.body: dict[str, Any] = _Loader(self.text).get_single_data()
        self.parameters: dict[str, dict[str, Any]] = self.body["Parameters"]
        self.resources: dict[str, dict[str, Any]] = self.body["Resources"]
        common = self.body.get("Globals", {}).get("Function", {})
        for made in self.resources.values():
            if made["Type"] == "AWS::Serverless::Function":
                made["Properties"] = _merged(common, made["Properties"])

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """The properties of all resources of a type, by logical id."""
        return {n: r["Properties"] for n, r in self.resources.items() if r["Type"] == kind}

    def accepts(self, name: str, value: str) -> bool:
        """Whether CloudFormation accepts the parameter's value: a pattern has to match all of it.

        Of a CommaDelimitedList it has to match each value (CloudFormation User Guide, Parameters).
        """
        parameter = self.parameters[name]
        if "AllowedValues" in parameter:
            return value in map(str, parameter["AllowedValues"])
        if parameter["Type"] == "Number":
            number = re.fullmatch(r"-?\d+(\.\d+)?", value)
            return bool(number) and parameter["MinValue"] <= float(value) <= parameter["MaxValue"]
        is_list = parameter["Type"] == "CommaDelimitedList"
        values = value.split(",") if is_list else [value]
        longest = parameter.get("MaxLength", 4096)  # CloudFormation's own limit
        return len(value) <= longest and all(
            re.fullmatch(parameter["AllowedPattern"], each) for each in values
        )


SOURCE_TEMPLATE = Template("template.yaml", SOURCE, {"DbId": "orders", "BackupAccountId": BACKUP})
BACKUP_TEMPLATE = Template(
    "backup-account.yaml",
    BACKUP,
    {
        "SourceAccountIds": SOURCE,
        "FunctionRoleArns": FUNCTION_ROLE,
        "SharingKeyArns": KEY,
        "SnapshotArnPatterns": (
            f"arn:aws:rds:{REGION}:{SOURCE}:snapshot:rds-backup-*,"
            f"arn:aws:rds:{REGION}:{SOURCE}:cluster-snapshot:rds-backup-*"
        ),
        "KeyAdministrators": ADMINISTRATOR,
    },
)
TEMPLATES = (SOURCE_TEMPLATE, BACKUP_TEMPLATE)


class Stack:
    """A template with values for its parameters."""

    def __init__(
        self,
        template: Template,
        account: str | None = None,
        region: str = REGION,
        **given: str,
    ) -> None:
        """Take what a user has to give and the defaults, but for what is given here."""
        self.template = template
        parameters = {**template.given, **given}
        own = account or template.account
        ids = {name: name for name in template.resources} | _IDS
        self._region = region
        self._resolved = resolving.Stack(template.body, own, parameters, ids, region)

    def resolve(self, node: Any) -> Any:  # noqa: ANN401 - a template's node is any JSON
        """The node with its functions evaluated, less what is AWS::NoValue."""
        return self._resolved.value(node)

    def has(self, condition: str) -> bool:
        """Whether one of the template's conditions is true."""
        return self._resolved.holds({"Condition": condition})

    def arn(self, name: str) -> str:
        """The ARN of a resource, by its logical id."""
        return self._resolved.arn(name)

    def resources(self) -> dict[str, dict[str, Any]]:
        """The properties of the resources that are made, by logical id."""
        made = self._resolved.resources
        return {name: resource.get("Properties", {}) for name, resource in made.items()}

    def outputs(self) -> dict[str, Any]:
        """The values of the stack's outputs."""
        return dict(self._resolved.outputs)

    def environment(self, function: str) -> dict[str, str]:
        """A function's variables, with those that Lambda sets itself."""
        variables: dict[str, str] = self.resources()[function]["Environment"]["Variables"]
        return variables | {"AWS_REGION": self._region}

    def statements(self, resource: str) -> list[dict[str, Any]]:
        """Every statement of a role's own policies, or of a key's or a topic's."""
        made = self.resources()
        properties = made[resource]
        attached = properties.get("ManagedPolicyArns", ())
        documents = [
            properties[key] for key in ("KeyPolicy", "PolicyDocument") if key in properties
        ]
        documents += [policy["PolicyDocument"] for policy in properties.get("Policies", ())]
        documents += [
            made[name]["PolicyDocument"]
            for name in self.template.of_type("AWS::IAM::ManagedPolicy")
            if name in made and self.resolve({"Ref": name}) in attached
        ]
        return [statement for document in documents for statement in document["Statement"]]

    def trust(self, role: str) -> dict[str, Any]:
        """The only statement of a role's trust policy."""
        [statement] = self.resources()[role]["AssumeRolePolicyDocument"]["Statement"]
        return dict(statement)

    def broken_rules(self) -> set[str]:
        """The names of the rules that refuse these parameters."""
        return {
            name
            for name, rule in self.template.body["Rules"].items()
            if not all(self._resolved.holds(a["Assert"]) for a in rule["Assertions"])
        }


def documents(stack: Stack) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every policy document of a stack, with the logical id of its resource."""
    for name, properties in stack.resources().items():
        for key in _POLICIES:
            if key in properties:
                yield name, properties[key]
        for policy in properties.get("Policies", ()):
            yield name, policy["PolicyDocument"]


def listed(value: Any) -> list[str]:  # noqa: ANN401 - IAM takes one string or a list of them
    """One string, or the list that it stands for."""
    return [value] if isinstance(value, str) else list(value)


def strings(node: Any) -> Iterator[str]:  # noqa: ANN401 - a template's node is any JSON
    """Every string in a node."""
    match node:
        case str():
            yield node
        case Mapping():
            for value in node.values():
                yield from strings(value)
        case list():
            for value in node:
                yield from strings(value)
        case _:
            return
