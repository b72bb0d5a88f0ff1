"""A backup account in another Region than the databases: what RDS, KMS and STS make of it."""

from collections.abc import Iterator

import pytest

from sandbox import Sandbox, Switches, connect
from tests.sandbox.assuming import assume
from tests.sandbox.families import Family, refused

THERE = "eu-south-1"  # a Region that an account has to enable


@pytest.fixture
def aws(switches: Switches) -> Iterator[Sandbox]:
    """Two empty accounts, in a Region each."""
    with Sandbox(switches=switches, backup_region=THERE) as sandbox:
        sandbox.keys.admit_as_documented(sandbox.sharing_key, sandbox.backup.id)
        yield sandbox


def test_one_call_copies_into_another_account_and_region(aws: Sandbox, family: Family) -> None:
    """2.24, 2.27: it is made where the copy is to be, by the ARN of what is shared."""
    shared = family.shared()
    row = family.copied(shared.arn, "copy", aws.backup, KmsKeyId=aws.backup_key)
    assert (aws.backup.id, THERE, "available", aws.backup_key) == (
        row.account,
        row.region,
        row.status,
        row.kms_key,
    )
    assert shared.arn == row.source_arn


def test_a_copy_from_another_region_is_pending_first(aws: Sandbox, family: Family) -> None:
    """1.18: so the first answer has been seen to say; within a Region it is not."""
    shared = family.shared()
    made = family.copy(shared.arn, "copy", aws.backup, KmsKeyId=aws.backup_key)
    assert "pending" == made["Status"]
    assert family.copying == family.one("copy", aws.backup)["Status"]


def test_a_snapshot_is_listed_in_its_own_region_only(aws: Sandbox, family: Family) -> None:
    """2.27: sharing shows it to the other account where it is, and nowhere else."""
    family.shared()
    assert set() == family.names(aws.backup, SnapshotType="shared")


@pytest.mark.parametrize("key", [None, "the sharing key"])
def test_a_copy_takes_a_key_of_its_own_region(
    aws: Sandbox, family: Family, key: str | None
) -> None:
    """2.27: keys are Regional, and another Region's cannot be used."""
    shared = family.shared()
    given = {"KmsKeyId": aws.sharing_key} if key else {}
    code = "KMSKeyNotAccessibleFault" if key else "InvalidParameterValue"
    with refused(code):
        family.copy(shared.arn, "copy", aws.backup, **given)


@pytest.mark.parametrize(
    "switches", [Switches(decrypts_from="source"), Switches(decrypts_from="destination")]
)
def test_rds_of_one_region_or_of_the_other_reads_the_source(
    aws: Sandbox, family: Family, switches: Switches
) -> None:
    """2.27c: which `kms:ViaService` it carries is not documented; a policy of both will do."""
    shared = family.shared()
    aws.keys.shut_out(aws.sharing_key, aws.backup.id)
    aws.keys.admit(aws.sharing_key, aws.backup.id)
    policy = str(aws.keys.policy(aws.sharing_key))
    client = connect("rds", aws.writer, THERE)
    client_family = getattr(client, f"copy_{family.word}")
    names = {f"Source{family.noun}Identifier": shared.arn, "KmsKeyId": aws.backup_key}
    client_family(**names, **{f"Target{family.noun}Identifier": "copy"})
    assert all(f"rds.{region}.amazonaws.com" in policy for region in aws.regions)
    for region in aws.regions:
        aws.keys.shut_out(aws.sharing_key, aws.backup.id)
        aws.keys.admit(aws.sharing_key, aws.backup.id, only=region)
        used = region == (aws.region if switches.decrypts_from == "source" else THERE)
        name = {f"Target{family.noun}Identifier": f"from-{region}"}
        if used:
            client_family(**names, **name)
        else:
            with refused("KMSKeyNotAccessibleFault", saying="source snapshot"):
                client_family(**names, **name)


def test_a_version_that_the_region_lacks_is_not_copied_there(aws: Sandbox, family: Family) -> None:
    """2.27: the destination must offer the version; the same Region's copies are its own affair."""
    version = {"EngineVersion": "16.4"}
    family.add(**version)
    (source,) = aws.snapshots(type="automated")
    family.copied(source.identifier, "shared", KmsKeyId=aws.sharing_key)
    family.share("shared", aws.backup.id)
    engine = family.one("shared")["Engine"]
    aws.withdraw_version(engine, "16.4", only=aws.backup)
    with refused("InvalidParameterCombination", saying="16.4"):
        family.copy(family.row("shared").arn, "copy", aws.backup, KmsKeyId=aws.backup_key)
    offered = aws.backup.client("rds").describe_db_engine_versions(Engine=engine, **version)
    assert [] == offered["DBEngineVersions"]
    family.copy("shared", "again", KmsKeyId=aws.sharing_key)


def test_an_option_group_that_is_named_has_to_be_in_the_region(aws: Sandbox) -> None:
    """2.20: groups are Regional; a copy that names none has none."""
    instances = Family(aws, "instance")
    shared = instances.shared()
    where = (aws.backup,)
    instances.copied(shared.arn, "none", *where, KmsKeyId=aws.backup_key)
    assert "OptionGroupName" not in instances.one("none", aws.backup)
    named = {"KmsKeyId": aws.backup_key, "OptionGroupName": "mine"}
    with refused("OptionGroupNotFoundFault", saying="mine", status=404):
        instances.copy(shared.arn, "named", *where, **named)
    aws.add_option_group("mine", engine="postgres", account=aws.backup)
    instances.copied(shared.arn, "named", *where, **named)
    assert "mine" == instances.one("named", aws.backup)["OptionGroupName"]


@pytest.mark.parametrize("service", ["rds", "kms"])
def test_a_session_of_the_global_endpoint_does_not_work_everywhere(
    aws: Sandbox, service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """2.27b: a Region that has to be enabled takes those of the regional endpoints only."""

    def ask(region: str) -> None:
        client = connect(service, assume(aws), region)
        if service == "rds":
            client.describe_db_snapshots()
        else:
            client.describe_key(KeyId="alias/aws/rds")

    ask(THERE)
    monkeypatch.setenv("AWS_STS_REGIONAL_ENDPOINTS", "legacy")
    code = "InvalidClientTokenId" if service == "rds" else "UnrecognizedClientException"
    with refused(code, status=403 if service == "rds" else 400):
        ask(THERE)
    if service == "rds":
        ask(aws.region)
