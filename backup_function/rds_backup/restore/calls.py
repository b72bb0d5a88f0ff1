"""The calls that make a database of a snapshot, for both families and in either account.

Everything that RDS would fill in by itself is named: version, key, subnet and security groups,
parameter and option groups, tags, no public address.  Numbers are rules of
docs/explained/aws-contract.md.
"""

from collections.abc import Iterator

from rds_backup.model.inventory import Kind
from rds_backup.restore import carried
from rds_backup.restore.bash import Blank, Command, Option, Word
from rds_backup.restore.places import Origin, Place, waited
from rds_backup.restore.versions import NEWER, targets

# Who can be enrolled in Extended Support: RDS API, EngineLifecycleSupport.
_WITH_LIFECYCLE = ("mysql", "postgres", "aurora-mysql", "aurora-postgresql")
_LIFECYCLE = "open-source-rds-extended-support"
GROUPS = {
    "--db-parameter-group-name": "DB parameter group",
    "--db-cluster-parameter-group-name": "DB cluster parameter group",
    "--option-group-name": "option group",
}
_WHY_LIFECYCLE = (
    "Extended Support keeps an old major version, and AWS charges for it.\n"
    f"With {_LIFECYCLE}-disabled there is no charge, and RDS may upgrade it (11.10)."
)


def make_instance(origin: Origin, place: Place) -> Iterator[Command]:
    """Restore an instance: RDS takes neither a version nor a key (11.2)."""
    groups = place.groups
    option_group = groups.option_group if groups else origin.snapshot.option_group
    yield place.call(
        "The instance keeps its snapshot's version and key (11.2, 11.5); it becomes Single-AZ "
        f"(11.7).\n{_lifecycle_note(origin)}",
        "rds restore-db-instance-from-db-snapshot",
        ("--db-instance-identifier", origin.restored),
        ("--db-snapshot-identifier", origin.called),
        ("--engine", origin.engine),
        ("--db-instance-class", carried.instance_class(place)),
        *carried.of_instance(origin, place),
        *_network(place),
        *_group(
            origin, place, "--db-parameter-group-name", groups.parameter_group if groups else None
        ),
        *_group(origin, place, "--option-group-name", option_group),
        *_lifecycle(origin, place),
        *_tags(origin),
    )
    yield waited(place, "db-instance", "--db-instance-identifier", origin.restored)
    yield from carried.password(origin, place)


def make_cluster(origin: Origin, place: Place) -> Iterator[Command]:
    """Restore a cluster, and make the instance that it is born without (11.4)."""
    groups = place.groups
    version: Word = origin.snapshot.engine_version or Blank(
        "ENGINE_VERSION", "the version that the cluster had"
    )
    if not origin.offered:
        version = NEWER
        yield targets(origin, place)
    yield place.call(
        "Without --engine-version it would get the Region's default version (11.5).\n"
        + _lifecycle_note(origin),
        "rds restore-db-cluster-from-snapshot",
        ("--db-cluster-identifier", origin.restored),
        ("--snapshot-identifier", origin.called),
        ("--engine", origin.engine),
        ("--engine-version", version),
        ("--kms-key-id", origin.key),
        *carried.of_cluster(origin, place),
        *_network(place),
        *_group(
            origin,
            place,
            "--db-cluster-parameter-group-name",
            groups.cluster_parameter_group if groups else None,
        ),
        *_lifecycle(origin, place),
        *_tags(origin),
    )
    yield waited(place, "db-cluster", "--db-cluster-identifier", origin.restored)
    yield from _member(origin, place)
    yield from carried.password(origin, place)


def _member(origin: Origin, place: Place) -> Iterator[Command]:
    """The instance of a cluster."""
    groups = place.groups
    yield place.call(
        "The restored cluster has no instance (11.4); version, key and security groups are the "
        "cluster's.\nThe class db.serverless is refused unless the cluster has a capacity range "
        "(12.6).",
        "rds create-db-instance",
        ("--db-instance-identifier", f"{origin.restored}-1"),
        ("--db-cluster-identifier", origin.restored),
        ("--engine", origin.engine),
        ("--db-instance-class", carried.instance_class(place)),
        *_group(
            origin, place, "--db-parameter-group-name", groups.parameter_group if groups else None
        ),
        ("--no-publicly-accessible",),
        *_tags(origin),
    )
    yield waited(place, "db-instance", "--db-instance-identifier", f"{origin.restored}-1")


MAKE = {Kind.INSTANCE: make_instance, Kind.CLUSTER: make_cluster}


def _network(place: Place) -> Iterator[Option]:
    """Left out, RDS would take the default ones, and perhaps a public address (11.7)."""
    known, where = place.network, f"of account {place.account}"
    subnets = known.subnet_group if known else None
    yield (
        "--db-subnet-group-name",
        subnets or Blank("DB_SUBNET_GROUP", f"a DB subnet group {where}"),
    )
    security = known.security_groups if known else ()
    note = f"a VPC security group {where} that lets in only who may read the data"
    yield "--vpc-security-group-ids", *(security or (Blank("SECURITY_GROUP_ID", note),))
    yield ("--no-publicly-accessible",)


def _group(origin: Origin, place: Place, option: str, known: str | None) -> Iterator[Option]:
    """The group of this name; none where it was a default one, which RDS takes by itself (11.7).

    One of their own is of the old version: where that has to go, somebody names a newer one.
    """
    if known is None or not known.startswith(("default.", "default:")):
        yield option, (origin.offered and known) or _blank(origin, place, option)


def _blank(origin: Origin, place: Place, option: str) -> Blank:
    name = option.removeprefix("--").removesuffix("-name").replace("-", "_").upper()
    what = name.replace("DB_", "").replace("_", " ").lower()
    version = origin.snapshot.engine_version or ""
    engine = f"{origin.snapshot.engine or 'it'} {version if origin.offered else NEWER}".strip()
    note = f"{what} of account {place.account} for {engine}; for the default, remove its lines"
    return Blank(name, note)


def _lifecycle(origin: Origin, place: Place) -> Iterator[Option]:
    if origin.snapshot.engine in _WITH_LIFECYCLE:
        known = place.groups.lifecycle if place.groups else None
        yield "--engine-lifecycle-support", known or _LIFECYCLE


def _lifecycle_note(origin: Origin) -> str:
    return _WHY_LIFECYCLE if origin.snapshot.engine in _WITH_LIFECYCLE else ""


def _tags(origin: Origin) -> Iterator[Option]:
    """Without tags an instance would get its source's, which may select it for backups (11.9)."""
    yield "--tags", f"Key=restored-from,Value={origin.backup}"
