"""The environment: what is accepted, what every default is, and how each mistake is told."""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from rds_backup.inputs.environment import SettingsError, expire_from_env, from_env
from rds_backup.inputs.variables import DEFAULTS, VARIABLES
from rds_backup.model.inventory import Kind
from rds_backup.model.settings import (
    BackupSettings,
    Rules,
    Selector,
    Settings,
    partition_of,
)

# An example of every variable.
EXAMPLE = {
    "DB_ID": "my-db",
    "CLUSTER": "true",
    "SOURCE_ACCOUNT": "123456789012",
    "KMS_KEY_ID": "abcd-1234-efgh-5678",
    "BACKUP_ACCOUNT": "210987654321",
    "BACKUP_ACCOUNT_ROLE": "arn:aws:iam::210987654321:role/x",
    "AWS_REGION": "eu-west-1",
    "BACKUPS_TO_KEEP": "7",
}
REQUIRED = (
    "DB_ID",
    "SOURCE_ACCOUNT",
    "KMS_KEY_ID",
    "BACKUP_ACCOUNT",
    "BACKUP_ACCOUNT_ROLE",
)
MINIMAL = {name: EXAMPLE[name] for name in REQUIRED}
FOR_EXPIRE = {"BACKUP_ACCOUNT": "210987654321"}
# A digit to Python's int() and to \d, and to nobody else.
ARABIC_SEVEN = "\N{ARABIC-INDIC DIGIT SEVEN}"
BOOLEANS = ("CLUSTER", "EXPIRE_BACKUPS", "READ_ONLY", "INCREMENTAL")
TIERS = ("KEEP_WEEKLY", "KEEP_MONTHLY", "KEEP_YEARLY")
LIMITS = ("MAX_SNAPSHOT_AGE_HOURS", "MAX_ATTEMPTS", "MAX_INSTANCE_COPIES", "MAX_CLUSTER_COPIES")
MAY_BE_EMPTY = (
    *("DB_ID", "DB_TAG", "BACKUP_ACCOUNT_EXTERNAL_ID", "NIGHT_SCHEDULE"),
    *("DRILL_SCHEDULE", "BACKUP_REGION"),
)
# What only a drill reads.
OF_DRILLS = (
    *("DRILL_CLASSES", "DRILL_SUBNET_GROUP", "DRILL_SECURITY_GROUP", "DRILL_PROBE"),
    *("DRILL_VALIDATOR_ARN", "DRILL_DEADLINE_HOURS"),
)
READ_HERE = tuple(name for name in VARIABLES if name not in OF_DRILLS)
type Read = Callable[[Mapping[str, str]], object]


def mistakes(env: Mapping[str, str], read: Read = from_env) -> dict[str, str]:
    """What the error says of each variable that it names first in a line."""
    with pytest.raises(SettingsError) as caught:
        read(env)
    head, *lines = str(caught.value).splitlines()
    assert "the environment cannot be used:" == head
    assert all(line.startswith("- ") for line in lines)
    told: dict[str, str] = {}
    for line in lines:
        name = line.split()[1]
        told[name] = told.get(name, "") + line
    assert set(told) <= set(VARIABLES)
    return told


def test_the_example_environment_is_accepted_exactly() -> None:
    """Who comes with these variables changes nothing in them."""
    assert from_env(EXAMPLE) == Settings(
        selector=Selector(("my-db",), Kind.CLUSTER, None),
        source_account="123456789012",
        region="eu-west-1",
        sharing_key="abcd-1234-efgh-5678",
        role="arn:aws:iam::210987654321:role/x",
        external_id=None,
        expire=True,
        max_attempts=3,
        max_copies={Kind.INSTANCE: 20, Kind.CLUSTER: 5},
        backup=BackupSettings(
            account="210987654321",
            region="eu-west-1",
            key="alias/rds-backup",
            prefix="rds-backup",
            rules=Rules(7, timedelta(0)),
            max_age_hours=36,
        ),
    )


def test_the_environment_of_0_1_0_is_accepted() -> None:
    """Whoever updates the code and keeps the environment is refused nothing, and gets the same."""
    path = Path(__file__).parents[2] / "support/release_0_1_0/environment.json"
    required, defaults, optional = json.loads(path.read_text()).values()

    assert {*required, *defaults, *optional} <= set(VARIABLES)
    assert from_env(required | defaults | dict.fromkeys(optional, "")) == from_env(required)
    assert "a-shared-secret" == from_env(required | optional).external_id


def test_what_is_not_set_has_the_default_of_the_interface() -> None:
    """The five variables without a default are enough, and name an instance."""
    by_default = from_env(MINIMAL)
    assert Selector(("my-db",), Kind.INSTANCE, None) == by_default.selector
    assert from_env(MINIMAL | DEFAULTS) == by_default


def test_every_variable_but_the_selection_is_required_or_has_a_default() -> None:
    """No variable is left to chance: VARIABLES is the whole interface."""
    assert set(VARIABLES) == {*REQUIRED, *DEFAULTS, *MAY_BE_EMPTY, *OF_DRILLS}


def test_every_variable_can_be_set() -> None:
    """Nothing that the interface lists is read and forgotten."""
    key = "arn:aws:kms:us-west-2:210987654321:key/mrk-1234"
    assert Settings(
        selector=Selector(("a", "b"), Kind.INSTANCE, ("team", "data")),
        source_account="123456789012",
        region="us-west-2",
        sharing_key="alias/sharing",
        role="arn:aws:iam::210987654321:role/path/rds-backup",
        external_id="a:b/c=d",
        expire=False,
        max_attempts=4,
        max_copies={Kind.INSTANCE: 6, Kind.CLUSTER: 8},
        backup=BackupSettings(
            "210987654321",
            "us-west-2",
            key,
            "mine",
            Rules(30, timedelta(days=9), 4, 12, 5),
            50,
            read_only=True,
        ),
        schedule="cron(0 1 * * ? *)",
        timezone="Europe/Berlin",
        scheduled=False,
        tags_guarded=False,
        incremental=True,
    ) == from_env(
        {
            "DB_ID": "a,b",
            "CLUSTER": "false",
            "SOURCE_ACCOUNT": "123456789012",
            "KMS_KEY_ID": "alias/sharing",
            "BACKUP_ACCOUNT": "210987654321",
            "BACKUP_ACCOUNT_ROLE": "arn:aws:iam::210987654321:role/path/rds-backup",
            "AWS_REGION": "us-west-2",
            "BACKUPS_TO_KEEP": "30",
            "KEEP_AT_LEAST_DAYS": "9",
            "KEEP_WEEKLY": "4",
            "KEEP_MONTHLY": "12",
            "KEEP_YEARLY": "5",
            "BACKUP_KMS_KEY_ID": key,
            "BACKUP_ACCOUNT_EXTERNAL_ID": "a:b/c=d",
            "DB_TAG": "team=data",
            "EXPIRE_BACKUPS": "false",
            "MAX_SNAPSHOT_AGE_HOURS": "50",
            "MAX_ATTEMPTS": "4",
            "MAX_INSTANCE_COPIES": "6",
            "MAX_CLUSTER_COPIES": "8",
            "SNAPSHOT_PREFIX": "mine",
            "NIGHT_SCHEDULE": "cron(0 1 * * ? *)",
            "SCHEDULE_TIMEZONE": "Europe/Berlin",
            "SCHEDULE_STATE": "DISABLED",
            "TAG_GUARD": "off",
            "READ_ONLY": "true",
            "INCREMENTAL": "true",
        }
    )


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_variable_is_named(name: str) -> None:
    """A required variable that is not set is a mistake, and the only one."""
    env = {k: v for k, v in EXAMPLE.items() if k != name}
    told = mistakes(env)
    assert {name} == set(told)
    assert "not set; expected " in told[name]


@pytest.mark.parametrize("value", ["", "  ", "\t\n"])
@pytest.mark.parametrize("name", [v for v in READ_HERE if v not in MAY_BE_EMPTY])
def test_an_empty_variable_is_named(name: str, value: str) -> None:
    """Set to nothing is a mistake, also where there is a default: nobody meant it."""
    told = mistakes(EXAMPLE | {name: value})
    assert {name} == set(told)
    assert f"{name} is empty; expected " in told[name]


@pytest.mark.parametrize("value", ["", "  ", ",", " , ,"])
def test_no_database_at_all_is_a_mistake(value: str) -> None:
    """Backing up nothing is never what was meant; both ways to choose are told."""
    told = mistakes(EXAMPLE | {"DB_ID": value})
    assert {"DB_ID"} == set(told)
    assert "DB_TAG" in told["DB_ID"]


def test_a_selection_by_tag_needs_no_identifier() -> None:
    """DB_ID is required unless DB_TAG is set; a template sets the other to nothing."""
    selector = Selector((), Kind.INSTANCE, ("backup", "nightly"))
    env = {**MINIMAL, "DB_ID": "", "DB_TAG": "backup=nightly", "BACKUP_ACCOUNT_EXTERNAL_ID": ""}
    assert selector == from_env(env).selector


WRONG = [
    *((name, value) for name in BOOLEANS for value in ("yes", "1", "0", "on", "truee", "t")),
    *(
        ("DB_ID", value)
        for value in (
            "my--db",
            "-my-db",
            "my-db-",
            "my_db",
            "my.db",
            "my db",
            "9db",
            "orders;billing",
            "a" * 64,
            "bücher",
        )
    ),
    *(
        (name, value)
        for name in ("SOURCE_ACCOUNT", "BACKUP_ACCOUNT")
        for value in (
            "12345678901",
            "1234567890123",
            "1234-5678-9012",
            "0x1234567890",
            "my-account",
            "\N{FULLWIDTH DIGIT SEVEN}" * 12,
            ARABIC_SEVEN * 12,
        )
    ),
    *(
        ("BACKUP_ACCOUNT_ROLE", value)
        for value in (
            "rds-backup",
            "arn:aws:iam::210987654321:user/x",
            "arn:aws:iam::210987654321:role/",
            "arn:aws:iam:eu-west-1:210987654321:role/x",
            "arn:aws:iam::21098765432:role/x",
            "arn:aws:iam::210987654321:role/x y",
            "arn:aws:sts::210987654321:assumed-role/x/y",
            f"arn:aws:iam::{ARABIC_SEVEN * 12}:role/x",
        )
    ),
    *(
        ("BACKUPS_TO_KEEP", value)
        for value in (
            "0",
            "-1",
            "seven",
            "1.5",
            "7 days",
            ARABIC_SEVEN,
            "1e2",
            "0x7",
            "1_0",
            "+7",
            "inf",
        )
    ),
    *(
        (name, value)
        for name in LIMITS
        for value in ("0", "-1", "many", "1.5", ARABIC_SEVEN, "none")
    ),
    ("MAX_ATTEMPTS", "100"),
    *(
        ("KEEP_AT_LEAST_DAYS", value)
        for value in ("-1", "-0", "a week", "0.5", ARABIC_SEVEN, "1000000")
    ),
    *(
        (name, value)
        for name in TIERS
        for value in ("-1", "four", "1001", "0.5", "4 weeks", ARABIC_SEVEN)
    ),
    *(
        ("DB_TAG", value)
        for value in (
            "=",
            "=nightly",
            "backup;nightly",
            "a,b",
            "backup=night*",
            '{"backup": "nightly"}',
            "k" * 129,
            "k=" + "v" * 257,
        )
    ),
    *(
        (name, value)
        for name in ("KMS_KEY_ID", "BACKUP_KMS_KEY_ID")
        for value in (
            "abc",
            "alias/",
            "key/abcd-1234",
            "my key",
            "arn:aws:kms:eu-west-1:123456789012",
            "arn:aws:kms::123456789012:key/abcd",
            "arn:aws:iam::123456789012:role/abcd",
            "None of them",
        )
    ),
    *(
        ("SNAPSHOT_PREFIX", value)
        for value in (
            "rds--backup",
            "rds-backup-",
            "-rds",
            "9rds",
            "RDS-Backup",
            "rds_backup",
            "rds:backup",
            "a" * 21,
        )
    ),
    *(
        (name, value)
        for name in ("AWS_REGION", "BACKUP_REGION")
        for value in ("Ireland", "eu-west", "eu_west_1", "eu-west-1a")
    ),
    ("BACKUP_REGION", "eu-wset-1"),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_malformed_value_is_shown_with_what_is_expected(name: str, value: str) -> None:
    """The variable, what was found, and what it has to be: enough to mend it."""
    told = mistakes(EXAMPLE | {name: value})
    assert f"{name} is {value[:80]!r}; expected " in told[name]
    follows = {"BACKUP_ACCOUNT": {"BACKUP_ACCOUNT_ROLE"}}.get(name, set())
    assert {name} <= set(told) <= {name} | follows


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("DB_ID", "arn:aws:rds:eu-west-1:123456789012:db:orders", "an identifier, not an ARN"),
        ("BACKUP_ACCOUNT", "123456789012", "another account than SOURCE_ACCOUNT"),
        ("KMS_KEY_ID", "alias/aws/rds", "a customer managed key"),
        (
            "KMS_KEY_ID",
            "arn:aws:kms:eu-west-1:123456789012:alias/aws/rds",
            "a customer managed key",
        ),
        ("BACKUP_KMS_KEY_ID", "alias/aws/ebs", "a customer managed key, or alias/aws/rds"),
        (
            "BACKUP_KMS_KEY_ID",
            "arn:aws:kms:us-east-1:210987654321:alias/aws/rds",
            "a key of this Region, eu-west-1",
        ),
        (
            "KMS_KEY_ID",
            "arn:aws:kms:us-east-1:123456789012:key/abcd-1234",
            "a key of this Region, eu-west-1",
        ),
        (
            "BACKUP_KMS_KEY_ID",
            "arn:aws:kms:us-east-1:210987654321:alias/rds-backup",
            "a key of this Region, eu-west-1",
        ),
        *(
            (name, value, "an ARN of aws, the partition of eu-west-1")
            for name, value in (
                ("KMS_KEY_ID", "arn:aws-cn:kms:eu-west-1:123456789012:key/abcd-1234"),
                ("KMS_KEY_ID", "arn:aws-cn:kms:cn-north-1:123456789012:alias/sharing"),
                ("BACKUP_KMS_KEY_ID", "arn:aws-eusc:kms:eusc-de-east-1:210987654321:key/abcd"),
                ("BACKUP_ACCOUNT_ROLE", "arn:aws-cn:iam::210987654321:role/x"),
            )
        ),
    ],
)
def test_a_value_that_contradicts_the_rest_says_what_it_should_be(
    name: str, value: str, expected: str
) -> None:
    """Well formed is not enough: accounts, Region and keys have to fit together."""
    told = mistakes(EXAMPLE | {name: value})
    assert value in told[name]
    assert expected in told[name]


HERE, THERE, ELSEWHERE = "123456789012", "210987654321", "333333333333"


def of(name: str, account: str) -> dict[str, str]:
    """The variable as an ARN of this account."""
    role = name == "BACKUP_ACCOUNT_ROLE"
    service, what = ("iam:", "role/x") if role else ("kms:eu-west-1", "key/abcd-1234")
    return {name: f"arn:aws:{service}:{account}:{what}"}


@pytest.mark.parametrize(
    ("arn", "owner", "account", "expected"),
    [
        ("KMS_KEY_ID", "SOURCE_ACCOUNT", ELSEWHERE, HERE),
        ("KMS_KEY_ID", "SOURCE_ACCOUNT", THERE, HERE),
        ("BACKUP_KMS_KEY_ID", "BACKUP_ACCOUNT", HERE, THERE),
        ("BACKUP_ACCOUNT_ROLE", "BACKUP_ACCOUNT", ELSEWHERE, THERE),
    ],
)
def test_an_arn_of_another_account_may_be_right_and_the_account_wrong(
    arn: str, owner: str, account: str, expected: str
) -> None:
    """Both variables are named with their accounts: a wrong SOURCE_ACCOUNT is no fault of a key."""
    told = mistakes(EXAMPLE | of(arn, account))

    wrong = (
        f"- {arn} belongs to account {account}, but {owner} is {expected}; one of the two is wrong"
    )
    assert {arn: wrong} == told


@pytest.mark.parametrize(
    "arns",
    [
        of("BACKUP_ACCOUNT_ROLE", HERE) | of("KMS_KEY_ID", THERE),
        of("BACKUP_ACCOUNT_ROLE", HERE) | of("BACKUP_KMS_KEY_ID", HERE),
        of("BACKUP_ACCOUNT_ROLE", HERE) | of("KMS_KEY_ID", THERE) | of("BACKUP_KMS_KEY_ID", HERE),
        of("BACKUP_ACCOUNT_ROLE", HERE),
    ],
    ids=["the role and a key", "the role and the backup key", "all", "the role alone"],
)
def test_two_swapped_accounts_are_called_swapped(arns: dict[str, str]) -> None:
    """It is one mistake, and no key or role is blamed that may be right."""
    told = mistakes(EXAMPLE | arns)

    assert {"SOURCE_ACCOUNT"} == set(told)
    assert f"SOURCE_ACCOUNT is {HERE} and BACKUP_ACCOUNT is {THERE}" in told["SOURCE_ACCOUNT"]
    assert "the two are swapped" in told["SOURCE_ACCOUNT"]
    assert (len(arns) == 1) == ("or BACKUP_ACCOUNT_ROLE is wrong" in told["SOURCE_ACCOUNT"])
    assert all(f"{name} belongs to account" in told["SOURCE_ACCOUNT"] for name in arns)


def test_accounts_that_one_arn_speaks_for_are_not_called_swapped() -> None:
    """The role and the sharing key both lie in the source account: one of them is wrong."""
    arns = of("BACKUP_ACCOUNT_ROLE", HERE) | of("KMS_KEY_ID", HERE)

    assert {"BACKUP_ACCOUNT_ROLE"} == set(mistakes(EXAMPLE | arns))


@pytest.mark.parametrize("value", ["Z", "§§", "open § sesame", "Z" * 1225])
def test_a_bad_external_id_is_refused_and_never_printed(value: str) -> None:
    """2 to 1224 characters of STS's alphabet; it is a secret, so only its length is told."""
    told = mistakes(EXAMPLE | {"BACKUP_ACCOUNT_EXTERNAL_ID": value})
    assert {"BACKUP_ACCOUNT_EXTERNAL_ID"} == set(told)
    line = told["BACKUP_ACCOUNT_EXTERNAL_ID"]
    assert f"is of {len(value)} characters; expected 2 to 1224" in line
    assert value[:6] not in line


def test_a_good_external_id_is_not_printed_with_the_mistakes_of_others() -> None:
    """No error ever holds the external id."""
    told = mistakes(EXAMPLE | {"BACKUP_ACCOUNT_EXTERNAL_ID": "open-sesame", "CLUSTER": "maybe"})
    assert {"CLUSTER"} == set(told)
    assert "sesame" not in str(told)


def test_all_mistakes_are_reported_in_one_error() -> None:
    """One deployment tells everything: nobody mends 21 variables in 21 attempts."""
    env = dict.fromkeys(VARIABLES, "§")
    assert set(READ_HERE) == set(mistakes(env))


def test_an_empty_environment_names_everything_that_is_required() -> None:
    """The first run without any configuration is a list of what to set."""
    assert set(REQUIRED) == set(mistakes({}))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("my-db", ("my-db",)),
        (" my-db ", ("my-db",)),
        ("My-DB", ("my-db",)),
        ("my-db,", ("my-db",)),
        ("orders, billing", ("orders", "billing")),
        ("orders,,billing,", ("orders", "billing")),
        ("orders,ORDERS , orders", ("orders",)),
        ("billing\n,orders\n", ("billing", "orders")),
        ("a" * 63, ("a" * 63,)),
        ("x", ("x",)),
    ],
)
def test_a_list_of_databases_is_normalised(text: str, names: tuple[str, ...]) -> None:
    """Blanks, case, duplicates and a trailing comma change nothing; the order is kept."""
    assert names == from_env(EXAMPLE | {"DB_ID": text}).selector.identifiers


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("backup", ("backup", None)),
        ("backup=", ("backup", "")),
        ("backup=nightly", ("backup", "nightly")),
        (" backup = nightly ", ("backup", "nightly")),
        ("team:backup=a=b", ("team:backup", "a=b")),
        ("Größe=groß", ("Größe", "groß")),
        ("aws:cloudformation:stack-name=shop", ("aws:cloudformation:stack-name", "shop")),
        ("k" * 128 + "=" + "v" * 256, ("k" * 128, "v" * 256)),
    ],
)
def test_a_tag_selector_is_a_key_with_or_without_a_value(
    text: str, tag: tuple[str, str | None]
) -> None:
    """Without "=" any value matches; with it, exactly what follows, even if that is nothing."""
    assert tag == from_env(EXAMPLE | {"DB_TAG": text}).selector.tag


@pytest.mark.parametrize("text", ["true", "TRUE", "True", " true "])
def test_true_is_true_in_any_case(text: str) -> None:
    """What CloudFormation and people write for true."""
    assert Kind.CLUSTER is from_env(EXAMPLE | {"CLUSTER": text}).selector.kind


@pytest.mark.parametrize("text", ["false", "FALSE", "False", " false\n"])
def test_false_is_false_in_any_case(text: str) -> None:
    """What CloudFormation and people write for false: never true because it is not empty."""
    assert not from_env(EXAMPLE | {"EXPIRE_BACKUPS": text}).expire
    assert Kind.INSTANCE is from_env(EXAMPLE | {"CLUSTER": text}).selector.kind


def test_increments_of_clusters_only_are_refused() -> None:
    """RDS copies clusters in full, always; with a tag there may be instances, too."""
    clusters = EXAMPLE | {"CLUSTER": "true", "INCREMENTAL": "true"}
    told = mistakes(clusters)
    assert {"INCREMENTAL"} == set(told)
    assert told["INCREMENTAL"].endswith("RDS copies clusters in full, always")
    assert from_env(clusters | {"DB_TAG": "backup"}).incremental
    assert from_env(clusters | {"CLUSTER": "false"}).incremental
    assert not from_env(EXAMPLE).incremental


ACCEPTED = [
    ("BACKUPS_TO_KEEP", "1"),
    ("BACKUPS_TO_KEEP", " 30 "),
    ("KEEP_AT_LEAST_DAYS", "0"),
    *((name, value) for name in TIERS for value in ("0", "1000")),
    *((name, "1") for name in LIMITS),
    ("MAX_ATTEMPTS", "99"),
    ("BACKUP_ACCOUNT_EXTERNAL_ID", "ab"),
    ("BACKUP_ACCOUNT_EXTERNAL_ID", "a" * 1224),
    ("BACKUP_ACCOUNT_EXTERNAL_ID", "a-Z_0+1=2,3.4@5:6/7"),
    ("SNAPSHOT_PREFIX", "a"),
    ("SNAPSHOT_PREFIX", "a-1-" + "b" * 16),
    ("KMS_KEY_ID", "12345678-90ab-4cde-8f01-234567890abc"),
    ("KMS_KEY_ID", "mrk-1234567890abcdef1234567890abcdef"),
    ("KMS_KEY_ID", "alias/team/rds_sharing"),
    ("KMS_KEY_ID", "arn:aws:kms:eu-west-1:123456789012:alias/rds-sharing"),
    ("BACKUP_KMS_KEY_ID", "arn:aws:kms:eu-west-1:210987654321:key/abcd-1234"),
    ("BACKUP_ACCOUNT_ROLE", "arn:aws:iam::210987654321:role/a/b/c+=,.@_-"),
    ("AWS_REGION", "ap-southeast-4"),
    ("NIGHT_SCHEDULE", "cron(0 3-9 * * ? *)"),
    ("NIGHT_SCHEDULE", "rate(1 hour)"),
    ("SCHEDULE_TIMEZONE", "America/Argentina/Buenos_Aires"),
    ("SCHEDULE_TIMEZONE", "Etc/GMT+5"),
    ("BACKUP_REGION", "ap-southeast-7"),
    ("BACKUP_REGION", "mx-central-1"),
]


@pytest.mark.parametrize(("name", "value"), ACCEPTED)
def test_the_edge_of_what_is_allowed_is_accepted(name: str, value: str) -> None:
    """A rule that refuses a legal value is as wrong as one that lets a bad one through."""
    assert isinstance(from_env(EXAMPLE | {name: value}), Settings)


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("cn-northwest-1", "aws-cn"),
        ("eusc-de-east-1", "aws-eusc"),
        ("us-gov-west-1", "aws-us-gov"),
        ("us-isob-east-1", "aws-iso-b"),
    ],
)
def test_another_partition_has_regions_roles_and_keys_of_its_own(
    region: str, partition: str
) -> None:
    """All of one partition; a role of the standard one is refused there (12.7)."""
    there = EXAMPLE | {
        "AWS_REGION": region,
        "KMS_KEY_ID": f"arn:{partition}:kms:{region}:123456789012:key/abcd-1234",
        "BACKUP_KMS_KEY_ID": f"arn:{partition}:kms:{region}:210987654321:key/abcd-1234",
    }
    role = f"arn:{partition}:iam::210987654321:role/x"
    assert isinstance(from_env(there | {"BACKUP_ACCOUNT_ROLE": role}), Settings)

    told = mistakes(there | {"BACKUP_ACCOUNT_ROLE": "arn:aws:iam::210987654321:role/x"})
    assert {"BACKUP_ACCOUNT_ROLE"} == set(told)
    expected = f"expected an ARN of {partition}, the partition of {region}"
    assert expected in told["BACKUP_ACCOUNT_ROLE"]


def test_expire_needs_nothing_but_the_backup_account() -> None:
    """The function in the backup account knows no source account, no sharing key and no role."""
    assert expire_from_env(FOR_EXPIRE) == BackupSettings(
        account="210987654321",
        region="eu-west-1",
        key="alias/rds-backup",
        prefix="rds-backup",
        rules=Rules(7, timedelta(0)),
        max_age_hours=36,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BACKUP_ACCOUNT", "2109"),
        ("BACKUP_KMS_KEY_ID", "alias/aws/rds/2"),
        ("BACKUP_KMS_KEY_ID", "arn:aws:kms:eu-west-1:123456789012:alias/aws/rds"),
        ("BACKUP_KMS_KEY_ID", "arn:aws:kms:eu-west-1:123456789012:key/abcd-1234"),
        ("BACKUPS_TO_KEEP", "0"),
        ("KEEP_AT_LEAST_DAYS", "-1"),
        ("KEEP_YEARLY", "-1"),
        ("SNAPSHOT_PREFIX", "rds--backup"),
        ("READ_ONLY", "yes"),
    ],
)
def test_expire_refuses_what_a_backup_refuses(name: str, value: str) -> None:
    """Where backups are deleted, a mistake is no less a mistake."""
    assert {name} == set(mistakes(FOR_EXPIRE | {name: value}, expire_from_env))


@pytest.mark.parametrize("key", ["", "arn:aws:kms:eu-west-1:210987654321:"])
def test_backups_may_be_under_the_backup_account_s_own_aws_rds(key: str) -> None:
    """Of AWS's keys that one alone, by its alias: by an id it could not be told from others."""
    env = {"BACKUP_KMS_KEY_ID": f"{key}alias/aws/rds"}
    assert f"{key}alias/aws/rds" == from_env(EXAMPLE | env).backup.key
    assert f"{key}alias/aws/rds" == expire_from_env(FOR_EXPIRE | env).key


def test_expire_without_an_account_says_so() -> None:
    """The one variable that has no default there."""
    assert {"BACKUP_ACCOUNT"} == set(mistakes({}, expire_from_env))


@pytest.mark.parametrize("said", ["", " ", None])
def test_the_backups_are_where_the_databases_are_unless_it_is_said(said: str | None) -> None:
    """An environment without the second Region means what it meant before there was one."""
    found = from_env(EXAMPLE if said is None else EXAMPLE | {"BACKUP_REGION": said})
    assert ("eu-west-1",) == found.regions
    assert ("123456789012", "eu-west-1") == found.here


def test_each_key_belongs_to_the_region_of_its_snapshots() -> None:
    """The sharing key to that of the databases, the backup key to that of the backups."""
    env = EXAMPLE | {"BACKUP_REGION": "eu-central-1"}
    here = "arn:aws:kms:eu-west-1:123456789012:key/abcd"
    there = "arn:aws:kms:eu-central-1:210987654321:key/abcd"
    found = from_env(env | {"KMS_KEY_ID": here, "BACKUP_KMS_KEY_ID": there})
    assert ("eu-west-1", "eu-central-1") == found.regions
    assert ("123456789012", "eu-west-1") == found.here
    elsewhere = "arn:aws:kms:us-east-1:123456789012:key/abcd"
    assert (
        "a key of this Region, eu-west-1" in mistakes(env | {"KMS_KEY_ID": elsewhere})["KMS_KEY_ID"]
    )
    wrong = mistakes(env | {"BACKUP_KMS_KEY_ID": there.replace("eu-central-1", "eu-west-1")})
    assert "a key of this Region, eu-central-1" in wrong["BACKUP_KMS_KEY_ID"]


@pytest.mark.parametrize(
    ("here", "there", "expected"),
    [
        ("eu-west-1", "eu-west-1", "another Region than AWS_REGION"),
        ("eu-west-1", "us-gov-west-1", "a Region of aws, as eu-west-1 is"),
        ("us-gov-west-1", "eu-west-1", "a Region of aws-us-gov, as us-gov-west-1 is"),
        ("cn-north-1", "cn-northwest-1", "RDS copies no snapshot from or to China"),
        ("cn-north-1", "eu-west-1", "RDS copies no snapshot from or to China"),
        ("eu-west-1", "cn-north-1", "RDS copies no snapshot from or to China"),
    ],
)
def test_a_region_that_no_copy_can_be_made_in_is_refused(
    here: str, there: str, expected: str
) -> None:
    """RDS copies out of no partition, and not within China; the same Region is none to name."""
    role = EXAMPLE["BACKUP_ACCOUNT_ROLE"].replace("arn:aws:", f"arn:{partition_of(here).name}:")
    env = EXAMPLE | {"AWS_REGION": here, "BACKUP_ACCOUNT_ROLE": role, "BACKUP_REGION": there}
    told = mistakes(env)
    assert {"BACKUP_REGION"} == set(told)
    assert f"BACKUP_REGION is {there!r}; expected " in told["BACKUP_REGION"]
    assert expected in told["BACKUP_REGION"]


def test_gov_cloud_has_two_regions_to_copy_between() -> None:
    """As the standard partition has many."""
    role = EXAMPLE["BACKUP_ACCOUNT_ROLE"].replace("arn:aws:", "arn:aws-us-gov:")
    regions = {"AWS_REGION": "us-gov-west-1", "BACKUP_REGION": "us-gov-east-1"}
    found = from_env(EXAMPLE | {"BACKUP_ACCOUNT_ROLE": role} | regions)
    assert ("us-gov-west-1", "us-gov-east-1") == found.regions


def test_the_backup_account_itself_works_where_the_backups_are() -> None:
    """Its own functions are deployed there; whoever lends it the source's environment gets that."""
    own = FOR_EXPIRE | {"AWS_REGION": "eu-central-1"}
    assert "eu-central-1" == expire_from_env(own).region
    lent = {"AWS_REGION": "eu-west-1", "BACKUP_REGION": "eu-central-1"}
    assert expire_from_env(own) == expire_from_env(FOR_EXPIRE | lent)
    assert expire_from_env(own) == expire_from_env(own | {"BACKUP_REGION": "eu-central-1"})
