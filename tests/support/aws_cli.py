"""Reads commands of the AWS CLI back from text, as far as a restore plan uses it, and runs them.

Names, required members and types are those of botocore's service models; the AWS CLI makes its
options of the same models.  Knows nothing of how the text was made.
"""

import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore import xform_name
from botocore.model import ListShape, OperationModel, Shape, StructureShape
from botocore.session import get_session
from botocore.validate import ParamValidator

# The options that every command of the AWS CLI has.
_GLOBAL = ("profile", "region", "query", "output")
_BLANK = re.compile(r"\$\{([A-Z_]+):\?\}")
_NUMBERS: Mapping[str, Callable[[str], Any]] = {"double": float, "integer": int, "long": int}
_LOADED = get_session()


@dataclass(frozen=True)
class Parsed:
    """One command: the call it makes, or the waiter it runs, and as whom."""

    service: str
    method: str
    waiter: bool
    params: dict[str, Any]
    options: dict[str, str]
    words: tuple[str, ...]

    def run(self, client: Any) -> Any:  # noqa: ANN401 - boto3's clients are made at run time
        """Make the call, or wait."""
        if self.waiter:
            return client.get_waiter(self.method).wait(**self.params)
        return getattr(client, self.method)(**self.params)


def commands(text: str) -> list[list[str]]:
    """The words of each command in a text for bash; comments and assignments are left out."""
    joined = text.replace("\\\n", " ")
    words = [shlex.split(line, comments=True) for line in joined.splitlines()]
    return [line for line in words if line and not re.fullmatch(r"[A-Z_]+=.*", line[0])]


def blanks(text: str) -> dict[str, str]:
    """The variables that a text asks for, with what it says of each."""
    return dict(re.findall(r"^([A-Z_]+)= +# (.+)$", text, flags=re.MULTILINE))


def filled(words: list[str], values: Mapping[str, str]) -> list[str]:
    """The words as bash makes them; KeyError for a value that is not there."""
    return [_BLANK.sub(lambda found: values[found[1]], word) for word in words]


def parse(words: list[str]) -> Parsed:
    """Read one command; AssertionError for what botocore's model does not allow."""
    assert "aws" == words[0]
    service, operation, *rest = words[1:]
    waiter = operation == "wait"
    if waiter:
        operation, *rest = rest
    given = _options(rest)
    options = {name: " ".join(values) for name, values in given.items() if name in _GLOBAL}
    model = _operation(service, operation, waiter=waiter)
    members = {xform_name(name, "-"): name for name in _input(model).members}
    params: dict[str, Any] = {}
    for option, values in given.items():
        if option in _GLOBAL:
            continue
        positive = option.removeprefix("no-")
        name = members.get(option) or members[positive]
        shape = _input(model).members[name]
        params[name] = _value(shape, values, negated=option not in members)
    report = ParamValidator().validate(params, _input(model))
    assert not report.has_errors(), report.generate_report()
    method = operation.replace("-", "_")
    return Parsed(service, method, waiter, params, options, tuple(words))


def _options(words: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for word in words:
        if word.startswith("--"):
            assert word[2:] not in found, f"{word} is given twice"
            found[word[2:]] = []
            continue
        assert found, f"{word} belongs to no option"
        found[list(found)[-1]].append(word)
    return found


def _operation(service: str, command: str, *, waiter: bool) -> OperationModel:
    model = _LOADED.get_service_model(service)
    if waiter:
        waiters = _LOADED.get_waiter_model(service)
        names = {xform_name(name, "-"): name for name in waiters.waiter_names}
        return model.operation_model(waiters.get_waiter(names[command]).operation)
    names = {xform_name(name, "-"): name for name in model.operation_names}
    return model.operation_model(names[command])


def _input(model: OperationModel) -> StructureShape:
    shape = model.input_shape
    return shape if isinstance(shape, StructureShape) else StructureShape("Empty", {"members": {}})


def _value(shape: Shape, values: list[str], *, negated: bool) -> Any:  # noqa: ANN401 - any shape's
    if shape.type_name == "boolean":
        assert not values
        return not negated
    assert not negated
    if isinstance(shape, ListShape) and isinstance(shape.member, StructureShape):
        return [dict(pair.split("=", 1) for pair in value.split(",")) for value in values]
    if isinstance(shape, ListShape):
        return values
    (value,) = values
    if isinstance(shape, StructureShape) and "=" in value:
        pairs = dict(pair.split("=", 1) for pair in value.split(","))
        return {name: _value(shape.members[name], [pairs[name]], negated=False) for name in pairs}
    convert: Callable[[str], Any] = _NUMBERS.get(shape.type_name, str)
    return convert(value)
