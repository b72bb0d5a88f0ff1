"""docs/guides/restore.md shows what was printed, and its own commands do what it says."""

import re
from pathlib import Path

import pytest

from rds_backup.__main__ import main as command_line
from sandbox import Kind, Sandbox
from tests.support import aws_cli
from tests.support.aws_cli import Parsed
from tests.support.playing import backups
from tests.support.restore_plans import environment, run, scene, section

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/guides/restore.md").read_text()
GOLDEN = {
    kind: (ROOT / f"tests/docs/golden/restore/{kind}.txt").read_text()
    for kind in ("instance", "cluster")
}
SITUATIONS = ("One database is lost", "The account is lost", "The key is in doubt")


def block(name: str) -> str:
    """The fenced block between two marks."""
    pattern = rf"<!-- {name}:begin -->\n```\w+\n(.*?)```\n<!-- {name}:end -->"
    found = re.search(pattern, TEXT, flags=re.DOTALL)
    assert found, name
    return found[1]


def steps(name: str, **values: str) -> list[Parsed]:
    """The commands of a block, filled in."""
    return [
        aws_cli.parse(aws_cli.filled(words, {"BACKUP_PROFILE": "backup", **values}))
        for words in aws_cli.commands(block(name))
    ]


def test_the_head_shown_is_a_printed_one() -> None:
    """Of the instance's plan, from its first line on."""
    assert GOLDEN["instance"].startswith(block("head"))
    assert "Backup key" in block("head")


@pytest.mark.parametrize(
    ("name", "kind", "way"), [("way-b", "instance", "B"), ("way-a", "cluster", "A")]
)
def test_a_way_shown_is_a_printed_one(name: str, kind: str, way: str) -> None:
    """Whole, from its heading to its last command."""
    printed = section(GOLDEN[kind], way).split("\n# Afterwards")[0]
    assert printed.rstrip() == block(name).rstrip()


@pytest.mark.parametrize("kind", ["instance", "cluster"])
def test_a_key_in_doubt_is_mended_as_shown(kind: Kind) -> None:
    """The plan refuses in the words shown; the administrator's commands make it possible again."""
    with scene(kind) as aws:
        aws.keys.schedule_deletion(aws.backup_key)
        done = run(environment(aws, kind), "orders")
        assert (1, block("refusal")) == (done.code, done.err)
        kms = aws.backup.client("kms")
        describe, cancel, enable = steps("mend", BACKUP_KEY_ID=aws.backup_key.rsplit("/", 1)[1])
        told = describe.run(kms)["KeyMetadata"]
        assert (aws.backup_key, "PendingDeletion") == (told["Arn"], told["KeyState"])
        assert told["DeletionDate"]
        cancel.run(kms)
        assert 1 == run(environment(aws, kind), "orders").code
        enable.run(kms)
        assert 0 == run(environment(aws, kind), "orders").code


def test_a_backup_is_copied_under_another_key_as_shown() -> None:
    """It outlives the key in doubt."""
    with scene("instance") as aws:
        key = aws.keys.create(aws.backup.id)
        name = backups(aws)[-1].identifier
        for step in steps("rescue", BACKUP=name, COPY="rescued", NEW_KEY_ARN=key):
            step.run(aws.backup.client("rds"))
        aws.keys.schedule_deletion(aws.backup_key)
        found = aws.backup.client("rds").restore_db_instance_from_db_snapshot(
            DBInstanceIdentifier="orders", DBSnapshotIdentifier="rescued"
        )
        assert key == found["DBInstance"]["KmsKeyId"]


def test_a_plan_under_an_older_key_is_had_as_said() -> None:
    """BACKUP_KMS_KEY_ID names the older key for the plan alone."""
    with scene("instance") as aws:
        older = aws.backup_key
        aws.keys.point("alias/rds-backup", aws.keys.create(aws.backup.id))
        env = environment(aws, "instance")
        done = run(env, "orders")
        assert 1 == done.code
        assert f"is under {older}, not under BACKUP_KMS_KEY_ID" in done.err
        assert older in run(env | {"BACKUP_KMS_KEY_ID": older}, "orders").out


def test_the_commands_of_the_package_are_ones_that_it_takes() -> None:
    """With their options; what a function answers is what a look of one's own prints."""
    shown = re.findall(r"^rds-backup (restore-plan [^#\n]+)", TEXT, flags=re.MULTILINE)
    assert 4 == len(shown)
    for line in shown:
        words = line.replace("--function rds-backup", "").split()
        with scene("instance") as aws:
            assert 0 == run(environment(aws, "instance"), *words[1:]).code
    with pytest.raises(SystemExit) as ended:
        command_line(["restore-plan", "--help"])
    assert 0 == ended.value.code


def test_the_variables_for_the_backup_account_are_enough(aws: Sandbox) -> None:
    """Those of the situation in which the source account is lost, beside credentials."""
    line = re.search(r"^export (AWS_REGION=\S+ BACKUP_ACCOUNT=\S+)$", TEXT, flags=re.MULTILINE)
    assert line
    told = dict(pair.split("=") for pair in line[1].split())
    done = run(aws.backup.function.environment() | told, "orders")
    assert "there is no backup of orders in account 222222222222" in done.err


@pytest.mark.parametrize("title", SITUATIONS)
def test_no_time_is_stated_that_nobody_measured(title: str) -> None:
    """Each step of a situation says so, or where AWS says it."""
    part = TEXT.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\| (?!step|---)[^|]+\| ([^|]+) \|$", part, flags=re.MULTILINE)
    assert len(rows) >= 3
    for cell in rows:
        assert cell.startswith(("unknown, measure yours", "measured", "for the waiting period"))


def test_what_is_not_proven_is_said_first() -> None:
    """Before the first heading of the second level."""
    opening = TEXT.split("\n## ", 1)[0]
    assert "Nothing was ever restored on a real AWS account" in opening
    assert "6.13" in opening
    assert "was never seen here" in opening


def test_the_rules_that_it_cites_exist() -> None:
    """They are rows of the contract."""
    contract = (ROOT / "docs/explained/aws-contract.md").read_text()
    numbers = set(re.findall(r"^\| (\d[\w.]*) \|", contract, flags=re.MULTILINE))
    cited = set(re.findall(r"(?:\(|rule |: |, )(\d{1,2}\.\d{1,2})(?=[ ),])", TEXT))
    assert {"6.10", "6.13", "11.3", "11.11"} <= cited
    assert cited <= numbers
