"""Takes out of a text what names somebody's accounts: numbers, names, addresses and ids.

What is known of the run is replaced by what it is; whatever else looks like a name is, too.
"""

import re
from collections.abc import Mapping

_ALWAYS = (
    (re.compile(r"\b[\w.-]+\.rds\.(?:[\w-]+\.)?amazonaws\.[\w.]+"), "ENDPOINT"),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "ADDRESS"),
    (re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b"), "ADDRESS"),
    (re.compile(r"(:(?:assumed-role|role|user)/)[^\s\"',;]+"), r"\1NAME"),
    (re.compile(r"\b(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b"), "ID"),
    (re.compile(r"\b(db|cluster|dbshard)-[A-Z0-9]{16,}\b"), r"\1-ID"),
    (re.compile(r"\b(?:AROA|AIDA|ASIA|AKIA)[A-Z0-9]{12,}\b"), "ID"),
    (re.compile(r"\b(?:vpc|subnet|sg|eni|i)-[0-9a-f]{8,17}\b"), "ID"),
    (re.compile(r"(secret:)[^\s\"',;]+"), r"\1NAME"),
    (re.compile(r"(?<![\d.-])\d{12}(?![\d.])"), "ACCOUNT"),
)


def redacted(text: str, known: Mapping[str, str]) -> str:
    """The text without them; ``known`` are words and what each is replaced by, longest first."""
    for word in sorted(known, key=len, reverse=True):
        text = text.replace(word, known[word])
    for pattern, instead in _ALWAYS:
        text = pattern.sub(instead, text)
    return text
