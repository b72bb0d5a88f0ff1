"""A deployed function, found by its name or its stack's, and asked with somebody's own credentials.

No part of the function; it runs where the command line does.
"""

import json
from collections.abc import Mapping
from typing import Any

from boto3 import Session
from botocore.config import Config

from rds_backup.aws.calls import translated
from rds_backup.aws.errors import DENIED, AwsError

LOOK_FUNCTION, DRILL_LOOK = "LookFunction", "DrillLookFunction"
_WITHOUT = {LOOK_FUNCTION: "with ExpireFrom=source-account", DRILL_LOOK: "without DrillSchedule"}
# Lambda ends an invocation after 15 minutes at the latest (Lambda quotas, function timeout).
LONGEST_SECONDS = 15 * 60
# One attempt: with boto3's defaults a look that takes longer than a minute is begun again, and
# again, while the first one still runs.
_CONFIG = Config(
    connect_timeout=10,
    read_timeout=LONGEST_SECONDS + 10,
    retries={"total_max_attempts": 1},
    tcp_keepalive=True,
)
_GONE = "ResourceNotFoundException"


class NoAnswerError(Exception):
    """The function gave no answer that can be shown; the message says why, and what to do."""


class Deployed:
    """A function that answers events, by its name or ARN, or by the name of its stack."""

    def __init__(
        self, name: str, region: str | None, profile: str | None, part: str = LOOK_FUNCTION
    ) -> None:
        """Nothing is called yet; ``part`` is the function's logical id in its stack.

        Raises NoAnswerError for a profile or Region that is none.
        """
        self._name, self._part = name, part
        self._found: str | None = None
        self._not_looked_up = ""
        try:
            with translated("Session"):
                session = Session(profile_name=profile, region_name=region)
                self._lambda = session.client("lambda", config=_CONFIG)
                self._stacks = session.client("cloudformation", config=_CONFIG)
        except AwsError as error:
            next_step = error.sign_in or "give --region, or --profile"
            raise NoAnswerError(f"{error.message}; {next_step}") from error

    def ask(self, event: Mapping[str, Any]) -> object:
        """What it answers to an event; raises NoAnswerError in words."""
        self._found = self._found or self._function()
        try:
            with translated("Invoke"):
                answer = self._lambda.invoke(
                    FunctionName=self._found, Payload=json.dumps(event).encode()
                )
                payload = answer["Payload"].read()
        except AwsError as error:
            raise NoAnswerError(self._words(error)) from error
        try:
            said = json.loads(payload)
        except ValueError:
            raise NoAnswerError(f"{self._found} returned something that is not JSON") from None
        if "FunctionError" in answer:
            raise NoAnswerError(f"{self._found} returned an error: {failure(said)}")
        return said

    def _function(self) -> str:
        """The function's name: that of the stack's function for looks, if there is such a stack."""
        if not self._name.replace("-", "").isalnum():
            return self._name  # no stack has such a name
        try:
            with translated("DescribeStackResource"):
                found = self._stacks.describe_stack_resource(
                    StackName=self._name, LogicalResourceId=self._part
                )
        except AwsError as error:
            if error.no_such_part:
                raise NoAnswerError(
                    f"stack {self._name} has no {self._part}: update it, or name its function; "
                    f"{_WITHOUT[self._part]} the backup account has none"
                ) from error
            if error.code in DENIED:
                self._not_looked_up = (
                    f"; a stack could not be looked up ({error.code}): give the function's own name"
                )
            if error.code in ("ValidationError", *DENIED):
                return self._name
            raise NoAnswerError(self._words(error)) from error
        name = found["StackResourceDetail"].get("PhysicalResourceId")
        if not name:
            raise NoAnswerError(f"{self._part} of stack {self._name} does not exist yet: try again")
        return str(name)

    def _words(self, error: AwsError) -> str:
        said = f"{error.code}: {error.message}"
        if error.code == _GONE:
            return (
                f"there is no function, and no stack, named {self._name} in this account and "
                f"Region ({said}){self._not_looked_up}"
            )
        if error.code in DENIED:
            return (
                f"these credentials may not invoke {self._found or self._name}; the policy in the "
                f"stack's output LookPolicyArn allows it ({said})"
            )
        next_step = f"; {error.sign_in}" if error.sign_in else ""
        return f"{self._found or self._name} could not be asked: {said}{next_step}"


def failure(said: object) -> str:
    """The message of an error that Lambda answered with."""
    if isinstance(said, Mapping) and isinstance(said.get("errorMessage"), str):
        return str(said["errorMessage"])
    return json.dumps(said)
