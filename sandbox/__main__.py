"""``python -m sandbox``: the two accounts behind a port, with the demo's databases in them."""

import argparse
import shlex
from datetime import UTC, datetime, timedelta

from sandbox.sandbox import Sandbox
from sandbox.serving.server import PREFIX, bound

_TAG = {"backup": "nightly"}


def main(arguments: list[str] | None = None) -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=5055, help="0 takes any free one")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen at")
    parser.add_argument(
        "--copy-seconds", type=float, default=20, help="how long copies take (default: 20)"
    )
    chosen = parser.parse_args(arguments)
    with (
        Sandbox(start=datetime.now(UTC), running=True) as aws,
        bound(aws, chosen.host, chosen.port) as server,
    ):
        aws.copies.duration = timedelta(seconds=chosen.copy_seconds)
        build(aws)
        print(introduction(aws, f"http://{chosen.host}:{server.server_port}"), flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print("the sandbox is gone")


def build(aws: Sandbox) -> None:
    """One PostgreSQL instance, one Aurora cluster, and last night's automated snapshots."""
    aws.add_instance("orders", engine="postgres", kms_key="aws/rds", tags=_TAG)
    aws.add_cluster("billing", engine="aurora-postgresql", kms_key="aws/rds", tags=_TAG)
    aws.take_automated_of_all()


def introduction(aws: Sandbox, url: str) -> str:
    """The variables that point the function, or the AWS command line, at the sandbox."""
    environment = aws.environment(DB_TAG="backup=nightly", AWS_ENDPOINT_URL=url)
    lines = [f"export {name}={shlex.quote(value)}" for name, value in environment.items()]
    there = " ".join(f"{k}={shlex.quote(v)}" for k, v in aws.backup.person.environment().items())
    return "\n".join(
        [
            "# the function's environment, in the source account",
            *lines,
            f"# a person in the backup account: {there}",
            f"# the accounts as they are: curl {url}{PREFIX}state",
            f"# an hour later: curl -X POST '{url}{PREFIX}advance?seconds=3600'",
        ]
    )


if __name__ == "__main__":
    main()
