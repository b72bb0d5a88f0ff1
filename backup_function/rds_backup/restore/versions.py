"""A version that RDS does not offer any more: what has to be newer before a restore is accepted.

RDS restores nothing of such a version: a snapshot, or the restored cluster, is upgraded (11.14).
"""

from collections.abc import Iterator

from rds_backup.restore.bash import Blank, Command
from rds_backup.restore.choice import Restore
from rds_backup.restore.places import Origin, Place, waited

# RDS API, ModifyDBSnapshot: of which engines a snapshot can be upgraded.
_UPGRADED = ("mariadb", "mysql", "postgres", "oracle-")
NEWER = Blank("ENGINE_VERSION", "an offered version that it can be upgraded to, from the list")


def upgrades_snapshot(restore: Restore, region: str) -> bool:
    """Whether an instance's snapshot has to be upgraded to be restored there, and can be."""
    engine = restore.backup.snapshot.engine or ""
    return restore.offers(region) is False and engine.startswith(_UPGRADED)


def targets(origin: Origin, place: Place) -> Command:
    """List the versions to choose from."""
    version = origin.snapshot.engine_version or ""
    return place.call(
        f"Prints the versions that {version} can be upgraded to: fill one of them in.\n"
        "If it prints none, the version is too old to be listed: see the RDS guide's page on "
        "upgrading\na snapshot of this engine.",
        "rds describe-db-engine-versions",
        ("--include-all",),
        ("--engine", origin.engine),
        ("--engine-version", version),
        ("--query", "DBEngineVersions[].ValidUpgradeTarget[].EngineVersion"),
        ("--output", "text"),
    )


def upgraded(origin: Origin, place: Place) -> Iterator[Command]:
    """Upgrade the copy of an instance's backup: never the backup itself, which stays as it is."""
    yield targets(origin, place)
    yield place.call(
        "An instance of its version can no longer be created (11.14): upgrade the copy.",
        "rds modify-db-snapshot",
        ("--db-snapshot-identifier", origin.called),
        ("--engine-version", NEWER),
    )
    yield waited(place, "db-snapshot", "--db-snapshot-identifier", origin.called)


def remark(restore: Restore) -> str:
    """What is to be said of the version, after it; nothing where RDS offers it."""
    said, home, there = _remark(restore), restore.home_region, restore.offered_at_home
    if not restore.across or there is True:
        return said
    more = f"(whether {home} offers it is not known: {there})"
    if there is False:
        more = f"Not offered in {home}: RDS copies no snapshot of it there (2.27); follow A"
    return f"{said}\n             {more}"


def _remark(restore: Restore) -> str:
    if restore.offered is True:
        return ""
    if restore.offered is not False:
        return f" (whether RDS still offers it is not known: {restore.offered})"
    cluster = restore.backup.snapshot.kind == "cluster"
    if cluster or upgrades_snapshot(restore, restore.region):
        return ", which RDS does not offer any more (11.14): choose a newer one below"
    return (
        ", which RDS does not offer any more (11.14), and RDS upgrades no snapshot of\n"
        "             this engine: ask AWS Support before you rely on the commands below"
    )
