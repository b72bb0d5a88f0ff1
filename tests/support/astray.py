"""A role whose credentials are of some third account."""

from typing import Any

from sandbox import Call, Hook

ELSEWHERE = "333333333333"


class LedAstray(Hook):
    """AssumeRole answers with another account than the one that is meant."""

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        """Say so where the credentials are given out."""
        if call.operation == "AssumeRole":
            user = answer["AssumedRoleUser"]
            user["Arn"] = ":".join([*user["Arn"].split(":")[:4], ELSEWHERE, "assumed-role/x/y"])
