"""What AWS's documentation leaves open, as settings of the world.

One field for each rule without a source (docs/explained/aws-contract.md names it).  A test
that relies on one of them runs with every value.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True, slots=True)
class Switches:
    """How this world behaves where no source says how AWS does."""

    sse_rds: Literal["accept", "refuse", "ignore"] = "accept"
    """Copying an ``sse-rds`` snapshot with a key: the key used, refused, or ignored."""
    unencrypted_cluster: Literal["accept", "refuse", "ignore"] = "refuse"
    """The same of an unencrypted cluster's snapshot."""
    under_default_key: Literal["accept", "refuse"] = "accept"
    """Copying what another account shares under one's own ``aws/rds``: a copy as any other, or
    refused with KMSKeyNotAccessibleFault for the target's key.  Both are guesses, the code is, too.
    """
    share_repeat: Literal["idempotent", "refuse"] = "idempotent"
    """Sharing with an account that is on the list already."""
    sharing_lag_calls: int = 0
    """How many answers still show whom a snapshot was shared with before that was changed: the
    answer of the change itself, and readings."""
    copy_onto_marked: Literal["exists", "denied"] = "exists"
    """Copying under a name that a snapshot with our marker has: it exists already, or the policies
    that the templates give, which ask for a target without the marker, deny the call."""
    instance_source: Literal["arn_of_another_account", "arn", "name"] = "arn_of_another_account"
    """``SourceDBSnapshotIdentifier`` of a copy: an ARN, of copies from another account or Region
    only; or of every copy; or the bare name of every copy's source."""
    cluster_create_time: Literal["copy", "original"] = "copy"
    """Whose time a cluster copy's ``SnapshotCreateTime`` is."""
    foreign_tags_visible: bool = False
    """Whether the tags of a snapshot shared by another account can be read."""
    snapshot_filter_values: Literal["limited", "any"] = "limited"
    """Whether one filter of a snapshot listing may have more than 100 different values."""
    describe_absent_database: Literal["error", "copies"] = "error"
    """Listing snapshots by the name of a database that is not in the account."""
    copied_resource_id: Literal["kept", "absent"] = "kept"
    """Whether a copy from another account carries RDS's own resource id of the database."""
    copied_traits: Literal["kept", "absent"] = "kept"
    """Whether a copy from another account shows its storage and whether IAM login was enabled."""
    one_copy_per_database: bool = True
    """Whether copies of one database, in one account, wait for one another."""
    listing_lag_calls: int = 0
    """How many listings of an account a new snapshot is missing from."""
    status_lag_calls: int = 0
    """How many listings still show a copy under way that has ended, or what was deleted."""
    count_same_region_copies: bool = True
    """Whether copies within one Region count against the limit of copies in flight."""
    unshared_mid_copy: Literal["goes_on", "fails"] = "goes_on"
    """A copy whose source is no longer shared."""
    decrypts_from: Literal["source", "destination"] = "source"
    """Of which Region RDS is, by ``kms:ViaService``, that reads the source of a copy from another
    Region."""
    restore_needs_source_key: bool = False
    """Whether a copy can be restored only while the key of what it was copied from is usable."""
    delete_creating: Literal["accept", "refuse"] = "accept"
    """Deleting a database that is still being made."""
    restoring_cluster: Literal["creating", "migrating"] = "creating"
    """The status of a cluster while its snapshot is restored."""
    gp3_without_iops: Literal["accept", "refuse"] = "accept"
    """Restoring an instance with the storage type gp3 and no ``Iops``."""
    one_lineage: Literal["of all", "of the last"] = "of all"
    """What a copy across accounts has to share keys with to be incremental: all copies of the
    database that are there, or the last one."""
    across_regions: Literal["full", "incremental"] = "full"
    """A copy of what another account shares, into another Region, after one that is there: the text
    promises that it is incremental within one account only."""
    key_policy_check: Literal["allowed", "denied"] = "allowed"
    """What KMS asks of a new key's policy, which whoever makes it has to be able to change: that it
    allows them that, or also that nothing in it denies them that."""
    refused_event: Literal["kept", "absent"] = "kept"
    """Whether CloudTrail's event of a refused call has the parameters of a successful one's."""
    key_lost_mid_copy: Literal["fails", "goes_on"] = "fails"
    """A copy one of whose keys is unusable when it would end."""
