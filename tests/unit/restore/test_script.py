"""What a restore plan prints, for every family, engine and degree of knowledge."""

import re
from collections.abc import Iterator
from copy import replace
from itertools import product
from pathlib import Path

import pytest

from rds_backup.model.inventory import Kind, Traits
from rds_backup.model.surroundings import Scaling, Surroundings
from rds_backup.restore.choice import Restore
from rds_backup.restore.script import text
from tests.support import aws_cli
from tests.support.making import (
    BACKUP,
    BACKUP_KEY,
    DATABASE_KEY,
    ENGINE,
    REGION,
    SOURCE,
    backup,
    point,
)
from tests.support.restore_plans import plan_of, section, statements

ROOT = Path(__file__).parents[3]
NETWORK = Surroundings(
    kind=Kind.INSTANCE,
    identifier="orders",
    resource_id="db-ORDERS",
    instance_class="db.m7g.large",
    subnet_group="private",
    security_groups=("sg-0a1", "sg-0b2"),
    parameter_group="own-parameters",
    cluster_parameter_group="own-cluster-parameters",
    option_group="own-options",
    kms_key=DATABASE_KEY,
    lifecycle="open-source-rds-extended-support-disabled",
)
NAMES = ("TargetDBSnapshotIdentifier", "DBInstanceIdentifier", "DBClusterIdentifier")
UNKNOWN = "there is no instance orders any more"
# What is no text in the call.
TYPED = {"IOPS": "3000", "SERVERLESS_SCALING": "MinCapacity=0.5,MaxCapacity=16"}


def restore(
    kind: Kind = Kind.INSTANCE,
    home: Surroundings | str = NETWORK,
    target: str | None = SOURCE,
    engine: str | None = "",
    version: str | None = "17.2",
    database: str = "orders",
    option_group: str | None = None,
) -> Restore:
    """A backup that is to be restored."""
    made = backup(point(database=database, kind=kind))
    snapshot = replace(
        made.snapshot,
        engine=ENGINE[kind] if engine == "" else engine,
        engine_version=version,
        option_group=option_group,
    )
    return Restore(
        replace(made, snapshot=snapshot),
        BACKUP,
        REGION,
        BACKUP_KEY,
        target,
        home,
        offered=True,
        wanted=database,
    )


def parsed(plan: str) -> list[aws_cli.Parsed]:
    """Every command of a plan, with its variables' names for values."""
    values = {name: name for name in aws_cli.blanks(plan)} | TYPED
    return [aws_cli.parse(aws_cli.filled(words, values)) for words in aws_cli.commands(plan)]


def making(plan: str, way: str) -> list[aws_cli.Parsed]:
    """The calls of one way that make something in the end."""
    words = ("restore_db", "create_db")
    return [c for c in parsed(section(plan, way)) if c.method.startswith(words)]


def every_plan() -> Iterator[str]:
    """Both families, home known or not, target known or not, version shown or not."""
    bare = replace(NETWORK, parameter_group=None, kms_key=None)
    homes: tuple[Surroundings | str, ...] = (NETWORK, bare, UNKNOWN)
    for kind, home, target, version in product(Kind, homes, (SOURCE, None), ("17.2", None)):
        yield text(restore(kind, home, target, version=version))
    for engine in ("mariadb", "mysql", "oracle-ee", "sqlserver-se", "db2-se"):
        yield text(restore(engine=engine))
    yield text(restore(Kind.CLUSTER, engine="aurora-mysql"))
    yield text(restore(engine=None))
    lasting = replace(
        NETWORK,
        scaling=Scaling(0, 16, 600),
        managed_password=True,
        deletion_protection=True,
        traits=Traits("io2", 4000, log_volume=True, iam_login=True),
    )
    answers: tuple[bool | str, ...] = (True, False, "AccessDenied")
    for kind, offered in product(Kind, answers):
        yield text(replace(restore(kind, lasting), offered=offered))
    for kind, target, offered in product(Kind, (SOURCE, None), answers):
        yield text(replace(restore(kind, target=target), offered=offered, shareable=False))


PLANS = tuple(every_plan())


@pytest.mark.parametrize("kind", ["instance", "cluster"])
def test_a_plan_is_printed_word_for_word(kind: str) -> None:
    """Of the instance that is still there, and of the cluster whose account is lost.

    ``python -m tests.support.restore_plans`` prints it.
    """
    golden = ROOT / "tests" / "docs" / "golden" / "restore" / f"{kind}.txt"
    assert golden.read_text() == plan_of("instance" if kind == "instance" else "cluster")


@pytest.mark.parametrize("plan", PLANS, ids=range(len(PLANS)))
def test_every_command_is_one_that_the_service_models_take(plan: str) -> None:
    """Names, required members and types; `parse` refuses anything else."""
    assert "None" not in plan
    for command in parsed(plan):
        assert command.options["profile"] in ("BACKUP_PROFILE", "TARGET_PROFILE")
        assert REGION == command.options["region"]


@pytest.mark.parametrize("kind", Kind)
def test_of_a_backup_under_aws_rds_a_copy_is_shared_and_never_itself(kind: Kind) -> None:
    """2.13: the key that lends is told before the commands, and way A needs none."""
    plan = text(replace(restore(kind), shareable=False))
    made = [c for c in parsed(section(plan, "B")) if c.method.startswith(("copy", "modify"))]

    assert "SHARING_KEY_ID" not in section(plan, "A")
    assert f"choose a customer managed key of account {BACKUP}, SHARING_KEY_ID," in plan
    assert "SHARING_KEY_ID" == made[0].params["KmsKeyId"]
    noun = "DBClusterSnapshot" if kind is Kind.CLUSTER else "DBSnapshot"
    lent = made[0].params[f"Target{noun}Identifier"]
    shared = [c for c in made if c.method.startswith("modify")]
    assert [lent, lent] == [c.params[f"{noun}Identifier"] for c in shared]


@pytest.mark.parametrize("plan", PLANS, ids=range(len(PLANS)))
def test_no_command_deletes_anything(plan: str) -> None:
    """Of all operations, a plan has these and no others."""
    assert {(c.service, c.method) for c in parsed(plan) if not c.waiter} <= {
        ("sts", "get_caller_identity"),
        ("rds", "add_tags_to_resource"),
        ("rds", "copy_db_cluster_snapshot"),
        ("rds", "copy_db_snapshot"),
        ("rds", "create_db_instance"),
        ("rds", "describe_db_engine_versions"),
        ("rds", "modify_db_cluster"),
        ("rds", "modify_db_cluster_snapshot_attribute"),
        ("rds", "modify_db_instance"),
        ("rds", "modify_db_snapshot"),
        ("rds", "modify_db_snapshot_attribute"),
        ("rds", "restore_db_cluster_from_snapshot"),
        ("rds", "restore_db_instance_from_db_snapshot"),
    }


@pytest.mark.parametrize("plan", PLANS, ids=range(len(PLANS)))
def test_nothing_that_rds_would_choose_badly_is_left_to_it(plan: str) -> None:
    """11.5, 11.7, 11.9: version, network and tags are given, and no public address."""
    for way in "AB":
        first, *members = making(plan, way)
        for call in (first, *members):
            assert call.params["PubliclyAccessible"] is False
            assert ["restored-from"] == [tag["Key"] for tag in call.params["Tags"]]
        assert first.params["DBSubnetGroupName"]
        assert first.params["VpcSecurityGroupIds"]
        if first.method == "restore_db_cluster_from_snapshot":
            assert first.params["EngineVersion"] in ("17.2", "ENGINE_VERSION")
            assert first.params["KmsKeyId"]
            assert 1 == len(members)
        else:
            assert "KmsKeyId" not in first.params
            assert [] == members


@pytest.mark.parametrize("plan", PLANS, ids=range(len(PLANS)))
def test_whatever_is_filled_in_is_explained(plan: str) -> None:
    """Each variable of a way is empty at its head, and none is there without use."""
    for way in "AB":
        part = section(plan, way)
        used = set(re.findall(r"\$\{([A-Z_]+):\?\}", part))
        assert used == set(aws_cli.blanks(part))
        assert all(aws_cli.blanks(part).values())


@pytest.mark.parametrize("plan", PLANS, ids=range(len(PLANS)))
def test_every_rule_that_is_cited_is_in_the_contract(plan: str) -> None:
    """A number that leads nowhere helps nobody."""
    contract = (ROOT / "docs/explained/aws-contract.md").read_text()
    numbers = re.findall(r"^\| (\d[\w.]*) \|", contract, flags=re.MULTILINE)
    cited = {n for group in re.findall(r"\(([\d., ]+)\)", plan) for n in group.split(", ")}
    assert {"6.1", "6.13"} <= cited
    assert cited <= set(numbers)


def test_groups_of_the_databases_own_are_named_and_default_ones_are_not() -> None:
    """11.7, 11.13: a default group is taken by itself, another has to be there."""
    own = making(text(restore()), "B")[0].params
    assert ("own-parameters", "own-options") == (
        own["DBParameterGroupName"],
        own["OptionGroupName"],
    )
    defaults = replace(NETWORK, parameter_group="default.postgres17", option_group="default:pg-17")
    plan = text(restore(home=defaults))
    assert not {"DBParameterGroupName", "OptionGroupName"} & set(making(plan, "B")[0].params)
    assert "Has to exist" not in plan
    for group in ("DB parameter group own-parameters", "option group own-options"):
        for account in (SOURCE, BACKUP):
            assert f"# Has to exist in account {account} (11.13): {group}\n" in text(restore())


def test_the_option_group_is_the_snapshots_where_the_database_is_gone() -> None:
    """The listing shows it for instances."""
    gone = text(restore(home=UNKNOWN, option_group="own-options"))
    assert "own-options" == making(gone, "A")[0].params["OptionGroupName"]
    default = text(restore(home=UNKNOWN, option_group="default:postgres-17"))
    assert "OptionGroupName" not in making(default, "A")[0].params


@pytest.mark.parametrize(
    ("engine", "there"),
    [("mysql", True), ("postgres", True), ("mariadb", False), ("oracle-ee", False)],
)
def test_extended_support_is_chosen_where_it_exists(engine: str, *, there: bool) -> None:
    """11.10: as at home; where that is unknown, so that the version stays."""
    for home, expected in (
        (NETWORK, "open-source-rds-extended-support-disabled"),
        (UNKNOWN, "open-source-rds-extended-support"),
    ):
        call = making(text(restore(home=home, engine=engine)), "A")[0]
        assert (expected if there else None) == call.params.get("EngineLifecycleSupport")


@pytest.mark.parametrize("kind", list(Kind))
def test_names_fit_however_long_the_databases_is(kind: Kind) -> None:
    """11.5, 2.2: 63 characters, no two hyphens together, none at the end."""
    for length in range(1, 64):
        name = ("a-" * 32)[:length].rstrip("-")
        plan = text(restore(kind, database=name))
        for command in parsed(plan):
            for member, value in command.params.items():
                if member in NAMES:
                    assert re.fullmatch(r"[a-z](-?[a-z0-9]){0,62}", value), value
                    assert len(value) <= 63


def test_the_statements_admit_one_role_through_rds_only() -> None:
    """Nobody else of the account, no other service, and no administration of the key."""
    found = statements(text(restore()))
    principal = {"AWS": f"arn:aws:iam::{SOURCE}:role/<ROLE>"}
    assert [principal] * 3 == [s["Principal"] for s in found]
    assert {"kms:DescribeKey"} == {str(s["Action"]) for s in found if "Condition" not in s}
    for statement in found[1:]:
        assert "rds.eu-west-1.amazonaws.com" in str(statement["Condition"])
    assert "kms:*" not in str(found)
    key = BACKUP_KEY.replace("arn:aws:kms:eu-west-1", "arn:aws-cn:kms:cn-north-1")
    china = str(statements(text(replace(restore(), key=key))))
    assert "arn:aws-cn:iam::" in china
    assert "rds.cn-north-1.amazonaws.com.cn" in china


def test_sharing_comes_before_the_copy_and_ends_after_everything() -> None:
    """4.3, 4.4: what is unshared while it is copied may fail."""
    for kind in Kind:
        way = parsed(section(text(restore(kind)), "B"))
        names = [c.method for c in way]
        shares = [n for n, c in enumerate(way) if c.method.endswith("_attribute")]
        assert 2 == len(shares)
        assert len(way) - 1 == shares[1]
        assert way[shares[1] - 1].waiter
        assert shares[0] < names.index(
            "copy_db_snapshot" if kind is Kind.INSTANCE else "restore_db_cluster_from_snapshot"
        )


def elsewhere(of: Restore, region: str = "eu-central-1", partition: str = "aws") -> Restore:
    """The same with the backup in another Region than its database was."""
    snapshot = of.backup.snapshot
    arn = snapshot.arn.replace(REGION, region).replace("arn:aws:", f"arn:{partition}:")
    return replace(
        of, region=region, backup=replace(of.backup, snapshot=replace(snapshot, arn=arn))
    )


@pytest.mark.parametrize("kind", Kind)
def test_from_another_region_a_backup_is_copied_where_it_is_to_be(kind: Kind) -> None:
    """2.20, 2.24: in one step, under the name of the option group at home; a cluster, too."""
    plan = text(elsewhere(restore(kind)))
    (copy,) = [c for c in parsed(plan) if c.method.startswith("copy_db")]
    assert REGION == copy.options["region"]
    named = {"OptionGroupName": "own-options"} if kind is Kind.INSTANCE else {}
    assert named == {k: v for k, v in copy.params.items() if k == "OptionGroupName"}
    regions = {c.options["region"] for c in parsed(section(plan, "A"))}
    assert {"eu-central-1"} == regions
    assert "# A. In the backup account 222222222222, eu-central-1\n" in plan
    assert f"# B. Back in account 111111111111, {REGION}\n" in plan
    assert "--source-region" not in plan


def test_the_option_group_of_a_database_that_is_gone_is_that_of_its_backup() -> None:
    """Where neither has one of its own, none is named."""
    kept = text(elsewhere(restore(home=UNKNOWN, option_group="kept")))
    assert "  --option-group-name kept \\\n" in kept.partition("rds copy-db-snapshot")[2]
    default = text(elsewhere(restore(home=UNKNOWN, option_group="default:mysql-8-0")))
    copy = default.partition("rds copy-db-snapshot")[2].partition("rds wait")[0]
    assert "--option-group-name" not in copy


def test_between_the_regions_of_gov_cloud_a_copy_is_signed_twice() -> None:
    """2.25: the AWS CLI makes the pre-signed URL of the source's Region."""
    plan = text(elsewhere(restore(), "us-gov-east-1", "aws-us-gov"))
    assert "  --source-region us-gov-east-1 \\\n" in plan
