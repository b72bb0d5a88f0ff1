"""What the proof lets pass, each with its reason; what matches nothing fails a test."""

# Parts of policies that nobody misses, by scenario: every request is answered the same without.
UNNOTICED = {
    "backup/BackupKey/key OnlyServicesMakeOrRevokeGrants: StringEquals aws:PrincipalAccount": (
        "Without it the statement would also meet RDS's own calls, which come from outside the "
        "account; the evaluator does not know them."
    ),
    "backup/BackupRole/backup GrantBackupKeyToRds: Bool kms:GrantIsForAWSResource": (
        "The key's own policy denies the same; it stands here for the day on which that policy is "
        "changed by hand."
    ),
}
# The same where the stack makes the sharing key, whose policy asks for it, too; noticed where the
# key is one of the user's own.
TWICE = {
    f"backup/BackupRole/backup {part}": (
        "The sharing key's own policy asks for the same where the stack makes the key."
    )
    for part in (
        "DecryptUnderSharingKeys: StringEquals kms:ViaService",
        "GrantSharingKeysToRds: StringEquals kms:ViaService",
        "GrantSharingKeysToRds: Bool kms:GrantIsForAWSResource",
    )
}
# The same where there are drills, and where they have a validator.
OF_DRILLS = {
    "backup/DrillFunctionRole/drill GrantBackupKeyForDrills: Bool kms:GrantIsForAWSResource": (
        "The key's own policy denies the same; see the writer's."
    ),
}
VALIDATED = {
    "backup/DrillFunctionRole/drill ReadBackupKeyForDrills: the statement": (
        "With a validator the drill may read the state of every key of the account; without one "
        "it needs this."
    ),
}
# What allows more than one named thing: any action of a service, or any resource.
WIDE = {
    "source/BackupFunctionRole/backup ListDatabasesAndSnapshots: Resource *": (
        "A listing is not limited to a resource; the Region is."
    ),
    "source/BackupFunctionRole/backup ReadQuotas: Resource *": "The action has no resource type.",
    "source/BackupFunctionRole/backup ReadOptionGroups: Resource *": (
        "A listing is not limited to a resource; the Region is."
    ),
    "source/BackupFunctionRole/backup ReadEngineVersions: Resource *": (
        "The action has no resource type."
    ),
    "source/LookPolicy/policy LookAtAlarms: Resource *": (
        "Composite alarms are shown to nobody whose permission is narrower."
    ),
    "source/LookPolicy/policy LookAtMetrics: Resource *": (
        "An account's metrics are one resource; the Region limits it."
    ),
    "source/LookPolicy/policy FindLogs: Resource *": "The actions have no resource type.",
    "source/SharingKey/key PoliciesOfThisAccountDecide: Action kms:*": (
        "Key administration: without it nobody could ever manage the key."
    ),
    "backup/BackupRole/backup ListBackups: Resource *": (
        "A listing is not limited to a resource; the Region is."
    ),
    "backup/BackupRole/backup ReadQuotas: Resource *": "The action has no resource type.",
    "backup/BackupRole/backup ReadWhatTheRegionHas: Resource *": (
        "A listing is not limited to a resource; the Region is."
    ),
    "backup/ExpireFunctionRole/expire ReadQuotasToExpire: Resource *": "The same.",
    "backup/ExpireFunctionRole/expire ListBackupsToExpire: Resource *": (
        "A listing is not limited to a resource; the Region is."
    ),
    "backup/ExpireFunctionRole/expire ReadEngineVersions: Resource *": (
        "The action has no resource type."
    ),
    "backup/DrillFunctionRole/drill ListBackupsAndDatabases: Resource *": (
        "A listing is not limited to a resource; the Region is."
    ),
    "backup/DrillFunctionRole/drill ReadOfferedClasses: Resource *": (
        "The action has no resource type."
    ),
    "backup/DrillProbeRole/probe LambdaAttachesTheProbe: Resource *": (
        "Lambda asks for every resource, and the probe's own code is denied all of it."
    ),
    "backup/LookPolicy/policy LookAtAlarms: Resource *": (
        "A listing is not limited to a resource; the Region is."
    ),
    "backup/LookPolicy/policy LookAtMetrics: Resource *": (
        "An account's metrics are one resource; the Region limits it."
    ),
    "backup/LookPolicy/policy FindLogs: Resource *": "The actions have no resource type.",
    "backup/BackupKey/key PoliciesOfThisAccountDecide: Action kms:*": (
        "Key administration: without it nobody could ever manage the key."
    ),
}
