"""The sharing key and the backup key: their state, and whom their policies admit."""

from copy import replace
from typing import Any

import pytest

from rds_backup.aws.errors import AwsError
from rds_backup.check.answer import Level
from rds_backup.check.facts import Facts, SeenKey
from rds_backup.check.keys import of_sharing_key
from rds_backup.model.keys import Key
from tests.support import handed_out, making
from tests.support.asked import BACKUP_KEY, SHARING_KEY, not_well, one, pasted
from tests.support.made_facts import DENIED, SETTINGS, THROTTLED, facts, key, policy, with_keys
from tests.support.made_keys import ACCOUNT, ARN, BOTH, DENIES, ON_SHARING_KEY, asked, seen, under

MANAGED = "customer managed"
OTHER = "policy, for the backup account"
SEEN = "seen from the backup account"
CANCEL = "cancel its deletion and enable the key, before every snapshot under it is lost"
STATES = {
    "Disabled": "enable the key",
    "PendingDeletion": CANCEL,
    "PendingReplicaDeletion": CANCEL,
    "PendingImport": "import its key material again: it has expired, or was deleted",
    "Unavailable": "reconnect its custom key store: KMS is disconnected from it",
    "Creating": "wait some minutes: KMS is still making this replica key",
    "Dreaming": "find out why it is Dreaming",
}
NOBODY = AwsError("DescribeKey", "NotFoundException", "Alias is not found.", 400)


def under_default(found: Key | AwsError) -> Facts:
    """All is well, and backups are to be under ``alias/aws/rds``."""
    made = with_keys(backup=SeenKey(found, ""))
    backup = SETTINGS.backup._replace(key="alias/aws/rds")
    return replace(made, settings=SETTINGS._replace(backup=backup))


class TestItsState:
    """Exists, of this account and Region, enabled, and of the only kind that will do."""

    @pytest.mark.parametrize("about", BOTH)
    @pytest.mark.parametrize(
        ("change", "question", "fact", "fix"),
        [
            *(
                ({"state": state}, "enabled", state, f"{fix}, or set {{}} to another key")
                for state, fix in STATES.items()
            ),
            ({"manager": "AWS"}, MANAGED, "AWS", "set {} to another key"),
            (
                {"spec": "RSA_2048"},
                "symmetric",
                "RSA_2048, ENCRYPT_DECRYPT",
                "set {} to another key",
            ),
            (
                {"usage": "GENERATE_VERIFY_MAC"},
                "symmetric",
                "SYMMETRIC_DEFAULT, GENERATE_VERIFY_MAC",
                "set {} to another key",
            ),
        ],
    )
    def test_a_key_that_will_not_do_fails(
        self, about: str, change: dict[str, str], question: str, fact: str, fix: str
    ) -> None:
        """No copy can be made under it; nothing is said of the other key."""
        found = asked(seen(about, replace(key(ARN[about]), **change)))
        variable = {SHARING_KEY: "KMS_KEY_ID", BACKUP_KEY: "BACKUP_KMS_KEY_ID"}[about]

        assert {("fail", about, question)} == not_well(found)
        answer = one(found, question, about)
        known = "alias/aws/rds, or to " if (question, about) == (MANAGED, BACKUP_KEY) else ""
        told = fix.format(variable).replace("to another", f"to {known}another")
        assert (fact, told) == (answer.fact, answer.fix)

    def test_aws_rds_named_by_its_alias_is_a_backup_key_with_its_price(self) -> None:
        """Nobody can change its policy: nothing is asked of that, read or unread."""
        found = asked(under_default(replace(key(ARN[BACKUP_KEY]), manager="AWS")))

        assert {("warn", BACKUP_KEY, MANAGED)} == not_well(found)
        answer = one(found, MANAGED, BACKUP_KEY)
        assert "nobody can disable or delete it, or change its policy" in answer.fact
        assert "can be neither shared nor copied to another account as it is" in answer.fact
        assert "AWS does not say whether RDS copies under aws/rds" in str(answer.fix)
        assert [] == [a for a in found if a.about == BACKUP_KEY and "policy" in a.question]

    @pytest.mark.parametrize(("error", "pastes"), [(NOBODY, 0), (DENIED, 1)])
    def test_aws_rds_that_cannot_be_read_is_not_deployed_but_made_by_rds(
        self, error: AwsError, pastes: int
    ) -> None:
        """Its statement goes by the alias; that of the stack's own key would allow nothing."""
        found = asked(under_default(error))

        assert {("fail", BACKUP_KEY, "found")} == not_well(found)
        answer = one(found, "found", BACKUP_KEY)
        statement = handed_out.default_key(making.BACKUP)
        assert [(handed_out.TO_BACKUP_ROLE, statement)] * pastes == pasted(answer)
        assert pastes or str(answer.fix).startswith("let RDS make the key: ")

    @pytest.mark.parametrize("about", BOTH)
    def test_one_whose_primary_region_changes_passes(self, about: str) -> None:
        """It can be used all the while (6.13b)."""
        found = asked(seen(about, replace(key(ARN[about]), state="Updating")))

        assert set() == not_well(found)
        assert "Updating" == one(found, "enabled", about).fact

    @pytest.mark.parametrize("about", BOTH)
    def test_one_of_another_region_fails(self, about: str) -> None:
        """The settings refuse such an ARN; whatever an alias leads to is looked at."""
        elsewhere = key(ARN[about].replace("eu-west-1", "eu-west-2"))
        answer = one(asked(seen(about, elsewhere)), "Region", about)

        assert (Level.FAIL, "eu-west-2") == (answer.level, answer.fact)
        assert str(answer.fix).endswith("KMS_KEY_ID to another key")

    @pytest.mark.parametrize("about", BOTH)
    def test_one_of_another_account_fails(self, about: str) -> None:
        """The same."""
        elsewhere = key(ARN[about].replace(ACCOUNT[about], "333333333333"))
        answer = one(asked(seen(about, elsewhere)), "account", about)

        assert (Level.FAIL, "333333333333") == (answer.level, answer.fact)

    @pytest.mark.parametrize(
        ("about", "fix"),
        [
            (
                SHARING_KEY,
                f"correct KMS_KEY_ID, which is {making.SHARING_KEY}, or deploy the stack",
            ),
            (BACKUP_KEY, "correct BACKUP_KMS_KEY_ID, which is alias/rds-backup, or deploy the "),
        ],
    )
    def test_one_that_is_not_there_is_not_asked_further(self, about: str, fix: str) -> None:
        """The fix names the variable; the other key is asked about all the same."""
        found = asked(seen(about, NOBODY, NOBODY))

        assert {("fail", about, "found")} == not_well(found)
        assert ["found"] == [a.question for a in found if a.about == about]
        answer = one(found, "found", about)
        assert "DescribeKey: NotFoundException: Alias is not found." == answer.fact
        assert str(answer.fix).startswith(fix)

    @pytest.mark.parametrize("about", BOTH)
    def test_no_answer_is_no_failure(self, about: str) -> None:
        """It may be there in a minute."""
        assert {("warn", about, "found")} == not_well(asked(seen(about, THROTTLED, THROTTLED)))

    @pytest.mark.parametrize(
        ("about", "named", "into", "which"),
        [
            (SHARING_KEY, "not authorized", handed_out.TO_FUNCTION, "SharingKey"),
            (SHARING_KEY, f"no: {making.SHARING_KEY}", handed_out.TO_FUNCTION, "SharingKey"),
            (BACKUP_KEY, f"no: {making.BACKUP_KEY}", handed_out.TO_BACKUP_ROLE, "BackupKey"),
        ],
    )
    def test_one_that_may_not_be_described_gets_the_statement(
        self, about: str, named: str, into: str, which: str
    ) -> None:
        """For the key's ARN, from the settings or from AWS's words."""
        denied = AwsError("DescribeKey", "AccessDeniedException", named, 400)
        answer = one(asked(seen(about, denied, denied)), "found", about)

        assert (Level.FAIL, "allow it") == (answer.level, answer.fix)
        assert [(into, handed_out.read_key(which, ARN[about]))] == pasted(answer)

    def test_without_its_arn_nothing_is_handed_out(self) -> None:
        """A policy takes no alias for a key."""
        answer = one(asked(seen(BACKUP_KEY, DENIED, DENIED)), "found", BACKUP_KEY)

        assert (Level.FAIL, ()) == (answer.level, answer.paste)


class TestTheSharingKey:
    """It has to be usable from the backup account, through RDS, by the role that is assumed."""

    def test_a_policy_that_names_nobody_there_fails(self) -> None:
        """With the three statements that are missing; the fix says which error it explains."""
        found = under(SHARING_KEY, handed_out.OWN_ACCOUNT)
        answer = one(found, OTHER)

        assert {("fail", SHARING_KEY, OTHER)} == not_well(found)
        assert "allows nothing to account 222222222222" == answer.fact
        assert "KMSKeyNotAccessibleFault for the source snapshot's key" in str(answer.fix)
        assert str(answer.fix).startswith("add the statements; ")
        assert [(ON_SHARING_KEY, s) for s in handed_out.OF_BACKUP_ROLE] == pasted(answer)

    def test_another_policy_is_not_told(self) -> None:
        """AWS's own example works, and is wider than ours: never a pass, and no failure either."""
        example = {**handed_out.own_account(making.BACKUP), "Sid": "Allow use of the key"}
        found = under(SHARING_KEY, handed_out.OWN_ACCOUNT, example)
        answer = one(found, OTHER)

        assert {("warn", SHARING_KEY, OTHER)} == not_well(found)
        fact = "cannot tell: its statements are not those that this project's stacks write"
        fix = "add what is missing, or check that the rest allows the role"
        assert (fact, fix) == (answer.fact, answer.fix)

    @pytest.mark.parametrize("missing", handed_out.OF_BACKUP_ROLE, ids=lambda s: s["Sid"])
    def test_one_statement_that_is_missing_is_pastesalone(self, missing: dict[str, Any]) -> None:
        """The one on grants is forgotten most often (6.5)."""
        found = under(SHARING_KEY, *(s for s in handed_out.ON_SHARING_KEY if s != missing))

        assert {("warn", SHARING_KEY, OTHER)} == not_well(found)
        assert [(ON_SHARING_KEY, missing)] == pasted(one(found, OTHER))

    def test_a_denial_is_not_told_though_nothing_is_missing(self) -> None:
        """There is nothing to be added."""
        answer = one(under(SHARING_KEY, *handed_out.ON_SHARING_KEY, DENIES), OTHER)

        expected = (Level.WARN, "check what its other statements deny", ())
        assert expected == (answer.level, answer.fix, answer.paste)

    def test_the_role_there_needs_its_own_side(self) -> None:
        """Both have to allow it (6.1): with our policy on the key, its role's is missing."""
        made = facts()
        found = asked(replace(made, there=replace(made.there, sharing_key=DENIED)))

        assert {("fail", SHARING_KEY, SEEN)} == not_well(found)
        expected = [(handed_out.TO_BACKUP_ROLE, s) for s in handed_out.FROM_SHARING_KEY]
        assert expected == pasted(one(found, SEEN))

    def test_nothing_is_said_of_what_was_not_asked_from_there(self) -> None:
        """The role may not be there yet; neither is anything said of the backup key."""
        made = facts()
        found = asked(replace(made, there=replace(made.there, sharing_key=None, key=None)))

        assert {SHARING_KEY} == {a.about for a in found}
        assert SEEN not in [a.question for a in found]


def test_each_key_that_a_copy_needs_has_an_answer_that_the_others_have_not() -> None:
    """KMSKeyNotAccessibleFault means one of three keys (6.6); its own is in test_encryption.py."""
    shut = not_well(under(SHARING_KEY, handed_out.OWN_ACCOUNT))
    disabled = not_well(asked(seen(BACKUP_KEY, replace(key(making.BACKUP_KEY), state="Disabled"))))

    assert {("fail", SHARING_KEY, OTHER)} == shut
    assert {("fail", BACKUP_KEY, "enabled")} == disabled


def test_in_china_rds_and_arns_have_other_names() -> None:
    """A condition on the wrong one is never met (AWS::URLSuffix)."""
    role = handed_out.BACKUP_ROLE.replace("arn:aws:", "arn:aws-cn:")
    backup = replace(SETTINGS.backup, region="cn-north-1")
    settings = replace(SETTINGS, role=role, region="cn-north-1", backup=backup)
    made = replace(facts(settings=settings), sharing_key=SeenKey(key(making.SHARING_KEY), policy()))
    statement = pasted(one(of_sharing_key(made), OTHER))[1][1]

    through = {"kms:ViaService": "rds.cn-north-1.amazonaws.com.cn"}
    assert through == statement["Condition"]["StringEquals"]
    assert {"AWS": "arn:aws-cn:iam::222222222222:root"} == statement["Principal"]
