"""Every question of ``check``, in its order, on a deployment that is well."""

from copy import replace

from rds_backup.check.answer import Level
from rds_backup.check.questions import answers
from rds_backup.model.inventory import Kind
from tests.support.asked import BACKUP, BACKUP_KEY, BILLING, ORDERS, SHARING_KEY, SOURCE
from tests.support.made_facts import database, facts, world

BOTH = world(database(), database("billing", Kind.CLUSTER))
KEY = ["found", "account", "Region", "enabled", "customer managed", "symmetric"]
INSTANCE = [
    "exists",
    "engine",
    "available",
    "automated backups",
    "newest automated snapshot",
    "encryption",
    "options",
    "tonight's backup",
]
ASKED = {
    SOURCE: [
        "credentials",
        "permissions boundary",
        "databases and snapshots can be listed",
        "places for instance snapshots",
        "places for cluster snapshots",
    ],
    BACKUP: [
        "role can be assumed",
        "account of the role",
        "permissions boundary",
        "backups can be listed",
        "places for instance snapshots",
        "places for cluster snapshots",
    ],
    SHARING_KEY: [
        *KEY,
        "policy, for its own account",
        "policy, for the backup account",
        "seen from the backup account",
    ],
    BACKUP_KEY: [*KEY, "policy, for its own account", "policy, guarded"],
    ORDERS: INSTANCE,
    BILLING: [q for q in INSTANCE if q != "options"],
    "schedule": [
        "enabled",
        "known",
        f"after the window of {ORDERS}",
        f"after the window of {BILLING}",
    ],
    "throughput": ["a night of instance copies", "a night of cluster copies"],
    "expiry": ["both settings agree", "old backups are deleted"],
    "backups": ["contradicted by RDS", "older or younger than tagged", "source as RDS names it"],
    "other snapshots": [
        "under another prefix",
        "another deployment's",
        "marked, but not ours",
        "a second deployment here",
        "series not selected",
        "shared copies left",
    ],
}


def test_where_all_is_well_every_question_passes_in_its_order() -> None:
    """Questions about one thing stand together; each pass says what was seen."""
    found = answers(facts(BOTH))

    expected = [(about, question) for about, questions in ASKED.items() for question in questions]
    assert expected == [(a.about, a.question) for a in found]
    assert {(Level.PASS, None, ())} == {(a.level, a.fix, a.paste) for a in found}
    assert all(a.fact for a in found)


def test_what_was_seen_of_keys_and_roles_is_said() -> None:
    """By their ARNs, accounts and states, each on its own side."""
    found = {(a.about, a.question): a.fact for a in answers(facts(BOTH))}

    role = "arn:aws:iam::222222222222:role/rds-backup-writer"
    key = "arn:aws:kms:eu-west-1:{}:key/00000000-0000-4000-8000-00000000000{}"
    assert {
        (SOURCE, "permissions boundary"): (
            "none on arn:aws:iam::111111111111:role/nightly/rds-backup-function"
        ),
        (BACKUP, "role can be assumed"): role,
        (BACKUP, "account of the role"): "222222222222",
        (BACKUP, "permissions boundary"): f"none on {role}",
        (SHARING_KEY, "found"): key.format("111111111111", 5),
        (SHARING_KEY, "account"): "111111111111",
        (SHARING_KEY, "Region"): "eu-west-1",
        (SHARING_KEY, "enabled"): "Enabled",
        (SHARING_KEY, "customer managed"): "CUSTOMER",
        (SHARING_KEY, "symmetric"): "SYMMETRIC_DEFAULT, ENCRYPT_DECRYPT",
        (SHARING_KEY, "policy, for its own account"): (
            "leaves access to the IAM policies of account 111111111111"
        ),
        (SHARING_KEY, "policy, for the backup account"): f"allows {role} through RDS",
        (SHARING_KEY, "seen from the backup account"): f"by {role}",
        (BACKUP_KEY, "found"): key.format("222222222222", "b"),
        (BACKUP_KEY, "account"): "222222222222",
        (BACKUP_KEY, "policy, for its own account"): (
            "leaves access to the IAM policies of account 222222222222"
        ),
    }.items() <= found.items()


def test_narrowed_to_some_databases_the_accounts_are_asked_about_all_the_same() -> None:
    """Only what concerns the others is left out."""
    found = answers(replace(facts(BOTH), only=frozenset({"orders"})))

    expected = [
        (about, question)
        for about, questions in ASKED.items()
        for question in questions
        if BILLING not in (about, question.removeprefix("after the window of "))
    ]
    assert expected == [(a.about, a.question) for a in found]
