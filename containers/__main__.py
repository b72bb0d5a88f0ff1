"""``python -m containers``: a night of the function, and one of the task, in real containers.

0: both nights ended well.  1: something did not do what it should.  77: nothing was run, and why.
"""

import signal
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from containers import base_image, invocations, task
from containers.base_image import Bases
from containers.engine import ROOT, Engine, FailedError, SkippedError, engine
from containers.invocations import Built, InvocationError
from containers.night import TICK_SECONDS, show, verify
from sandbox.serving.served import Served, served

SKIPPED = 77
TICKS = 6
# Shorter than a tick, so that each tick finds the copies of the one before ended.
COPY_SECONDS = TICK_SECONDS - 60
EVENTS = ROOT / "events"
DONE = "nothing_to_do"


def main() -> int:
    """Play both nights, and say what they came to."""
    try:
        with engine() as found:
            try:
                images = base_image.bases(found)
                invocations.build()
                _function(found, images)
                _task(found, images)
            finally:
                # What sam makes of the home-made image, too; AWS's own stays for the next time.
                found.remove(task.IMAGE)
                found.remove(base_image.HOME_MADE)
    except SkippedError as reason:
        print(f"skipped: {reason}")
        return SKIPPED
    except FailedError as error:
        print(f"failed: {error}")
        return 1
    return 0


def _function(found: Engine, images: Bases) -> None:
    """The schedule's event, then ticks; an event that is refused shows that errors are seen."""
    print("\nthe function, by sam local invoke")
    address, name = found.host()
    with served(address, COPY_SECONDS) as aws, TemporaryDirectory() as folder:
        seen = _from_containers(aws, address, name)
        built = invocations.prepare(found, aws.environment, seen, images.function, Path(folder))
        outcome = _invoke(built, EVENTS / "scheduled.json")
        for _ in range(TICKS):
            if outcome == DONE:
                break
            aws.advance(TICK_SECONDS)
            outcome = _invoke(built, EVENTS / "resume.json")
        if outcome != DONE:
            raise FailedError(f"the night is not done after {TICKS} ticks: {outcome}")
        verify(aws)
        refused = Path(folder) / "the console's default event"
        refused.write_text('{"key1": "value1", "key2": "value2", "key3": "value3"}')
        try:
            _invoke(built, refused)
        except InvocationError as error:
            if "RequestError" not in str(error):
                raise
            print(f"{refused.name}: refused, as it should be")
        else:
            raise FailedError(f"{refused.name} was not refused")


def _invoke(built: Built, event: Path) -> str:
    start = time.monotonic()
    answer = built.invoke(event)
    print(f"{event.name}: {time.monotonic() - start:.1f} s")
    show(answer)
    return str(answer["outcome"])


def _task(found: Engine, images: Bases) -> None:
    """Three runs in a night, of which the first two are ended by SIGTERM."""
    print("\nthe container task, read only and without any capability")
    task.build(found, images.task)
    address, name = found.host()
    with served(address, COPY_SECONDS) as aws:
        task.play(found, aws, _from_containers(aws, address, name))
        verify(aws)


def _from_containers(aws: Served, address: str, name: str) -> dict[str, str]:
    """The function's environment, with the endpoint by the name that containers know."""
    return {**aws.environment, "AWS_ENDPOINT_URL": aws.url.replace(address, name)}


if __name__ == "__main__":
    # Whoever ends this process ends what it has started, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    sys.exit(main())
