"""The words after `--parameter-overrides` in, what sam reads out of them out: JSON, all in one run.

Run with sam's own environment (.tools/sam).
in: [[a word of the shell]]   out: [{name: value}, or the words of the refusal]
"""

import json
import sys

from click.exceptions import BadParameter
from samcli.cli.types import CfnParameterOverridesType


def read(words: list[str]) -> dict[str, str] | str:
    """As `sam deploy` hands them on: all words at once."""
    try:
        found: dict[str, str] = CfnParameterOverridesType().convert(tuple(words), None, None)
    except BadParameter as refusal:
        return str(refusal)
    return found


json.dump([read(words) for words in json.load(sys.stdin)], sys.stdout)
