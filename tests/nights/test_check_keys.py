"""`check` on keys that are not well; each cause of one KMS error has an answer of its own."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from sandbox import Sandbox
from sandbox.calls import Call
from sandbox.gate import Hook
from sandbox.serving.lambda_runtime import Function
from tests.support.check_answers import BACKUP_KEY, ORDERS, SHARING_KEY, Answers, checked
from tests.support.playing import BACKUP, NIGHT, automated

OWN, OTHER = "policy, for its own account", "policy, for the backup account"
SEEN, GUARDED = "seen from the backup account", "policy, guarded"
OURS_ON_SHARING_KEY = ["BackupRoleReads", "BackupRoleCopiesThroughRds", "BackupRoleGrantsToRds"]
DENIED: dict[str, Any] = {"code": "AccessDeniedException", "message": "not authorized"}
CAUSES: dict[str, tuple[Callable[[Sandbox], object], tuple[str, str]]] = {
    "the database's own key": (lambda a: a.keys.disable(own_key(a)), (ORDERS, "its own key")),
    "the sharing key's policy": (
        lambda a: a.keys.shut_out(a.sharing_key, a.backup.id),
        (SHARING_KEY, OTHER),
    ),
    "the key of the copy": (lambda a: a.keys.disable(a.backup_key), (BACKUP_KEY, "enabled")),
}


@pytest.fixture
def aws(aws: Sandbox) -> Sandbox:
    """An instance under a customer managed key of its own, on a night on which nothing is wrong."""
    own = aws.keys.create(aws.source.id, "alias/of-orders")
    aws.add_instance("orders", engine="postgres", kms_key=own, tags={"backup": "nightly"})
    automated(aws)
    aws.clock.move_to(NIGHT)
    return aws


def own_key(aws: Sandbox) -> str:
    """The ARN of the database's key."""
    return str(aws.database("orders").key)


def test_a_database_s_own_key_passes_where_it_leaves_it_to_its_account(aws: Sandbox) -> None:
    """The key policy that KMS writes by default."""
    assert checked(aws).not_well() == set()


class TestOneErrorThreeCauses:
    """KMSKeyNotAccessibleFault means one of three keys (6.6)."""

    @pytest.mark.parametrize("cause", CAUSES)
    def test_each_cause_has_an_answer_that_the_others_have_not(
        self, aws: Sandbox, cause: str
    ) -> None:
        """Whoever meets the error by night finds which key it is about."""
        spoil, expected = CAUSES[cause]
        spoil(aws)
        failed = {(about, asked) for level, about, asked in checked(aws).not_well()}
        others = {answer for name, (_, answer) in CAUSES.items() if name != cause}

        assert expected in failed
        assert not failed & others

    @pytest.mark.parametrize("cause", CAUSES)
    def test_and_it_is_the_night_that_fails_of_it(self, aws: Sandbox, cause: str) -> None:
        """What `check` fails is what a backup would have met."""
        CAUSES[cause][0](aws)
        function = Function(aws, aws.environment(DB_ID="orders"))
        results = [function.at(NIGHT, BACKUP)]
        aws.clock.advance(minutes=30)
        results.append(function.invoke(BACKUP))

        assert any(result.error for result in results)


class TestTheSharingKey:
    """Exists, enabled, of the only kind that will do, and usable from the other account."""

    def test_one_that_is_not_there_is_not_asked_further(self, aws: Sandbox) -> None:
        """The fix names the variable."""
        found = checked(aws, KMS_KEY_ID="alias/nobody")
        asked = [a["question"] for a in found.result["answers"] if a["about"] == SHARING_KEY]

        assert found.level(SHARING_KEY, "found") == "fail"
        assert asked == ["found"]
        assert "KMS_KEY_ID" in found.one(SHARING_KEY, "found")["fix"]

    def test_one_that_may_not_be_described_gets_the_statement(self, aws: Sandbox) -> None:
        """For the key's ARN."""
        aws.fault("DescribeKey", account=aws.source, times=1, after=1, **DENIED)
        found = checked(aws)

        assert found.sids(SHARING_KEY, "found") == ["ReadSharingKey"]
        paste = found.one(SHARING_KEY, "found")["paste"][0]
        assert paste["statement"]["Resource"] == aws.sharing_key

    def test_the_key_of_an_alias_is_taken_from_aws_s_words(self, aws: Sandbox) -> None:
        """A policy takes no alias for a key; without its ARN nothing is handed out."""
        named = f"not authorized to perform: kms:DescribeKey on resource: {aws.sharing_key}"
        for message, sids in ((named, ["ReadSharingKey"]), ("not authorized", [])):
            fault = aws.fault(
                "DescribeKey",
                account=aws.source,
                when=lambda c: c.params["KeyId"] == "alias/rds-sharing",
                code="AccessDeniedException",
                message=message,
            )
            found = checked(aws, KMS_KEY_ID="alias/rds-sharing")
            assert found.sids(SHARING_KEY, "found") == sids
            fault.remove()

    def test_a_disabled_one_fails(self, aws: Sandbox) -> None:
        """No copy can be made under it."""
        aws.keys.disable(aws.sharing_key)

        assert ("fail", SHARING_KEY, "enabled") in checked(aws).not_well()

    def test_one_that_is_to_be_deleted_fails(self, aws: Sandbox) -> None:
        """The state is said."""
        aws.keys.schedule_deletion(aws.sharing_key)

        assert checked(aws).one(SHARING_KEY, "enabled")["fact"] == "PendingDeletion"

    def test_an_aws_managed_one_fails(self, aws: Sandbox) -> None:
        """Given by its ARN, so that its alias does not tell."""
        found = checked(aws, KMS_KEY_ID=aws.keys.managed(aws.source.id))

        assert ("fail", SHARING_KEY, "customer managed") in found.not_well()

    def test_an_asymmetric_one_fails(self, aws: Sandbox) -> None:
        """RDS encrypts under symmetric keys only."""
        aws.keys[aws.sharing_key].key_spec = "RSA_2048"

        assert ("fail", SHARING_KEY, "symmetric") in checked(aws).not_well()

    def test_one_that_signs_fails(self, aws: Sandbox) -> None:
        """A key has one use."""
        aws.keys[aws.sharing_key].key_usage = "GENERATE_VERIFY_MAC"

        assert ("fail", SHARING_KEY, "symmetric") in checked(aws).not_well()

    def test_a_policy_that_names_nobody_there_fails(self, aws: Sandbox) -> None:
        """With the three statements that are missing."""
        aws.keys.shut_out(aws.sharing_key, aws.backup.id)
        found = checked(aws)

        assert found.not_well() == {
            ("fail", SHARING_KEY, OTHER),
            ("fail", SHARING_KEY, SEEN),
        }
        assert found.sids(SHARING_KEY, OTHER) == OURS_ON_SHARING_KEY

    def test_what_was_pasted_passes(self, aws: Sandbox) -> None:
        """The statements are the fix, as they stand."""
        aws.keys.shut_out(aws.sharing_key, aws.backup.id)
        policy = aws.keys.policy(aws.sharing_key)
        pasted = checked(aws).one(SHARING_KEY, OTHER)["paste"]
        policy["Statement"] += [paste["statement"] for paste in pasted]
        aws.keys.set_policy(aws.sharing_key, policy)

        assert checked(aws).not_well() == set()

    def test_aws_s_own_example_is_not_told(self, aws: Sandbox) -> None:
        """It works, and is wider than ours: never `pass`, and no failure either."""
        aws.keys.shut_out(aws.sharing_key, aws.backup.id)
        aws.keys.admit_as_documented(aws.sharing_key, aws.backup.id)

        assert checked(aws).not_well() == {("warn", SHARING_KEY, OTHER)}

    def test_one_statement_that_is_missing_is_handed_out_alone(self, aws: Sandbox) -> None:
        """The one that is forgotten most often (6.5)."""
        policy = aws.keys.policy(aws.sharing_key)
        policy["Statement"] = [
            s for s in policy["Statement"] if s["Sid"] != "BackupRoleGrantsToRds"
        ]
        aws.keys.set_policy(aws.sharing_key, policy)
        found = checked(aws)

        assert found.not_well() == {("warn", SHARING_KEY, OTHER)}
        assert found.sids(SHARING_KEY, OTHER) == ["BackupRoleGrantsToRds"]

    def test_a_denial_is_not_told(self, aws: Sandbox) -> None:
        """Whatever it denies, and to whom."""
        policy = aws.keys.policy(aws.sharing_key)
        policy["Statement"].append(
            {
                "Sid": "Somebody",
                "Effect": "Deny",
                "Principal": {"AWS": "arn:aws:iam::999999999999:root"},
                "Action": "kms:Decrypt",
                "Resource": "*",
            }
        )
        aws.keys.set_policy(aws.sharing_key, policy)

        assert checked(aws).not_well() == {
            ("warn", SHARING_KEY, OWN),
            ("warn", SHARING_KEY, OTHER),
        }

    def test_a_policy_that_may_not_be_read_gets_the_statement(self, aws: Sandbox) -> None:
        """A user's own key may not be ours to read."""
        aws.fault("GetKeyPolicy", account=aws.source, **DENIED)
        found = checked(aws)

        assert found.level(SHARING_KEY, OWN) == found.level(SHARING_KEY, OTHER) == "warn"
        assert found.sids(SHARING_KEY, OWN) == ["ReadSharingKeyPolicy"]
        assert found.sids(ORDERS, "its own key") == ["ReadDatabaseKeys"]

    def test_the_role_there_needs_its_own_side(self, aws: Sandbox) -> None:
        """Both have to allow it (6.1): with our policy on the key, its role's is missing."""
        aws.fault("DescribeKey", account=aws.backup, when=_foreign, **DENIED)
        found = checked(aws)

        assert found.not_well() == {("fail", SHARING_KEY, SEEN)}
        assert found.sids(SHARING_KEY, SEEN) == [
            "ReadSharingKeys",
            "DecryptUnderSharingKeys",
            "GrantSharingKeysToRds",
        ]


@pytest.mark.parametrize(
    ("wrong", "question"),
    [(("222222222222", "333333333333"), "account"), (("eu-west-1", "eu-west-2"), "Region")],
    ids=["account", "Region"],
)
def test_a_key_of_another_account_or_region_fails(
    aws: Sandbox, wrong: tuple[str, str], question: str
) -> None:
    """The settings refuse such an ARN; whatever an alias leads to is looked at."""
    aws.hooks.append(_Key(*wrong))

    assert ("fail", BACKUP_KEY, question) in checked(aws).not_well()


class TestTheBackupKey:
    """The same in the other account; and whoever can end it ends all backups."""

    def test_one_that_is_not_there_is_not_asked_further(self, aws: Sandbox) -> None:
        """The fix names the variable."""
        found = checked(aws, BACKUP_KMS_KEY_ID="alias/nobody")

        assert found.level(BACKUP_KEY, "found") == "fail"
        assert "BACKUP_KMS_KEY_ID" in found.one(BACKUP_KEY, "found")["fix"]
        assert found.all(BACKUP_KEY, "enabled") == []

    def test_one_that_is_to_be_deleted_fails(self, aws: Sandbox) -> None:
        """And says what is at stake."""
        aws.keys.schedule_deletion(aws.backup_key)
        found = checked(aws)

        assert found.one(BACKUP_KEY, "enabled")["fact"] == "PendingDeletion"
        assert "cancel its deletion" in found.one(BACKUP_KEY, "enabled")["fix"]

    def test_the_key_s_default_policy_is_not_guarded(self, aws: Sandbox) -> None:
        """It works, and any administrator there can end it."""
        default = aws.keys.policy(aws.keys.create(aws.backup.id))
        aws.keys.set_policy(aws.backup_key, default)

        assert checked(aws).not_well() == {("warn", BACKUP_KEY, GUARDED)}

    def test_a_principal_of_another_account_is_said(self, aws: Sandbox) -> None:
        """The source account has no business with this key."""
        policy = aws.keys.policy(aws.backup_key)
        policy["Statement"].append(
            {
                "Sid": "Somebody",
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::111111111111:root"},
                "Action": "kms:Decrypt",
                "Resource": "*",
            }
        )
        aws.keys.set_policy(aws.backup_key, policy)

        assert checked(aws).not_well() == {("warn", BACKUP_KEY, GUARDED)}

    @pytest.mark.parametrize(
        "administrator",
        [
            "arn:aws:iam::111111111111:role/admin",
            "arn:aws:iam::222222222222:role/rds-backup-writer",
        ],
    )
    def test_administrators_that_the_source_account_can_be_are_said(
        self, aws: Sandbox, administrator: str
    ) -> None:
        """The role that is assumed is the source account, too."""
        policy = aws.keys.policy(aws.backup_key)
        (guard,) = [s for s in policy["Statement"] if "ArnNotEquals" in s.get("Condition", {})]
        guard["Condition"]["ArnNotEquals"]["aws:PrincipalArn"] = administrator
        aws.keys.set_policy(aws.backup_key, policy)
        found = checked(aws)

        assert found.not_well() == {("warn", BACKUP_KEY, GUARDED)}
        assert administrator in found.one(BACKUP_KEY, GUARDED)["fact"]

    def test_a_policy_that_may_not_be_read_gets_the_statement(self, aws: Sandbox) -> None:
        """Then nothing is known of it."""
        aws.fault("GetKeyPolicy", account=aws.backup, **DENIED)
        found = checked(aws)

        assert found.not_well() == {("warn", BACKUP_KEY, OWN), ("warn", BACKUP_KEY, GUARDED)}
        assert found.sids(BACKUP_KEY, OWN) == ["ReadBackupKeyPolicy"]

    def test_a_wildcard_among_its_administrators_is_anybody(self, aws: Sandbox) -> None:
        """ArnNotEquals takes wildcards: the role that is assumed is then one of them."""
        policy = aws.keys.policy(aws.backup_key)
        (guard,) = [s for s in policy["Statement"] if "ArnNotEquals" in s.get("Condition", {})]
        guard["Condition"]["ArnNotEquals"]["aws:PrincipalArn"] = "arn:aws:iam::222222222222:role/*"
        aws.keys.set_policy(aws.backup_key, policy)

        assert ("warn", BACKUP_KEY, GUARDED) in checked(aws).not_well()

    @pytest.mark.parametrize(
        "sid", ["OnlyAdministratorsEndOrChangeIt", "OnlyServicesMakeOrRevokeGrants"]
    )
    def test_a_guard_that_denies_more_is_not_told(self, aws: Sandbox, sid: str) -> None:
        """It may deny what a copy needs."""
        policy = aws.keys.policy(aws.backup_key)
        (guard,) = [s for s in policy["Statement"] if s["Sid"] == sid]
        guard["Action"] = [*guard["Action"], "kms:Decrypt"]
        aws.keys.set_policy(aws.backup_key, policy)

        assert ("warn", BACKUP_KEY, OWN) in checked(aws).not_well()

    def test_a_guard_under_another_name_is_one(self, aws: Sandbox) -> None:
        """A Sid is only a name."""
        policy = aws.keys.policy(aws.backup_key)
        for statement in policy["Statement"]:
            statement["Sid"] = f"{statement['Sid']}Too"
        aws.keys.set_policy(aws.backup_key, policy)

        assert checked(aws).not_well() == set()

    def test_one_guard_that_is_missing_is_handed_out(self, aws: Sandbox) -> None:
        """With the administrators of the other."""
        policy = aws.keys.policy(aws.backup_key)
        policy["Statement"] = [
            s for s in policy["Statement"] if s["Sid"] != "OnlyServicesMakeOrRevokeGrants"
        ]
        aws.keys.set_policy(aws.backup_key, policy)
        found = checked(aws)

        assert found.not_well() == {("warn", BACKUP_KEY, GUARDED)}
        assert found.sids(BACKUP_KEY, GUARDED) == ["OnlyServicesMakeOrRevokeGrants"]

    def test_without_administrators_no_guard_is_handed_out(self, aws: Sandbox) -> None:
        """A statement that keeps everybody out would lock the key for ever."""
        default = aws.keys.policy(aws.keys.create(aws.backup.id))
        aws.keys.set_policy(aws.backup_key, default)

        assert checked(aws).sids(BACKUP_KEY, GUARDED) == []

    def test_one_that_names_the_role_alone_is_well(self, aws: Sandbox) -> None:
        """With what was handed out, and nothing for the rest of the account."""
        policy = aws.keys.policy(aws.backup_key)
        policy["Statement"] = [
            s for s in policy["Statement"] if s["Sid"] != "PoliciesOfThisAccountDecide"
        ]
        aws.hooks.append(_Policy(policy))
        found = checked(aws)
        assert found.level(BACKUP_KEY, OWN) == "fail"
        policy["Statement"] += [p["statement"] for p in found.one(BACKUP_KEY, OWN)["paste"]]
        aws.hooks.append(_Policy(policy))

        assert checked(aws).level(BACKUP_KEY, OWN) == "pass"


class TestADatabaseOwnKey:
    """RDS reads the automated snapshot under it, for the function's role."""

    QUESTION = "its own key"

    def test_one_that_may_not_be_read_is_not_in_the_stack(self, aws: Sandbox) -> None:
        """The parameter is named, which writes the statements."""
        aws.fault("DescribeKey", when=lambda c: c.params["KeyId"] == own_key(aws), **DENIED)
        found = checked(aws)

        assert found.not_well() == {("fail", ORDERS, self.QUESTION)}
        assert "DatabaseKmsKeyArns" in found.one(ORDERS, self.QUESTION)["fix"]
        assert found.sids(ORDERS, self.QUESTION) == [
            "ReadDatabaseKeys",
            "ReadUnderDatabaseKeys",
            "GrantDatabaseKeysToRds",
        ]

    def test_a_policy_of_its_own_is_not_told(self, aws: Sandbox) -> None:
        """It may name the role; nobody can tell."""
        policy = aws.keys.policy(own_key(aws))
        policy["Statement"][0]["Action"] = ["kms:DescribeKey", "kms:GetKeyPolicy"]
        aws.keys.set_policy(own_key(aws), policy)
        found = checked(aws)

        assert found.not_well() == {("warn", ORDERS, self.QUESTION)}
        assert found.sids(ORDERS, self.QUESTION) == [
            "FunctionReads",
            "FunctionCopiesThroughRds",
            "FunctionGrantsToRds",
        ]

    def test_what_was_handed_out_for_a_policy_of_its_own_passes(self, aws: Sandbox) -> None:
        """It names the function's role, through RDS, and opens the key to nobody else."""
        policy = aws.keys.policy(own_key(aws))
        policy["Statement"][0]["Action"] = ["kms:DescribeKey", "kms:GetKeyPolicy"]
        aws.keys.set_policy(own_key(aws), policy)
        pasted = checked(aws).one(ORDERS, self.QUESTION)["paste"]
        policy["Statement"] += [paste["statement"] for paste in pasted]
        aws.keys.set_policy(own_key(aws), policy)

        assert checked(aws).not_well() == set()

    def test_one_that_is_to_be_deleted_fails(self, aws: Sandbox) -> None:
        """Not only one that is disabled."""
        aws.keys.schedule_deletion(own_key(aws))

        assert ("fail", ORDERS, self.QUESTION) in checked(aws).not_well()

    def test_one_that_is_not_there_any_more_fails_with_aws_s_words(self, aws: Sandbox) -> None:
        """No statement helps."""
        mine = own_key(aws)
        aws.fault(
            "DescribeKey",
            when=lambda c: c.params["KeyId"] == mine,
            code="NotFoundException",
            message="does not exist",
        )
        found = checked(aws)

        assert "does not exist" in found.one(ORDERS, self.QUESTION)["fact"]
        assert found.sids(ORDERS, self.QUESTION) == []

    def test_two_of_them_are_handed_out_together(self, aws: Sandbox) -> None:
        """A policy takes no Sid twice: one statement names both keys."""
        second = aws.keys.create(aws.source.id)
        aws.add_instance("more", engine="postgres", kms_key=second, tags={"backup": "nightly"})
        aws.take_automated("more")
        keys = {own_key(aws), second}
        aws.fault("DescribeKey", when=lambda c: c.params["KeyId"] in keys, **DENIED)
        found = checked(aws)
        pasted = [found.one(about, self.QUESTION)["paste"] for about in (ORDERS, "more (instance)")]

        assert pasted[0] == pasted[1]
        assert set(pasted[0][0]["statement"]["Resource"]) == keys

    def test_the_snapshot_s_key_counts_and_not_the_database_s(self, aws: Sandbox) -> None:
        """The copy is made from the snapshot."""
        (row,) = aws.snapshots(type="automated")
        other = aws.keys.create(aws.source.id)
        aws.change_snapshot(aws.source, row.kind, row.identifier, key=other)
        aws.keys.disable(other)

        assert ("fail", ORDERS, self.QUESTION) in checked(aws).not_well()

    def test_another_account_s_key_is_not_told(self, aws: Sandbox) -> None:
        """Only that account reads its policy."""
        third = aws.keys.create("333333333333")
        (row,) = aws.snapshots(type="automated")
        aws.change_snapshot(aws.source, row.kind, row.identifier, key=third)
        found = checked(aws)

        assert found.not_well() == {("warn", ORDERS, self.QUESTION)}
        assert found.sids(ORDERS, self.QUESTION) == []

    def test_the_default_key_is_no_key_of_its_own(self, aws: Sandbox) -> None:
        """It is told by its alias, which the role may read."""
        aws.add_instance(
            "default", engine="postgres", kms_key="aws/rds", tags={"backup": "nightly"}
        )
        found = checked(aws)

        assert found.all("default (instance)", self.QUESTION) == []
        assert "aws/rds" in found.one("default (instance)", "encryption")["fact"]

    def test_without_the_default_key_nothing_is_told(self, aws: Sandbox) -> None:
        """A key may then be the one or the other."""
        aws.fault("DescribeKey", when=_default, **DENIED)
        found = checked(aws)

        assert found.not_well() == {("warn", ORDERS, "encryption")}
        assert found.sids(ORDERS, "encryption") == ["ReadDefaultKey"]

    def test_an_account_without_a_default_key_is_well(self, aws: Sandbox) -> None:
        """KMS makes it on its first use."""
        aws.fault("DescribeKey", when=_default, code="NotFoundException", message="not found")

        assert _fine(checked(aws))


class _Key(Hook):
    """The backup key's ARN reads otherwise."""

    def __init__(self, *wrong: str) -> None:
        """Say what becomes what."""
        self._wrong = wrong

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        """Say it."""
        if call.operation == "DescribeKey" and "alias/rds-backup" in call.params["KeyId"]:
            found = answer["KeyMetadata"]
            found["Arn"] = found["Arn"].replace(*self._wrong)


class _Policy(Hook):
    """The backup key's policy reads so, whoever may read it."""

    def __init__(self, policy: dict[str, Any]) -> None:
        """Say it from now on."""
        self._policy = policy

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        """Say it."""
        if call.operation == "GetKeyPolicy" and call.account == "222222222222":
            answer["Policy"] = json.dumps(self._policy)


def _fine(found: Answers) -> bool:
    return found.outcome == "pass"


def _foreign(call: Any) -> bool:  # noqa: ANN401 - a call of the sandbox
    return ":111111111111:" in call.params["KeyId"]


def _default(call: Any) -> bool:  # noqa: ANN401 - likewise
    return bool(call.params["KeyId"] == "alias/aws/rds")
