"""Worlds that are not as configured: the reason says the fact and the fix, and the others go on."""

from datetime import timedelta

import pytest

from sandbox import Call, Encryption, Hook, Sandbox, Switches
from sandbox.serving.lambda_runtime import Function
from tests.support.astray import LedAstray
from tests.support.playing import (
    BACKUP,
    DAY,
    EXPIRE,
    NIGHT,
    RESUME,
    TICK,
    automated,
    backups,
    mutations,
    nights,
    play,
    shared_copies,
)

TAGGED = {"backup": "nightly"}


@pytest.fixture
def healthy(aws: Sandbox) -> None:
    """A database that has to be protected whatever happens to the others."""
    aws.add_instance("healthy", engine="postgres", kms_key="aws/rds", tags=TAGGED)


def by_id(aws: Sandbox, *names: str, **more: str) -> Function:
    """The function for databases by identifier."""
    return Function(aws, aws.environment(DB_ID=",".join(("healthy", *names)), **more))


def bad(function: Function, database: str, hours: float = 2) -> dict[str, str]:
    """The entry on a database after a night in which ``healthy`` gets its backup."""
    last = play(function, hours=hours)
    full = function.invoke(BACKUP)
    aws = function.aws
    assert ["healthy"] == [b.database for b in backups(aws, "healthy")]
    assert "protected" == full.entry("healthy")["state"]
    assert "partially_failed" == full.outcome
    assert any(i.error for i in last)
    assert f"{database}: " in str(full.error)
    return full.entry(database)


@pytest.mark.usefixtures("healthy")
def test_credentials_of_another_account_are_refused_before_any_write(aws: Sandbox) -> None:
    """Nothing is written, whatever the environment says."""
    automated(aws)
    wrong = aws.backup_environment() | aws.environment(DB_ID="healthy")
    for name, value in aws.backup_environment().items():
        if name.startswith("AWS_"):
            wrong[name] = value
    refused = Function(aws, wrong).invoke(BACKUP)
    assert "SOURCE_ACCOUNT is 111111111111" in str(refused.error)
    assert "222222222222" in str(refused.error)
    assert [] == mutations(aws)


@pytest.mark.usefixtures("healthy")
def test_a_role_that_leads_to_another_account_is_blocked_with_the_fix(aws: Sandbox) -> None:
    """Nothing is written there, and both variables are named."""
    automated(aws)
    aws.hooks.append(LedAstray())
    entry = by_id(aws).at(NIGHT, BACKUP).entry("healthy")

    assert "blocked" == entry["state"]
    assert "BACKUP_ACCOUNT_ROLE leads to account 333333333333, not to" in entry["reason"]
    assert entry["reason"].endswith("BACKUP_ACCOUNT: the role must be in that account")
    assert [] == mutations(aws)


@pytest.mark.usefixtures("healthy")
def test_expire_in_the_source_account_is_refused(aws: Sandbox) -> None:
    """Destructive settings belong to the account they are about."""
    nights(aws, by_id(aws), 2)
    before = len(aws.calls)
    refused = by_id(aws, BACKUPS_TO_KEEP="1").invoke(EXPIRE)
    assert "BACKUP_ACCOUNT is 222222222222" in str(refused.error)
    assert [] == mutations(aws, before)
    assert 2 == len(backups(aws))


def test_backup_in_the_backup_account_is_refused_naming_what_is_missing(aws: Sandbox) -> None:
    """The function deployed there only expires and looks."""
    refused = Function(aws, aws.backup_environment()).invoke(BACKUP)
    for name in ("DB_ID", "SOURCE_ACCOUNT", "KMS_KEY_ID", "BACKUP_ACCOUNT_ROLE"):
        assert name in str(refused.error)


@pytest.mark.usefixtures("healthy")
def test_a_cluster_named_as_an_instance_is_told_apart(aws: Sandbox) -> None:
    """The fix names the variable."""
    aws.add_cluster("orders", engine="aurora-mysql", kms_key=aws.sharing_key)
    automated(aws)
    entry = bad(by_id(aws, "orders"), "orders")
    assert ("blocked", "orders is a cluster; set CLUSTER=true") == (
        entry["state"],
        entry["reason"],
    )


def test_an_instance_named_as_a_cluster_is_told_apart(aws: Sandbox) -> None:
    """The same the other way round."""
    aws.add_instance("orders", engine="mysql")
    function = Function(aws, aws.environment(DB_ID="orders", CLUSTER="true"))
    done = function.at(NIGHT, BACKUP)
    assert "failed" == done.outcome
    assert "orders is an instance; set CLUSTER=false" == done.entry("orders")["reason"]


@pytest.mark.usefixtures("healthy")
def test_a_member_of_a_cluster_is_not_backed_up_as_an_instance(aws: Sandbox) -> None:
    """It goes with its cluster (12.1)."""
    aws.add_cluster("orders", engine="aurora-mysql", kms_key=aws.sharing_key, members=1)
    automated(aws)
    member = next(
        i["DBInstanceIdentifier"]
        for i in aws.source.client("rds").describe_db_instances()["DBInstances"]
        if i.get("DBClusterIdentifier") == "orders"
    )
    entry = bad(by_id(aws, member), member)
    assert "blocked" == entry["state"]
    assert "set DB_ID=orders and CLUSTER=true" in entry["reason"]


def test_a_tagged_member_selects_its_cluster(aws: Sandbox, function: Function) -> None:
    """One backup: the cluster's."""
    aws.add_cluster("orders", engine="aurora-mysql", kms_key=aws.sharing_key, members=2)
    for instance in aws.source.client("rds").describe_db_instances()["DBInstances"]:
        aws.source.client("rds").add_tags_to_resource(
            ResourceName=instance["DBInstanceArn"],
            Tags=[{"Key": "backup", "Value": "nightly"}],
        )
    nights(aws, function, 1)
    assert [("orders", "cluster")] == [(b.database, b.kind) for b in backups(aws)]


@pytest.mark.usefixtures("healthy")
def test_a_database_that_does_not_exist_is_blocked(aws: Sandbox) -> None:
    """No backup will ever come of it."""
    automated(aws)
    entry = bad(by_id(aws, "missing"), "missing")
    assert "blocked" == entry["state"]
    assert "there is no instance missing" in entry["reason"]


@pytest.mark.usefixtures("healthy")
def test_a_database_without_automated_snapshots_is_stale(aws: Sandbox) -> None:
    """Nothing to copy is not ok."""
    automated(aws)
    aws.add_instance("new", engine="postgres")
    entry = bad(by_id(aws, "new"), "new")
    assert "stale" == entry["state"]
    assert "BackupRetentionPeriod" in entry["reason"]


@pytest.mark.usefixtures("healthy")
def test_an_old_automated_snapshot_is_copied_and_called_stale(aws: Sandbox) -> None:
    """Yesterday's data again, but not without a word."""
    aws.add_instance("old", engine="postgres", kms_key="aws/rds")
    aws.clock.move_to(NIGHT - timedelta(hours=40))
    aws.take_automated("old")
    aws.clock.move_to(NIGHT - timedelta(hours=1))
    aws.take_automated("healthy")
    entry = bad(by_id(aws, "old"), "old")
    assert "stale" == entry["state"]
    assert "hours old, more than 36" in entry["reason"]
    assert 1 == len(backups(aws, "old"))


@pytest.mark.usefixtures("healthy")
def test_an_automated_snapshot_that_vanishes_before_the_copy_is_no_failure(
    aws: Sandbox,
) -> None:
    """NotFound on the source is a normal race: look again, take the newest (1.22)."""
    aws.add_instance("racing", engine="postgres", kms_key="aws/rds")
    aws.clock.move_to(NIGHT - timedelta(hours=3))
    aws.take_automated("racing")
    automated(aws)
    newest = aws.take_automated("racing")

    class Vanish(Hook):
        """RDS removes the snapshot when the copy arrives."""

        done = False

        def before(self, call: Call) -> None:
            """Remove it once."""
            aimed = newest.identifier in str(call.params)
            if call.operation == "CopyDBSnapshot" and aimed and not self.done:
                self.done = True
                aws.remove_snapshot(aws.source, "instance", newest.identifier)

    aws.hooks.append(Vanish())
    invocations = play(by_id(aws, "racing"), hours=2)
    assert [i.error for i in invocations] == [None] * len(invocations)
    assert 1 == len(backups(aws, "racing"))


@pytest.mark.usefixtures("healthy")
def test_a_shared_copy_deleted_by_hand_in_mid_copy_is_made_again(aws: Sandbox) -> None:
    """The copy from it fails, and the point is copied again under a new name."""
    function = by_id(aws)
    aws.copies.duration = timedelta(minutes=25)
    automated(aws)
    function.at(NIGHT, BACKUP)
    aws.clock.move_to(NIGHT + 3 * TICK)
    function.invoke(RESUME)
    (shared,) = shared_copies(aws)
    assert ["creating"] == [b.status for b in backups(aws)]
    aws.remove_snapshot(aws.source, "instance", shared.identifier)
    for hour in range(1, 7):
        aws.clock.move_to(NIGHT + timedelta(hours=hour))
        function.invoke(BACKUP)
        for _ in range(5):
            aws.clock.advance(minutes=10)
            function.invoke(RESUME)
    assert "available" in {b.status for b in backups(aws)}
    assert [] == shared_copies(aws)
    assert "protected" == function.invoke(BACKUP).entry("healthy")["state"]


@pytest.mark.usefixtures("healthy")
def test_a_selector_that_matches_nothing_is_an_error(aws: Sandbox) -> None:
    """The database that was named goes on."""
    automated(aws)
    entry = bad(by_id(aws, DB_TAG="tier=gold"), "DB_TAG tier=gold")
    assert "blocked" == entry["state"]
    assert "no instance or cluster carries the tag tier=gold" in entry["reason"]


@pytest.mark.usefixtures("healthy")
@pytest.mark.parametrize("side", ["source", "backup"])
def test_a_full_quota_of_manual_snapshots_is_reported_with_the_numbers(
    aws: Sandbox, side: str
) -> None:
    """One error code for two conditions; this one ends only when somebody makes room (2.39)."""
    account = aws.source if side == "source" else aws.backup
    account.limits.manual["instance"] = 3
    for number in range(3):
        aws.add_manual(f"by-hand-{number}", of="healthy", account=account)
    automated(aws)
    function = by_id(aws)
    function.at(NIGHT, BACKUP)
    aws.clock.advance(hours=1)
    full = function.invoke(BACKUP)
    assert "failed" == full.outcome
    entry = full.entry("healthy")
    assert "blocked" == entry["state"]
    assert f"in the {side} account 3 of 3 manual instance snapshots are used" in entry["reason"]
    assert "0 are ours" in entry["reason"]
    assert 3 == len(aws.snapshots(account=account.id, type="manual"))


def test_a_limit_of_copies_in_flight_queues_and_does_not_alarm(aws: Sandbox) -> None:
    """Others' copies count, too; AWS's word on the limit is believed."""
    for number in range(8):
        aws.add_cluster(f"c-{number}", engine="aurora-mysql", kms_key="aws/rds", tags=TAGGED)
    automated(aws)
    function = Function(aws, aws.environment(DB_TAG="backup=nightly", MAX_CLUSTER_COPIES="7"))
    first = function.at(NIGHT, BACKUP)
    assert "in_progress" == first.outcome
    states = sorted(first.entry(f"c-{n}")["state"] for n in range(8))
    assert ["in_progress"] * 5 + ["queued"] * 3 == states
    invocations = play(function, hours=5)
    assert [i.error for i in invocations] == [None] * len(invocations)
    assert 8 == len(backups(aws))


@pytest.mark.parametrize("action", ["backup", "plan", "status"])
def test_before_the_backup_accounts_stack_exists_a_night_is_blocked(
    aws: Sandbox, action: str
) -> None:
    """A night, and the first plan: the sentence says what is missing, and nothing is copied."""
    aws.add_instance("orders", engine="postgres")
    automated(aws)
    role = aws.role_arn.replace("rds-backup-writer", "not-there")
    function = Function(aws, aws.environment(DB_ID="orders", BACKUP_ACCOUNT_ROLE=role))
    done = function.invoke({"action": action})
    assert "failed" == done.outcome
    entry = done.entry("orders")
    assert "blocked" == entry["state"]
    assert "sts:AssumeRole" in entry["reason"]
    assert "deploy the backup account's stack if it does not exist yet" in entry["reason"]
    assert [] == mutations(aws)


def test_an_external_id_is_passed_to_the_role(aws: Sandbox) -> None:
    """Without it the role is refused, with it the night goes on (7.12)."""
    aws.external_id = "between-us"
    aws.add_instance("orders", engine="postgres", kms_key="aws/rds")
    automated(aws)
    without = Function(aws, aws.environment(DB_ID="orders")).invoke(BACKUP)
    assert "blocked" == without.entry("orders")["state"]
    secret = aws.environment(DB_ID="orders", BACKUP_ACCOUNT_EXTERNAL_ID="between-us")
    play(Function(aws, secret), hours=2)
    assert 1 == len(backups(aws))


def test_an_unusable_key_of_the_database_is_named(aws: Sandbox) -> None:
    """The first of the three keys: the one the database lies under (6.6)."""
    key = aws.keys.create(aws.source.id, "alias/app")
    aws.add_instance("orders", engine="postgres", kms_key=key)
    automated(aws)
    aws.keys.disable(key)
    done = Function(aws, aws.environment(DB_ID="orders")).at(NIGHT, BACKUP)
    entry = done.entry("orders")
    assert "blocked" == entry["state"]
    assert "KMSKeyNotAccessibleFault" in entry["reason"]
    assert "the database's own key" in entry["reason"]


def test_an_unusable_sharing_key_is_named(aws: Sandbox) -> None:
    """The second: disabled before the copy, or closed to the backup account."""
    aws.add_instance("orders", engine="postgres", kms_key="aws/rds")
    automated(aws)
    function = Function(aws, aws.environment(DB_ID="orders"))
    aws.keys.disable(aws.sharing_key)
    entry = function.at(NIGHT, BACKUP).entry("orders")
    assert ("blocked", True) == (entry["state"], "KMS_KEY_ID is Disabled" in entry["reason"])


def test_a_sharing_key_closed_to_the_backup_account_is_named(aws: Sandbox) -> None:
    """Nothing checks the key at sharing; it shows at the copy (3.7)."""
    aws.add_instance("orders", engine="postgres", kms_key="aws/rds")
    automated(aws)
    function = Function(aws, aws.environment(DB_ID="orders"))
    aws.keys.shut_out(aws.sharing_key, aws.backup.id)
    play(function, hours=1)
    entry = function.invoke(BACKUP).entry("orders")
    assert "blocked" == entry["state"]
    assert "enable the sharing key, and allow kms:DescribeKey" in entry["reason"]


def test_an_unusable_backup_key_is_named_and_nothing_expires(aws: Sandbox) -> None:
    """The third: without it nothing is verified, so nothing may go."""
    aws.add_instance("orders", engine="postgres", kms_key="aws/rds")
    function = Function(aws, aws.environment(DB_ID="orders"))
    nights(aws, function, 3)
    aws.keys.disable(aws.backup_key)
    fewer = Function(aws, aws.environment(DB_ID="orders", BACKUPS_TO_KEEP="1"))
    automated(aws, NIGHT + 3 * DAY)
    entry = fewer.at(NIGHT + 3 * DAY, BACKUP).entry("orders")
    assert "blocked" == entry["state"]
    assert "BACKUP_KMS_KEY_ID is Disabled" in entry["reason"]
    assert 3 == len(backups(aws))


@pytest.mark.parametrize(("behaviour", "state"), [("accept", "protected"), ("refuse", "blocked")])
@pytest.mark.parametrize("kind", ["instance", "cluster"])
def test_a_backup_goes_under_aws_rds_as_far_as_aws_lets_it(
    kind: str, behaviour: str, state: str
) -> None:
    """6.13d: whether RDS copies under it what another account shares is documented nowhere.

    Either way nothing is lost: with a customer managed key the same night goes on.
    """
    switches = Switches(under_default_key=behaviour)  # type: ignore[arg-type]
    with Sandbox(start=NIGHT - timedelta(hours=2), switches=switches) as aws:
        add = aws.add_instance if kind == "instance" else aws.add_cluster
        add("orders", tags=TAGGED)
        setting = {"DB_TAG": "backup=nightly", "BACKUP_KMS_KEY_ID": "alias/aws/rds"}
        function = Function(aws, aws.environment(**setting))
        automated(aws)
        play(function, hours=2)
        entry = function.invoke(BACKUP).entry("orders")
        assert state == entry["state"]
        default = aws.keys.managed(aws.backup.id)
        assert [default] * (state == "protected") == [b.kms_key for b in backups(aws)]
        if state == "blocked":
            assert f"KMSKeyNotAccessibleFault: The target KMS key [{default}]" in entry["reason"]
            assert "; set BACKUP_KMS_KEY_ID to a customer managed key: " in entry["reason"]
            function.environment |= {"BACKUP_KMS_KEY_ID": "alias/rds-backup"}
            play(function, aws.clock.now, hours=2)
            assert [aws.backup_key] == [b.kms_key for b in backups(aws)]
        assert [] == shared_copies(aws)


def test_an_aws_managed_key_is_the_backup_key_by_the_alias_of_rds_only(aws: Sandbox) -> None:
    """By its id it may be that of another service, under which RDS encrypts nothing."""
    aws.add_instance("orders")
    default = aws.keys.managed(aws.backup.id)
    function = Function(aws, aws.environment(DB_ID="orders", BACKUP_KMS_KEY_ID=default))
    automated(aws)
    entry = function.at(NIGHT, BACKUP).entry("orders")
    assert "blocked" == entry["state"]
    assert "BACKUP_KMS_KEY_ID is an AWS managed key" in entry["reason"]
    assert "; set a customer managed key, or alias/aws/rds" in entry["reason"]


@pytest.mark.parametrize("key", ["sharing_key", "backup_key"])
@pytest.mark.parametrize(
    ("state", "advice"),
    [
        ("Updating", None),
        ("PendingImport", "import its key material again"),
        ("Unavailable", "reconnect its custom key store"),
        ("Creating", "wait some minutes"),
    ],
)
def test_each_state_of_a_key_has_its_own_advice(
    aws: Sandbox, function: Function, key: str, state: str, advice: str | None
) -> None:
    """Updating is usable, and the night ends well; no other state is mended by enabling (6.13b)."""
    aws.add_instance("orders", engine="mysql", tags=TAGGED)
    automated(aws)
    aws.keys[getattr(aws, key)].key_state = state
    play(function, hours=2)
    entry = function.invoke(BACKUP).entry("orders")

    assert ("blocked" if advice else "protected") == entry["state"]
    assert f"KMS_KEY_ID is {state}; {advice}" in entry["reason"] or advice is None


@pytest.mark.parametrize(
    ("engine", "words"),
    [
        ("postgres", "a Multi-AZ DB cluster"),
        ("neptune", "engine neptune is not one of"),
        ("docdb", "engine docdb is not one of"),
    ],
)
@pytest.mark.usefixtures("healthy")
def test_engines_that_this_way_cannot_back_up_are_unsupported(
    aws: Sandbox, function: Function, engine: str, words: str
) -> None:
    """By allow-list: the same API returns Neptune and DocumentDB."""
    aws.add_cluster("graph", engine=engine, kms_key=aws.sharing_key, tags=TAGGED)
    automated(aws)
    entry = bad(function, "graph")
    assert ("unsupported", True) == (entry["state"], words in entry["reason"])
    assert not [c for c in aws.calls if c.mutating and "graph" in str(c.params)]


@pytest.mark.usefixtures("healthy")
def test_rds_custom_is_unsupported(aws: Sandbox, function: Function) -> None:
    """CopyDBSnapshot does not apply to it (2.43)."""
    aws.add_instance("custom", engine="custom-sqlserver-ee", tags=TAGGED)
    automated(aws)
    entry = bad(function, "custom")
    assert ("unsupported", True) == (entry["state"], "RDS Custom" in entry["reason"])


@pytest.mark.usefixtures("healthy")
def test_an_unencrypted_cluster_is_unsupported_in_aws_s_words(
    aws: Sandbox, function: Function
) -> None:
    """It is tried, since AWS documents both ways (2.8); AWS's refusal is told, with the fix."""
    aws.add_cluster("plain", engine="aurora-mysql", encryption="none", tags=TAGGED)
    automated(aws)
    entry = bad(function, "plain")
    assert "unsupported" == entry["state"]
    assert entry["reason"].startswith("unencrypted, and RDS does not copy it under KMS_KEY_ID: ")
    assert entry["reason"].endswith(
        "InvalidParameterCombination: KmsKeyId cannot be given for an unencrypted DB cluster "
        "snapshot.; restore a snapshot into an encrypted cluster"
    )


def test_an_unencrypted_instance_becomes_encrypted_by_the_copy(
    aws: Sandbox, function: Function
) -> None:
    """KmsKeyId on an unencrypted instance snapshot encrypts the copy (2.7)."""
    aws.add_instance("plain", engine="mysql", kms_key=None, tags=TAGGED)
    nights(aws, function, 1)
    assert [aws.backup_key] == [b.kms_key for b in backups(aws)]


@pytest.mark.parametrize(
    ("kind", "operation", "account"),
    [
        ("instance", "CopyDBSnapshot", "source"),
        ("instance", "CopyDBSnapshot", "backup"),
        ("cluster", "CopyDBClusterSnapshot", "backup"),
        ("cluster", "ModifyDBClusterSnapshotAttribute", "source"),
    ],
)
def test_another_refused_parameter_is_no_matter_of_the_encryption(
    kind: str, operation: str, account: str
) -> None:
    """Only the copy of an automated snapshot of a cluster is refused for being unencrypted.

    An instance is encrypted by its copy (2.7), and so is all that is copied after the first.
    """
    switches = Switches(unencrypted_cluster="accept")
    with Sandbox(start=NIGHT - timedelta(hours=2), switches=switches) as aws:
        if kind == "instance":
            aws.add_instance("plain", kms_key=None, tags=TAGGED)
        else:
            aws.add_cluster("plain", encryption="none", tags=TAGGED)
        function = Function(aws, aws.environment(DB_TAG="backup=nightly"))
        aws.fault(operation, code="InvalidParameterValue", account=getattr(aws, account))
        automated(aws)
        play(function, hours=2)
        assert "blocked" == function.invoke(BACKUP).entry("plain")["state"]


@pytest.mark.parametrize(
    ("behaviour", "state", "made"),
    [("accept", "protected", 1), ("refuse", "unsupported", 0), ("ignore", "unsupported", 0)],
)
@pytest.mark.parametrize(
    ("encryption", "switch"), [("sse-rds", "sse_rds"), ("none", "unencrypted_cluster")]
)
def test_a_cluster_under_no_key_of_kms_goes_as_far_as_aws_lets_it(
    encryption: Encryption, switch: str, behaviour: str, state: str, made: int
) -> None:
    """How it behaves on copy is documented both ways (2.8) or not at all (2.12).

    Every way ends in the truth, and what comes out without the key is never shared.
    """
    switches = Switches(**{switch: behaviour})  # type: ignore[arg-type]
    with Sandbox(start=NIGHT - timedelta(hours=2), switches=switches) as aws:
        aws.add_cluster("owned", engine="aurora-mysql", encryption=encryption, tags=TAGGED)
        function = Function(aws, aws.environment(DB_TAG="backup=nightly"))
        automated(aws)
        play(function, hours=5)
        assert function.invoke(BACKUP).entry("owned")["state"] == state
        assert len(backups(aws)) == made
        copies = [c for c in aws.calls if c.operation.startswith("Copy") and c.error is None]
        assert len(copies) <= 2
        assert made == aws.count("ModifyDBClusterSnapshotAttribute")
