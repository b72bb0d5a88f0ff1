"""What a database in the source account runs in, as frozen values: what a restore has to know.

This module must know no clock and no client.
"""

from typing import NamedTuple

from rds_backup.model.inventory import NO_TRAITS, Kind, Traits


class Scaling(NamedTuple):
    """The capacity range of Aurora Serverless v2, in ACUs, and the seconds until it pauses."""

    minimum: float
    maximum: float
    pause_seconds: int | None


class Surroundings(NamedTuple):
    """What a database in the source account runs in: hardly anything of it is part of a snapshot.

    ``identifier`` is the name that it has now.  ``parameter_group`` is the instance's, of a cluster
    the writer's; so is ``instance_class``.  ``managed_password``: RDS keeps the master password.
    """

    kind: Kind
    identifier: str
    resource_id: str
    instance_class: str | None
    subnet_group: str | None
    security_groups: tuple[str, ...]
    parameter_group: str | None
    cluster_parameter_group: str | None
    option_group: str | None
    kms_key: str | None
    lifecycle: str | None
    traits: Traits = NO_TRAITS
    scaling: Scaling | None = None
    managed_password: bool = False
    deletion_protection: bool = False
