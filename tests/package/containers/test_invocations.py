"""What an invocation came to, read from what ``sam local invoke`` printed.

The outputs are those of sam 1.170.0, shortened; it ended with status 0 every time.
"""

import json
from subprocess import CompletedProcess

import pytest

from containers.invocations import InvocationError, result

REPORT = "START RequestId: 1\nEND RequestId: 1\nREPORT RequestId: 1\tDuration: 1.00 ms\n"
GOOD = {"outcome": "completed", "actions": [], "databases": []}
RAISED = {"errorMessage": "failed\nbilling: blocked", "errorType": "BackupFailedError"}
IMPORT = {"errorMessage": "Unable to import module 'app'", "errorType": "Runtime.ImportModuleError"}
LOGGED = '{"level":"ERROR","message":"billing: blocked","state":"blocked"}\n'


def _printed(out: str, err: str = REPORT, status: int = 0) -> CompletedProcess[str]:
    return CompletedProcess(["sam"], status, out, err)


@pytest.mark.parametrize("before", ["", "a line that the function printed\n"])
def test_the_last_line_is_the_result(before: str) -> None:
    """The answer of the handler, as it was."""
    assert GOOD == result(_printed(before + json.dumps(GOOD) + "\n"))


@pytest.mark.parametrize(
    "printed",
    [
        pytest.param(_printed(json.dumps(RAISED)), id="the handler raised"),
        pytest.param(_printed(json.dumps(IMPORT)), id="its import failed"),
        pytest.param(
            _printed("", "Function 'BackupFunction' timed out after 1 seconds"), id="time"
        ),
        pytest.param(_printed("null"), id="no result"),
        pytest.param(_printed("no JSON"), id="no JSON"),
        pytest.param(_printed(json.dumps(GOOD), status=1), id="sam failed"),
        pytest.param(_printed(json.dumps(GOOD), LOGGED), id="it logged an error"),
    ],
)
def test_an_error_is_no_result_although_sam_ends_with_zero(printed: CompletedProcess[str]) -> None:
    """The message has everything that was printed."""
    with pytest.raises(InvocationError) as raised:
        result(printed)
    assert printed.stdout in str(raised.value)
    assert printed.stderr.strip() in str(raised.value)
