"""botocore's data, trimmed to what the function reads of it, written into a built package.

Decides what is read from the code itself: operations and members are those that `aws/` has words
for.  A member too many costs a little; one too few would be dropped from every answer, silently.
What is sent, and every error, stays whole; so do all partitions and Regions of the services.

Run as `make build` does, with the package in PYTHONPATH: the botocore of the package is read.
"""

import ast
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import botocore
from botocore import xform_name
from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader

WING = Path("rds_backup/aws")
# The command line's, whose clients read botocore's own data.
NO_PART_OF_THE_FUNCTION = "deployed.py"
# Read whole, whatever the service.
WHOLE = ("partitions", "_retry", "sdk-default-configuration")
# An answer, and an item of its list.  A structure in an item stays whole: it may matter that it is
# not empty.
TRIMMED_LEVELS = 2
type Model = Mapping[str, Any]


class Words(NamedTuple):
    """What the code says: services that it makes clients of, its attributes, and its texts.

    ``texts`` matches every text in the code, and what an f-string makes of any of them.
    """

    services: frozenset[str]
    attributes: frozenset[str]
    texts: re.Pattern[str]

    def mean(self, name: str) -> bool:
        """Whether the code has a word for this operation or member."""
        return xform_name(name) in self.attributes or bool(self.texts.fullmatch(name))


def words(wing: Path) -> Words:
    """All that the modules of a folder say, as far as they are part of the function."""
    paths = (p for p in sorted(wing.glob("*.py")) if p.name != NO_PART_OF_THE_FUNCTION)
    nodes = [n for path in paths for n in ast.walk(ast.parse(path.read_text()))]
    texts = {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    names = "|".join(sorted(text for text in texts if text.isidentifier()))
    made = {
        "".join(
            re.escape(str(part.value)) if isinstance(part, ast.Constant) else f"(?:{names})"
            for part in node.values
        )
        for node in nodes
        if isinstance(node, ast.JoinedStr)
    }
    services = {
        str(argument.value)
        for node in nodes
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "client"
        for argument in node.args[:1]
        if isinstance(argument, ast.Constant)
    }
    return Words(
        frozenset(services),
        frozenset(n.attr for n in nodes if isinstance(n, ast.Attribute)),
        re.compile("|".join([names, *sorted(made)])),
    )


def trimmed(model: Model, pagination: Model, said: Words) -> tuple[Model, Model]:
    """A service's model and its paginators, with the operations and members that are read."""
    operations = {n: o for n, o in model["operations"].items() if said.mean(n)}
    pages = {n: p for n, p in pagination.items() if n in operations}
    paged = set(re.findall(r"\w+", json.dumps(pages)))
    kept: dict[str, set[str]] = {}
    seen: set[tuple[str, int]] = set()

    def keep(name: str, levels: int = 0) -> None:
        """Keep a shape, less what is not read of as many levels of structures."""
        if (name, levels) in seen:
            return
        seen.add((name, levels))
        shape = model["shapes"][name]
        members = {
            key: member["shape"]
            for key, member in shape.get("members", {}).items()
            if not levels or key in paged or said.mean(key)
        }
        kept.setdefault(name, set()).update(members)
        for member in members.values():
            keep(member, max(0, levels - 1))
        for key in ("member", "key", "value"):
            if key in shape:
                keep(shape[key]["shape"], levels)

    for operation in operations.values():
        for sent in [operation.get("input"), *operation.get("errors", ())]:
            if sent:
                keep(sent["shape"])
        if "output" in operation:
            keep(operation["output"]["shape"], TRIMMED_LEVELS)
    shapes = {
        name: shape | {"members": {k: m for k, m in shape["members"].items() if k in kept[name]}}
        if "members" in shape
        else shape
        for name, shape in model["shapes"].items()
        if name in kept
    }
    return _undocumented({**model, "operations": operations, "shapes": shapes}), pages


def _undocumented(node: Any) -> Any:  # noqa: ANN401 - a node is any JSON
    """Without the documentation's text; a member of that name is no text."""
    match node:
        case dict():
            return {
                key: _undocumented(value)
                for key, value in node.items()
                if not (key == "documentation" and isinstance(value, str))
            }
        case list():
            return [_undocumented(value) for value in node]
        case _:
            return node


def files(loader: Loader, said: Words) -> Iterator[tuple[str, Any]]:
    """Every file of the trimmed data, as its path and what is in it."""
    prefixes = set()
    for service in sorted(said.services):
        version = loader.determine_latest_version(service, "service-2")
        whole = loader.load_service_model(service, "service-2", version)
        try:
            pagination = loader.load_service_model(service, "paginators-1", version)["pagination"]
        except UnknownServiceError:
            pagination = {}
        model, pages = trimmed(whole, pagination, said)
        rules = loader.load_service_model(service, "endpoint-rule-set-1", version)
        yield f"{service}/{version}/service-2", model
        yield f"{service}/{version}/paginators-1", {"pagination": pages}
        yield f"{service}/{version}/endpoint-rule-set-1", rules
        prefixes.add(model["metadata"]["endpointPrefix"])
    endpoints = loader.load_data("endpoints")
    partitions = [
        partition | {"services": {n: s for n, s in partition["services"].items() if n in prefixes}}
        for partition in endpoints["partitions"]
    ]
    yield "endpoints", {**endpoints, "partitions": partitions}
    for name in WHOLE:
        yield name, loader.load_data(name)


def write(wing: Path, parent: Path) -> Path:
    """Write the folder that `aws/account.py` looks for; its name tells botocore's version."""
    folder = parent / f"lean-{botocore.__version__}"
    own = Loader([Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)
    for name, content in files(own, words(wing)):
        path = folder / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, separators=(",", ":")))
    return folder


def main(package: Path) -> int:
    """Write it into a package, and tell how large it is; 1 if another botocore would be read."""
    if not Path(botocore.__file__).resolve().is_relative_to(package.resolve()):
        print(f"{botocore.__file__} does not belong to {package}: set PYTHONPATH")
        return 1
    folder = write(package / WING, package / WING)
    size = sum(path.stat().st_size for path in folder.rglob("*.json"))
    print(f"{folder}: {size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
