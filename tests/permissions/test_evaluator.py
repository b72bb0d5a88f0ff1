"""The evaluator answers as IAM is documented to, in every way that the proof relies on."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.permissions.asking import BACKUP, ORGANIZATION, SOURCE, Principal, Request, decisions
from tests.permissions.authorising import Context
from tests.permissions.grants import Grants

ROLE = f"arn:aws:iam::{BACKUP}:role/role"
FUNCTION = f"arn:aws:iam::{SOURCE}:role/function"
KEY = f"arn:aws:kms:eu-west-1:{SOURCE}:key/12345678-1234-1234-1234-123456789012"
SNAPSHOT = f"arn:aws:rds:eu-west-1:{SOURCE}:snapshot:name"
ROOT = {"AWS": f"arn:aws:iam::{BACKUP}:root"}
TAG = "aws:ResourceTag/team"


def policy(*statements: Mapping[str, Any]) -> dict[str, Any]:
    """A policy of these statements, which allow unless they say otherwise."""
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **s} for s in statements]}


def decide(
    request: Request, identity: Sequence[dict[str, Any]] = (), on: dict[str, Any] | None = None
) -> str:
    """The answer under these policies of the principal, and this one on the resource."""
    documents = {str(number): each for number, each in enumerate(identity)}
    owned = {request.principal.name: tuple(documents)}
    resource = {request.resource: "on"} if on else {}
    grants = Grants({**documents, **({"on": on} if on else {})}, owned, resource)
    (answer,) = decisions([(grants, request)])
    return answer


def key_use(context: Context = ()) -> Request:
    """The backup account's role decrypts under a key of the source account."""
    return Request(Principal(ROLE), "kms:Decrypt", KEY, SOURCE, context)


def delete(context: Context = (), resource: str = SNAPSHOT) -> Request:
    """The function deletes a snapshot of its own account."""
    return Request(Principal(FUNCTION), "rds:DeleteDBSnapshot", resource, SOURCE, context)


IDENTITY = policy({"Action": "kms:Decrypt", "Resource": KEY})
ON_KEY = policy({"Action": "kms:Decrypt", "Resource": "*", "Principal": ROOT})


class TestAccounts:
    """Two accounts, two policies."""

    def test_another_accounts_key_takes_both_policies(self) -> None:
        """AWS KMS Developer Guide, Allowing users in other accounts to use a KMS key."""
        assert "Allowed" == decide(key_use(), [IDENTITY], ON_KEY)
        assert "ImplicitlyDenied" == decide(
            key_use(),
            [IDENTITY],
            policy({**ON_KEY["Statement"][0], "Principal": {"AWS": FUNCTION}}),
        )
        assert "ImplicitlyDenied" == decide(key_use(), [], ON_KEY)

    def test_a_trust_policy_decides_who_assumes_a_role(self) -> None:
        """AWS IAM User Guide: the role's trust and the caller's own policy, across accounts."""
        request = Request(Principal(FUNCTION), "sts:AssumeRole", ROLE, BACKUP)
        own = policy({"Action": "sts:AssumeRole", "Resource": ROLE})
        trust = policy(
            {
                "Action": "sts:AssumeRole",
                "Principal": {"AWS": f"arn:aws:iam::{SOURCE}:root"},
                "Condition": {"ArnEquals": {"aws:PrincipalArn": FUNCTION}},
            }
        )
        other = Request(Principal(f"{FUNCTION}-2"), "sts:AssumeRole", ROLE, BACKUP)

        assert "Allowed" == decide(request, [own], trust)
        assert "ImplicitlyDenied" == decide(request, [], trust)
        assert "ImplicitlyDenied" == decide(other, [own], trust)

    def test_the_organization_is_that_of_the_principal(self) -> None:
        """And can be another."""
        asked = {"StringLike": {"aws:PrincipalOrgID": ORGANIZATION}}
        on = policy({**ON_KEY["Statement"][0], "Condition": asked})

        assert "Allowed" == decide(key_use(), [IDENTITY], on)
        other: Context = (("aws:PrincipalOrgID", "o-other"),)
        assert "ImplicitlyDenied" == decide(key_use(other), [IDENTITY], on)


class TestConditions:
    """Each operator that the templates use."""

    @pytest.mark.parametrize(
        ("condition", "fits", "does_not"),
        [
            ({"StringEquals": {TAG: "ours"}}, ((TAG, "ours"),), ()),
            ({"StringEquals": {TAG: "ours"}}, ((TAG, "ours"),), ((TAG, "OURS"),)),
            ({"Null": {TAG: "true"}}, (), ((TAG, "ours"),)),
            (
                {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
                (),
                (("aws:RequestedRegion", "us-east-1"),),
            ),
        ],
        ids=["missing", "case", "null", "region"],
    )
    def test_of_a_snapshot(self, condition: Any, fits: Context, does_not: Context) -> None:  # noqa: ANN401
        """AWS IAM User Guide, Condition operators."""
        own = policy(
            {"Action": "rds:DeleteDBSnapshot", "Resource": SNAPSHOT, "Condition": condition}
        )

        assert "Allowed" == decide(delete(fits), [own])
        assert "ImplicitlyDenied" == decide(delete(does_not), [own])

    @pytest.mark.parametrize(
        ("operator", "keys", "answer"),
        [
            ("ForAnyValue:StringEquals", ("a", "keep"), "ExplicitlyDenied"),
            ("ForAnyValue:StringEquals", ("a", "b"), "Allowed"),
            ("ForAllValues:StringEquals", ("a", "keep"), "Allowed"),
        ],
    )
    def test_of_several_values(self, operator: str, keys: tuple[str, ...], answer: str) -> None:
        """Any of the tags, or all of them."""
        action = "rds:AddTagsToResource"
        denied = {operator: {"aws:TagKeys": "keep"}}
        own = policy(
            {"Action": action, "Resource": "*"},
            {"Effect": "Deny", "Action": action, "Resource": "*", "Condition": denied},
        )
        context: Context = (("aws:TagKeys", keys),)

        assert (
            decide(Request(Principal(FUNCTION), action, SNAPSHOT, SOURCE, context), [own]) == answer
        )

    @pytest.mark.parametrize(
        ("context", "answer"),
        [
            ((("kms:GrantIsForAWSResource", "true"),), "Allowed"),
            ((("kms:GrantIsForAWSResource", "false"),), "ExplicitlyDenied"),
            ((), "ExplicitlyDenied"),
        ],
        ids=["aws", "not-aws", "not-said"],
    )
    def test_bool_if_exists(self, context: Context, answer: str) -> None:
        """A key that is not there counts as fitting."""
        action = "kms:CreateGrant"
        unless = {"BoolIfExists": {"kms:GrantIsForAWSResource": "false"}}
        own = policy({"Action": action, "Resource": KEY})
        on = policy(
            {"Action": action, "Resource": "*", "Principal": ROOT},
            {
                "Effect": "Deny",
                "Action": action,
                "Resource": "*",
                "Principal": {"AWS": "*"},
                "Condition": unless,
            },
        )

        assert decide(Request(Principal(ROLE), action, KEY, SOURCE, context), [own], on) == answer


class TestStrictness:
    """What cannot be decided exactly is an error, and no answer."""

    own = policy({"Action": "rds:*", "Resource": "*"})

    @pytest.mark.parametrize(
        ("request_", "said"),
        [
            (delete(resource=f"{SNAPSHOT}*"), "wildcard is asked for"),
            (delete((("kms:ViaService", "rds.eu-west-1.amazonaws.com"),)), "has no kms:ViaService"),
            (delete(resource=f"arn:aws:rds:eu-west-1:{SOURCE}:snapshots:x"), "no.resource.types"),
            (
                Request(Principal(FUNCTION), "rds:DeleteSnapshot", SNAPSHOT, SOURCE),
                "invalid.action",
            ),
        ],
        ids=["wildcard", "foreign-key", "no-such-resource", "no-such-action"],
    )
    def test_a_question_that_makes_no_sense_is_refused(self, request_: Request, said: str) -> None:
        """Its answer would be right by accident."""
        with pytest.raises(RuntimeError, match=said):
            decide(request_, [self.own])

    def test_a_policy_that_iam_would_not_take_is_refused(self) -> None:
        """A misspelled member would be ignored."""
        wrong = policy({"Action": "rds:DeleteDBSnapshot", "Resource": "*", "Conditions": {}})

        with pytest.raises(RuntimeError, match=r"policy\.errors"):
            decide(delete(), [wrong])
