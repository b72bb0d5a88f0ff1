"""Lambda functions, asked one question each; what they answer is a value, also where they fail."""

import json
from typing import Any, NamedTuple

from rds_backup.aws.calls import translated


class FunctionAnswer(NamedTuple):
    """What a function answered: any JSON; ``failed`` if it raised, or ended without an answer."""

    payload: Any
    failed: bool


class Functions:
    """The functions of one account and Region, with one set of credentials."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - boto3 makes its clients at run time
        """Wrap a boto3 Lambda client."""
        self._client = client

    def ask(self, name: str, question: dict[str, Any]) -> FunctionAnswer:
        """Invoke a function by its name or ARN, and wait; raises AwsError where none answered."""
        with translated("Invoke"):
            said = self._client.invoke(FunctionName=name, Payload=json.dumps(question).encode())
            text = said["Payload"].read()
        failed = "FunctionError" in said
        try:
            return FunctionAnswer(json.loads(text or b"null"), failed)
        except ValueError:
            return FunctionAnswer(text.decode(errors="replace"), failed=True)
