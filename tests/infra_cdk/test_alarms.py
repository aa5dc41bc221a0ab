"""Alarms and the dashboard look at what there is."""

import ast
import json
import re
from typing import Any

import pytest

from functions.health.router import router
from infra_cdk.config import EDGE_REGION
from infra_cdk.functions import FUNCTIONS
from tests.support import stacks
from tests.support.stacks import ABROAD, Stack
from tools import reach

# A synthesis of the stack takes some ten seconds.
pytestmark = pytest.mark.slow

ENVIRONMENTS = [environment.name for environment in stacks.environments()]
ALARMED = {("sweeper", "ContentMissing"), ("sweeper", "ScanLate"), ("archives", "ArchiveFailed")}
DAY = 24 * 60 * 60


def counted() -> set[tuple[str, str]]:
    """Functions, with the metrics that their code counts."""
    return {
        (spec.name, name.value)
        for spec in FUNCTIONS
        for unit in reach.units_of(spec.name)
        for tree in reach.nodes_of(unit)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "count" and node.args
        for name in ast.walk(node.args[0])
        if isinstance(name, ast.Constant) and isinstance(name.value, str)
    }


def alarms(stack: Stack) -> dict[str, dict[str, Any]]:
    """The properties of alarms, by the metric they look at; those of an expression are left out."""
    found = (alarm["Properties"] for alarm in stack.of_type("AWS::CloudWatch::Alarm").values())
    return {properties["MetricName"]: properties for properties in found if "MetricName" in properties}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_losses_ring(environment: str) -> None:
    stack = stacks.stack(environment)
    ringing = {
        (stack.name_of(properties["Dimensions"][0]["Value"]["Ref"]), metric)
        for metric, properties in alarms(stack).items()
        if properties["Namespace"] == "ReViewPoint"
    }

    assert ringing == ALARMED
    assert ringing <= counted()


def test_the_dashboard_shows_what_is_counted() -> None:
    (board,) = stacks.stack("prod").of_type("AWS::CloudWatch::Dashboard").values()
    text = json.dumps(board["Properties"]["DashboardBody"])
    shown = re.findall(r'\\"ReViewPoint\\",\\"(\w+)\\",\\"service\\",\\"reviewpoint-prod-(\w+)\\"', text)

    assert shown
    assert {(function, metric) for metric, function in shown} <= counted()


def test_health_is_asked_where_it_answers() -> None:
    checks = [
        check["Properties"]["HealthCheckConfig"]
        for stack in (stacks.stack("prod"), stacks.stack(ABROAD, edge=True))
        for check in stack.of_type("AWS::Route53::HealthCheck").values()
    ]

    assert [check["Type"] for check in checks] == ["HTTPS", "HTTPS"]
    assert {check["ResourcePath"] for check in checks} <= {getattr(route, "path", "") for route in router.routes}
    assert checks[1]["FullyQualifiedDomainName"] == stacks.abroad().domain.name  # pyright: ignore[reportOptionalMemberAccess]


@pytest.mark.parametrize("environment", stacks.environments(), ids=lambda environment: environment.name)
def test_somebody_comes_when_health_fails_or_the_certificate_ends(environment: Any) -> None:
    is_abroad = environment.region != EDGE_REGION
    watched = alarms(stacks.stack(environment.name, edge=is_abroad)) if environment.waf else {}

    assert ("HealthCheckStatus" in watched) == environment.protected
    assert ("DaysToExpiry" in watched) == (environment.domain is not None)
    if environment.protected:
        assert watched["HealthCheckStatus"]["TreatMissingData"] == "breaching"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_no_alarm_looks_further_back_than_cloudwatch_does(environment: str) -> None:
    for name, properties in alarms(stacks.stack(environment)).items():
        assert properties["Period"] <= DAY, name
        assert (
            properties["Period"] * properties["EvaluationPeriods"] <= (7 if properties["Period"] >= 3600 else 1) * DAY
        )


def test_a_schedule_that_misses_four_runs_rings() -> None:
    found = stacks.stack("prod").of_type("AWS::CloudWatch::Alarm").items()
    spans = {
        name.removeprefix("Alarms").partition("NotRun")[0]: p["Properties"]["Period"]
        * p["Properties"]["EvaluationPeriods"]
        for name, p in found
        if "NotRun" in name
    }

    assert spans == {spec.construct_id: 4 * 60 * spec.schedule_minutes for spec in FUNCTIONS if spec.schedule_minutes}
