"""What a restore says of a snapshot's storage, version, license and options, so that RDS need not.

Numbers are rules of docs/explained/aws-contract.md.
"""

from typing import Any

from rds_backup.model.inventory import Kind, Snapshot

# Extended Support is charged (11.10); it can be declined from these major versions on (RDS guide,
# Restoring a DB instance with Extended Support).
_DECLINED_FROM = {"mysql": 8, "aurora-mysql": 8, "postgres": 12, "aurora-postgresql": 12}
_NO_EXTENDED_SUPPORT = {"EngineLifecycleSupport": "open-source-rds-extended-support-disabled"}
_AURORA, _PROVISIONED = "aurora", ("io1", "io2")
# Where the backup's own storage type is not offered, or not shown.
_INSTEAD = ("gp3", "gp2", "standard")
# What every gp3 volume has; RDS refuses to be told so for a small one (11.16).
_GP3_IOPS = 3000
# What other engines do not have at all.
_OF_OPEN_ENGINES = {"EnableIAMDatabaseAuthentication": False, "DedicatedLogVolume": False}
_OPEN_ENGINES = ("mariadb", "mysql", "postgres")


def storage_types(snapshot: Snapshot) -> tuple[str, ...]:
    """The storage types to ask for, in this order; provisioned ones only with their IOPS."""
    own, iops = snapshot.traits.storage, snapshot.traits.iops
    if snapshot.kind is Kind.CLUSTER:
        return (_AURORA,)
    known = own and (iops or own not in _PROVISIONED)
    return tuple(dict.fromkeys((own, *_INSTEAD) if own and known else _INSTEAD))


def _iops(snapshot: Snapshot, storage: str) -> dict[str, Any]:
    """Left out, RDS takes the backup's; none at all has to be said (11.16)."""
    own, iops = snapshot.traits.storage, snapshot.traits.iops or 0
    if storage in _PROVISIONED or (storage == own == "gp3" and iops > _GP3_IOPS):
        return {"Iops": iops}
    return {"Iops": 0} if own in _PROVISIONED else {}


def terms_of(snapshot: Snapshot, storage: str) -> dict[str, Any]:
    """What only some instances have: IOPS, a license, an option group, what open engines can do."""
    licensed, options = snapshot.traits.license, snapshot.option_group or "default:"
    own_options = not options.startswith(("default:", "default."))
    return {
        **_iops(snapshot, storage),
        **({"LicenseModel": licensed} if licensed else {}),
        **({"OptionGroupName": options} if own_options else {}),
        **(_OF_OPEN_ENGINES if snapshot.engine in _OPEN_ENGINES else {}),
    }


def lifecycle(snapshot: Snapshot) -> dict[str, Any]:
    """Out of Extended Support, where RDS lets a restore of this version go without it."""
    since = _DECLINED_FROM.get(snapshot.engine or "")
    major = (snapshot.engine_version or "").partition(".")[0]
    declined = since is not None and major.isdigit() and int(major) >= since
    return _NO_EXTENDED_SUPPORT if declined else {}
