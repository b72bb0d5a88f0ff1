"""SAM templates in, CloudFormation templates out: JSON on stdin and stdout, all in one run.

Run with sam's own environment (.tools/sam), whose translator is the one that CloudFormation runs.
SAM asks the environment for the Region: AWS_DEFAULT_REGION.
in:  [{"text": a template, "parameters": {name: value}}]   out: [a template of plain resources]
"""

import json
import sys
from typing import Any

from samcli.yamlhelper import yaml_parse
from samtranslator.translator.transform import transform


class NoManagedPolicies:
    """SAM asks for the names of managed policies only where a function has any."""

    def load(self) -> dict[str, str]:
        """None: a policy that is not in the template cannot be judged."""
        return {}


def plain(text: str, parameters: dict[str, str]) -> dict[str, Any]:
    """The template with SAM's resources made plain; the code counts as uploaded, as by `sam`."""
    template = yaml_parse(text)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://bucket/code"
    found: dict[str, Any] = transform(template, parameters, NoManagedPolicies())
    return found


json.dump([plain(**each) for each in json.load(sys.stdin)], sys.stdout)
