"""Policies of both keys: what their own account may, and who may end the backup key."""

from collections.abc import Mapping
from typing import Any

import pytest

from rds_backup.check.answer import Answer, Level
from tests.support import handed_out, making
from tests.support.asked import BACKUP_KEY, SHARING_KEY, not_well, one, pasted
from tests.support.made_facts import DENIED, key
from tests.support.made_keys import (
    ACCOUNT,
    ARN,
    BOTH,
    DENIES,
    ON_BACKUP_KEY,
    ON_SHARING_KEY,
    POLICY,
    asked,
    seen,
    under,
)

OWN, OTHER = "policy, for its own account", "policy, for the backup account"
GUARDED = "policy, guarded"


class TestItsOwnAccount:
    """A key's policy has to admit the roles of its account, or leave it to their policies."""

    @pytest.mark.parametrize(
        ("about", "statements", "into"),
        [
            (SHARING_KEY, handed_out.OF_FUNCTION_ROLE, ON_SHARING_KEY),
            (BACKUP_KEY, handed_out.OF_BACKUP_ROLE, ON_BACKUP_KEY),
        ],
    )
    def test_one_that_allows_it_nothing_gets_what_passes(
        self, about: str, statements: list[Mapping[str, Any]], into: str
    ) -> None:
        """What is handed out names the account's own role, and opens the key to nobody else."""
        rest = [s for s in POLICY[about] if s["Sid"] != "PoliciesOfThisAccountDecide"]
        answer = one(under(about, *rest), OWN, about)

        fact = f"allows nothing to account {ACCOUNT[about]}"
        assert (Level.FAIL, fact, "add the statements") == (answer.level, answer.fact, answer.fix)
        assert [(into, s) for s in statements] == pasted(answer)
        answer = one(under(about, *rest, *statements), OWN, about)
        assert (Level.PASS, "allows the role by name, through RDS") == (answer.level, answer.fact)

    @pytest.mark.parametrize("about", BOTH)
    def test_part_of_what_is_needed_is_not_told(self, about: str) -> None:
        """Only what is missing is handed out."""
        ours = {SHARING_KEY: handed_out.OF_FUNCTION_ROLE, BACKUP_KEY: handed_out.OF_BACKUP_ROLE}
        answer = one(under(about, *ours[about][:2]), OWN, about)

        assert Level.WARN is answer.level
        assert answer.fact.startswith("cannot tell: the policy is not the one that this project")
        assert [(f"the policy of {ARN[about]}", ours[about][2])] == pasted(answer)

    @pytest.mark.parametrize("about", BOTH)
    def test_a_denial_is_not_told(self, about: str) -> None:
        """Whatever it denies, and to whom."""
        answer = one(under(about, *POLICY[about], DENIES), OWN, about)

        assert Level.WARN is answer.level

    @pytest.mark.parametrize("guard", [handed_out.ONLY_ADMINISTRATORS, handed_out.ONLY_SERVICES])
    def test_a_guard_that_denies_more_is_not_told(self, guard: dict[str, Any]) -> None:
        """It may deny what a copy needs."""
        wider = {**guard, "Action": [*guard["Action"], "kms:Decrypt"]}
        statements = [wider if s is guard else s for s in handed_out.ON_BACKUP_KEY]
        found = under(BACKUP_KEY, *statements)

        assert {("warn", BACKUP_KEY, OWN)} == not_well(found)

    @pytest.mark.parametrize(
        ("about", "other", "into", "which"),
        [
            (SHARING_KEY, OTHER, handed_out.TO_FUNCTION, "SharingKey"),
            (BACKUP_KEY, GUARDED, handed_out.TO_BACKUP_ROLE, "BackupKey"),
        ],
    )
    def test_a_policy_that_may_not_be_read_gets_the_statement(
        self, about: str, other: str, into: str, which: str
    ) -> None:
        """Then nothing is known of it; the statement is handed out once."""
        found = asked(seen(about, key(ARN[about]), DENIED))

        assert {("warn", about, OWN), ("warn", about, other)} == not_well(found)
        expected = [(into, handed_out.read_key_policy(which, ARN[about]))]
        assert expected == pasted(one(found, OWN, about))
        assert [] == pasted(one(found, other, about))


class TestTheGuards:
    """Whoever can end the backup key ends all backups."""

    def administered(self, administrators: str | list[str]) -> list[Answer]:
        """What is said where these administer the backup key."""
        whom = {"ArnNotEquals": {"aws:PrincipalArn": administrators}}
        guard = {**handed_out.ONLY_ADMINISTRATORS, "Condition": whom}
        return under(
            BACKUP_KEY, handed_out.own_account(making.BACKUP), guard, handed_out.ONLY_SERVICES
        )

    def test_its_administrators_are_named(self) -> None:
        """In order; each of them is a role of the backup account."""
        first = handed_out.ADMINISTRATOR.replace("key-", "a-")
        found = self.administered([handed_out.ADMINISTRATOR, first])

        assert set() == not_well(found)
        listed = f"{first}, {handed_out.ADMINISTRATOR}"
        assert f"only these may delete or change it: {listed}" == one(found, GUARDED).fact

    def test_a_guard_under_another_name_is_one(self) -> None:
        """A Sid is only a name."""
        renamed = [{**s, "Sid": f"{s['Sid']}Too"} for s in handed_out.ON_BACKUP_KEY]

        assert set() == not_well(under(BACKUP_KEY, *renamed))

    def test_without_administrators_no_guard_is_handed_out(self) -> None:
        """KMS's default policy works; a statement that kept everybody out would lock the key."""
        found = under(BACKUP_KEY, handed_out.own_account(making.BACKUP))
        answer = one(found, GUARDED)

        assert {("warn", BACKUP_KEY, GUARDED)} == not_well(found)
        assert answer.fact.startswith("cannot tell who may delete or change the key")
        assert str(answer.fix).startswith("deploy backup-account.yaml")
        assert () == answer.paste

    def test_a_guard_that_leaves_nobody_out_is_none_that_passes(self) -> None:
        """Nobody could ever change the key."""
        assert {("warn", BACKUP_KEY, GUARDED)} == not_well(self.administered([]))

    def test_one_guard_that_is_missing_is_handed_out(self) -> None:
        """The other one names the administrators."""
        found = under(BACKUP_KEY, *handed_out.ON_BACKUP_KEY[:2])

        assert {("warn", BACKUP_KEY, GUARDED)} == not_well(found)
        assert [(ON_BACKUP_KEY, handed_out.ONLY_SERVICES)] == pasted(one(found, GUARDED))

    def test_two_guards_with_other_administrators_are_not_one(self) -> None:
        """Each denies it to the other's: nobody is left, and the one that is meant is missing."""
        second = handed_out.ADMINISTRATOR.replace("key-", "a-")
        guards = [
            {**handed_out.ONLY_ADMINISTRATORS, "Condition": whom}
            for whom in (
                {"ArnNotEquals": {"aws:PrincipalArn": [handed_out.ADMINISTRATOR]}},
                {"ArnNotEquals": {"aws:PrincipalArn": [second]}},
            )
        ]
        own = handed_out.own_account(making.BACKUP)
        found = under(BACKUP_KEY, own, *guards, handed_out.ONLY_SERVICES)

        assert {("warn", BACKUP_KEY, OWN), ("warn", BACKUP_KEY, GUARDED)} == not_well(found)
        both = {"ArnNotEquals": {"aws:PrincipalArn": [handed_out.ADMINISTRATOR, second]}}
        expected = {**handed_out.ONLY_ADMINISTRATORS, "Condition": both}
        assert [(ON_BACKUP_KEY, expected)] == pasted(one(found, GUARDED))

    def test_a_principal_of_another_account_is_said(self) -> None:
        """The source account has no business with this key."""
        decrypts = {**handed_out.OWN_ACCOUNT, "Action": "kms:Decrypt"}
        found = under(BACKUP_KEY, *handed_out.ON_BACKUP_KEY, decrypts)
        answer = one(found, GUARDED)

        assert {("warn", BACKUP_KEY, GUARDED)} == not_well(found)
        assert answer.fact.startswith("allows something to a principal that may not belong to")
        assert ("remove that statement", ()) == (answer.fix, answer.paste)

    @pytest.mark.parametrize(
        "administrator",
        [
            f"arn:aws:iam::{making.SOURCE}:role/admin",
            handed_out.BACKUP_ROLE,
            f"arn:aws:iam::{making.BACKUP}:role/*",
            f"arn:aws:iam::{making.BACKUP}:role/admi?",
        ],
    )
    @pytest.mark.parametrize("beside", [[], [handed_out.ADMINISTRATOR]], ids=["alone", "beside"])
    def test_administrators_that_the_source_account_can_be_are_said(
        self, administrator: str, beside: list[str]
    ) -> None:
        """The role that is assumed is the source account, too; a wildcard is anybody."""
        found = self.administered([administrator, *beside] if beside else administrator)
        answer = one(found, GUARDED)

        assert {("warn", BACKUP_KEY, GUARDED)} == not_well(found)
        assert administrator in answer.fact
        assert answer.fact.startswith("the source account may control some of its admin")
        assert str(answer.fix).startswith("name roles of the backup account by their full ARNs")
