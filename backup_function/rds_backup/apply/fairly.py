"""Whose turn it is when a call takes so long that the others are not reached in this invocation."""

from collections.abc import Iterator, Sequence

from rds_backup.model.clock import Time

# Several attempts without an answer: three of them and the invocation is over.
_SLOW_SECONDS = 60.0
_TICK_SECONDS = 600


def fairly[T](items: Sequence[T], time: Time) -> Iterator[T]:
    """The items in order, as far as the time reaches.

    Once one has taken very long, the rest goes on from a place that moves with the clock: else an
    item that hangs would keep the same others waiting, tick by tick.
    """
    rest = list(items)
    while rest and time.in_time():
        before = time.left()
        yield rest.pop(0)
        if rest and before - time.left() > _SLOW_SECONDS:
            first = int(time.now().timestamp()) // _TICK_SECONDS % len(rest)
            rest = rest[first:] + rest[:first]
