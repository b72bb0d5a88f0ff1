"""What a database had and does not get back by itself: said again in the calls, or told to be lost.

Taken from the database at home if it is still there, else from the backup, which shows a part.
"""

from collections.abc import Iterator

from rds_backup.model.inventory import Kind, Traits
from rds_backup.model.surroundings import Surroundings
from rds_backup.restore.bash import Blank, Command, Option, Word
from rds_backup.restore.choice import Restore
from rds_backup.restore.places import Origin, Place

_PROVISIONED = ("io1", "io2")
_OPTIMIZED = "aurora-iopt1"
_SERVERLESS = "db.serverless"
# RDS guide, Encrypting Amazon RDS resources (11.15).
_NEVER_ENCRYPTED = ("db.m1.", "db.m2.", "db.t2.micro")
_NOUN = {Kind.INSTANCE: "db-instance", Kind.CLUSTER: "db-cluster"}
_MANAGE = "--manage-master-user-password"


def instance_class(place: Place) -> Word:
    """The class at home, unless it cannot be encrypted, as the backup is."""
    known = place.groups.instance_class if place.groups else None
    if known and known.startswith(_NEVER_ENCRYPTED):
        return Blank(
            "DB_INSTANCE_CLASS",
            f"such as db.t4g.micro; {known} cannot be encrypted, as the backup is (11.15)",
        )
    return known or Blank("DB_INSTANCE_CLASS", "such as db.r7g.large")


def of_instance(origin: Origin, place: Place) -> Iterator[Option]:
    """Storage, log volume, IAM login, deletion protection."""
    traits = _traits(place.groups, origin.snapshot.traits)
    if traits.storage in _PROVISIONED:
        note = f"the IOPS of {traits.storage} that the database had"
        yield "--storage-type", traits.storage
        yield "--iops", str(traits.iops) if traits.iops else Blank("IOPS", note)
    if traits.log_volume:
        yield ("--dedicated-log-volume",)
    yield from _of_both(traits, place)


def of_cluster(origin: Origin, place: Place) -> Iterator[Option]:
    """Storage, capacity range, IAM login, deletion protection."""
    traits = _traits(place.groups, origin.snapshot.traits)
    if traits.storage == _OPTIMIZED:
        yield "--storage-type", _OPTIMIZED
    yield from _scaling(place.groups)
    yield from _of_both(traits, place)


def _of_both(traits: Traits, place: Place) -> Iterator[Option]:
    """What is restored to be looked at in the backup account has to go again: no protection."""
    if traits.iam_login:
        yield ("--enable-iam-database-authentication",)
    if place.network and place.network.deletion_protection:
        yield ("--deletion-protection",)


def _scaling(home: Surroundings | None) -> Iterator[Option]:
    """Without it a member of the class db.serverless is refused (12.6)."""
    option = "--serverless-v2-scaling-configuration"
    if home and home.scaling:
        least, most, pause = home.scaling
        ends = f",SecondsUntilAutoPause={pause}" if pause else ""
        yield option, f"MinCapacity={least:g},MaxCapacity={most:g}{ends}"
    elif home is None or home.instance_class in (None, _SERVERLESS):
        note = f"such as MinCapacity=0.5,MaxCapacity=16; if the class is not {_SERVERLESS}, "
        yield option, Blank("SERVERLESS_SCALING", f"{note}remove its line")


def password(origin: Origin, place: Place) -> Iterator[Command]:
    """RDS makes a new password: the secret of the old one does not come with the backup."""
    if place.groups and place.groups.managed_password:
        noun = _NOUN[origin.snapshot.kind]
        yield place.call(
            "RDS kept the master password in Secrets Manager, and the secret is the old "
            "database's (12.6).\nThis makes a new password and a new secret; without it nobody "
            "may be able to log in.",
            f"rds modify-{noun}",
            (f"--{noun}-identifier", origin.restored),
            (_MANAGE,),
            ("--apply-immediately",),
        )


def reminders(restore: Restore) -> Iterator[str]:
    """What somebody has to know of all this, or has to see to, a line each."""
    home = restore.home if isinstance(restore.home, Surroundings) else None
    snapshot = restore.backup.snapshot
    traits = _traits(home, snapshot.traits)
    if snapshot.kind is Kind.INSTANCE and traits.storage in (None, "gp3"):
        yield "The IOPS and throughput of gp3 are not passed on.  AWS says that IOPS come from the"
        yield "backup, and nothing of the throughput (11.16): compare both with those at home."
    if traits.iam_login:
        yield "IAM login is enabled again.  Policies for rds-db:connect name a resource id and an"
        yield "account: write new ones for the restored database (12.6)."
    if home is None:
        yield "Not known, since the database at home could not be read:"
        yield "- whether RDS kept its master password in Secrets Manager; if nobody can log in, run"
        yield f"  aws rds modify-{_NOUN[snapshot.kind]} {_MANAGE} for the restored one;"
        yield "- whether deletion protection was on."
        if traits.storage is None:
            yield "- its storage and IAM login, which the backup does not show: if you know of io1,"
            yield "  io2, aurora-iopt1, a dedicated log volume or IAM login, add the options."
    elif home.deletion_protection:
        yield "Deletion protection was on: B turns it on again, A leaves it off."


def _traits(home: Surroundings | None, shown: Traits) -> Traits:
    return home.traits if home else shown
