"""Sharing: which snapshots, with whom, and what the answers say."""

import pytest

from sandbox import Sandbox, Switches
from tests.sandbox.families import Family, refused


def test_the_answer_lists_every_account_it_is_shared_with(aws: Sandbox, family: Family) -> None:
    """3.1, 3.8: ``restore`` values, in the answer of the change and when read back."""
    family.shared()
    assert ["222222222222", "333333333333"] == family.share("shared", "333333333333")
    assert ["333333333333"] == family.share("shared", remove=(aws.backup.id,))
    read = family.call("describe_{}_attributes", **{f"{family.noun}Identifier": "shared"})
    (attribute,) = read[f"{family.noun}AttributesResult"][f"{family.noun}Attributes"]
    assert ["333333333333"] == attribute["AttributeValues"]
    assert {"333333333333"} == family.row("shared").shared_with


def test_an_automated_snapshot_cannot_be_shared(family: Family) -> None:
    """2.5, 3.1: only manual snapshots can be shared."""
    source = family.add()
    code = "InvalidParameterValue" if family.kind == "instance" else family.codes["state"]
    with refused(code):
        family.share(source.identifier, "222222222222")


def test_a_snapshot_of_aws_backup_cannot_be_shared(aws: Sandbox) -> None:
    """3.5: ``awsbackup`` snapshots are refused."""
    aws.add_snapshot(aws.source, "instance", "awsbackup:job-1", type="awsbackup")
    with refused("InvalidParameterValue"):
        Family(aws, "instance").share("awsbackup:job-1", aws.backup.id)


def test_an_unfinished_snapshot_cannot_be_shared(aws: Sandbox, family: Family) -> None:
    """3.4: invalid state."""
    family.copy(family.add().identifier, "copy", KmsKeyId=aws.sharing_key)
    with refused(family.codes["state"]):
        family.share("copy", aws.backup.id)


def test_a_missing_snapshot_cannot_be_shared(family: Family) -> None:
    """3.4: not found; another account's snapshot is not found either."""
    with refused(family.codes["not found"], status=404):
        family.share("nothing", "222222222222")


@pytest.mark.parametrize("account", ["1234", "22222222222a", "*", "ALL"])
def test_an_account_is_twelve_digits(family: Family, account: str) -> None:
    """3.1, 3.2: twelve digits, or ``all``."""
    family.shared()
    with refused("InvalidParameterValue"):
        family.share("shared", account)


def test_an_encrypted_snapshot_cannot_be_public(family: Family) -> None:
    """3.2: ``all`` is refused for an encrypted snapshot."""
    family.shared()
    with refused("InvalidParameterValue"):
        family.share("shared", "all")


def test_an_unencrypted_snapshot_can_be_public(aws: Sandbox, family: Family) -> None:
    """3.2: ``all`` is accepted for an unencrypted one; taking it back leaves the others."""
    aws.add_snapshot(aws.source, family.kind, "open", kms_key=None)
    assert ["222222222222", "all"] == family.share("open", "all", aws.backup.id)
    assert ["222222222222"] == family.share("open", remove=("all",))


def test_twenty_accounts_are_the_most(family: Family) -> None:
    """3.3: at most 20 accounts a snapshot."""
    family.shared()
    family.share("shared", *(f"{n:012d}" for n in range(19)))
    with refused("SharedSnapshotQuotaExceeded"):
        family.share("shared", "999999999999")


def test_a_snapshot_under_the_aws_managed_key_cannot_be_shared(
    aws: Sandbox, family: Family
) -> None:
    """2.13, 3.4: ``aws/rds`` can never be shared across accounts; the code is not documented."""
    family.copied(family.add().identifier, "copy")
    with refused("InvalidParameterValue", saying="default Amazon RDS encryption key"):
        family.share("copy", aws.backup.id)


def test_sharing_checks_no_key_policy(aws: Sandbox, family: Family) -> None:
    """3.7: a missing key permission shows only when the other account copies."""
    aws.keys.shut_out(aws.sharing_key, aws.backup.id)
    assert {aws.backup.id} == family.shared().shared_with


@pytest.mark.parametrize(
    "switches", [Switches(share_repeat="idempotent"), Switches(share_repeat="refuse")]
)
def test_sharing_twice_may_be_refused(aws: Sandbox, family: Family, switches: Switches) -> None:
    """3.9: repeating an account that is there already is documented neither way."""
    family.shared()
    if switches.share_repeat == "refuse":
        with refused("InvalidParameterValue"):
            family.share("shared", aws.backup.id)
    else:
        assert [aws.backup.id] == family.share("shared", aws.backup.id)


@pytest.mark.parametrize("switches", [Switches(), Switches(sharing_lag_calls=2)])
def test_whom_it_is_shared_with_may_show_some_answers_later(
    family: Family, switches: Switches
) -> None:
    """3.8: in the answer of the change and when read back; the change itself is made at once."""
    family.shared()
    lag = switches.sharing_lag_calls
    late = ["222222222222"]
    soon = [*late, "333333333333"]
    shown = [family.share("shared", "333333333333")]
    assert {*soon} == family.row("shared").shared_with
    for _ in range(2):
        read = family.call("describe_{}_attributes", **{f"{family.noun}Identifier": "shared"})
        (attribute,) = read[f"{family.noun}AttributesResult"][f"{family.noun}Attributes"]
        shown.append(attribute["AttributeValues"])
    assert [late] * lag + [soon] * (3 - lag) == shown
