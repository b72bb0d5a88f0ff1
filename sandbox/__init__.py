"""Two AWS accounts on moto, made as strict as AWS's documentation says they are.

For the tests and the demo, in process and behind a port (``python -m sandbox``).
docs/explained/aws-contract.md lists the rules and the tests that hold the sandbox to them.
"""

from sandbox.accounts import Account, Credentials, connect
from sandbox.calls import Call
from sandbox.errors import AwsError
from sandbox.gate import Hook
from sandbox.kinds import Encryption, Kind
from sandbox.sandbox import Sandbox
from sandbox.switches import Switches
from sandbox.world import Row

__all__ = [
    "Account",
    "AwsError",
    "Call",
    "Credentials",
    "Encryption",
    "Hook",
    "Kind",
    "Row",
    "Sandbox",
    "Switches",
    "connect",
]
