"""What `check` answers on the sandbox, by what it is about and what is asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sandbox import Sandbox
from sandbox.serving.lambda_runtime import Function
from tests.support.playing import NIGHT, automated, mutations

CHECK: dict[str, Any] = {"action": "check"}
TAGS = {"backup": "nightly"}
DENIED: dict[str, Any] = {"code": "AccessDenied", "message": "not authorized", "status": 403}


# As the function itself: its session has its name.
WINDOW = {"NIGHT_SCHEDULE": "cron(0 3-9 * * ? *)", "AWS_LAMBDA_FUNCTION_NAME": "rds-backup"}


SOURCE, BACKUP = "source account", "backup account"


SHARING_KEY, BACKUP_KEY = "sharing key", "backup key"


ORDERS, BILLING = "orders (instance)", "billing (cluster)"


@dataclass(frozen=True)
class Answers:
    """The result of one `check`."""

    result: dict[str, Any]

    @property
    def outcome(self) -> str:
        """The worst level."""
        return str(self.result["outcome"])

    def all(self, about: str, question: str) -> list[dict[str, Any]]:
        """Every answer to a question."""
        answers = self.result["answers"]
        return [a for a in answers if (a["about"], a["question"]) == (about, question)]

    def one(self, about: str, question: str) -> dict[str, Any]:
        """The only answer to a question; fails if there is none, or another."""
        (found,) = self.all(about, question)
        return found

    def level(self, about: str, question: str) -> str:
        """How the only answer to a question is to be taken."""
        return str(self.one(about, question)["level"])

    def sids(self, about: str, question: str) -> list[str]:
        """The statements that are to be pasted for a question."""
        return [paste["statement"]["Sid"] for paste in self.one(about, question)["paste"]]

    def not_well(self) -> set[tuple[str, str, str]]:
        """What is not `pass`: level, about what, and the question."""
        return {
            (a["level"], a["about"], a["question"])
            for a in self.result["answers"]
            if a["level"] != "pass"
        }

    def facts(self) -> Iterator[str]:
        """Every word that was said."""
        for answer in self.result["answers"]:
            yield from (answer["fact"], answer["fix"] or "")


def group(name: str) -> list[dict[str, str]]:
    """An instance's membership in an option group."""
    return [{"OptionGroupName": name, "Status": "in-sync"}]


def before_a_night(aws: Sandbox) -> None:
    """An instance with a key and options of its own, and a cluster; all is well."""
    own = aws.keys.create(aws.source.id, "alias/of-orders")
    aws.add_option_group("special", engine="mysql", options={"AUDIT": "plain"})
    aws.add_instance(
        "orders", engine="mysql", kms_key=own, tags=TAGS, OptionGroupMemberships=group("special")
    )
    aws.add_cluster("billing", engine="aurora-postgresql", kms_key="aws/rds", tags=TAGS)
    automated(aws)
    aws.clock.move_to(NIGHT)


def own_key(aws: Sandbox) -> str:
    """The ARN of the key of ``orders``."""
    return str(aws.database("orders").key)


def checked(aws: Sandbox, *databases: str, **environment: str | None) -> Answers:
    """Ask, with the schedule of the template.

    Whatever is found, nothing is changed, and every failure has its fix.
    """
    before = len(aws.calls)
    function = Function(
        aws, aws.environment(**{"DB_TAG": "backup=nightly", **WINDOW, **environment})
    )
    event = CHECK | ({"databases": [*databases]} if databases else {})
    answer = function.invoke(event)
    assert answer.error is None
    assert mutations(aws, before) == []
    assert isinstance(answer.result, dict)
    assert [] == [a for a in answer.result["answers"] if a["level"] == "fail" and not a["fix"]]
    return Answers(answer.result)
