"""What a run will make, what that costs at most, and how long it takes: said before anything is.

Quantities only: prices differ by Region and change, so none stands here but an example.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from acceptance.databases import CLASS, STORAGE_GIB
from acceptance.sides import RefusedToBeginError, Side


@dataclass(frozen=True, slots=True)
class Quantity:
    """Something that is paid: how many, for how many hours at most, and how much storage each."""

    what: str
    account: str
    count: int
    hours: float
    gib: int = 0

    def __str__(self) -> str:
        """As one line."""
        storage = f", {self.gib} GiB each" if self.gib else ""
        return f"{self.account}: {self.count} x {self.what}, at most {self.hours:g} h{storage}"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a run: its quantities, and how long it takes."""

    says: str
    minutes: int
    pays: tuple[Quantity, ...]


_KEYS = "KMS key, each until 7 days after the clean-up"
# A second automated snapshot may be the next day's, and what expires is a later day's.
_NIGHTS = 36
PARTS = {
    "probes": Part(
        "asks the open questions of copies, sharing, listings, restores and permissions",
        90,
        (
            Quantity(f"{CLASS}, PostgreSQL", "source", 1, 4, STORAGE_GIB),
            Quantity("Aurora cluster without instances", "source", 3, 4, 1),
            Quantity("snapshot of an instance", "source", 12, 4, STORAGE_GIB),
            Quantity("snapshot of a cluster", "source", 12, 4, 1),
            Quantity("snapshot of an instance", "backup", 4, 4, STORAGE_GIB),
            Quantity("snapshot of a cluster", "backup", 2, 4, 1),
            Quantity(f"{CLASS}, PostgreSQL, restored", "backup", 4, 1, STORAGE_GIB),
            Quantity("Aurora cluster without instances, restored", "backup", 1, 1, 1),
            Quantity(_KEYS, "source", 2, 7 * 24),
            Quantity(_KEYS, "backup", 1, 7 * 24),
        ),
    ),
    "regions": Part(
        "asks what is open of copies to BACKUP_REGION; up to 80 GiB are transferred",
        60,
        (
            Quantity(f"{CLASS}, PostgreSQL or MariaDB", "source", 2, 4, STORAGE_GIB),
            Quantity("snapshot of an instance", "source", 5, 4, STORAGE_GIB),
            Quantity("snapshot of an instance, in the other Region", "backup", 4, 4, STORAGE_GIB),
            Quantity(_KEYS, "source", 3, 7 * 24),
            Quantity(_KEYS, "backup", 1, 7 * 24),
        ),
    ),
    "stacks": Part(
        "deploys both stacks as the guide says, schedules off, and lets check look",
        30,
        (
            Quantity("stack with its alarms, schedules off", "source", 1, _NIGHTS),
            Quantity("stack with its alarms, schedules off", "backup", 1, _NIGHTS),
            Quantity(_KEYS, "source", 1, 7 * 24),
            Quantity(_KEYS, "backup", 1, 7 * 24),
        ),
    ),
    "nights": Part(
        "three nights, with a kill and a disabled key; what is left for the next day is said",
        360,
        (
            Quantity(f"{CLASS}, PostgreSQL or MariaDB", "source", 2, _NIGHTS, STORAGE_GIB),
            Quantity("Aurora cluster without instances", "source", 2, _NIGHTS, 1),
            Quantity("snapshot of an instance", "source", 16, _NIGHTS, STORAGE_GIB),
            Quantity("snapshot of a cluster", "source", 16, _NIGHTS, 1),
            Quantity("snapshot of an instance", "backup", 8, _NIGHTS, STORAGE_GIB),
            Quantity("snapshot of a cluster", "backup", 8, _NIGHTS, 1),
        ),
    ),
    "restores": Part(
        "follows a restore plan, and lets one drill run",
        180,
        (Quantity("instance of the plan or the drill, PostgreSQL", "backup", 2, 3, STORAGE_GIB),),
    ),
}


def offer(run: str, source: Side, backup: Side, parts: Collection[str]) -> str:
    """The whole of it, in words."""
    lines = [
        f"The run {run} makes, in {' and '.join(dict.fromkeys((source.region, backup.region)))},",
        f"in the accounts {source.account} (source) and {backup.account} (backup):",
    ]
    for name in parts:
        part = PARTS[name]
        lines += ["", f"{name}: {part.says}; about {part.minutes} minutes"]
        lines += [f"  {quantity}" for quantity in part.pays]
    lines += [
        "",
        "You pay each count x hours x your Region's price of that class, and count x GiB x hours",
        "of storage; a cluster without instances is paid for its storage.",
        "For example: 4 h of a class at 0.02 an hour and 20 GiB at 0.1 a month come to 0.09.",
        f"All of it bears the tag rds-backup-acceptance={run}; `make acceptance-clean` removes it.",
    ]
    return "\n".join(lines)


def agreed(words: str, ask: Callable[[str], str]) -> None:
    """Ask once; RefusedToBeginError for anything but "yes"."""
    if ask(f"{words}\n\nType yes to begin: ").strip() != "yes":
        raise RefusedToBeginError("nothing was made")
