"""Every question of ``check``, in the order of answering: from what was read to answers.

Pure, like all that it asks.  It must not know how anything was read.
"""

from rds_backup.check.answer import Answer
from rds_backup.check.credentials import of_backup, of_source
from rds_backup.check.databases import of_databases
from rds_backup.check.expiring import of_expiry
from rds_backup.check.facts import Facts
from rds_backup.check.keys import of_backup_key, of_sharing_key
from rds_backup.check.origins import of_origins
from rds_backup.check.others import of_others
from rds_backup.check.places import of_places
from rds_backup.check.schedule import of_schedule
from rds_backup.check.stacks import of_stacks
from rds_backup.check.throughput import of_throughput
from rds_backup.model.inventory import Side


def answers(facts: Facts) -> tuple[Answer, ...]:
    """All of them; questions about one thing stand together."""
    return (
        *of_source(facts),
        *of_places(facts, Side.SOURCE),
        *of_backup(facts),
        *of_places(facts, Side.BACKUP),
        *of_sharing_key(facts),
        *of_backup_key(facts),
        *of_databases(facts),
        *of_schedule(facts),
        *of_throughput(facts),
        *of_expiry(facts),
        *of_stacks(facts),
        *of_origins(facts),
        *of_others(facts),
    )
