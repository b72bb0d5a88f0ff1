"""A CloudFormation template as its account sees it: parameters, conditions and functions evaluated.

Strict: whatever it does not know for certain is an error, never a guess.  Decides nothing about
permissions.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
REGION = "eu-west-1"
_PSEUDO = {
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": "rds-backup",
}
# What Ref and GetAtt Arn answer, by the resource's type (CloudFormation Template Reference, return
# values); {id} is the resource's physical id.
_REF = {
    "AWS::IAM::ManagedPolicy": "arn:aws:iam::{account}:policy/{id}",
    "AWS::SNS::Topic": "arn:aws:sns:{region}:{account}:{id}",
    "AWS::SQS::Queue": "https://sqs.{region}.amazonaws.com/{account}/{id}",
}
_ARN = {
    "AWS::CloudWatch::Alarm": "arn:aws:cloudwatch:{region}:{account}:alarm:{id}",
    "AWS::CloudWatch::CompositeAlarm": "arn:aws:cloudwatch:{region}:{account}:alarm:{id}",
    "AWS::Events::Rule": "arn:aws:events:{region}:{account}:rule/{id}",
    "AWS::IAM::Role": "arn:aws:iam::{account}:role/{id}",
    "AWS::KMS::Key": "arn:aws:kms:{region}:{account}:key/{id}",
    "AWS::Lambda::Function": "arn:aws:lambda:{region}:{account}:function:{id}",
    "AWS::Serverless::Function": "arn:aws:lambda:{region}:{account}:function:{id}",
    "AWS::Logs::LogGroup": "arn:aws:logs:{region}:{account}:log-group:{id}:*",
    "AWS::SNS::Topic": _REF["AWS::SNS::Topic"],
    "AWS::SQS::Queue": "arn:aws:sqs:{region}:{account}:{id}",
    "AWS::Scheduler::ScheduleGroup": "arn:aws:scheduler:{region}:{account}:schedule-group/{id}",
}
# Attributes that are the physical id.
_IS_ID = {("AWS::EC2::SecurityGroup", "GroupId"), ("AWS::SQS::Queue", "QueueName")}
_NAMES = ("Name", "RoleName", "FunctionName", "LogGroupName", "QueueName", "TopicName", "AliasName")
_NOTHING = object()


class UnknownError(Exception):
    """The template says something that cannot be resolved for certain."""


@dataclass(eq=False)
class Stack:
    """One template in one account and Region; ``ids`` are physical ids, by logical id."""

    template: dict[str, Any]
    account: str
    given: Mapping[str, str]
    ids: Mapping[str, str] = field(default_factory=dict)
    region: str = REGION

    def __post_init__(self) -> None:
        """Refuse parameters that are missing or that there are not."""
        declared = self.template["Parameters"]
        if surplus := set(self.given) - set(declared):
            raise UnknownError(f"no such parameters: {sorted(surplus)}")
        own = {"AWS::AccountId": self.account, "AWS::Region": self.region}
        self._values: dict[str, Any] = {**_PSEUDO, **own}
        for name, parameter in declared.items():
            if name not in self.given and "Default" not in parameter:
                raise UnknownError(f"the parameter {name} is missing")
            value = str(self.given.get(name, parameter.get("Default")))
            listed = parameter["Type"] == "CommaDelimitedList"
            self._values[name] = value.split(",") if listed else value

    @property
    def resources(self) -> dict[str, dict[str, Any]]:
        """The resources that exist under these parameters, resolved, by logical id."""
        return {
            name: self.value(resource)
            for name, resource in self.template["Resources"].items()
            if self._exists(name)
        }

    @property
    def outputs(self) -> dict[str, str]:
        """The stack's outputs."""
        return {
            name: self.value(output["Value"])
            for name, output in self.template["Outputs"].items()
            if "Condition" not in output or self.holds({"Condition": output["Condition"]})
        }

    def arn(self, name: str) -> str:
        """The ARN of a resource of this stack, by its logical id."""
        return str(self._attribute(name, "Arn"))

    def value(self, node: Any) -> Any:  # noqa: ANN401 - a template's node is any JSON
        """The node with every function evaluated and what is AWS::NoValue left out."""
        found = self._value(node)
        return None if found is _NOTHING else found

    def _value(self, node: Any) -> Any:  # noqa: ANN401 - as above
        match node:
            case {"Ref": str(name), **rest} if not rest:
                return self._ref(name)
            case {"Condition": _, "Type": _}:
                return {key: self._value(node[key]) for key in node if key != "Condition"}
            case dict() if len(node) == 1 and str(next(iter(node))).startswith("Fn::"):
                return self._function(*next(iter(node.items())))
            case dict():
                found = {key: self._value(value) for key, value in node.items()}
                return {key: value for key, value in found.items() if value is not _NOTHING}
            case list():
                return [value for value in map(self._value, node) if value is not _NOTHING]
            case _:
                return node

    def _function(self, name: str, said: Any) -> Any:  # noqa: ANN401 - as above
        match name, said:
            case "Fn::GetAtt", [str(resource), str(attribute)]:
                return self._attribute(resource, attribute)
            case "Fn::GetAtt", str(both) if "." in both:
                return self._attribute(*both.split(".", 1))
            case "Fn::Sub", str(text):
                return self._sub(text, {})
            case "Fn::Sub", [str(text), dict(own)]:
                return self._sub(text, {key: self._value(value) for key, value in own.items()})
            case "Fn::Join", [str(glue), parts]:
                return glue.join(self._value(parts))
            case "Fn::Split", [str(glue), text]:
                return self._value(text).split(glue)
            case "Fn::Select", [index, parts]:
                return self._value(parts)[int(index)]
            case "Fn::GetAZs", "":
                return [f"{self.region}{letter}" for letter in "abc"]
            case "Fn::If", [str(condition), then, otherwise]:
                return self._value(then if self.holds({"Condition": condition}) else otherwise)
            case _:
                raise UnknownError(f"{name}: {said}")

    def _ref(self, name: str) -> Any:  # noqa: ANN401 - as above
        if name == "AWS::NoValue":
            return _NOTHING
        if name in self._values:
            return self._values[name]
        kind = self._resource(name)["Type"]
        found = self._format(_REF.get(kind, "{id}"), name)
        # RDS keeps the names of subnet groups in lower case (CreateDBSubnetGroup).
        return found.lower() if kind == "AWS::RDS::DBSubnetGroup" else found

    def _attribute(self, name: str, attribute: str) -> Any:  # noqa: ANN401 - as above
        kind = self._resource(name)["Type"]
        if (kind, attribute) in _IS_ID:
            return self._format("{id}", name)
        if attribute != "Arn" or kind not in _ARN:
            raise UnknownError(f"the attribute {attribute} of {name}, a {kind}")
        return self._format(_ARN[kind], name)

    def _format(self, pattern: str, name: str) -> str:
        properties = self._resource(name).get("Properties", {})
        named = next((properties[key] for key in _NAMES if key in properties), None)
        own = self._value(named) if named else self.ids.get(name, f"rds-backup-{name}-A1B2C3D4E5F6")
        return pattern.format(region=self.region, account=self.account, id=own)

    def _resource(self, name: str) -> dict[str, Any]:
        if name not in self.template["Resources"] or not self._exists(name):
            raise UnknownError(f"there is no {name} under these parameters")
        found: dict[str, Any] = self.template["Resources"][name]
        return found

    def _exists(self, name: str) -> bool:
        condition = self.template["Resources"][name].get("Condition")
        return condition is None or self.holds({"Condition": condition})

    def _sub(self, text: str, own: Mapping[str, Any]) -> str:
        def found(match: re.Match[str]) -> str:
            name = match[1]
            if name in own:
                return str(own[name])
            resource, _, attribute = name.partition(".")
            return str(self._attribute(resource, attribute) if attribute else self._ref(name))

        return re.sub(r"\$\{([\w.:]+)\}", found, text)

    def holds(self, node: Any) -> bool:  # noqa: ANN401 - as above
        """Whether a condition, or a rule's assertion, is true."""
        match node:
            case {"Condition": str(name)}:
                return self.holds(self.template["Conditions"][name])
            case {"Fn::Equals": [left, right]}:
                return bool(self._value(left) == self._value(right))
            case {"Fn::Contains": [values, value]}:
                return self._value(value) in self._value(values)
            case {"Fn::Not": [inner]}:
                return not self.holds(inner)
            case {"Fn::And": [*parts]}:
                return all(map(self.holds, parts))
            case {"Fn::Or": [*parts]}:
                return any(map(self.holds, parts))
            case _:
                raise UnknownError(f"a condition: {node}")
