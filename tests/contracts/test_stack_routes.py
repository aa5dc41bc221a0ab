"""Routes, times, queues and schedules in the stack are those of the local system and of the code."""

import copy

import pytest

from infra_cdk.constructs.distribution import API_PATTERNS, PAGE_PATTERNS
from infra_cdk.functions import FUNCTIONS
from infra_local import functions as local
from tests.support import stacks
from tests.support.stacks import Stack

# A synthesis of the stack takes some ten seconds.
pytestmark = pytest.mark.slow

NAMES = [spec.name for spec in FUNCTIONS]


def expected_routes() -> dict[str, str]:
    expected: dict[str, str] = {}
    for function in local.FUNCTIONS:
        for prefix in function.routes:
            if prefix == local.DEFAULT_ROUTE:
                expected[prefix] = function.name
            else:
                keys = (f"ANY {prefix}", f"ANY {prefix}/", f"ANY {prefix}/{{proxy+}}")
                expected |= dict.fromkeys(keys, function.name)
    return expected


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_routes_are_the_local_systems(environment: str) -> None:
    assert stacks.stack(environment).routes("HTTP") == expected_routes()


def test_sockets_go_to_the_function_that_takes_them() -> None:
    (function,) = (function.name for function in local.FUNCTIONS if function.sockets)

    assert stacks.stack("prod").routes("WEBSOCKET") == dict.fromkeys(("$connect", "$disconnect", "$default"), function)


def test_a_route_more_or_less_is_noticed() -> None:
    template = copy.deepcopy(stacks.stack("prod").template)
    gone = next(name for name, r in template["Resources"].items() if r["Type"] == "AWS::ApiGatewayV2::Route")
    template["Resources"].pop(gone)

    assert Stack(template).routes("HTTP") != expected_routes()


@pytest.mark.parametrize("function", local.FUNCTIONS, ids=lambda function: function.name)
def test_function_is_configured_as_on_one_machine(function: local.Function) -> None:
    properties = stacks.stack("prod").function(function.name)["Properties"]

    assert (properties["Handler"], properties["Timeout"]) == (function.handler, function.timeout_seconds)
    spec = next(spec for spec in FUNCTIONS if spec.name == function.name)
    assert (spec.queue, (spec.schedule_minutes or 0) * 60) == (function.queue, function.schedule_seconds or 0)


def test_all_functions_are_in_both_tables() -> None:
    assert [function.name for function in local.FUNCTIONS] == NAMES
    handlers = {path.parent.name for path in (stacks.ROOT / "functions").glob("*/handler.py")}
    assert set(NAMES) == handlers


def test_every_file_of_the_page_has_its_behaviour() -> None:
    for file in (stacks.ROOT / "web").iterdir():
        matching = [p for p in PAGE_PATTERNS if f"/{file.name}" == p or (p[:3] == "/*." and file.suffix == p[2:])]
        assert matching, f"CloudFront would send /{file.name} to the API"


def test_no_path_of_the_api_is_taken_for_the_page() -> None:
    from functions.docs.router import router

    paths = [str(getattr(route, "path", "")) for route in router.routes]
    for path in paths:
        taken = any(path == p or (p[:2] == "/*" and path.endswith(p[2:])) for p in PAGE_PATTERNS)
        assert not taken or any(path.startswith(p.rstrip("*")) for p in API_PATTERNS), path
