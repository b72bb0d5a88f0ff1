"""The three keys: the database's, the sharing key, the backup account's."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from sandbox import Encryption, Sandbox, Switches
from tests.sandbox.families import Family, refused

FAULT = "KMSKeyNotAccessibleFault"
UNUSABLE: dict[str, Callable[[Sandbox, str], None]] = {
    "disabled": lambda aws, key: aws.keys.disable(key),
    "pending deletion": lambda aws, key: aws.keys.schedule_deletion(key),
    "imported no more": lambda aws, key: in_state(aws, key, "PendingImport"),
    "disconnected": lambda aws, key: in_state(aws, key, "Unavailable"),
    "in the making": lambda aws, key: in_state(aws, key, "Creating"),
    "pending its replicas' deletion": lambda aws, key: in_state(aws, key, "PendingReplicaDeletion"),
}


def in_state(aws: Sandbox, key: str, state: str) -> None:
    """Put a key into a state that no call of ours leads to."""
    aws.keys[key].key_state = state


def test_a_copy_is_under_the_key_that_was_given(aws: Sandbox, family: Family) -> None:
    """2.9: KmsKeyId re-encrypts; it is read back as the key's ARN."""
    family.copied(family.add().identifier, "copy", KmsKeyId="alias/rds-sharing")
    shown = family.one("copy")
    assert ("sse-kms", True) == (shown["StorageEncryptionType"], shown[family.encrypted])
    assert aws.sharing_key == shown["KmsKeyId"]


def test_a_copy_keeps_its_sources_key_if_none_is_given(aws: Sandbox, family: Family) -> None:
    """2.9, 2.10: encrypted stays encrypted, by default under the same key."""
    source = family.add()
    assert aws.keys.managed(aws.source.id) == family.copied(source.identifier, "copy").kms_key


def test_a_key_can_be_given_as_id_arn_alias_or_alias_arn(aws: Sandbox, family: Family) -> None:
    """6.7: four spellings of one key."""
    source = family.add()
    alias = aws.sharing_key.split("key/")[0] + "alias/rds-sharing"
    for n, given in enumerate(
        (aws.sharing_key, aws.sharing_key.split("/")[1], "alias/rds-sharing", alias)
    ):
        assert aws.sharing_key == family.copied(source.identifier, f"c{n}", KmsKeyId=given).kms_key


def test_ids_and_aliases_are_the_callers_own(aws: Sandbox, family: Family) -> None:
    """6.7: another account's key takes a key ARN or an alias ARN."""
    shared = family.shared()
    for given in ("alias/rds-sharing", aws.sharing_key.split("/")[1]):
        with refused(FAULT, saying=f"The target KMS key [{given}]"):
            family.copy(shared.arn, "backup", aws.backup, KmsKeyId=given)


def test_an_encrypted_shared_snapshot_needs_a_key_to_be_copied(
    aws: Sandbox, family: Family
) -> None:
    """2.9, 6.6: KmsKeyId is required; the message says [None]."""
    shared = family.shared()
    with refused(FAULT, saying="KMS key [None] does not exist"):
        family.copy(shared.arn, "backup", aws.backup)


@pytest.mark.parametrize("how", UNUSABLE)
def test_an_unusable_target_key_is_named(aws: Sandbox, family: Family, how: str) -> None:
    """6.6: "target KMS key": the KmsKeyId of the call."""
    source = family.add()
    UNUSABLE[how](aws, aws.sharing_key)
    with refused(FAULT, saying=f"The target KMS key [{aws.sharing_key}]"):
        family.copy(source.identifier, "copy", KmsKeyId=aws.sharing_key)


@pytest.mark.parametrize("how", UNUSABLE)
def test_an_unusable_source_key_is_named(aws: Sandbox, family: Family, how: str) -> None:
    """6.6: "source snapshot KMS key": the key of the snapshot to be copied."""
    key = aws.keys.create(aws.source.id, "alias/orders")
    source = family.add(kms_key="alias/orders")
    UNUSABLE[how](aws, key)
    with refused(FAULT, saying=f"The source snapshot KMS key [{key}]"):
        family.copy(source.identifier, "copy", KmsKeyId=aws.sharing_key)


@pytest.mark.parametrize("region", ["us-east-1", None])
def test_a_key_of_another_region_or_account_or_none_at_all_is_not_accessible(
    aws: Sandbox, family: Family, region: str | None
) -> None:
    """2.15, 6.1: a key works in its Region, and in another account only if its policy says so."""
    source = family.add()
    elsewhere = aws.keys.create(aws.source.id, region=region) if region else aws.backup_key
    alias = f"arn:aws:kms:us-east-1:{aws.source.id}:alias/rds-sharing"
    for key in (elsewhere, alias, "alias/nothing", "00000000-0000-0000-0000-000000000000"):
        with refused(FAULT, saying=f"The target KMS key [{key}]"):
            family.copy(source.identifier, "copy", KmsKeyId=key)


def test_a_key_of_a_third_account_can_be_used_if_its_policy_says_so(
    aws: Sandbox, family: Family
) -> None:
    """2.14: the first copy may be made under a key that lives in another account."""
    key = aws.keys.create("333333333333")
    aws.keys.admit_as_documented(key, aws.source.id)
    assert key == family.copied(family.add().identifier, "copy", KmsKeyId=key).kms_key


def test_a_source_key_that_does_not_admit_the_copying_account_is_named(
    aws: Sandbox, family: Family
) -> None:
    """6.1, 6.5, 6.6: the shared copy's key must let the backup account use it."""
    shared = family.shared()
    aws.keys.shut_out(aws.sharing_key, aws.backup.id)
    with refused(FAULT, saying=f"The source snapshot KMS key [{aws.sharing_key}]"):
        family.copy(shared.arn, "backup", aws.backup, KmsKeyId=aws.backup_key)


def test_a_policy_takes_effect_some_minutes_late(aws: Sandbox, family: Family) -> None:
    """6.10: grants and changes of policies are eventually consistent."""
    shared = family.shared()
    aws.keys.shut_out(aws.sharing_key, aws.backup.id)
    aws.keys.admit_as_documented(aws.sharing_key, aws.backup.id, delay=timedelta(minutes=5))
    aws.clock.advance(minutes=4)
    with refused(FAULT, saying="The source snapshot KMS key"):
        family.copy(shared.arn, "backup", aws.backup, KmsKeyId=aws.backup_key)
    aws.clock.advance(minutes=1)
    made = family.copied(shared.arn, "backup", aws.backup, KmsKeyId=aws.backup_key)
    assert "available" == made.status


def test_an_unencrypted_instance_is_encrypted_by_a_copy_with_a_key(aws: Sandbox) -> None:
    """2.7: KmsKeyId on an unencrypted source encrypts the copy."""
    family = Family(aws, "instance")
    source = family.add(kms_key=None)
    assert "none" == family.copied(source.identifier, "plain").encryption
    encrypted = family.copied(source.identifier, "encrypted", KmsKeyId=aws.sharing_key)
    assert ("sse-kms", aws.sharing_key) == (encrypted.encryption, encrypted.kms_key)


def test_an_unencrypted_cluster_stays_so_in_a_copy_without_a_key(aws: Sandbox) -> None:
    """2.10: a copy without KmsKeyId is encrypted as its source is."""
    family = Family(aws, "cluster")
    source = family.add(encryption="none")
    assert "none" == family.copied(source.identifier, "plain").encryption


@pytest.mark.parametrize(
    "switches", [Switches(unencrypted_cluster=way) for way in ("accept", "refuse", "ignore")]
)
def test_an_unencrypted_cluster_may_be_copied_in_three_ways(
    aws: Sandbox, switches: Switches
) -> None:
    """2.8: the API reference says an error, the Aurora guide says encrypted; untested on AWS."""
    copied_with_a_key(aws, "none", switches.unencrypted_cluster)


@pytest.mark.parametrize(
    "switches", [Switches(sse_rds=way) for way in ("accept", "refuse", "ignore")]
)
def test_a_cluster_under_an_aws_owned_key_may_be_copied_in_three_ways(
    aws: Sandbox, switches: Switches
) -> None:
    """2.11, 2.12: SSE-RDS is neither encrypted by a KMS key nor unencrypted; untested on AWS."""
    copied_with_a_key(aws, "sse-rds", switches.sse_rds)


def copied_with_a_key(aws: Sandbox, encryption: Encryption, way: str) -> None:
    """A cluster's snapshot that is under no key of KMS, copied in one of three ways."""
    family = Family(aws, "cluster")
    source = family.add(encryption=encryption)
    shown = family.one(source.identifier, SnapshotType="automated")
    assert (encryption, False) == (shown["StorageEncryptionType"], shown["StorageEncrypted"])
    if way == "refuse":
        with refused("InvalidParameterCombination"):
            family.copy(source.identifier, "copy", KmsKeyId=aws.sharing_key)
        return
    expected = {"accept": ("sse-kms", aws.sharing_key), "ignore": (encryption, None)}[way]
    copy = family.copied(source.identifier, "copy", KmsKeyId=aws.sharing_key)
    assert expected == (copy.encryption, copy.kms_key)


def test_a_key_can_be_used_while_its_primary_region_changes(aws: Sandbox, family: Family) -> None:
    """6.13b: the state Updating of a multi-Region key keeps nothing from being done with it."""
    in_state(aws, aws.sharing_key, "Updating")
    source = family.add(kms_key="alias/rds-sharing")
    copy = family.copied(source.identifier, "copy", KmsKeyId="alias/rds-sharing")
    assert ("available", aws.sharing_key) == (copy.status, copy.kms_key)


def test_a_key_is_described_by_alias_in_its_account_and_by_arn_from_another(aws: Sandbox) -> None:
    """6.7, 6.11: DescribeKey works across accounts, by ARN, where the key policy allows it."""
    there, here = aws.backup.client("kms"), aws.source.client("kms")
    shown = there.describe_key(KeyId="alias/rds-backup")["KeyMetadata"]
    assert (aws.backup_key, "Enabled", "CUSTOMER") == (
        shown["Arn"],
        shown["KeyState"],
        shown["KeyManager"],
    )
    assert "AWS" == here.describe_key(KeyId="alias/aws/rds")["KeyMetadata"]["KeyManager"]
    assert aws.sharing_key == there.describe_key(KeyId=aws.sharing_key)["KeyMetadata"]["Arn"]
    with refused("AccessDeniedException"):
        here.describe_key(KeyId=aws.backup_key)
    with refused("NotFoundException"):
        here.describe_key(KeyId="alias/rds-backup")


def test_an_alias_can_be_pointed_at_another_key(aws: Sandbox, family: Family) -> None:
    """6.7: an alias means whatever key it points at when it is used."""
    source = family.add()
    other = aws.keys.create(aws.source.id)
    aws.keys.point("alias/rds-sharing", other)
    copy = family.copied(source.identifier, "copy", KmsKeyId="alias/rds-sharing")
    assert other == copy.kms_key


def test_a_disabled_key_can_be_enabled_again(aws: Sandbox, family: Family) -> None:
    """6.12: what KMS took away it can give back."""
    source = family.add()
    aws.keys.schedule_deletion(aws.sharing_key)
    aws.keys.enable(aws.sharing_key)
    copy = family.copied(source.identifier, "copy", KmsKeyId=aws.sharing_key)
    assert "available" == copy.status


@pytest.mark.parametrize("switches", [Switches(under_default_key=w) for w in ("accept", "refuse")])
def test_what_is_shared_may_be_copied_under_one_s_own_aws_rds_or_not(
    aws: Sandbox, family: Family, switches: Switches
) -> None:
    """6.13d: AWS says to use "an AWS KMS key that belongs to the target account"; untested."""
    shared, default = family.shared(), aws.keys.managed(aws.backup.id)
    own = aws.keys.managed(aws.source.id)
    assert own == family.copied(shared.identifier, "own", KmsKeyId=own).kms_key
    if switches.under_default_key == "refuse":
        with refused("KMSKeyNotAccessibleFault", saying=f"The target KMS key [{default}]"):
            family.copy(shared.arn, "backup", aws.backup, KmsKeyId=default)
        return
    family.copy(shared.arn, "backup", aws.backup, KmsKeyId=default)
    aws.clock.advance(hours=1)
    assert default == family.one("backup", aws.backup, SnapshotType="manual")["KmsKeyId"]
