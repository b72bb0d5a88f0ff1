"""Filters and pages of the Describe operations.

A listing has no documented order, so it gets one that is neither by time nor by name, and a marker
that says where in it the next page starts.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from sandbox.errors import invalid_combination, invalid_value

MOST = 100
FEWEST = 20
MOST_VALUES = 100


def page[T](
    params: Mapping[str, Any], items: Iterable[T], place: Callable[[T], str], most: int = MOST
) -> tuple[list[T], str | None]:
    """The page that ``Marker`` and ``MaxRecords`` ask for, and the marker of the next."""
    size = int(params.get("MaxRecords", MOST))
    if not FEWEST <= size <= most:
        raise invalid_value(f"Invalid value {size} for MaxRecords. Must be between 20 and {most}")
    after = _place(params.get("Marker"))
    rest = sorted((item for item in items if place(item) > after), key=place)
    if len(rest) <= size:
        return rest, None
    return rest[:size], urlsafe_b64encode(place(rest[size - 1]).encode()).decode()


def filters[T](
    params: Mapping[str, Any],
    known: Mapping[str, Callable[[T], set[str]]],
    most_values: int | None,
) -> Iterator[tuple[Callable[[T], set[str]], set[str]]]:
    """Each filter of the request, as a function to a resource's values, and the values wanted.

    ``most_values`` is how many different ones a filter may have, None for any number.
    """
    for item in params.get("Filters", ()):
        name, values = item["Name"], set(item.get("Values", ()))
        if name not in known:
            raise invalid_value(f"Unrecognized filter name: {name}")
        if not values:
            raise invalid_value(f"Filter {name} has no values")
        if most_values is not None and len(values) > most_values:
            raise invalid_combination(
                f"Only up to {most_values} unique filter values may be specified per filter"
            )
        if name.endswith("-id") and not name.endswith("-resource-id"):
            values = {value.lower() for value in values}
        yield known[name], values


def _place(marker: str | None) -> str:
    if not marker:
        return ""
    try:
        return urlsafe_b64decode(marker.encode()).decode()
    except ValueError:
        raise invalid_value(f"Invalid marker: {marker}") from None
