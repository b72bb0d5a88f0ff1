"""Every question that AWS's documentation leaves open, and why some of them are not asked here.

The ids are those of docs/explained/open-questions.md, and the sandbox's switches; ``rules`` are the
numbers of docs/explained/aws-contract.md that have no switch.
"""

from dataclasses import dataclass

from acceptance.probes import PROBES


@dataclass(frozen=True, slots=True)
class Question:
    """One question; ``why_not`` says why no probe asks it."""

    id: str
    asks: str
    why_not: str = ""
    rules: tuple[str, ...] = ()

    @property
    def asked(self) -> bool:
        """Whether a probe asks it."""
        return any(self.id in probe.asks for probe in PROBES)


QUESTIONS = (
    Question("sse_rds", "does a copy of a cluster under an AWS-owned key take a key?"),
    Question("unencrypted_cluster", "does a copy with a key encrypt an unencrypted cluster?"),
    Question("under_default_key", "can what is shared be copied under one's own aws/rds?"),
    Question("default_key", "does naming alias/aws/rds make that key?"),
    Question("share_repeat", "what does sharing twice with the same account answer?"),
    Question("sharing_lag_calls", "how many answers show late with whom a snapshot is shared?"),
    Question("copy_onto_marked", "what does a copy to a marked name that is taken answer?"),
    Question("null_tag", "is a first copy allowed by TagGuard's condition?", rules=("7.21",)),
    Question("instance_source", "which copies name their source, and how?"),
    Question("cluster_create_time", "whose time is a cluster copy's SnapshotCreateTime?"),
    Question("foreign_tags_visible", "are tags of a shared snapshot seen by the other account?"),
    Question("snapshot_filter_values", "may a filter of snapshots have more than 100 values?"),
    Question("describe_absent_database", "what does a listing by an absent database answer?"),
    Question("copied_resource_id", "does a copy from another account carry the resource id?"),
    Question("copied_traits", "does such a copy show storage type and IAM login?"),
    Question("one_copy_per_database", "do copies of one database wait for one another?"),
    Question("listing_lag_calls", "how many listings miss a new snapshot?"),
    Question("status_lag_calls", "how many listings still show what was deleted?"),
    Question("count_same_region_copies", "do copies within a Region count against the limit?"),
    Question("unshared_mid_copy", "what does unsharing its source do to a running copy?"),
    Question("restore_needs_source_key", "does a restore need the key of the copy's source?"),
    Question("delete_creating", "can a database be deleted while it is being made?"),
    Question("restoring_cluster", "what is the status of a cluster while it is restored?"),
    Question("restored_endpoint", "when does a restored cluster show its endpoint?"),
    Question("gp3_without_iops", "does a restore with gp3 need Iops?"),
    Question("explicit_no", 'does a restore take an explicit "no" for what an engine lacks?'),
    Question("key_lost_mid_copy", "how does a copy end whose key is disabled while it runs?"),
    Question("key_policy_check", "does KMS count a denial when it checks a new key's policy?"),
    Question("refused_event", "has a refused call's event the parameters of a successful one?"),
    Question("copy_across_regions", "can a shared copy be copied to another Region in one step?"),
    Question("decrypts_from", "of which Region is RDS that reads the key of such a copy?"),
    Question("other_region_lacks", "with which error is a group refused that a Region lacks?"),
    Question(
        "one_lineage",
        "do backups under an earlier key make further copies full?",
        "RDS says of no copy whether it was full; the bill of the next day does",
    ),
    Question(
        "across_regions",
        "is a copy of what is shared, to another Region, incremental?",
        "as before: RDS says of no copy whether it was full",
    ),
    Question(
        "via_service_suffix",
        "which suffix has kms:ViaService in other partitions?",
        "only an account in that partition can tell; a run there asks it with every copy",
        rules=("12.7",),
    ),
    Question(
        "missing_data",
        "how long does CloudWatch wait before data are missing?",
        "it takes hours without an invocation and with the schedules on; the kit has them off",
    ),
    Question(
        "topic_role",
        "does EventBridge take the role of a target that is a topic?",
        "it takes a subscriber who confirms an address, and a call that a trail shows",
    ),
    Question(
        "option_group_stays",
        "does a custom option group stay linked to a VPC after its database is deleted?",
        "it takes a second VPC in the backup account, which the kit does not make",
    ),
    Question(
        "default_parameter_group",
        "is a default parameter group asked for in a permission?",
        "it takes a role that may restore everything but that; the drill's own role is that test",
    ),
    Question(
        "incremental",
        "can a copy that was re-encrypted first be incremental?",
        "RDS says of no copy whether it was; times are in this report, sizes in the bill",
        rules=("2.33",),
    ),
    Question(
        "stack_name_arn",
        "which ARN is asked for if a call names a stack by its name?",
        "it takes a role that may look at one stack only, and the kit makes none",
        rules=("7.27",),
    ),
)
