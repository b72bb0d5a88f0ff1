"""SAM templates in, CloudFormation templates out: JSON on stdin and stdout, all in one run.

Run with sam's own environment (.tools/sam), whose translator is the one that CloudFormation runs.
SAM asks the environment for the Region: AWS_DEFAULT_REGION.
in:  [{"text": a template, "parameters": {name: value}}]   out: [a template of plain resources]
"""

import json
import sys

from samcli.yamlhelper import yaml_parse
from samtranslator.translator.transform import transform


class NoManagedPolicies:
    """SAM asks for the names of managed policies only where a function has any."""

    def load(self) -> dict[str, str]:
        """None: a policy that is not in the template cannot be judged."""
        return {}


wanted = json.load(sys.stdin)
json.dump(
    [
        transform(yaml_parse(each["text"]), dict(each["parameters"]), NoManagedPolicies())
        for each in wanted
    ],
    sys.stdout,
)
