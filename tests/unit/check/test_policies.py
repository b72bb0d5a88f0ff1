"""A key's policy passes with our own statements, and with nothing else."""

import json
from typing import Any

import pytest

from rds_backup.check.policies import Match, compare, left_out, outsiders

SOURCE, BACKUP = "111111111111", "222222222222"
OWN: dict[str, Any] = {
    "Sid": "PoliciesOfThisAccountDecide",
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{SOURCE}:root"},
    "Action": "kms:*",
    "Resource": "*",
}
READS: dict[str, Any] = {
    "Sid": "Reads",
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{BACKUP}:root"},
    "Action": "kms:DescribeKey",
    "Resource": "*",
    "Condition": {"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{BACKUP}:role/writer"}},
}
GRANTS: dict[str, Any] = {
    **READS,
    "Sid": "Grants",
    "Action": ["kms:CreateGrant", "kms:Decrypt"],
    "Condition": {
        **READS["Condition"],
        "StringEquals": {"kms:ViaService": "rds.eu-west-1.amazonaws.com"},
        "Bool": {"kms:GrantIsForAWSResource": "true"},
    },
}
DENIES: dict[str, Any] = {**OWN, "Sid": "Denies", "Effect": "Deny", "Principal": {"AWS": "*"}}
WANTED = (READS, GRANTS)


def policy(*statements: object) -> str:
    """A policy document of these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def test_our_own_statements_pass() -> None:
    """Beside whatever the key's own account is allowed."""
    compared = compare(policy(OWN, READS, GRANTS), WANTED, BACKUP)

    assert (Match.OURS, ()) == (compared.match, compared.missing)


def without(*names: str) -> dict[str, Any]:
    """The statement on grants, less some of its members."""
    return {k: v for k, v in GRANTS.items() if k not in names}


def under(**conditions: object) -> dict[str, Any]:
    """The same with some conditions otherwise; None leaves one out."""
    found = {k: v for k, v in {**GRANTS["Condition"], **conditions}.items() if v is not None}
    return {**GRANTS, "Condition": found}


SAME = {
    "another Sid": {**GRANTS, "Sid": "Another"},
    "no Sid": without("Sid"),
    "another order": {**GRANTS, "Action": ["kms:Decrypt", "kms:CreateGrant"]},
    "more": {**GRANTS, "Action": ["kms:Decrypt", "kms:CreateGrant", "kms:DescribeKey"]},
    "a list of one resource": {**GRANTS, "Resource": ["*"]},
    "a list of one principal": {**GRANTS, "Principal": {"AWS": [f"arn:aws:iam::{BACKUP}:root"]}},
    "a boolean": under(Bool={"kms:GrantIsForAWSResource": True}),
    "a list of one value": under(Bool={"kms:GrantIsForAWSResource": ["true"]}),
}
OTHER = {
    "denied": {**GRANTS, "Effect": "Deny"},
    "fewer actions": {**GRANTS, "Action": "kms:CreateGrant"},
    "all actions": {**GRANTS, "Action": "kms:*"},
    "all but one action": {**without("Action"), "NotAction": "kms:Encrypt"},
    "one resource": {**GRANTS, "Resource": f"arn:aws:kms:eu-west-1:{SOURCE}:key/one"},
    "a role": {**GRANTS, "Principal": {"AWS": f"arn:aws:iam::{BACKUP}:role/writer"}},
    "everybody": {**GRANTS, "Principal": "*"},
    "everybody but": {**without("Principal"), "NotPrincipal": {"AWS": "*"}},
    "no conditions": without("Condition"),
    "one condition less": under(Bool=None),
    "another Region": under(StringEquals={"kms:ViaService": "rds.eu-west-2.amazonaws.com"}),
    "another key of a condition": under(
        StringEquals={"kms:CallerAccount": "rds.eu-west-1.amazonaws.com"}
    ),
    "another operator": under(StringEquals=None, StringLike=GRANTS["Condition"]["StringEquals"]),
    "another case": under(ArnEquals={"aws:PrincipalArn": f"arn:aws:iam::{BACKUP}:role/Writer"}),
    "one condition more": under(StringLike={"aws:PrincipalOrgID": "o-1"}),
    "a member more": {**GRANTS, "Extra": 1},
}


@pytest.mark.parametrize("statement", SAME.values(), ids=SAME)
def test_the_same_in_another_spelling_passes(statement: dict[str, Any]) -> None:
    """KMS gives a policy back as it was put; lists of one, orders and Sids mean nothing."""
    assert Match.OURS is compare(policy(READS, statement), WANTED, BACKUP).match


@pytest.mark.parametrize("statement", OTHER.values(), ids=OTHER)
def test_anything_else_is_unclear(statement: dict[str, Any]) -> None:
    """It may do as well; nobody can tell, so that it never passes."""
    compared = compare(policy(OWN, READS, statement), WANTED, BACKUP)

    assert (Match.UNCLEAR, (GRANTS,)) == (compared.match, compared.missing)


def test_a_denial_that_is_not_known_is_unclear() -> None:
    """A denial wins over everything, and its conditions are not read."""
    document = policy(READS, GRANTS, DENIES)

    assert Match.UNCLEAR is compare(document, WANTED, BACKUP).match
    assert () == compare(document, WANTED, BACKUP).missing
    assert Match.OURS is compare(document, WANTED, BACKUP, [DENIES]).match
    assert Match.OURS is compare(policy(READS, GRANTS), WANTED, BACKUP, [DENIES]).match


def test_nobody_is_said_where_no_statement_names_the_account() -> None:
    """A policy has to allow what another account does: without a statement nothing works."""
    compared = compare(policy(OWN), WANTED, BACKUP)

    assert (Match.NOBODY, WANTED) == (compared.match, compared.missing)


@pytest.mark.parametrize(
    "principal",
    ["*", {"AWS": "*"}, {"AWS": BACKUP}, {"AWS": "AROAEXAMPLEEXAMPLE"}, {"AWS": [SOURCE, BACKUP]}],
)
def test_nobody_is_not_said_where_a_statement_might_name_it(principal: object) -> None:
    """Also not where the principal is an id that cannot be read."""
    document = policy(OWN, {**OWN, "Principal": principal, "Action": "kms:Decrypt"})

    assert Match.UNCLEAR is compare(document, WANTED, BACKUP).match


def test_everybody_but_somebody_may_be_anybody() -> None:
    """NotPrincipal allows all the world, less one."""
    statement = {k: v for k, v in OWN.items() if k != "Principal"}
    document = policy({**statement, "NotPrincipal": {"AWS": BACKUP}})

    assert Match.UNCLEAR is compare(document, WANTED, BACKUP).match


def test_part_of_what_is_needed_is_not_nobody() -> None:
    """What is missing is handed out, and nothing else; whether it allows or denies."""
    part = compare(policy(DENIES), [DENIES, GRANTS], BACKUP, [DENIES])
    assert (Match.UNCLEAR, (GRANTS,)) == (part.match, part.missing)
    compared = compare(policy(OWN, READS), WANTED, BACKUP)

    assert (Match.UNCLEAR, (GRANTS,)) == (compared.match, compared.missing)


def test_one_statement_needs_no_list() -> None:
    """IAM takes a single statement as it is."""
    document = json.dumps({"Statement": OWN})

    assert Match.OURS is compare(document, [OWN], SOURCE).match


@pytest.mark.parametrize(
    ("principal", "found"),
    [
        ({"AWS": f"arn:aws:iam::{BACKUP}:root"}, False),
        ({"AWS": BACKUP}, False),
        ({"AWS": [BACKUP, SOURCE]}, True),
        ({"AWS": "*"}, True),
        ({"Service": "rds.amazonaws.com"}, True),
        ({"Federated": f"arn:aws:iam::{BACKUP}:saml-provider/staff"}, True),
        ({"AWS": "AROAEXAMPLEEXAMPLE"}, True),
    ],
)
def test_an_outsider_is_whoever_is_not_seen_to_be_of_the_account(
    principal: object,
    found: bool,  # noqa: FBT001
) -> None:
    """The backup key is for the backup account alone."""
    assert found is outsiders(policy({**OWN, "Principal": principal}), BACKUP)
    assert not outsiders(policy({**DENIES, "Principal": principal}), BACKUP)


def test_everybody_but_somebody_is_an_outsider() -> None:
    """NotPrincipal allows all the world, less one."""
    statement = {k: v for k, v in OWN.items() if k != "Principal"}

    assert outsiders(policy({**statement, "NotPrincipal": {"AWS": BACKUP}}), BACKUP)


GUARD: dict[str, Any] = {
    "Sid": "Guard",
    "Effect": "Deny",
    "Principal": {"AWS": "*"},
    "Action": ["kms:PutKeyPolicy", "kms:DisableKey"],
    "Resource": "*",
    "Condition": {"ArnNotEquals": {"aws:PrincipalArn": [f"arn:aws:iam::{BACKUP}:role/admin"]}},
}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, [f"arn:aws:iam::{BACKUP}:role/admin"]),
        ({"Sid": "Another"}, [f"arn:aws:iam::{BACKUP}:role/admin"]),
        ({"Action": [*GUARD["Action"], "kms:Encrypt"]}, [f"arn:aws:iam::{BACKUP}:role/admin"]),
        ({"Action": "kms:DisableKey"}, []),
        ({"Effect": "Allow"}, []),
        ({"Principal": {"AWS": BACKUP}}, []),
        ({"Condition": {"ArnNotLike": {"aws:PrincipalArn": "x"}}}, []),
    ],
    ids=str,
)
def test_whom_a_guard_leaves_out_is_read_from_what_it_denies(
    change: dict[str, Any], found: list[str]
) -> None:
    """Its Sid is only a name."""
    assert found == left_out(policy(OWN, {**GUARD, **change}), GUARD)


def test_a_denial_that_is_known_may_not_deny_more() -> None:
    """More actions in a guard may keep RDS out of the key."""
    wider = {**GUARD, "Action": [*GUARD["Action"], "kms:Decrypt"]}

    assert Match.OURS is compare(policy(OWN, GUARD), [OWN], SOURCE, [GUARD]).match
    assert Match.UNCLEAR is compare(policy(OWN, wider), [OWN], SOURCE, [GUARD]).match
    assert () == compare(policy(OWN, wider), [GUARD], SOURCE).missing
    narrower = {**GUARD, "Action": "kms:DisableKey"}
    assert Match.UNCLEAR is compare(policy(OWN, narrower), [OWN], SOURCE, [GUARD]).match
