"""The AWS CLI commands with which a person may remove a series whose database is gone.

Text only, never run here.  Everything in them is quoted: a tag may hold what a shell would read.
"""

from collections.abc import Sequence
from shlex import quote

from rds_backup.model.decisions import Series
from rds_backup.model.inventory import Kind
from rds_backup.report.detail import Removal

# How the AWS CLI spells the two families; the filters' names are those of the RDS service model.
_LOOK = {
    Kind.INSTANCE: ("describe-db-instances", "dbi-resource-id"),
    Kind.CLUSTER: ("describe-db-clusters", "db-cluster-resource-id"),
}
_DELETE = {
    Kind.INSTANCE: ("delete-db-snapshot", "--db-snapshot-identifier"),
    Kind.CLUSTER: ("delete-db-cluster-snapshot", "--db-cluster-snapshot-identifier"),
}


def commands(
    series: Series,
    kind: Kind,
    account: str,
    identifiers: Sequence[str],
    region: str | None = None,
) -> Removal:
    """First a look in the source account; then the deletion of exactly these snapshots.

    They are in ``account``, and in ``region``, if that is another than the series'.

    The deletion goes on only where the credentials are of that account, since a shared
    copy in the source account has the same identifier, and it stops at the first refusal.
    """
    here, there = quote(series.region), quote(region or series.region)
    describe, name = _LOOK[kind]
    wanted = quote(f"Name={name},Values={series.resource_id}")
    operation, option = _DELETE[kind]
    asked = "aws sts get-caller-identity --query Account --output text"
    lines = [f'test "$({asked})" = {quote(account)}']
    lines += [f"aws rds {operation} --region {there} {option} {quote(i)}" for i in identifiers]
    return Removal(
        look=f"aws rds {describe} --region {here} --filters {wanted}",
        delete=" &&\n".join(lines),
    )
