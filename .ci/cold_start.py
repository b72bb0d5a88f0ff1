"""How long the function takes to start, as `make build` packed it, against its AWS clients alone.

Decides whether the start keeps within its budget.  Must not know how the function is made: it
imports the handler from the package, in fresh processes that take turns with those that only make
boto3's clients for RDS and STS from the same package, with botocore's own data.  Counted is the
processor time of a process, start of the interpreter included, so that other programs on the
machine matter less.
"""

import os
import statistics
import sys
import tempfile
from pathlib import Path

BUDGET = 0.90  # times the processor time of the clients alone
NOISE = 0.05  # how far the ratio has been off on a machine that was busy with other work
ROUNDS = 25
# Leaves at once: what an interpreter does at its end belongs to no start of a function.
END = "\nimport os; os._exit(0)"
FUNCTION = "import app" + END
CLIENTS = (
    "import boto3; s = boto3.Session(region_name='eu-west-1'); s.client('rds'); s.client('sts')"
    + END
)


def seconds(package: Path, code: str, *options: str) -> float:
    """The processor time of one process that runs the code with the package's modules."""
    # As in Lambda: a Region, some credentials, and a package that nothing can be written into.
    environment = {
        "PYTHONPATH": str(package),
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
    }
    command = [sys.executable, "-s", *options, "-c", code]
    _, status, used = os.wait4(os.posix_spawn(sys.executable, command, environment), 0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed")
    return used.ru_utime + used.ru_stime


def main(package: Path) -> int:
    """Print the medians and the ratio; 1 if it exceeds the budget or there is nothing to start."""
    if not (package / "app.py").is_file():
        print(f"{package} is not built: make build")
        return 1
    if not any(package.glob("__pycache__/app.*.pyc")):
        print(f"{package} has no bytecode: make build")
        return 1
    with tempfile.TemporaryDirectory() as nowhere:
        # Bytecode is looked for in an empty folder instead of in the package.
        without = ("-X", f"pycache_prefix={nowhere}")
        rounds = [
            (
                seconds(package, CLIENTS),
                seconds(package, FUNCTION),
                seconds(package, FUNCTION, *without),
            )
            for _ in range(ROUNDS)
        ]
    clients, function, uncompiled = (1000 * statistics.median(c) for c in zip(*rounds, strict=True))
    ratio = function / clients
    print(f"boto3's clients for RDS and STS alone: {clients:.0f} ms")
    print(f"the function: {function:.0f} ms, {ratio:.2f} times that")
    print(f"budget {BUDGET:.2f}, and {NOISE:.2f} for noise")
    print(f"the function without its bytecode: {uncompiled:.0f} ms")
    print(f"medians of {ROUNDS} rounds of fresh processes, processor time")
    return 0 if ratio <= BUDGET + NOISE else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
