"""What must hold of every route of every group."""

import importlib
import inspect
from collections.abc import Iterator

import pytest
from fastapi import APIRouter
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from infra_local.functions import DEFAULT_ROUTE, FUNCTIONS
from shared.http.app import API_PREFIX
from tests.support.api import GROUPS, PREFIXES
from tools import openapi


def routes() -> list[APIRoute]:
    routers: list[APIRouter] = [
        importlib.import_module(f"functions.{name}.router").router for name in (*GROUPS, "docs")
    ]
    return [route for router in routers for route in router.routes if isinstance(route, APIRoute)]


def _dependencies(dependant: Dependant) -> Iterator[Dependant]:
    for dependency in dependant.dependencies:
        yield dependency
        yield from _dependencies(dependency)


@pytest.mark.parametrize("route", routes(), ids=lambda route: route.name)
def test_every_endpoint_and_dependency_is_async(route: APIRoute) -> None:
    """A plain one would cost a thread in each request."""
    assert inspect.iscoroutinefunction(route.endpoint)
    for dependency in _dependencies(route.dependant):
        call = dependency.call
        assert inspect.iscoroutinefunction(call) or inspect.iscoroutinefunction(getattr(call, "__call__", None))  # noqa: B004


def test_the_route_table_has_exactly_the_groups() -> None:
    table = {prefix: function.name for function in FUNCTIONS for prefix in function.routes}

    assert table == {f"{API_PREFIX}/{PREFIXES.get(group, group)}": group for group in GROUPS} | {DEFAULT_ROUTE: "docs"}


@pytest.mark.parametrize("group", GROUPS)
def test_every_path_of_a_group_lies_where_it_is_routed(group: str) -> None:
    router: APIRouter = importlib.import_module(f"functions.{group}.router").router
    prefix = f"{API_PREFIX}/{PREFIXES.get(group, group)}/"
    paths = [route.path for route in router.routes if isinstance(route, APIRoute)]

    assert paths
    assert [path for path in paths if not f"{path}/".startswith(prefix)] == []


def test_the_openapi_document_has_the_groups_and_equals_the_code() -> None:
    assert openapi.GROUPS == GROUPS
    assert openapi.PATH.read_text(encoding="utf-8") == openapi.text(), "run `make openapi`"


def test_no_two_endpoints_share_an_operation_id() -> None:
    names = [route.name for route in routes()]

    assert len(names) == len(set(names))
