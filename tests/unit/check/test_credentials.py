"""Whose the credentials are, where the role leads, what narrows either, and what they see."""

from copy import replace

import pytest

from rds_backup.aws.errors import AwsError
from rds_backup.check.answer import Answer, Level
from rds_backup.check.credentials import of_backup, of_source, wrong_credentials
from rds_backup.check.facts import Facts, There
from rds_backup.model.inventory import Role, Side
from rds_backup.model.settings import Settings
from tests.support import handed_out, making
from tests.support.asked import BACKUP, SOURCE, not_well, one, pasted
from tests.support.made_facts import (
    DENIED,
    SETTINGS,
    facts,
)

BOUNDARY = "permissions boundary"
SEES = {
    Side.SOURCE: "databases and snapshots can be listed",
    Side.BACKUP: "backups can be listed",
}
SWAPPED = (
    "that is BACKUP_ACCOUNT: the two variables are swapped, or these are the wrong credentials"
)
ASSUMED, ASKS = "role can be assumed", "the function's role"


class TestWhose:
    """Whose credentials they are is the first question; without it nothing else means anything."""

    def test_the_source_account_s_are_right(self) -> None:
        """Then everything else is asked."""
        assert None is wrong_credentials((making.SOURCE, "an ARN"), SETTINGS)

    @pytest.mark.parametrize(
        ("account", "fix"),
        [
            ("333333333333", "use credentials of SOURCE_ACCOUNT, or correct the variable"),
            (making.BACKUP, SWAPPED),
        ],
    )
    def test_those_of_another_account_are_said(self, account: str, fix: str) -> None:
        """With both accounts, and whether it is the other one of the two."""
        fact = f"of account {account}; SOURCE_ACCOUNT is 111111111111"

        assert Answer(
            SOURCE, "credentials", Level.FAIL, fact, f"{fix}; nothing else was checked"
        ) == wrong_credentials((account, "an ARN"), SETTINGS)

    @pytest.mark.parametrize(
        ("code", "level", "fix"),
        [
            (
                "InvalidClientTokenId",
                Level.FAIL,
                "run the check with credentials of the function's role",
            ),
            (
                "NoCredentialsError",
                Level.FAIL,
                "sign in (aws sso login), and name the profile: --profile or AWS_PROFILE",
            ),
            ("Throttling", Level.WARN, "ask again: without an answer nothing can be said"),
            ("ExpiredToken", Level.WARN, "renew the credentials, and ask again"),
        ],
    )
    def test_those_that_do_not_work_are_said(self, code: str, level: Level, fix: str) -> None:
        """With AWS's words; no answer is no failure."""
        found = wrong_credentials(AwsError("GetCallerIdentity", code, "so it is"), SETTINGS)

        assert found
        assert (SOURCE, "credentials", level, fix) == (
            found.about,
            found.question,
            found.level,
            found.fix,
        )
        assert found.fact.endswith(f"GetCallerIdentity: {code}: so it is")

    def test_no_session_s_name_is_printed(self) -> None:
        """It may be a person's address."""
        assert (
            "of account 111111111111: arn:aws:sts::111111111111:assumed-role/rds-backup-function"
        ) == one(of_source(facts()), "credentials").fact

    @pytest.mark.parametrize(
        "made",
        [replace(facts(), at_work=False), replace(facts(), role=None)],
        ids=["somebody else's role", "no role"],
    )
    def test_other_credentials_tell_nothing_of_the_function_s(self, made: Facts) -> None:
        """What they may do is another matter, and their boundary is nobody's business."""
        found = [*of_source(made)]

        answer = one(found, ASKS, SOURCE)
        assert {("warn", SOURCE, ASKS)} == not_well(found)
        assert answer.fact.startswith("cannot tell: these are not the function's credentials")
        assert str(answer.fix).startswith("ask in the function: sam remote invoke")
        assert BOUNDARY not in [a.question for a in found]


class TestTheRole:
    """The role in the backup account can be assumed, and leads there."""

    def denied(
        self, code: str = "AccessDenied", of: Settings = SETTINGS, *, at_work: bool = True
    ) -> Facts:
        """A role that cannot be assumed."""
        error = AwsError("AssumeRole", code, "not authorized", 403)
        return replace(facts(settings=of), there=There(error), at_work=at_work)

    def test_a_role_that_cannot_be_assumed_needs_both_sides(self) -> None:
        """STS does not say which is missing: both statements are handed out."""
        (answer,) = of_backup(self.denied())

        assert (BACKUP, ASSUMED, Level.FAIL, "AccessDenied: not authorized") == (
            answer.about,
            answer.question,
            answer.level,
            answer.fact,
        )
        assert [
            (handed_out.TO_FUNCTION, handed_out.ASSUME),
            (f"the trust policy of {handed_out.BACKUP_ROLE}", handed_out.trust()),
        ] == pasted(answer)
        assert "STS does not say which one does not (no external id is sent;" in str(answer.fix)

    def test_the_external_id_is_asked_for_and_not_printed(self) -> None:
        """Whoever pastes the trust policy knows it; whoever reads the output need not."""
        (answer,) = of_backup(self.denied(of=replace(SETTINGS, external_id="daily")))

        assert handed_out.trust(external_id=True) == pasted(answer)[1][1]
        placed = "an external id is sent: put it in the trust policy in place of THE-EXTERNAL-ID"
        assert f"which one does not ({placed};" in str(answer.fix)
        assert "daily" not in str(answer)

    def test_somebody_else_who_cannot_assume_it_is_no_failure(self) -> None:
        """The night does not run with a person's credentials."""
        (answer,) = of_backup(self.denied(at_work=False))

        assert Level.WARN is answer.level

    @pytest.mark.parametrize(
        ("code", "level"), [("RegionDisabledException", Level.FAIL), ("Throttling", Level.WARN)]
    )
    def test_another_refusal_gets_no_statement(self, code: str, level: Level) -> None:
        """A Region that is not enabled for STS, say."""
        (answer,) = of_backup(self.denied(code))

        assert (BACKUP, ASSUMED, level, ()) == (
            answer.about,
            answer.question,
            answer.level,
            answer.paste,
        )

    def test_a_role_that_leads_elsewhere_is_not_looked_through(self) -> None:
        """Nothing is said of backups in an account that is not meant."""
        found = [*of_backup(replace(facts(), there=There(("333333333333", "an ARN"))))]

        assert [(Level.PASS, ASSUMED), (Level.FAIL, "account of the role")] == [
            (a.level, a.question) for a in found
        ]
        assert "leads to account 333333333333, BACKUP_ACCOUNT is 222222222222" in found[1].fact
        assert (BACKUP, "correct one of them; nothing else was checked there") == (
            found[1].about,
            found[1].fix,
        )

    def test_nothing_is_said_of_a_role_that_was_not_read(self) -> None:
        """Whose boundary it would be is not known."""
        made = facts()
        found = of_backup(replace(made, there=replace(made.there, role=None)))

        assert [ASSUMED, "account of the role", SEES[Side.BACKUP]] == [a.question for a in found]


class TestBoundaries:
    """What narrows a role is not read, and what it leaves cannot be told."""

    @pytest.mark.parametrize("side", Side)
    def test_a_boundary_cannot_be_told(self, side: Side) -> None:
        """It takes permissions away."""
        narrowed = Role("arn:of-the-role", {}, "arn:of-the-boundary")
        found = self.asked(side, narrowed)

        fact = (
            "cannot tell which permissions of arn:of-the-role the boundary arn:of-the-boundary "
            "leaves"
        )
        assert (Level.WARN, fact) == (found.level, found.fact)
        assert "make sure that it allows every action that the stack's policies allow" == found.fix

    @pytest.mark.parametrize(
        ("side", "role", "into"),
        [
            (Side.SOURCE, handed_out.FUNCTION_ROLE, handed_out.TO_FUNCTION),
            (Side.BACKUP, handed_out.BACKUP_ROLE, handed_out.TO_BACKUP_ROLE),
        ],
    )
    def test_a_role_that_may_not_read_itself_gets_the_statement(
        self, side: Side, role: str, into: str
    ) -> None:
        """An older stack's role lacks it."""
        found = self.asked(side, DENIED)

        assert Level.WARN is found.level
        assert found.fact.startswith("cannot tell: DescribeThings: AccessDenied")
        assert [(into, handed_out.own_role(role))] == pasted(found)

    def asked(self, side: Side, role: Role | AwsError) -> Answer:
        """What is said of one role; the other is well."""
        made = facts()
        if side is Side.SOURCE:
            found = [*of_source(replace(made, role=role)), *of_backup(made)]
        else:
            there = replace(made.there, role=role)
            found = [*of_source(made), *of_backup(replace(made, there=there))]
        about = SOURCE if side is Side.SOURCE else BACKUP
        assert {("warn", about, BOUNDARY)} == not_well(found)
        return one(found, BOUNDARY, about)
