"""A result that somebody has saved: a file, or what `sam remote invoke` has printed."""

import json
import sys
from pathlib import Path

from rds_backup.aws.deployed import NoAnswerError


def saved(path: Path) -> object:
    """The JSON of a file, ``-`` for standard input, or of its last line; raises NoAnswerError."""
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise NoAnswerError(f"{path} cannot be read: {error}") from error
    lines = text.strip().splitlines()
    for part in (text, lines[-1] if lines else ""):
        try:
            return json.loads(part)
        except (ValueError, RecursionError):
            continue
    whose = "standard input" if str(path) == "-" else str(path)
    what = (
        "is not complete JSON, and neither is its last line: was it cut off?"
        if lines
        else "is empty"
    )
    raise NoAnswerError(f"{whose} {what}")
