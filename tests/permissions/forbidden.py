"""What nobody may ever do, by name: calls that every deployment of the two stacks has to refuse."""

from collections.abc import Mapping

from tests.permissions.asking import BACKUP, SOURCE
from tests.permissions.attempts import (
    AUTOMATED,
    BACKUP_PERSON,
    KEEPING,
    MARKED,
    MARKING,
    NOT_GRANTED,
    NOT_MARKING,
    OURS,
    PERSONS,
    PRIVATE_KEY,
    PROVING,
    RETIRING,
    ROOT_USER,
    SOURCE_PERSON,
    STRANGER,
    THIRD,
    Requests,
    alerts,
    assume,
    automated,
    away,
    backup_keys,
    both,
    copied_or_tagged,
    database_keys,
    databases,
    elsewhere,
    ending,
    foreign_sources,
    given_away,
    new_or_there,
    not_ours,
    of_writer,
    other_keys_there,
    outside_the_organization,
    own_sharing_key,
    person,
    roles_of_services,
    rules,
    schedules,
    use,
    with_everything,
    without_external_id,
)
from tests.permissions.authorising import DATA, GRANTED, THROUGH_RDS
from tests.permissions.drill_attempts import OF_DRILLS
from tests.permissions.known_keys import BACKUP_KEY, SHARING_KEY
from tests.permissions.looking import changing, looking_elsewhere, looking_further, working
from tests.permissions.unrecorded import ADMINISTRATION

FORBIDDEN: Mapping[str, Requests] = {
    "the function deletes a snapshot that is not ours": lambda w: not_ours(
        w.function, "Delete{}", SOURCE
    ),
    "the function shares a snapshot that is not ours": lambda w: not_ours(
        w.function, "Modify{}Attribute", SOURCE
    ),
    "whoever expires deletes a snapshot that is not ours": lambda w: not_ours(
        w.deleting, "Delete{}", BACKUP
    ),
    "an automated snapshot is touched, whatever another policy allows": automated,
    "the function tags a person's snapshot as ours": lambda w: both(
        w.function, "AddTagsToResource", SOURCE, PERSONS, MARKING
    ),
    "the writer tags a person's snapshot as ours": lambda w: both(
        w.writer, "AddTagsToResource", BACKUP, PERSONS, MARKING
    ),
    "the function tags or copies what is ours already": lambda w: (
        copied_or_tagged(w.function, OURS, MARKED + MARKING) if w.deployed.guards_tags else ()
    ),
    "the writer tags or copies a backup": lambda w: (
        copied_or_tagged(w.writer, OURS, MARKED + MARKING) if w.deployed.guards_tags else ()
    ),
    "the function makes a copy without our marker": lambda w: copied_or_tagged(
        w.function, OURS, NOT_MARKING
    ),
    "the writer makes a copy without our marker": lambda w: copied_or_tagged(
        w.writer, OURS, NOT_MARKING
    ),
    "the function copies an automated snapshot without our marker": lambda w: both(
        w.function, "Copy{}", SOURCE, AUTOMATED, NOT_MARKING
    ),
    "the function copies a person's snapshot": lambda w: both(
        w.function, "Copy{}", SOURCE, PERSONS, MARKING
    ),
    "the writer copies what no function shared": foreign_sources,
    "the writer marks a backup as one to keep": lambda w: new_or_there(w.writer, KEEPING),
    "the writer marks a backup as retired": lambda w: new_or_there(w.writer, RETIRING),
    "the writer marks a backup as restored": lambda w: (
        request for context in PROVING for request in new_or_there(w.writer, context)
    ),
    "the writer deletes, changes, shares, restores, exports or copies a backup": of_writer,
    "somebody of the source account does any of it": lambda _: away(SOURCE_PERSON),
    "the function does any of it with its own rights": lambda w: away(with_everything(w.function)),
    "somebody of a third account does any of it": lambda _: away(STRANGER),
    "the expiring function does more than delete": lambda w: (
        r
        for who in ([w.expiring] if w.expiring else [])
        for r in away(who)
        if not r.action.startswith("rds:Delete")
    ),
    "a function changes or deletes a database": databases,
    "a function looks into another Region": elsewhere,
    "somebody of another account uses the backup key": lambda w: (
        request
        for who in (SOURCE_PERSON, STRANGER, with_everything(w.function))
        for request in use(who, w.deployed.backup_key, (THROUGH_RDS, GRANTED), "kms:CreateGrant")
    ),
    "somebody of another account decrypts under the backup key": lambda w: (
        request
        for who in (SOURCE_PERSON, STRANGER, with_everything(w.function))
        for key in [w.deployed.backup_key]
        for request in use(who, key, (THROUGH_RDS,), "kms:DescribeKey", *DATA)
    ),
    "the writer uses a key itself, not through RDS": lambda w: (
        request
        for key in (*backup_keys(w), SHARING_KEY)
        for request in use(w.writer, key, (), *DATA)
    ),
    "the function reads another key of its account": lambda w: (
        *use(w.function, PRIVATE_KEY, (), "kms:DescribeKey", "kms:GetKeyPolicy"),
        *use(w.function, PRIVATE_KEY, (("kms:RequestAlias", "alias/private"),), "kms:DescribeKey"),
    ),
    "a role of the backup account reads another key of it": other_keys_there,
    "the function uses the sharing key itself, not through RDS": lambda w: use(
        w.function, SHARING_KEY, (), *DATA
    ),
    "the function uses a database's key itself, not through RDS": lambda w: (
        request
        for key in database_keys(w)
        for request in (
            *use(w.function, key, (), "kms:Decrypt"),
            *use(w.function, key, (GRANTED,), "kms:CreateGrant"),
            *use(w.function, key, (THROUGH_RDS, NOT_GRANTED), "kms:CreateGrant"),
        )
    ),
    "a grant is made not through RDS": lambda w: (
        request
        for who, keys in ((w.writer, (*backup_keys(w), SHARING_KEY)), (w.function, (SHARING_KEY,)))
        for key in keys
        for request in use(who, key, (GRANTED,), "kms:CreateGrant")
    ),
    "a grant is made for somebody else than AWS's services": lambda w: (
        request
        for who, keys in ((w.writer, (BACKUP_KEY, SHARING_KEY)), (w.function, (SHARING_KEY,)))
        for key in keys
        for request in use(who, key, (THROUGH_RDS, NOT_GRANTED), "kms:CreateGrant")
    ),
    "somebody gives away the backup key, or takes it from RDS": given_away,
    "the backup key is ended, changed or renamed by anyone but its administrators": ending,
    "another role of the backup account uses the sharing key": lambda w: (
        request
        for key in own_sharing_key(w)
        for request in (
            *use(BACKUP_PERSON, key, (THROUGH_RDS,), "kms:DescribeKey", *DATA),
            *use(BACKUP_PERSON, key, (THROUGH_RDS, GRANTED), "kms:CreateGrant"),
        )
    ),
    "the writer uses the sharing key itself, whatever its account allows": lambda w: (
        request
        for key in own_sharing_key(w)
        for request in (
            *use(with_everything(w.writer), key, (), *DATA, *ADMINISTRATION),
            *use(with_everything(w.writer), key, (GRANTED,), "kms:CreateGrant"),
            *use(with_everything(w.writer), key, (THROUGH_RDS, NOT_GRANTED), "kms:CreateGrant"),
        )
    ),
    "a third account assumes the role": lambda w: (
        assume(person(THIRD, role), w) for role in ("administrator", w.function.name.split("/")[1])
    ),
    "another role of the source account assumes the role": lambda w: (
        assume(who, w) for who in (SOURCE_PERSON, person(SOURCE, "rds-backup-function-2"))
    ),
    "somebody of the backup account assumes the role": lambda w: (
        assume(who, w) for who in (BACKUP_PERSON, ROOT_USER)
    ),
    "the function assumes the role without its external id": without_external_id,
    "the function assumes the role from outside the organization": outside_the_organization,
    "the Scheduler acts for another account or another group": schedules,
    "a person takes the role of a service": roles_of_services,
    "whoever only looks invokes a function that works": lambda w: working(w.deployed),
    "whoever only looks starts, changes or deletes anything": lambda w: changing(w.deployed),
    "whoever only looks reads what is not this stack's": lambda w: looking_further(w.deployed),
    "whoever only looks lists another Region": lambda w: looking_elsewhere(w.deployed),
    "another alarm sends alerts": alerts,
    "another rule takes the role of the rules": rules,
    **OF_DRILLS,
}
