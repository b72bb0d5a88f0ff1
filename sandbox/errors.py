"""What AWS answers instead: the codes and messages of its errors.

Must not know when they are due, nor how they are written (``wire``).
"""

from moto.core.exceptions import ServiceException

from sandbox.kinds import Family


class AwsError(ServiceException):
    """An error answer of AWS: its code as on the wire, its message and its HTTP status."""

    def __init__(self, code: str, message: str, status: int | None = None) -> None:
        """Leave ``status`` out to get the one that the service model gives the code."""
        super().__init__(code, message)
        self.status = status


def not_found(family: Family, identifier: str) -> AwsError:
    """No such snapshot, or none that the caller may see."""
    return AwsError(family.not_found, f"{family.noun} {identifier} not found.")


def already_exists(family: Family, identifier: str) -> AwsError:
    """The name is taken."""
    return AwsError(
        family.already_exists,
        "Cannot create the snapshot because a snapshot with the identifier "
        f"{identifier} already exists.",
    )


def invalid_state(family: Family, message: str) -> AwsError:
    """The snapshot's status or type does not allow this."""
    return AwsError(family.invalid_state, message)


def invalid_value(message: str) -> AwsError:
    """A parameter that RDS refuses."""
    return AwsError("InvalidParameterValue", message)


def invalid_combination(message: str) -> AwsError:
    """Parameters that RDS refuses together."""
    return AwsError("InvalidParameterCombination", message)


def key_not_accessible(which: str) -> AwsError:
    """A key that RDS cannot use on the caller's behalf; ``which`` starts the message."""
    return AwsError(
        "KMSKeyNotAccessibleFault",
        f"{which} does not exist, is not enabled or you do not have permissions to access it.",
    )


def quota_exceeded(message: str) -> AwsError:
    """Too many snapshots, or too many copies: told apart only by the message."""
    return AwsError("SnapshotQuotaExceeded", message)
