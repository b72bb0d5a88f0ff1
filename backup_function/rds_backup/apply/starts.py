"""Carry out what starts: copy under the sharing key, share, copy into the backup account.

At most one refused call for each database and invocation; what an answer means for the rest of
the invocation goes into ``Learned``.
"""

from collections.abc import Mapping
from dataclasses import replace

from rds_backup.apply.clients import Clients
from rds_backup.apply.places import Places
from rds_backup.aws.errors import DENIED, PARAMETERS, QUOTA, AwsError, Meaning
from rds_backup.aws.problems import problem
from rds_backup.decide.limits import lane_of
from rds_backup.model.decisions import CopyAutomated, HandOver, Owned, Point, Problem, Start, State
from rds_backup.model.identity import identifier, tags
from rds_backup.model.inventory import Kind, Lane, Side
from rds_backup.model.world import Learned, World
from rds_backup.report.actions import described

# Clusters of which AWS documents both ways (2.8), or neither (2.12), whether a copy encrypts them.
_UNPROVEN = {"none": "unencrypted", "sse-rds": "encrypted under a key that AWS owns (sse-rds)"}


class Starts:
    """The starts of one pass."""

    def __init__(self, world: World, learned: Learned, clients: Clients) -> None:
        """Take what was seen, what was learned since, and what to call with."""
        self._world = world
        self._learned = learned
        self._clients = clients
        self._places = Places(world, learned, clients)

    def start(self, start: Start) -> None:
        """Make the calls of one start, unless this invocation has learned that they are vain."""
        point = start.point if isinstance(start, CopyAutomated) else start.shared.point
        if point.series in self._learned.refusals or lane_of(start) in self._learned.full:
            return
        side = Side.SOURCE
        try:
            if isinstance(start, CopyAutomated):
                self._copy_automated(start)
                return
            if not self._share(start.shared):
                return
            side = Side.BACKUP
            self._back_up(start)
        except AwsError as error:
            self._learn(error, start, point, side)

    def _copy_automated(self, start: CopyAutomated) -> None:
        key = self._world.sharing_key
        assert isinstance(key, str)  # noqa: S101 - nothing is started without it
        lane = lane_of(start)
        if full := self._places.full(lane):
            self._learned.full[lane] = full
            return
        carried = start.database.tags
        self._copy(start, start.point, start.point.source_arn, key, carried, "copy")

    def _back_up(self, start: HandOver) -> None:
        shared = start.shared
        source, carried = shared.snapshot.arn, shared.snapshot.tags
        key = self._world.backup_key
        assert isinstance(key, str)  # noqa: S101 - nothing is started without it
        group = shared.snapshot.own_option_group
        self._copy(start, shared.point, source, key, carried, "back_up", group)

    def _copy(
        self,
        start: Start,
        point: Point,
        source_arn: str,
        key: str,
        carried: Mapping[str, str],
        word: str,
        group: str | None = None,
    ) -> None:
        settings, lane = self._clients.settings, lane_of(start)
        name = identifier(settings.prefix, point, start.attempt)
        now = self._clients.time.now()
        said = tags(settings.marker, point, start.attempt, key, now, carried)
        copy = self._clients.rds(lane.side).copy(lane.kind, source_arn, name, key, said, group)
        # The answer may leave out the tags that the call has set.
        copy = copy._replace(identifier=name, type="manual", tags=said)
        self._learned.started.setdefault(lane, {})[name] = copy
        self._learned.gone.get(lane, set()).discard(name)
        self._did(word, point, lane.side, name)

    def _share(self, shared: Owned) -> bool:
        """Share with the backup account; whether it is now shared with that account only."""
        rds, account = self._clients.rds(Side.SOURCE), self._clients.settings.account
        kind, name = shared.point.kind, shared.snapshot.identifier
        refused: AwsError | None = None
        try:
            among = rds.share(kind, name, account)
        except AwsError as error:
            # Adding an account that is there already is documented neither way.
            if error.code not in PARAMETERS:
                raise
            refused, among = error, rds.shared_with(kind, name)
        if among != {account}:
            # An answer may be late: nobody is accused on the strength of one.
            among = rds.shared_with(kind, name)
        if refused and account not in among and not refused.shared_already:
            raise refused
        if among == {account}:
            self._did("share", shared.point, Side.SOURCE, name)
            return True
        if not among:
            reason = f"RDS does not yet list {name} as shared with the backup account"
            late = Problem(State.UNKNOWN, reason, "wait: the next run tries again")
            self._look_again(shared.point, late)
            return False
        rds.unshare(kind, name, among)
        self._did("unshare", shared.point, Side.SOURCE, name)
        others = ", ".join(sorted(among - {account})) or "nobody"
        self._learned.refusals[shared.point.series] = Problem(
            State.BLOCKED,
            f"{name} was shared with {others} besides the backup account; now it is shared "
            "with nobody",
            "find out in CloudTrail who shared it (ModifyDBSnapshotAttribute)",
        )
        return False

    def _learn(self, error: AwsError, start: Start, point: Point, side: Side) -> None:
        """What a call that did not succeed means for the rest of this invocation."""
        doing = "copying the automated snapshot"
        if isinstance(start, HandOver):
            doing = "sharing" if side is Side.SOURCE else "copying into the backup account"
        key = "" if side is Side.SOURCE else self._clients.settings.key
        refused = problem(error, doing, side, key)
        refusals = self._learned.refusals
        if error.code == QUOTA:
            self._learned.full[lane_of(start)] = self._places.refused(error, lane_of(start))
        elif error.meaning is Meaning.LOOK_AGAIN:
            self._look_again(point, refused)
        elif how := _not_encrypted(error, start):
            refusals[point.series] = Problem(
                State.UNSUPPORTED,
                f"{how}, and RDS does not copy it under KMS_KEY_ID: {error.code}: {error.message}",
                "restore a snapshot into an encrypted cluster",
            )
        else:
            refusals[point.series] = refused
            if error.code in DENIED:
                # A policy that allows no target with our marker may deny what another invocation,
                # or a call whose answer was lost, has just made: a look tells.
                self._learned.relist.add(lane_of(start))

    def _look_again(self, point: Point, otherwise: Problem) -> None:
        """Once an invocation; what is the same then is a problem."""
        if point.series in self._learned.looked:
            self._learned.refusals[point.series] = replace(otherwise, state=State.UNKNOWN)
        self._learned.looked.add(point.series)
        self._learned.relist |= {Lane(s, point.kind) for s in Side}
        self._learned.reselect.add(point.kind)

    def _did(self, word: str, point: Point, side: Side, name: str) -> None:
        self._learned.done.append(described(word, point, self._clients.account(side), name))


def _not_encrypted(error: AwsError, start: Start) -> str | None:
    """How a cluster is encrypted that RDS refuses to copy under a key; None for other refusals."""
    if not isinstance(start, CopyAutomated) or start.point.kind is Kind.INSTANCE:
        return None
    return _UNPROVEN.get(start.encryption) if error.code in PARAMETERS else None
