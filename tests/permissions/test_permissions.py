"""Every call allowed, no grant unneeded, forbidden calls denied: both stacks, in every way."""

import re

import pytest

from sandbox.operations import OPERATIONS
from tests.permissions import exempt, page, proving
from tests.permissions.asking import EVERYTHING, Principal, Request, decisions
from tests.permissions.forbidden import FORBIDDEN
from tests.permissions.grants import Grants
from tests.permissions.known_keys import POLICIES_OF_AWS
from tests.permissions.removals import wide
from tests.permissions.scenarios import SCENARIOS, Scenario

BY_SCENARIO = pytest.mark.parametrize(
    "scenario", [pytest.param(scenario, id=scenario.name) for scenario in SCENARIOS]
)
# The sandbox plays them for its own tests, and a person's restores; the functions never call them.
NEVER_CALLED = {"rds:ListTagsForResource", "rds:ModifyDBSnapshot", "rds:RemoveTagsFromResource"}
# Nor does any function make databases, snapshots of them or option groups: the acceptance kit does.
NEVER_CALLED |= {f"rds:Create{what}" for what in ("DBCluster", "DBClusterSnapshot", "DBSnapshot")}
NEVER_CALLED |= {"rds:CreateOptionGroup", "rds:DeleteOptionGroup"}
# What only drills call, without a validator and with one.
DRILLS = {
    "rds:CreateDBInstance",
    "rds:DeleteDBCluster",
    "rds:DeleteDBInstance",
    "rds:DescribeOrderableDBInstanceOptions",
    "rds:RestoreDBClusterFromSnapshot",
    "rds:RestoreDBInstanceFromDBSnapshot",
}
VALIDATED = {"rds:ModifyDBCluster", "rds:ModifyDBInstance"}


@BY_SCENARIO
class TestAllowed:
    """Nothing that a deployment does is refused."""

    def test_every_recorded_call_is_allowed(self, scenario: Scenario) -> None:
        """In every step: identity, trust and key policies, and RDS's own calls to KMS."""
        assert [] == [str(each) for each in proving.unmet()[scenario] if each.allowed]

    def test_every_operation_is_among_the_recorded(self, scenario: Scenario) -> None:
        """The sandbox refuses every other, so that no test can make a call that is not here."""
        actions = {request.action for request in proving.played(scenario)}
        deployed = proving.deployed(scenario)
        without = NEVER_CALLED | (set() if deployed.drills else DRILLS)
        without |= set() if deployed.validates else VALIDATED
        played = {f"rds:{operation}" for operation in OPERATIONS["rds"]} - without

        assert played == {action for action in actions if action.startswith("rds:")}
        assert {"sts:AssumeRole", "kms:DescribeKey", "kms:CreateGrant"} <= actions


@pytest.mark.parametrize("name", FORBIDDEN)
def test_it_is_denied(name: str) -> None:
    """In every deployment; and in one at least it can be asked."""
    asked = [each for scenario in SCENARIOS for each in proving.forbidden(scenario)]
    answered = [each for scenario in SCENARIOS for each in proving.unmet()[scenario]]

    assert name in {each.name for each in asked}
    assert [] == [str(each) for each in answered if each.name == name]


class TestNeeded:
    """Whatever is in a policy is there for something."""

    @BY_SCENARIO
    def test_no_part_of_a_policy_can_be_taken_out_unnoticed(self, scenario: Scenario) -> None:
        """Some recorded call would be denied, or some forbidden one allowed."""
        found = proving.grants(scenario)
        expected = [*proving.allowed(scenario), *proving.forbidden(scenario)]
        deployed = proving.deployed(scenario)
        has_key = "BackupKey" in deployed.backup.resources
        exempted = {
            *(exempt.UNNOTICED if has_key else ()),
            *(exempt.TWICE if "SharingKey" in deployed.source.resources else ()),
            *(exempt.OF_DRILLS if deployed.drills and has_key else ()),
            *(exempt.VALIDATED if deployed.validates else ()),
        }

        assert exempted == {
            r.name for r in proving.unnoticed(found, proving.parts(found), expected)
        }

    def test_a_wildcard_has_its_reason(self) -> None:
        """Every one that is there, and no reason for one that is not."""
        found = {
            part
            for scenario in SCENARIOS
            for name, policy in proving.grants(scenario).documents.items()
            if not name.startswith("source of")
            for part in wide(name, policy)
        }

        assert set(exempt.WIDE) == found

    def test_every_exemption_says_why(self) -> None:
        """In a sentence."""
        lists = (exempt.UNNOTICED, exempt.TWICE, exempt.OF_DRILLS, exempt.VALIDATED, exempt.WIDE)
        reasons = [reason for each in lists for reason in each.values()]

        assert all(reason.endswith(".") for reason in reasons)


def test_the_questions_can_be_answered_with_yes() -> None:
    """A forbidden call that nothing could allow would prove nothing: within one account, all can.

    Those of other accounts and of services are left out: a policy of their own allows them nothing.
    So are those of the keys whose policies are AWS's.
    """
    no_policies = Grants({}, {}, {})
    asked = {
        _with_everything(each.request): None
        for scenario in SCENARIOS
        for each in proving.forbidden(scenario)
        if each.request.principal.account == each.request.account
        and each.request.action != "sts:AssumeRole"
        and each.request.resource not in POLICIES_OF_AWS
    }

    assert {"Allowed"} == set(decisions((no_policies, request) for request in asked))
    assert "Allow" == EVERYTHING["Statement"][0]["Effect"]


def _with_everything(request: Request) -> Request:
    everything = Principal(request.principal.name, everything=True)
    return Request(everything, request.action, request.resource, request.account, request.context)


def test_the_page_states_the_figures() -> None:
    """Nothing is claimed that was not asked."""
    stated = re.findall(r"^\| ([\w ,]+) \| (\d+) \|$", page.PAGE.read_text(), flags=re.MULTILINE)

    assert proving.figures() == {what: int(number) for what, number in stated}
