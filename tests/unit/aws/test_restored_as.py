"""What a restore says of a snapshot, by its engine, version and storage."""

from copy import replace

import pytest

from rds_backup.aws.restored_as import lifecycle, storage_types, terms_of
from rds_backup.model.inventory import Kind, Snapshot, Traits
from tests.support.making import backup, point


def snapshot(
    engine: str = "postgres",
    version: str | None = "17.2",
    traits: Traits | None = None,
    options: str | None = None,
    kind: Kind = Kind.INSTANCE,
) -> Snapshot:
    """A backup of this engine."""
    made = backup(point(kind=kind)).snapshot
    return replace(
        made,
        engine=engine,
        engine_version=version,
        traits=traits or Traits(),
        option_group=options,
    )


@pytest.mark.parametrize(
    ("traits", "wanted"),
    [
        (Traits(), ("gp3", "gp2", "standard")),
        (Traits("gp2"), ("gp2", "gp3", "standard")),
        (Traits("gp3", 3000), ("gp3", "gp2", "standard")),
        (Traits("standard"), ("standard", "gp3", "gp2")),
        (Traits("io2", 5000), ("io2", "gp3", "gp2", "standard")),
        (Traits("io1"), ("gp3", "gp2", "standard")),
    ],
)
def test_its_own_storage_type_comes_first(traits: Traits, wanted: tuple[str, ...]) -> None:
    """Another type makes the restore slower; a provisioned one needs to be told its IOPS."""
    assert wanted == storage_types(snapshot(traits=traits))


def test_aurora_has_one_storage_type_for_drills() -> None:
    """The cheaper one."""
    of_cluster = snapshot("aurora-mysql", traits=Traits("aurora-iopt1"), kind=Kind.CLUSTER)
    assert ("aurora",) == storage_types(of_cluster)


@pytest.mark.parametrize(
    ("traits", "storage", "iops"),
    [
        (Traits("io1", 5000), "io1", 5000),
        (Traits("io1", 5000), "gp2", 0),
        (Traits("io2", 5000), "gp3", 0),
        (Traits("gp3", 3000), "gp3", None),
        (Traits("gp3", 16000), "gp3", 16000),
        (Traits("gp3", 16000), "gp2", None),
        (Traits("gp2"), "gp2", None),
        (Traits(), "gp3", None),
    ],
)
def test_iops_are_said_where_rds_would_take_them_from_the_backup(
    traits: Traits, storage: str, iops: int | None
) -> None:
    """None at all has to be said; what every gp3 volume has must not be."""
    assert iops == terms_of(snapshot(traits=traits), storage).get("Iops")


@pytest.mark.parametrize(
    ("engine", "version", "declined"),
    [
        ("postgres", "17.2", True),
        ("postgres", "12.22", True),
        ("postgres", "11.22", False),
        ("mysql", "8.0.40", True),
        ("mysql", "5.7.44", False),
        ("aurora-mysql", "8.0.mysql_aurora.3.08.0", True),
        ("aurora-mysql", "5.7.mysql_aurora.2.12.0", False),
        ("aurora-postgresql", "11.21", False),
        ("mariadb", "11.4.4", False),
        ("oracle-ee", "19.0.0.0", False),
        ("postgres", None, False),
        ("postgres", "x", False),
    ],
)
def test_extended_support_is_declined_where_rds_lets_it(
    engine: str, version: str | None, *, declined: bool
) -> None:
    """Older versions run under it for the time of the drill, and are charged."""
    assert declined is bool(lifecycle(snapshot(engine, version)))


@pytest.mark.parametrize("engine", ["mysql", "mariadb", "postgres", "oracle-ee", "sqlserver-se"])
def test_what_only_some_engines_have_is_said_of_those(engine: str) -> None:
    """RDS may refuse a word on what an engine does not know."""
    said = terms_of(snapshot(engine), "gp3")
    assert (engine in ("mysql", "mariadb", "postgres")) is ("DedicatedLogVolume" in said)
    assert ("EnableIAMDatabaseAuthentication" in said) is ("DedicatedLogVolume" in said)


@pytest.mark.parametrize(
    ("options", "named"), [(None, None), ("default:mysql-8-0", None), ("audited", "audited")]
)
def test_an_option_group_of_ones_own_is_asked_for(options: str | None, named: str | None) -> None:
    """It has to be there (11.13); a default one RDS takes by itself."""
    assert named == terms_of(snapshot(options=options), "gp3").get("OptionGroupName")
    licensed = terms_of(snapshot(traits=Traits(license="bring-your-own-license")), "gp3")
    assert "bring-your-own-license" == licensed["LicenseModel"]
    assert "LicenseModel" not in terms_of(snapshot(), "gp3")
