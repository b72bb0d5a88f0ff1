"""What the policies of keys allow: to whom, through which service, under which condition."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sandbox import Sandbox, Switches
from sandbox.accounts import role_session
from sandbox.iam.policies import Request, UnknownPolicyError, allows
from tests.sandbox.assuming import with_the_role
from tests.sandbox.families import Family, refused
from tests.support.resolved_templates import BACKUP_TEMPLATE, SOURCE_TEMPLATE, Stack

SOURCE, BACKUP = "111111111111", "222222222222"
FAULT = "KMSKeyNotAccessibleFault"
DENIED = "AccessDeniedException"
FORMS: dict[str, Callable[[Sandbox], None]] = {
    "the templates'": lambda aws: aws.keys.admit(aws.sharing_key, BACKUP),
    "AWS's example": lambda aws: aws.keys.admit_as_documented(aws.sharing_key, BACKUP),
}
ACTIONS = (
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)
PERSON = role_session(BACKUP, "administrator", "somebody")
ADMINISTRATOR = role_session(BACKUP, "key-administrator", "somebody")


@pytest.fixture
def aws() -> Iterator[Sandbox]:
    """Two empty accounts, whose keys have the policies of the templates."""
    with Sandbox() as sandbox:
        yield sandbox


def test_the_keys_have_the_policies_that_the_templates_write(aws: Sandbox) -> None:
    """6.1: what the sandbox enforces is what is deployed: statement by statement, Sids and all."""
    administrator = f"arn:aws:iam::{BACKUP}:role/key-administrator"
    source = Stack(SOURCE_TEMPLATE)
    backup = Stack(BACKUP_TEMPLATE, KeyAdministrators=administrator)
    assert source.resources()["SharingKey"]["KeyPolicy"] == aws.keys.policy(aws.sharing_key)
    assert backup.resources()["BackupKey"]["KeyPolicy"] == aws.keys.policy(aws.backup_key)


def test_a_policy_can_be_read_in_its_own_account_only(aws: Sandbox) -> None:
    """6.15: GetKeyPolicy, by whoever the key's policy lets; never across accounts."""
    there = with_the_role(aws).client("kms")
    for client, key in ((aws.source.client("kms"), aws.sharing_key), (there, aws.backup_key)):
        policy = client.get_key_policy(KeyId=key.split("/")[1], PolicyName="default")["Policy"]
        assert aws.keys.policy(key) == json.loads(policy)
    aws.keys.admit_as_documented(aws.sharing_key, BACKUP)
    with refused(DENIED):
        there.get_key_policy(KeyId=aws.sharing_key, PolicyName="default")
    with refused(DENIED):
        aws.source.client("kms").get_key_policy(KeyId=aws.backup_key, PolicyName="default")


def test_a_policy_decides_for_its_own_account_too(aws: Sandbox) -> None:
    """6.16: without the statement that leaves the key to its account, nobody there has it."""
    policy = aws.keys.policy(aws.sharing_key)
    aws.keys.set_policy(aws.sharing_key, {**policy, "Statement": policy["Statement"][1:]})
    kms = aws.source.client("kms")
    with refused(DENIED, saying="kms:DescribeKey"):
        kms.describe_key(KeyId="alias/rds-sharing")
    with refused(DENIED, saying="kms:GetKeyPolicy"):
        kms.get_key_policy(KeyId=aws.sharing_key, PolicyName="default")
    family = Family(aws, "instance")
    with refused(FAULT, saying="The target KMS key"):
        family.copy(family.add().identifier, "copy", KmsKeyId=aws.sharing_key)


def test_the_aws_managed_key_is_described_by_its_alias(aws: Sandbox) -> None:
    """6.11: each account has its own; also with the role's credentials."""
    for account in (aws.source, with_the_role(aws)):
        shown = account.client("kms").describe_key(KeyId="alias/aws/rds")["KeyMetadata"]
        assert ("AWS", aws.keys.managed(account.id)) == (shown["KeyManager"], shown["Arn"])


def test_nobody_ends_or_changes_the_aws_managed_key(aws: Sandbox) -> None:
    """6.13d: not even an administrator of its account; it is read like any other."""
    kms, key = aws.backup.client("kms"), aws.keys.managed(aws.backup.id)
    policy = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    calls: dict[str, dict[str, Any]] = {
        "disable_key": {"KeyId": key},
        "schedule_key_deletion": {"KeyId": key},
        "put_key_policy": {"KeyId": key, "Policy": policy, "PolicyName": "default"},
        "update_alias": {"AliasName": "alias/aws/rds", "TargetKeyId": aws.backup_key},
        "encrypt": {"KeyId": key, "Plaintext": b"x"},
    }
    for operation, params in calls.items():
        with refused(DENIED, saying=f"kms:{operation.title().replace('_', '')}"):
            getattr(kms, operation)(**params)
    assert "Enabled" == kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]


def test_the_role_alone_reads_and_copies_by_the_templates_policy(
    aws: Sandbox, family: Family
) -> None:
    """6.1: the account is the principal, and its role a condition."""
    shared, role = family.shared(), with_the_role(aws)
    assert role.client("kms").describe_key(KeyId=aws.sharing_key)
    assert family.copy(shared.arn, "backup", role, KmsKeyId=aws.backup_key)
    with refused(DENIED):
        aws.backup.client("kms").describe_key(KeyId=aws.sharing_key)
    with refused(FAULT, saying=f"The source snapshot KMS key [{aws.sharing_key}]"):
        family.copy(shared.arn, "another", aws.backup, KmsKeyId=aws.backup_key)


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("form", FORMS)
def test_each_action_of_awss_example_is_needed(aws: Sandbox, form: str, action: str) -> None:
    """6.2, 6.3, 6.5: without one of them, the copy fails at once and names the source key."""
    family = Family(aws, "instance")
    shared, role = family.shared(), with_the_role(aws)
    aws.keys.shut_out(aws.sharing_key, BACKUP)
    FORMS[form](aws)
    assert family.copy(shared.arn, "backup", role, KmsKeyId=aws.backup_key)
    aws.keys.set_policy(aws.sharing_key, without(action, aws.keys.policy(aws.sharing_key)))
    with refused(FAULT, saying=f"The source snapshot KMS key [{aws.sharing_key}]"):
        family.copy(shared.arn, "another", role, KmsKeyId=aws.backup_key)


def without(action: str, policy: dict[str, Any]) -> dict[str, Any]:
    """The policy with patterns written out, less one action in what it says of other accounts."""
    own, *others = policy["Statement"]
    written = [
        {
            **statement,
            "Action": [
                each
                for each in ACTIONS
                if each != action
                and any(
                    each == said or (said.endswith("*") and each.startswith(said[:-1]))
                    for said in [statement["Action"], *statement["Action"]]
                    if isinstance(said, str)
                )
            ],
        }
        for statement in others
    ]
    return {**policy, "Statement": [own, *written]}


def test_a_grant_under_its_condition_is_enough(aws: Sandbox, family: Family) -> None:
    """6.4: AWS's example lists CreateGrant twice; for RDS the one with the condition will do."""
    shared = family.shared()
    aws.keys.shut_out(aws.sharing_key, BACKUP)
    aws.keys.admit_as_documented(aws.sharing_key, BACKUP)
    policy = aws.keys.policy(aws.sharing_key)
    policy["Statement"][1]["Action"].remove("kms:CreateGrant")
    aws.keys.set_policy(aws.sharing_key, policy)
    assert family.copy(shared.arn, "backup", with_the_role(aws), KmsKeyId=aws.backup_key)


def test_rds_may_do_with_a_key_what_its_caller_may_not(aws: Sandbox) -> None:
    """6.8: kms:ViaService and, of a grant, kms:GrantIsForAWSResource are there through RDS only."""
    family = Family(aws, "instance")
    shared, role = family.shared(), with_the_role(aws)
    grant = {"GranteePrincipal": aws.role_arn, "Operations": ["Decrypt"]}
    with refused(DENIED, saying="kms:CreateGrant"):
        role.client("kms").create_grant(KeyId=aws.backup_key, **grant)
    assert family.copy(shared.arn, "backup", role, KmsKeyId=aws.backup_key)
    key = aws.sharing_key.split("/")[1]
    assert aws.source.client("kms").create_grant(KeyId=key, **grant)["GrantId"]


def test_what_is_denied_is_denied_where_its_condition_holds(aws: Sandbox) -> None:
    """6.16: the backup key's life is its administrators' matter; everything else is not."""
    kms = aws.backup.client("kms")
    with refused(DENIED, saying="kms:DisableKey"):
        kms.disable_key(KeyId=aws.backup_key)
    with refused(DENIED, saying="kms:ScheduleKeyDeletion"):
        kms.schedule_key_deletion(KeyId=aws.backup_key)
    other = aws.keys.create(BACKUP).split("/")[1]
    with refused(DENIED, saying="kms:UpdateAlias"):
        kms.update_alias(AliasName="alias/rds-backup", TargetKeyId=other)
    assert "Enabled" == kms.describe_key(KeyId=aws.backup_key)["KeyMetadata"]["KeyState"]
    key = aws.keys[aws.backup_key]
    assert aws.keys.allows(key, ADMINISTRATOR, "kms:DisableKey")
    assert not aws.keys.allows(key, PERSON, "kms:DisableKey")
    assert aws.keys.allows(key, PERSON, "kms:EnableKey")


def test_who_is_denied_a_look_is_told_by_the_condition(aws: Sandbox) -> None:
    """6.16: DescribeKey is refused to those of whom the denial speaks, and to nobody else."""
    policy = aws.keys.policy(aws.backup_key)
    condition = {"ArnEquals": {"aws:PrincipalArn": PERSON.principal}}
    denial = statement(Effect="Deny", Action="kms:DescribeKey", Condition=condition)
    statements = [*policy["Statement"], *denial["Statement"]]
    aws.keys.set_policy(aws.backup_key, {**policy, "Statement": statements})
    with refused(DENIED, saying="kms:DescribeKey"):
        aws.backup.client("kms").describe_key(KeyId=aws.backup_key)
    assert with_the_role(aws).client("kms").describe_key(KeyId=aws.backup_key)


def statement(**more: object) -> dict[str, Any]:
    """A policy of one statement that allows everybody everything, but for what is said."""
    common = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [{**common, **more}]}


@pytest.mark.parametrize(
    "said",
    [
        {"NotAction": "kms:DescribeKey"},
        {"Condition": {"StringLike": {"kms:ViaService": "rds.*"}}},
        {"Condition": {"ForAnyValue:StringEquals": {"kms:ViaService": "rds"}}},
        {"Condition": {"StringEquals": {"kms:GranteePrincipal": BACKUP}}},
    ],
    ids=["element", "operator", "operator of sets", "key"],
)
def test_what_is_not_played_is_an_error_and_never_a_guess(said: dict[str, Any]) -> None:
    """Elements, operators and keys that no template and no example of AWS's for snapshots uses."""
    with pytest.raises(UnknownPolicyError):
        allows(statement(Action="nothing", **said), Request(PERSON, "kms:Decrypt", {}))


@pytest.mark.parametrize(
    ("operator", "key", "wanted", "expected"),
    [
        ("StringEquals", "aws:PrincipalAccount", BACKUP, True),
        ("StringEquals", "aws:PrincipalAccount", [SOURCE, BACKUP], True),
        ("StringEquals", "aws:PrincipalAccount", SOURCE, False),
        ("StringEquals", "kms:ViaService", "rds.eu-west-1.amazonaws.com", False),
        ("ArnEquals", "aws:PrincipalArn", f"arn:aws:iam::{BACKUP}:role/administrator", True),
        ("ArnEquals", "aws:PrincipalArn", f"arn:aws:iam::{BACKUP}:role/*", True),
        ("ArnEquals", "aws:PrincipalArn", "arn:aws:iam::*", False),
        ("ArnNotEquals", "aws:PrincipalArn", [f"arn:aws:iam::{BACKUP}:role/other"], True),
        ("ArnNotEquals", "aws:PrincipalArn", f"arn:aws:iam::{BACKUP}:role/administrator", False),
        ("Bool", "kms:GrantIsForAWSResource", "false", False),
        ("BoolIfExists", "kms:GrantIsForAWSResource", "false", True),
    ],
)
def test_a_condition_is_met_as_iam_reads_it(
    operator: str, key: str, wanted: object, *, expected: bool
) -> None:
    """6.16: one of several values is enough; a key that is not there meets what is negated only."""
    policy = statement(Condition={operator: {key: wanted}})
    assert expected is allows(policy, Request(PERSON, "kms:CreateGrant", {}))


@pytest.mark.parametrize("check", ["allowed", "denied"])
def test_a_key_whose_policy_denies_its_maker_may_be_refused(check: str) -> None:
    """6.12b: nothing is said of denials."""
    switches = Switches(key_policy_check=check)  # type: ignore[arg-type]
    with Sandbox(switches=switches) as aws:
        client = aws.source.client("kms")
        before = len(client.list_keys()["Keys"])
        whole = {"Principal": {"AWS": f"arn:aws:iam::{aws.source.id}:root"}, "Resource": "*"}
        statements = [
            {"Effect": "Allow", "Action": "kms:*", **whole},
            {"Effect": "Deny", "Action": "kms:PutKeyPolicy", **whole},
        ]
        client.create_key(Policy=json.dumps({"Statement": statements[:1]}))
        policy = json.dumps({"Statement": statements})
        if check == "allowed":
            client.create_key(Policy=policy)
        else:
            with refused("MalformedPolicyDocumentException"):
                client.create_key(Policy=policy)

        assert before + 1 + (check == "allowed") == len(client.list_keys()["Keys"])
