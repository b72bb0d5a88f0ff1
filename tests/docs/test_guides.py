"""The guides: what stays after the stacks, and the arithmetic of an example."""

import re

from tests.support.pages import Page
from tests.support.resolved_templates import TEMPLATES

NUMBER = r"([\d,.]*\d)"


def test_what_stays_is_what_the_templates_keep() -> None:
    """Whoever deletes a stack is told of every resource that is billed on."""
    cells = re.findall(r"^\| ([^|]+) \|", Page("docs/guides/remove.md").text, re.MULTILINE)
    told = set(re.findall(r"`([A-Z]\w+)`", " ".join(cells)))
    kept = {
        name
        for template in TEMPLATES
        for name, resource in template.body["Resources"].items()
        if resource.get("DeletionPolicy") == "RetainExceptOnCreate"
    }

    assert kept == told


def test_the_example_of_the_cost_adds_up() -> None:
    """Its prices are made up, its arithmetic is not."""
    text = Page("docs/guides/cost.md").text
    lines = re.findall(rf"{NUMBER} x {NUMBER} = {NUMBER}", text)
    values = [[float(n.replace(",", "")) for n in line] for line in lines]
    [total] = re.findall(rf"^\| together.* \| {NUMBER} \|", text, re.MULTILINE)
    parts = re.findall(r"^\| [a-z ]+ \| .* = ([\d,]+\.\d\d) \|", text, re.MULTILINE)

    assert len(values) == 5
    assert [] == [v for v in values if round(v[0] * v[1], 2) != v[2]]
    assert round(sum(float(p.replace(",", "")) for p in parts), 2) == float(total.replace(",", ""))
