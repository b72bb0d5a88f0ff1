"""Who may do what in both accounts: every policy of the two resolved stacks, by its place.

Finds trust, identity and resource policies, and refuses a resource that may carry permissions it
does not know.  Decides nothing.
"""

from collections.abc import Iterator, Mapping
from copy import replace
from dataclasses import dataclass
from typing import Any

from tests.permissions.resolving import Stack, UnknownError

type Policy = dict[str, Any]
_MANAGED = "AWS::IAM::ManagedPolicy"
# Resources that give nobody any permission (a queue or topic has a policy resource of its own; the
# policy of an endpoint only limits what passes it).
_WITHOUT_PERMISSIONS = {
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::SecurityGroupIngress",
    "AWS::EC2::Subnet",
    "AWS::EC2::VPC",
    "AWS::EC2::VPCEndpoint",
    "AWS::Events::Rule",
    "AWS::KMS::Alias",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::Function",
    "AWS::Logs::LogGroup",
    "AWS::Logs::MetricFilter",
    "AWS::Logs::QueryDefinition",
    "AWS::RDS::DBSubnetGroup",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::Scheduler::Schedule",
    "AWS::Scheduler::ScheduleGroup",
}
# A tag gives a role nothing, as no policy here asks for one of a principal.
_ROLE = {
    *("AssumeRolePolicyDocument", "Description", "ManagedPolicyArns", "Policies", "RoleName"),
    "Tags",
}


@dataclass(frozen=True)
class Grants:
    """Every policy by name, and whose it is.

    ``identity``: the policies of a role, by its ARN.  ``resource``: the policy on a resource, by
    its ARN; for a role its trust policy.
    """

    documents: Mapping[str, Policy]
    identity: Mapping[str, tuple[str, ...]]
    resource: Mapping[str, str]

    def __or__(self, other: "Grants") -> "Grants":
        """Both together."""
        if twice := set(self.documents) & set(other.documents):
            raise UnknownError(f"two policies are named {sorted(twice)}")
        return Grants(
            {**self.documents, **other.documents},
            {**self.identity, **other.identity},
            {**self.resource, **other.resource},
        )

    def with_document(self, name: str, policy: Policy) -> "Grants":
        """The same with one policy changed."""
        return replace(self, documents={**self.documents, name: policy})


def holder(account: str) -> str:
    """A role of people, to whom a stack's policies are attached that no role of its own has."""
    return f"arn:aws:iam::{account}:role/on-call"


def grants(side: str, stack: Stack) -> Grants:
    """The policies of one stack; each is named ``side/logical id/policy``."""
    found, managed = Grants({}, {}, {}), []
    for name, resource in stack.resources.items():
        for each in _of(f"{side}/{name}", name, resource, stack):
            found |= each
            managed += [*each.documents] if resource["Type"] == _MANAGED else []
    attached = {name for names in found.identity.values() for name in names}
    of_people = tuple(name for name in managed if name not in attached)
    return found | Grants({}, {holder(stack.account): of_people}, {})


def _of(place: str, name: str, resource: Mapping[str, Any], stack: Stack) -> Iterator[Grants]:
    kind, properties = resource["Type"], resource.get("Properties", {})
    if kind == "AWS::IAM::Role":
        yield _role(place, stack, stack.arn(name), properties)
    elif kind == _MANAGED:
        if set(properties) != {"Description", "PolicyDocument"}:
            raise UnknownError(f"{place} is attached to more than the roles that name it")
        yield Grants({f"{place}/policy": properties["PolicyDocument"]}, {}, {})
    elif kind == "AWS::KMS::Key":
        yield _on(f"{place}/key", stack.arn(name), properties["KeyPolicy"])
    elif kind == "AWS::SNS::TopicPolicy":
        for topic in properties["Topics"]:
            yield _on(f"{place}/topic", topic, properties["PolicyDocument"])
    elif kind not in _WITHOUT_PERMISSIONS:
        raise UnknownError(f"{name}, a {kind}, may carry permissions")


def _role(place: str, stack: Stack, arn: str, properties: Mapping[str, Any]) -> Grants:
    if unknown := set(properties) - _ROLE:
        raise UnknownError(f"{place} has {sorted(unknown)}: policies that are not in the template")
    inline = {f"{place}/{p['PolicyName']}": p["PolicyDocument"] for p in properties["Policies"]}
    trust = _on(f"{place}/trust", arn, properties["AssumeRolePolicyDocument"])
    side, made = place.split("/", maxsplit=1)[0], stack.resources
    managed = {stack.value({"Ref": n}): n for n in made if made[n]["Type"] == _MANAGED}
    if foreign := set(properties.get("ManagedPolicyArns", ())) - set(managed):
        raise UnknownError(f"{place} has {sorted(foreign)}: policies of another's")
    attached = [f"{side}/{managed[p]}/policy" for p in properties.get("ManagedPolicyArns", ())]
    return trust | Grants(inline, {arn: (*inline, *attached)}, {})


def _on(name: str, arn: str, policy: Policy) -> Grants:
    return Grants({name: policy}, {}, {arn: name})
