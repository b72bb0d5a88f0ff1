"""How a database is encrypted, and whether RDS may read what is under its own key."""

from copy import replace

import pytest

from rds_backup.aws.errors import AwsError
from rds_backup.check.answer import Answer, Level
from rds_backup.check.encryption import of_encryption
from rds_backup.check.facts import Facts, SeenKey
from rds_backup.model.inventory import Database, Kind, Snapshot
from tests.support import handed_out, making
from tests.support.asked import BILLING, ORDERS, not_well, one, pasted
from tests.support.made_facts import (
    DENIED,
    THROTTLED,
    automated,
    database,
    facts,
    key,
    policy,
    world,
)

ENCRYPTION, OWN_KEY = "encryption", "its own key"
MINE = making.DATABASE_KEY
SECOND = MINE.replace("00000000000d", "00000000000c")
THIRD = MINE.replace(making.SOURCE, "333333333333")
OWN = replace(database(), kms_key=MINE)
NARROW = {**handed_out.OWN_ACCOUNT, "Action": ["kms:DescribeKey", "kms:GetKeyPolicy"]}


def asked(of: Database, newest: Snapshot | None = None) -> list[Answer]:
    """What is said of a database whose newest snapshot may differ from it."""
    made = facts(world(of, made=[newest or automated(of)]))
    return [*of_encryption(made, f"{of.identifier} ({of.kind})", of)]


def with_key(seen: SeenKey, of: Facts | None = None, arn: str = MINE) -> Facts:
    """The same facts, with one of the databases' keys seen so."""
    made = of or facts(world(OWN))
    return replace(made, database_keys={**made.database_keys, arn: seen})


def own_key(made: Facts) -> Answer:
    """What is said of the key of ``orders``; how it is encrypted is known."""
    found = [*of_encryption(made, ORDERS, OWN)]
    assert Level.PASS is one(found, ENCRYPTION, ORDERS).level
    return one(found, OWN_KEY, ORDERS)


class TestKinds:
    """Of which kind it is, and what that means for the copy."""

    @pytest.mark.parametrize(
        ("of", "level", "fact", "fix"),
        [
            (
                replace(database(), encryption="none", kms_key=None),
                "pass",
                "none; its copies are encrypted under the sharing key and the backup key",
                None,
            ),
            (
                replace(database("billing", Kind.CLUSTER), encryption="none", kms_key=None),
                "warn",
                "none; AWS's pages disagree whether a copy can encrypt it: rds-backup tries it",
                "to be sure, restore a snapshot into an encrypted cluster",
            ),
            (
                replace(database(engine="sqlserver-ex"), encryption="none", kms_key=None),
                "warn",
                "none, as always with SQL Server Express",
                "AWS does not say whether its copy can be encrypted: rds-backup tries it",
            ),
            (
                replace(database("billing", Kind.CLUSTER), encryption="sse-rds", kms_key=None),
                "warn",
                "under a key that AWS owns (sse-rds)",
                "AWS does not say whether its copy can use KMS_KEY_ID: rds-backup tries it",
            ),
            (
                replace(database(), kms_key=None),
                "warn",
                "cannot tell: encrypted, and RDS names no key",
                None,
            ),
            (
                database(),
                "pass",
                "under aws/rds, which cannot be shared: so it is copied under the sharing key",
                None,
            ),
            (database("billing", Kind.CLUSTER), "pass", "under aws/rds, which", None),
        ],
        ids=[
            "an instance that is not (2.7)",
            "a cluster that is not (2.8)",
            "SQL Server Express (12)",
            "under a key that AWS owns (2.12)",
            "under a key that is not named",
            "under aws/rds",
            "a cluster under aws/rds",
        ],
    )
    def test_each_kind_has_its_answer(
        self, of: Database, level: str, fact: str, fix: str | None
    ) -> None:
        """What cannot be copied fails, what nobody knows is not told; none has a key of its own."""
        (found,) = asked(of)

        about = BILLING if of.kind is Kind.CLUSTER else ORDERS
        assert (about, ENCRYPTION, level, fix) == (
            found.about,
            found.question,
            found.level,
            found.fix,
        )
        assert found.fact.startswith(fact)

    def test_the_snapshot_s_encryption_counts_and_not_the_database_s(self) -> None:
        """The copy is made from the snapshot."""
        made = replace(automated(database()), encryption="none", kms_key=None)
        (found,) = asked(database(), made)

        assert found.fact.startswith("none; its copies")

    def test_without_a_snapshot_the_database_s_counts(self) -> None:
        """The snapshot will be as it is."""
        found = [*of_encryption(facts(world(OWN, made=[])), ORDERS, OWN)]

        assert f"under the customer managed key {MINE}" == one(found, ENCRYPTION).fact

    def test_another_database_s_snapshot_does_not_count(self) -> None:
        """Each has its own."""
        seen = facts(world(database("more"), OWN))

        assert [ENCRYPTION] == [a.question for a in of_encryption(seen, "more", database("more"))]


class TestTheDefaultKey:
    """It is told by its alias, which the role may read."""

    def test_without_it_nothing_is_told(self) -> None:
        """A key may then be the one or the other; what would be said of it is not."""
        found = [*of_encryption(replace(facts(world(OWN)), default_key=DENIED), ORDERS, OWN)]

        assert {("warn", ORDERS, ENCRYPTION)} == not_well(found)
        assert [ENCRYPTION] == [a.question for a in found]
        assert [(handed_out.TO_FUNCTION, handed_out.DEFAULT_KEY)] == pasted(found[0])

    def test_an_account_without_one_is_well(self) -> None:
        """KMS makes it on its first use."""
        found = [*of_encryption(replace(facts(world(OWN)), default_key=None), ORDERS, OWN)]

        assert set() == not_well(found)
        assert [ENCRYPTION, OWN_KEY] == [a.question for a in found]


class TestItsOwnKey:
    """RDS reads the automated snapshot under it, for the function's role."""

    def test_one_that_leaves_it_to_its_account_passes(self) -> None:
        """The key policy that KMS writes by default."""
        found = own_key(facts(world(OWN)))

        fact = "Enabled; leaves access to the IAM policies of account 111111111111"
        assert (Level.PASS, fact) == (found.level, found.fact)

    def test_one_that_names_the_role_passes(self) -> None:
        """It names the function's role, through RDS, and opens the key to nobody else."""
        seen = SeenKey(key(MINE), policy(NARROW, *handed_out.OF_FUNCTION_ROLE))
        found = own_key(with_key(seen))

        assert (Level.PASS, "Enabled; allows the role by name, through RDS") == (
            found.level,
            found.fact,
        )

    def test_one_that_may_not_be_read_is_not_in_the_stack(self) -> None:
        """The parameter is named, which writes the statements."""
        found = own_key(with_key(SeenKey(DENIED, DENIED)))

        fact = "DescribeThings: AccessDenied: not authorized"
        assert (Level.FAIL, fact) == (found.level, found.fact)
        assert str(found.fix).startswith("add the key to the stack's parameter DatabaseKmsKeyArns")
        expected = [(handed_out.TO_FUNCTION, s) for s in handed_out.database_keys(MINE)]
        assert expected == pasted(found)

    def test_two_of_them_are_handed_out_together(self) -> None:
        """A policy takes no Sid twice: one statement names both keys."""
        more = replace(database("more"), kms_key=SECOND)
        both = with_key(SeenKey(DENIED, DENIED), facts(world(OWN, more)))
        both = with_key(SeenKey(DENIED, DENIED), both, SECOND)

        expected = [(handed_out.TO_FUNCTION, s) for s in handed_out.database_keys(SECOND, MINE)]
        assert expected == pasted(own_key(both))
        assert expected == pasted(one(of_encryption(both, "more", more), OWN_KEY))

    def test_one_that_is_not_there_any_more_fails_with_aws_s_words(self) -> None:
        """No statement helps."""
        gone = AwsError("DescribeKey", "NotFoundException", "does not exist", 400)
        found = own_key(with_key(SeenKey(gone, gone)))

        assert (Level.FAIL, ()) == (found.level, found.paste)
        assert "DescribeKey: NotFoundException: does not exist" == found.fact
        assert "look up NotFoundException" == found.fix

    def test_no_answer_is_no_failure(self) -> None:
        """And no statement helps."""
        found = own_key(with_key(SeenKey(THROTTLED, THROTTLED)))

        assert (Level.WARN, ()) == (found.level, found.paste)

    @pytest.mark.parametrize(
        ("state", "fix"),
        [
            ("Disabled", "enable the key; no snapshot under it can be read"),
            ("PendingDeletion", "cancel its deletion and enable the key"),
            ("PendingImport", "import its key material again"),
        ],
    )
    def test_one_that_cannot_be_used_fails(self, state: str, fix: str) -> None:
        """No snapshot under it can be read; each state has its own advice."""
        disabled = SeenKey(replace(key(MINE), state=state), policy(handed_out.OWN_ACCOUNT))
        found = own_key(with_key(disabled))

        assert (Level.FAIL, state) == (found.level, found.fact)
        assert str(found.fix).startswith(fix)

    def test_one_whose_primary_region_changes_passes(self) -> None:
        """It can be used all the while (6.13b)."""
        updating = SeenKey(replace(key(MINE), state="Updating"), policy(handed_out.OWN_ACCOUNT))

        assert Level.PASS is own_key(with_key(updating)).level

    def test_a_policy_of_its_own_is_not_told(self) -> None:
        """It may name the role; nobody can tell."""
        found = own_key(with_key(SeenKey(key(MINE), policy(NARROW))))

        assert Level.WARN is found.level
        assert found.fact.startswith("cannot tell: the policy is not the one")
        expected = [(f"the policy of {MINE}", s) for s in handed_out.OF_FUNCTION_ROLE]
        assert expected == pasted(found)
        assert str(found.fix).startswith("add the statements, or check")

    def test_a_policy_that_allows_the_account_nothing_fails(self) -> None:
        """A key's policy has to allow whatever is done."""
        found = own_key(with_key(SeenKey(key(MINE), policy())))

        fact = "allows nothing to account 111111111111"
        assert (Level.FAIL, fact) == (found.level, found.fact)

    def test_a_policy_that_may_not_be_read_gets_the_statement(self) -> None:
        """Only the one that reads: whether the others are missing is not known."""
        found = own_key(with_key(SeenKey(key(MINE), DENIED)))

        assert Level.WARN is found.level
        assert found.fact.startswith("cannot tell: DescribeThings")
        assert [(handed_out.TO_FUNCTION, handed_out.database_keys(MINE)[0])] == pasted(found)

    def test_the_snapshot_s_key_counts_and_not_the_database_s(self) -> None:
        """The copy is made from the snapshot."""
        seen = facts(world(OWN, made=[replace(automated(OWN), kms_key=SECOND)]))
        disabled = SeenKey(replace(key(SECOND), state="Disabled"), policy())

        assert Level.FAIL is own_key(with_key(disabled, seen, SECOND)).level

    def test_another_account_s_key_is_not_told(self) -> None:
        """Only that account reads its policy."""
        found = asked(OWN, replace(automated(OWN), kms_key=THIRD))

        assert {("warn", ORDERS, OWN_KEY)} == not_well(found)
        answer = one(found, OWN_KEY)
        assert answer.fact.startswith("cannot tell: only the other account")
        assert str(answer.fix).startswith("ask its owner to allow the function's role to use it")
        assert () == answer.paste

    def test_one_that_nobody_asked_for_is_not_told(self) -> None:
        """Nothing is made up."""
        found = of_encryption(replace(facts(world(OWN)), database_keys={}), ORDERS, OWN)

        assert [ENCRYPTION] == [a.question for a in found]
