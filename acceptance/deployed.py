"""The functions of both stacks, as whoever invokes them finds them: what they answer, or raise."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from acceptance.sides import Side
from acceptance.stacks import Stacks
from acceptance.stage import Stage

_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Answered:
    """The result of an invocation, or the words of its error."""

    result: Mapping[str, Any]
    error: str = ""

    @property
    def outcome(self) -> str:
        """The outcome, which begins the words of an error, too."""
        return self.error.split("\n", 1)[0] or str(self.result["outcome"])


class Deployed:
    """What a step plays with: the databases of the run, its stacks, and their functions."""

    def __init__(self, stage: Stage, stacks: Stacks) -> None:
        """Nothing is invoked yet."""
        self.stage, self.stacks = stage, stacks

    def invoke(self, side: Side, output: str, **event: object) -> Answered:
        """Invoke the function that an output of the side's stack names."""
        name = self.stacks.outputs(side)[output]
        told = side.ask("lambda", "invoke", FunctionName=name, Payload=json.dumps(event).encode())
        said = json.loads(told["Payload"].read())
        if "FunctionError" in told.answer:
            return Answered({}, str(said.get("errorMessage")))
        return Answered(said)

    def killed(self, side: Side, output: str, **event: object) -> Answered:
        """The same with a second of time, of which the function needs more."""
        name = self.stacks.outputs(side)[output]
        self._limit(side, name, 1)
        try:
            return self.invoke(side, output, **event)
        finally:
            self._limit(side, name, _SECONDS)

    def _limit(self, side: Side, name: str, seconds: int) -> None:
        change = "update_function_configuration"
        told = side.ask("lambda", change, FunctionName=name, Timeout=seconds)
        _ = told["Timeout"]
