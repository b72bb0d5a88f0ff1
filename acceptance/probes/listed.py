"""All probes, in the order in which they are played: what others need is made by the first."""

from acceptance.probes import (
    copying,
    guard,
    listing,
    policing,
    regions,
    restoring,
    running,
    sharing,
)
from acceptance.probes.answers import Probe

REGIONS = "regions"
PROBES = (
    Probe(("snapshot_filter_values",), listing.filters),
    Probe(("instance_source", "cluster_create_time"), copying.within_the_account),
    Probe(("sse_rds",), copying.sse_rds),
    Probe(("unencrypted_cluster",), copying.unencrypted_cluster),
    Probe(("listing_lag_calls", "status_lag_calls"), listing.how_soon),
    Probe(("sharing_lag_calls",), sharing.how_late),
    Probe(("share_repeat", "foreign_tags_visible"), sharing.again),
    Probe(("copied_resource_id", "copied_traits"), copying.across_accounts),
    Probe(("describe_absent_database",), listing.absent_database),
    Probe(("under_default_key", "default_key"), copying.under_default_key),
    Probe(("null_tag", "copy_onto_marked"), guard.marked),
    Probe(("key_policy_check",), policing.key_policy),
    Probe(("refused_event",), policing.refused_event),
    Probe(("copy_across_regions", "decrypts_from"), regions.across, part=REGIONS),
    Probe(("other_region_lacks",), regions.lacking, part=REGIONS),
    Probe(("one_copy_per_database",), running.one_after_the_other),
    Probe(("count_same_region_copies",), running.in_flight),
    Probe(("unshared_mid_copy",), sharing.taken_away),
    Probe(("key_lost_mid_copy",), running.key_lost),
    Probe(("gp3_without_iops", "explicit_no"), restoring.storage),
    Probe(("delete_creating",), restoring.deleted_at_once),
    Probe(("restoring_cluster", "restored_endpoint"), restoring.cluster),
    Probe(("restore_needs_source_key",), restoring.source_key),
)
