"""A restore drill from its first call to its last, through the real handler."""

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from sandbox import Sandbox, Switches
from sandbox.calls import Call
from sandbox.environments import DRILL_SECURITY_GROUP
from sandbox.gate import Hook
from sandbox.serving.lambda_runtime import Function
from tests.support.drilling import DRILL, GO_ON, PLAN, drill, made, ready, results, ticks
from tests.support.playing import (
    DAY,
    EXPIRE,
    NIGHT,
    TICK,
    automated,
    backups,
    metrics_of,
    mutations,
    play,
)

ENGINES = ("postgres", "mysql", "mariadb", "aurora-postgresql", "aurora-mysql")


@pytest.mark.parametrize("engine", ENGINES)
def test_a_backup_is_restored_asked_recorded_and_gone(aws: Sandbox, engine: str) -> None:
    """The proof lies on the backup, and nothing else is left."""
    function = ready(aws, orders=engine)
    before = len(aws.calls)

    invocations = drill(aws, function)

    assert [] == [str(done.error) for done in invocations if done.error]
    assert ["passed"] == results(aws)
    (backup,) = backups(aws)
    minutes = int(backup.tags["rds-backup:restore-minutes"])
    assert 15 <= minutes <= 60
    assert [] == made(aws)
    assert "nothing_to_do" == invocations[-1].outcome
    assert {
        *("RestoreDBInstanceFromDBSnapshot", "RestoreDBClusterFromSnapshot", "CreateDBInstance"),
        *("AddTagsToResource", "DeleteDBInstance", "DeleteDBCluster", "Invoke"),
    } >= set(mutations(aws, before))


@pytest.mark.parametrize("engine", ["postgres", "aurora-postgresql"])
def test_a_backup_under_aws_rds_is_restored_under_it(aws: Sandbox, engine: str) -> None:
    """Within its own account it needs no copy and no other key (6.13d)."""
    aws.backup_key = aws.keys.managed(aws.backup.id)
    key = {"BACKUP_KMS_KEY_ID": "alias/aws/rds"}
    function = ready(aws, orders=engine, settings=key)
    function.environment |= key

    function.invoke(DRILL)
    keys = [database.fields["KmsKeyId"] for database in made(aws)]
    [*ticks(aws, function)]

    assert [aws.backup_key] == keys
    assert (["passed"], []) == (results(aws), made(aws))


def test_one_step_an_invocation(aws: Sandbox) -> None:
    """Whatever happens between two ticks, the next one sees what there is."""
    function = ready(aws, orders="aurora-postgresql")

    told = [done.result["drill"] for done in drill(aws, function) if done.result]
    steps = [step["step"] for step in told if step]

    assert ["restore", "add_member", "ask", "delete"] == [s for s in steps if s != "wait"]


@pytest.mark.parametrize("engine", ["mysql", "aurora-mysql"])
def test_nothing_is_left_to_the_defaults_of_the_account(aws: Sandbox, engine: str) -> None:
    """Closed, encrypted, alone, without backups of its own and without its source's tags."""
    function = ready(aws, orders=engine)
    function.invoke(DRILL)
    aws.clock.advance(minutes=20)
    function.invoke(GO_ON)
    aws.clock.advance(minutes=20)

    for database in made(aws):
        shown = database.fields
        assert {"rds-backup:managed-by", "rds-backup:drill"} == set(database.tags)
        assert shown["StorageEncrypted"]
        assert aws.backup_key == shown["KmsKeyId"]
        assert not shown["PubliclyAccessible"]
        if database.member_of is None:
            (group,) = shown["VpcSecurityGroups"]
            assert DRILL_SECURITY_GROUP == group["VpcSecurityGroupId"]
            assert not shown["DeletionProtection"]
            groups = shown["DBSubnetGroup"]
            assert "drill" == (groups if isinstance(groups, str) else groups["DBSubnetGroupName"])
            assert int(database.kind == "cluster") == shown["BackupRetentionPeriod"]
            assert shown["EngineLifecycleSupport"].endswith("-disabled")


def test_while_nothing_is_under_way_a_tick_costs_two_calls(aws: Sandbox) -> None:
    """It runs every ten minutes, day and night."""
    function = ready(aws)
    function.invoke(GO_ON)
    before = len(aws.calls)

    done = function.invoke(GO_ON)

    assert ["DescribeDBInstances", "DescribeDBClusters"] == [
        c.operation for c in aws.calls[before:]
    ]
    assert "nothing_to_do" == done.outcome
    found = metrics_of(done)
    assert (0, 0, 0) == tuple(found[f"Drills{n}"] for n in ("UnderWay", "Overdue", "Failed"))


def test_series_take_turns(aws: Sandbox) -> None:
    """Each day the one whose last drill is the longest ago."""
    function = ready(aws, 3, orders="postgres", users="mysql", billing="aurora-mysql")
    seen = []
    for _ in range(4):
        done = function.invoke(DRILL)
        assert done.result
        seen.append(done.result["drill"]["database"])
        list(ticks(aws, function))
        aws.clock.advance(hours=20)

    assert {"orders", "users", "billing"} == set(seen[:3])
    assert seen[0] == seen[3]


def test_a_second_drill_waits_for_the_first(aws: Sandbox) -> None:
    """One at a time: the daily event goes on with the one under way."""
    function = ready(aws, orders="postgres", users="mysql")
    function.invoke(DRILL)
    aws.clock.advance(minutes=1)

    again = function.invoke(DRILL)

    assert again.result
    assert "wait" == again.result["drill"]["step"]
    assert 1 == len(made(aws))


def test_a_plan_says_what_would_be_restored_and_changes_nothing(aws: Sandbox) -> None:
    """What, as what, where, and why it is this one's turn."""
    function = ready(aws)
    before = len(aws.calls)

    looked = Function(aws, aws.drill_environment(READ_ONLY="true")).invoke(PLAN)

    assert looked.result
    assert [] == mutations(aws, before)
    plan = looked.result["plan"]
    assert ("orders", "db.t4g.medium", "gp3", "drill") == tuple(
        plan[key] for key in ("database", "class", "storage_type", "subnet_group")
    )
    assert "no backup of this series was ever restored" == plan["why"]
    begun = function.invoke(DRILL)
    assert begun.result
    for key in ("database", "backup", "drill_database", "class"):
        assert plan[key] == begun.result["drill"][key]
    under_way = function.invoke(PLAN)
    assert under_way.result
    assert "wait" == under_way.result["drill"]["step"]


@pytest.mark.parametrize("asked", [DRILL, GO_ON])
def test_a_function_that_only_looks_does_not_drill(aws: Sandbox, asked: dict[str, Any]) -> None:
    """Whoever may invoke it restores nothing."""
    ready(aws)
    before = len(aws.calls)
    looked = Function(aws, aws.drill_environment(READ_ONLY="true")).invoke(asked)
    assert '"drill" is refused' in str(looked.error)
    assert before == len(aws.calls)


@pytest.mark.parametrize(
    "switches",
    [
        Switches(gp3_without_iops="refuse"),
        Switches(delete_creating="refuse"),
        Switches(restoring_cluster="migrating"),
        Switches(copied_traits="absent"),
        Switches(copied_resource_id="absent"),
    ],
    ids=str,
)
@pytest.mark.parametrize("engine", ["postgres", "aurora-postgresql"])
def test_it_passes_however_aws_answers_what_it_does_not_document(aws: Sandbox, engine: str) -> None:
    """Each open question, with the answer that the other tests do not have."""
    drill(aws, ready(aws, orders=engine))
    assert ["passed"] == results(aws)
    assert [] == made(aws)


class TestFailures:
    """What does not work is told, written onto the backup, and deleted."""

    @pytest.mark.parametrize("word", ["incompatible-restore", "failed", "storage-full"])
    @pytest.mark.parametrize("engine", ["postgres", "aurora-postgresql"])
    def test_a_restore_that_ends_badly_is_the_result(
        self, aws: Sandbox, engine: str, word: str
    ) -> None:
        """RDS's own word; it is an error once, and a failed drill."""
        function = ready(aws, orders=engine)
        aws.restores.end_next(word)

        invocations = drill(aws, function)

        assert [word] == results(aws)
        assert [] == made(aws)
        (failed,) = (done for done in invocations if done.error)
        assert f"orders: {word}" in str(failed.error)
        assert 1 == metrics_of(failed)["DrillsFailed"]

    def test_a_restore_that_never_ends_goes_after_its_deadline(self, aws: Sandbox) -> None:
        """Twelve hours, and not one tick more than that takes."""
        function = ready(aws)
        aws.restores.end_next(None)
        function.invoke(DRILL)
        begun = aws.clock.now

        list(ticks(aws, function, hours=14))

        assert ["overdue"] == results(aws)
        (gone,) = aws.deleted_databases(aws.backup.id)
        assert gone.deleted_at
        assert timedelta(hours=12) < gone.deleted_at - begun <= timedelta(hours=12) + TICK

    def test_a_database_that_does_not_answer_fails(self, aws: Sandbox) -> None:
        """Available is not enough: somebody has to be able to connect."""
        function = ready(aws)
        aws.add_function("drill-probe", lambda _: {"ok": False, "reason": "refused"})

        invocations = drill(aws, function)

        assert ["connection"] == results(aws)
        (failed,) = (done for done in invocations if done.error)
        assert "orders: connection: refused" in str(failed.error)
        (line,) = (one for one in failed.logs if one["message"] == "drill")
        assert {"question": "connection", "right": False, "words": "refused"} == line["drill"][
            "questions"
        ][-1]

    def test_another_version_than_the_backups_fails(self, aws: Sandbox) -> None:
        """RDS upgrades what is past its standard support (11.10)."""
        function = ready(aws)
        aws.restores.past_support["postgres", "17.2"] = "17.9"
        drill(aws, function)
        assert ["version"] == results(aws)

    def test_a_class_that_is_not_offered_is_passed_over(self, aws: Sandbox) -> None:
        """The first that RDS offers for this engine and version is taken."""
        function = ready(aws)
        aws.restores.offer("postgres", "db.r7g.large")
        done = function.invoke(DRILL)
        assert done.result
        assert "db.r7g.large" == done.result["drill"]["class"]

    def test_what_cannot_be_restored_at_all_blocks_no_other(self, aws: Sandbox) -> None:
        """It is told, and goes to the end of the queue."""
        function = ready(aws, orders="postgres", users="mysql")
        aws.restores.offer("postgres")
        aws.restores.offer("mysql", "db.t4g.medium")

        drilled = [drill(aws, function) for _ in range(2)]

        assert ["not-offered"] == results(aws, "orders")
        assert ["passed"] == results(aws, "users")
        assert any("orders" in str(done.error) for day in drilled for done in day if done.error)

    @pytest.mark.parametrize(
        ("code", "word"),
        [
            ("KMSKeyNotAccessibleFault", "KMSKeyNotAccessibleFault"),
            ("OptionGroupNotFoundFault", "OptionGroupNotFoundFault"),
            ("InstanceQuotaExceeded", "InstanceQuotaExceeded"),
        ],
    )
    def test_a_refused_restore_is_a_failed_drill(self, aws: Sandbox, code: str, word: str) -> None:
        """In an emergency it would be refused as well; the next day it is another's turn."""
        function = ready(aws, orders="postgres", users="postgres")
        aws.fault("RestoreDB*", code=code, times=1)

        first = function.invoke(DRILL)
        drill(aws, function)

        assert code in str(first.error)
        assert {word, "passed"} == {*results(aws)}

    @pytest.mark.parametrize("engine", ["postgres", "aurora-postgresql"])
    def test_a_class_without_capacity_gives_way_to_the_next(
        self, aws: Sandbox, engine: str
    ) -> None:
        """The class is the drill's, not the database's."""
        function = ready(aws, orders=engine)
        aws.restores.without_capacity.add("db.t4g.medium")
        invocations = drill(aws, function)
        told = [d.result["drill"] for d in invocations if d.result and d.result["drill"]]
        (made_of,) = (one for one in told if "note" in one)
        assert "db.r7g.large" == made_of["class"]
        assert "InsufficientDBInstanceCapacity" in made_of["note"]
        assert ["passed"] == results(aws)

    @pytest.mark.parametrize("engine", ["postgres", "aurora-postgresql"])
    def test_without_any_capacity_the_drill_has_failed(self, aws: Sandbox, engine: str) -> None:
        """Once no class and no storage type is left; the error says what AWS said."""
        function = ready(aws, orders=engine)
        aws.restores.without_capacity |= {"db.t4g.medium", "db.r7g.large"}
        invocations = drill(aws, function)
        (failed,) = (str(done.error) for done in invocations if done.error)
        assert "Insufficient capacity for db.r7g.large" in failed
        assert ["InsufficientDBInstanceCapacity"] == results(aws)
        assert [] == made(aws)

    def test_a_serverless_class_among_others_needs_its_range(self, aws: Sandbox) -> None:
        """Whichever class has capacity when the instance is made."""
        ready(aws, orders="aurora-postgresql")
        classes = {"DRILL_CLASSES": "db.r7g.large,db.serverless"}
        function = Function(aws, aws.drill_environment(**classes))
        aws.restores.without_capacity.add("db.r7g.large")
        drill(aws, function)
        assert ["passed"] == results(aws)

    @pytest.mark.parametrize("operation", ["RestoreDB*", "DescribeOrderable*"])
    def test_a_series_that_meets_an_error_for_ever_blocks_no_other(
        self, aws: Sandbox, operation: str
    ) -> None:
        """It is told each day, and another has its turn."""
        function = ready(aws, orders="postgres", users="mysql")
        aws.fault(
            operation,
            code="InternalFailure",
            status=500,
            when=lambda call: "mysql" == call.params.get("Engine"),
        )
        days = []
        for _ in range(2):
            days += drill(aws, function)
            aws.clock.advance(hours=20)

        assert ["passed"] == results(aws, "orders")
        assert [None] == results(aws, "users")
        assert any("users" in str(done.error) for done in days)

    def test_each_failure_has_a_line_of_its_own(self, aws: Sandbox) -> None:
        """The history misses none, whatever else one invocation does."""
        function = ready(aws, orders="postgres", users="mysql")
        aws.restores.offer("postgres")
        lines = []
        for _ in range(2):
            done = function.invoke(DRILL)
            lines += [one["drill"] for one in done.logs if one["message"] == "drill"]
            list(ticks(aws, function))
        ends = {(line["database"], line.get("result")) for line in lines}
        assert ("orders", "not-offered") in ends
        assert ("users", None) in ends

    def test_a_failure_of_a_backup_that_had_passed_keeps_its_proof(self, aws: Sandbox) -> None:
        """A refused restore says nothing of what was restored before."""
        function = ready(aws)
        drill(aws, function)
        aws.fault("RestoreDB*", code="AccessDenied", status=403, times=1)
        assert "AccessDenied" in str(function.invoke(DRILL).error)

        look = Function(aws, aws.environment(DB_TAG="backup=nightly"))
        found = look.invoke({"action": "status"}).result

        assert found
        (entry,) = found["databases"]
        assert "passed" == entry["restored"]["result"]
        assert entry["restored"]["minutes"] >= 15
        assert ("AccessDenied", 0) == (
            entry["last_drill"]["result"],
            entry["last_drill"]["minutes"],
        )

    def test_a_result_that_cannot_be_written_is_none(self, aws: Sandbox) -> None:
        """The log says passed of nothing that no backup says."""
        function = ready(aws)
        aws.fault("AddTagsToResource", code="AccessDenied", status=403)
        invocations = drill(aws, function, hours=1)
        told = [one["drill"] for done in invocations for one in done.logs if "drill" in one]
        assert "passed" in [one.get("unrecorded") for one in told]
        assert {None} == {one.get("result") for one in told}

    @pytest.mark.parametrize("code", ["ResourceConflictException", "ResourceNotReadyException"])
    def test_a_probe_that_has_slept_is_asked_again(self, aws: Sandbox, code: str) -> None:
        """Lambda takes the network away from a function that nobody asks for two weeks."""
        function = ready(aws)
        aws.fault("Invoke", code=code, status=409, times=1)
        drill(aws, function)
        assert ["passed"] == results(aws)

    def test_a_daily_look_that_fails_counts_as_a_failed_drill(self, aws: Sandbox) -> None:
        """Ticks that succeed must not hide that nothing is restored any more."""
        function = ready(aws)
        aws.fault("DescribeDBSnapshots", code="AccessDenied", status=403)
        assert 1 == metrics_of(function.invoke(DRILL))["DrillsFailed"]
        assert 0 == metrics_of(function.invoke(GO_ON))["DrillsFailed"]

    def test_what_could_not_be_listed_is_not_counted(self, aws: Sandbox) -> None:
        """Missing is an alarm, and nothing overdue is not."""
        function = ready(aws)
        aws.fault("DescribeDBInstances", code="AccessDenied", status=403)
        found = metrics_of(function.invoke(GO_ON))
        assert not {"DrillsUnderWay", "DrillsOverdue"} & set(found)

    def test_a_throttled_restore_is_no_result(self, aws: Sandbox) -> None:
        """Nothing is known of the backup: it is its turn again."""
        function = ready(aws)
        aws.fault("RestoreDB*", code="Throttling", times=5)
        assert "Throttling" in str(function.invoke(DRILL).error)
        assert [None] == results(aws)
        drill(aws, function)
        assert ["passed"] == results(aws)

    def test_a_probe_that_gives_no_answer_is_asked_again(self, aws: Sandbox) -> None:
        """What was not asked is no answer."""
        function = ready(aws)
        aws.fault("Invoke", code="TooManyRequestsException", status=429, times=2)
        invocations = drill(aws, function)
        assert ["passed"] == results(aws)
        assert 2 == sum("probe" in str(done.error) for done in invocations if done.error)

    def test_a_backup_without_room_for_a_proof_is_told_and_skipped(self, aws: Sandbox) -> None:
        """RDS allows 50 tags: a drill whose result cannot be kept would be begun every day."""
        function = ready(aws, orders="postgres", users="mysql")
        full = next(row for row in backups(aws) if row.database == "orders")
        more = [{"Key": f"team-{n}", "Value": "x"} for n in range(50 - len(full.tags))]
        aws.backup.client("rds").add_tags_to_resource(ResourceName=full.arn, Tags=more)

        for _ in range(2):
            drill(aws, function)

        assert [None] == results(aws, "orders")
        assert ["passed"] == results(aws, "users")
        told = function.invoke(PLAN).result
        assert told
        assert "orders" == told["skipped"][0]["database"]

    def test_a_refused_record_is_told_and_the_database_goes(self, aws: Sandbox) -> None:
        """At its deadline at the latest, whatever is refused."""
        function = ready(aws)
        aws.fault("AddTagsToResource", code="AccessDenied", status=403)
        function.invoke(DRILL)
        invocations = list(ticks(aws, function, hours=14))
        assert [None] == results(aws)
        assert [] == made(aws)
        assert any("could not be written" in str(done.error) for done in invocations)


class TestPeople:
    """What people do to a drill's database, and what a drill does to theirs."""

    def test_a_database_that_somebody_deletes_is_begun_again_the_next_day(
        self, aws: Sandbox
    ) -> None:
        """Nothing was recorded: it is still its turn."""
        function = ready(aws)
        function.invoke(DRILL)
        aws.clock.advance(minutes=30)
        (mine,) = made(aws)
        aws.backup.client("rds").delete_db_instance(
            DBInstanceIdentifier=mine.identifier, SkipFinalSnapshot=True
        )
        list(ticks(aws, function))
        assert [None] == results(aws)
        drill(aws, function)
        assert ["passed"] == results(aws)

    def test_a_name_that_somebody_has_taken_is_left_to_them(self, aws: Sandbox) -> None:
        """The next number, and theirs is never touched."""
        function = ready(aws)
        looked = function.invoke(PLAN).result
        assert looked
        name = looked["plan"]["drill_database"]
        aws.add_instance(name, account=aws.backup)

        drill(aws, function)

        assert ["passed"] == results(aws)
        assert [name] == [row.identifier for row in made(aws)]

    def test_an_unreadable_tag_ends_the_drill(self, aws: Sandbox) -> None:
        """Nobody knows until when it may stay."""
        function = ready(aws)
        function.invoke(DRILL)
        (mine,) = made(aws)
        aws.backup.client("rds").add_tags_to_resource(
            ResourceName=mine.arn, Tags=[{"Key": "rds-backup:drill", "Value": "mine now"}]
        )
        aws.clock.advance(minutes=30)
        list(ticks(aws, function))
        assert [] == made(aws)
        assert [None] == results(aws)

    def test_a_backup_that_expires_in_each_drill_leaves_others_their_turn(
        self, aws: Sandbox
    ) -> None:
        """The result lies on the newest backup of its series, and is no failure."""
        function = ready(aws, 2, orders="postgres", users="mysql")
        first = function.invoke(DRILL).result
        assert first
        database = first["drill"]["database"]
        newest = backups(aws, database)[-1]
        aws.backup.client("rds").delete_db_snapshot(DBSnapshotIdentifier=newest.identifier)
        invocations = list(ticks(aws, function))
        assert [] == [str(done.error) for done in invocations if done.error]
        assert ["backup-gone"] == results(aws, database)
        second = function.invoke(DRILL).result
        assert second
        assert database != second["drill"]["database"]

    def test_a_drills_database_without_its_tags_is_told(self, aws: Sandbox) -> None:
        """Nobody else deletes it, and it costs by the hour."""
        function = ready(aws)
        function.invoke(DRILL)
        (mine,) = made(aws)
        aws.backup.client("rds").remove_tags_from_resource(
            ResourceName=mine.arn, TagKeys=["rds-backup:drill"]
        )
        aws.clock.advance(minutes=30)
        told = str(function.invoke(GO_ON).error)
        assert f"{mine.identifier} has the name of a drill's database without its tags" in told
        assert [mine.identifier] == [row.identifier for row in made(aws)]

    def test_a_backup_that_goes_in_mid_drill_takes_its_drill_along(self, aws: Sandbox) -> None:
        """There is no place for a proof any more."""
        function = ready(aws)
        function.invoke(DRILL)
        (backup,) = backups(aws)
        aws.backup.client("rds").delete_db_snapshot(DBSnapshotIdentifier=backup.identifier)
        invocations = list(ticks(aws, function))
        assert [] == made(aws)
        assert [] == [str(done.error) for done in invocations if done.error]

    def test_a_backup_that_goes_while_its_database_is_asked_alarms_nobody(
        self, aws: Sandbox
    ) -> None:
        """Between the look and the record: there is no place for a proof any more, either."""
        function = ready(aws)
        (backup,) = backups(aws)

        def probe(_: object) -> dict[str, bool]:
            aws.remove_snapshot(aws.backup, "instance", backup.identifier)
            return {"ok": True}

        aws.add_function("drill-probe", probe)
        invocations = drill(aws, function)

        assert [] == [str(done.error) for done in invocations if done.error]
        assert [] == made(aws)
        notes = [line["drill"].get("note", "") for d in invocations for line in d.logs]
        assert any("could not be written onto its backup yet" in note for note in notes)


class TestValidator:
    """Somebody's own function asks what only its owner can."""

    @staticmethod
    def asked(aws: Sandbox, answer: Any, engine: str = "postgres") -> tuple[list[Any], Any]:  # noqa: ANN401
        """The questions that a validator got, and the drill's invocations."""
        ready(aws, orders=engine)
        questions = []

        def validate(question: dict[str, Any]) -> Any:  # noqa: ANN401
            questions.append(question)
            if isinstance(answer, Exception):
                raise answer
            return answer

        arn = aws.add_function("validate", validate)
        function = Function(aws, aws.drill_environment(DRILL_VALIDATOR_ARN=arn))
        return questions, drill(aws, function)

    @pytest.mark.parametrize("engine", ["postgres", "aurora-postgresql"])
    def test_it_gets_what_it_needs_and_its_facts_are_told(self, aws: Sandbox, engine: str) -> None:
        """The password is RDS's own, set after the restore (12.6)."""
        facts = {"rows": 1234, "newest": "2026-03-02T01:59:00Z"}
        questions, invocations = self.asked(aws, {"ok": True, "facts": facts}, engine)

        assert ["passed validated"] == results(aws)
        (question,) = questions
        (backup,) = backups(aws)
        assert ("orders", engine, backup.arn) == tuple(
            question[key] for key in ("database", "engine", "backup")
        )
        assert question["secret_arn"].startswith("arn:aws:secretsmanager:")
        assert backup.tags["rds-backup:taken-at"] == question["taken_at"]
        assert facts in [
            line["drill"].get("facts")
            for done in invocations
            for line in done.logs
            if line["message"] == "drill"
        ]

    @pytest.mark.parametrize(
        "answer",
        [
            {"ok": False, "facts": {"rows": 0}},
            {"ok": "yes"},
            {"facts": {}},
            None,
            [],
            "ok",
            ValueError("no such table"),
        ],
    )
    def test_whatever_is_not_plainly_ok_is_a_failure(self, aws: Sandbox, answer: Any) -> None:  # noqa: ANN401
        """Also that it raised."""
        self.asked(aws, answer)
        assert ["validator"] == results(aws)
        assert [] == made(aws)

    def test_one_that_takes_too_long_is_a_failure(self, aws: Sandbox) -> None:
        """It is asked once, and not every ten minutes until the deadline."""
        ready(aws)
        arn = aws.add_function("validate", lambda _: {"ok": True})
        function = Function(aws, aws.drill_environment(DRILL_VALIDATOR_ARN=arn))

        class Slow(Hook):
            def before(self, call: Call) -> None:
                if call.operation == "Invoke" and "validate" in str(call.params):
                    raise ReadTimeoutError(endpoint_url="https://lambda")

        aws.hooks.append(Slow())
        drill(aws, function)
        assert ["validator"] == results(aws)

    def test_one_that_is_not_there_is_a_failure(self, aws: Sandbox) -> None:
        """A mistake in the configuration is told within the hour, not after the deadline."""
        ready(aws)
        function = Function(aws, aws.drill_environment(DRILL_VALIDATOR_ARN="nobody"))
        invocations = drill(aws, function)
        assert ["validator"] == results(aws)
        assert any("ResourceNotFound" in str(done.logs) for done in invocations)


class TestWhatIsKept:
    """A proof keeps its backup, and no drill makes anything else of it."""

    def test_the_last_one_restored_stays(self, aws: Sandbox) -> None:
        """Beside the newest, until another one is restored."""
        function = ready(aws)
        drill(aws, function)
        backing_up = Function(aws, aws.environment(DB_TAG="backup=nightly", BACKUPS_TO_KEEP="2"))
        for number in range(1, 5):
            automated(aws, NIGHT + number * DAY)
            play(backing_up, NIGHT + number * DAY, hours=1.5)
        assert ["passed", None, None] == results(aws)

        drill(aws, function)
        expiring = Function(aws, aws.backup_environment(BACKUPS_TO_KEEP="2"))
        assert expiring.invoke(EXPIRE).error is None

        assert [None, "passed"] == results(aws)

    def test_a_drills_database_is_never_backed_up(self, aws: Sandbox) -> None:
        """In either account, whatever selects it."""
        function = ready(aws)
        function.invoke(DRILL)
        aws.clock.advance(minutes=30)
        (mine,) = made(aws)
        aws.add_instance("same-here", kms_key="aws/rds", tags=mine.tags | {"backup": "nightly"})
        automated(aws, NIGHT + DAY)
        backing_up = Function(aws, aws.environment(DB_TAG="backup=nightly"))

        play(backing_up, NIGHT + DAY, hours=1.5)

        assert {"orders"} == {row.database for row in backups(aws)}

    @pytest.mark.parametrize("side", ["source", "backup"])
    def test_status_tells_when_it_was_restored_and_what_was_asked(
        self, aws: Sandbox, side: str
    ) -> None:
        """In both accounts; and nothing, where it never was."""
        drill(aws, ready(aws, orders="postgres", users="mysql"))
        environments = {
            "source": aws.environment(DB_TAG="backup=nightly"),
            "backup": aws.backup_environment(DRILL_SCHEDULE="rate(3 days)"),
        }

        found = Function(aws, environments[side]).invoke({"action": "status"}).result

        assert found
        told = {entry["database"]: entry["restored"] for entry in found["databases"]}
        assert {"orders", "users"} == set(told)
        (restored,) = filter(None, told.values())
        assert 15 <= restored["minutes"] <= 60
        assert "connection" in restored["asked"]
        assert "validator" not in restored["asked"]
        if side == "backup":
            assert (2, 6, 1) == tuple(found["drills"][key] for key in ("series", "days", "never"))

    def test_metrics_tell_how_old_the_oldest_proof_is(self, aws: Sandbox) -> None:
        """And how many series are not proven in time."""
        ready(aws, orders="postgres", users="mysql")
        function = Function(aws, aws.drill_environment(MAX_DRILL_AGE_DAYS="2"))
        first = metrics_of(function.invoke(DRILL))
        assert (2, None) == (first["SeriesNotRestored"], first.get("OldestProofAgeDays"))
        list(ticks(aws, function))
        aws.clock.advance(hours=24)
        second = metrics_of(function.invoke(DRILL))
        assert 1 == second["SeriesNotRestored"]
        assert 0.5 < second["OldestProofAgeDays"] < 1.5
