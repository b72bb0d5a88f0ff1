"""What comes out of a run: one row a question, and how long things took, as JSON and Markdown.

Whatever names an account is replaced; the words of AWS are its own.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from acceptance.questions import QUESTIONS
from acceptance.redacting import redacted
from acceptance.run import RunFile

VERSION = 1
JSON, MARKDOWN = "acceptance-report.json", "acceptance-report.md"


def body(file: RunFile, known: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """The report as JSON has it; ``known`` are words to replace, beside the run's name."""
    rows = [
        {
            "id": question.id,
            "asks": question.asks,
            **_answer(file, question.id),
            "not_asked": question.why_not or None,
        }
        for question in QUESTIONS
    ]
    told = {
        "version": VERSION,
        "date": f"{now:%Y-%m-%d}",
        "regions": file.regions,
        "questions": rows,
        "times": _times(file),
        "played": [
            {"step": step, "said": found["said"], "done": found["done"]}
            for step, found in sorted(file.played.items(), key=lambda one: str(one[1]["at"]))
        ],
    }
    text = redacted(json.dumps(told, default=str), {file.run: "RUN", **known})
    found: dict[str, Any] = json.loads(text)
    return found


def _answer(file: RunFile, question: str) -> dict[str, Any]:
    found = file.answers.get(question, {})
    return {name: found.get(name) for name in ("value", "evidence", "fits")}


def _times(file: RunFile) -> list[dict[str, Any]]:
    """How often, and how long at least and at most, in seconds."""
    by: dict[str, list[int]] = defaultdict(list)
    for one in file.times:
        by[one["what"]].append(one["seconds"])
    return [
        {"what": what, "times": len(took), "least": min(took), "most": max(took)}
        for what, took in sorted(by.items())
    ]


def markdown(told: Mapping[str, Any]) -> str:
    """The report for people."""
    lines = [f"# Acceptance of {told['date']}", "", f"Regions: {', '.join(told['regions'])}", ""]
    lines += ["| question | answer | fits | evidence |", "| --- | --- | --- | --- |"]
    for row in told["questions"]:
        cells = (f"`{row['id']}`: {row['asks']}", _said(row), _fits(row), _evidence(row))
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    lines += ["", "| what | times | seconds |", "| --- | --- | --- |"]
    for one in told["times"]:
        lines.append(f"| {one['what']} | {one['times']} | {one['least']} to {one['most']} |")
    lines += ["", "| played | done | what came of it |", "| --- | --- | --- |"]
    for one in told["played"]:
        said = " ".join(one["said"].split()).replace("|", "\\|")
        lines.append(f"| {one['step']} | {'yes' if one['done'] else 'no'} | {said} |")
    return "\n".join(lines) + "\n"


def _said(row: Mapping[str, Any]) -> str:
    if row["value"] is not None:
        return f"{row['value']}"
    return "not asked" if row["not_asked"] or row["evidence"] is None else "not told"


def _fits(row: Mapping[str, Any]) -> str:
    if row["value"] is None:
        return "-" if row["fits"] is not False else "no"
    return "yes" if row["fits"] else "no"


def _evidence(row: Mapping[str, Any]) -> str:
    said = row["evidence"] or ([row["not_asked"]] if row["not_asked"] else [])
    return "; ".join(" ".join(str(one).split()) for one in said)


def write(folder: Path, told: Mapping[str, Any]) -> None:
    """Both files, beside the run's."""
    (folder / JSON).write_text(json.dumps(told, indent=2) + "\n")
    (folder / MARKDOWN).write_text(markdown(told))
