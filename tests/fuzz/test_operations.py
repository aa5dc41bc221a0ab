"""Every operation, with parameters and bodies that fit the document and ones that do not, as a user and as an admin."""

import os
from collections.abc import Callable
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error  # pyright: ignore[reportUnknownVariableType]
from schemathesis.specs.openapi.checks import (
    negative_data_rejection,  # pyright: ignore[reportUnknownVariableType]
)

from shared.repositories.users import Role
from tests.fuzz import bridge
from tests.support.factories import Account, make_account, make_file
from tools import openapi

pytestmark = pytest.mark.slow

KNOWN_FAILURES: frozenset[str] = frozenset()
"""Ids of operations that may fail. It stays empty: a failure blocks."""

_CHECKS: list[Any] = [not_a_server_error, negative_data_rejection]
"""Besides what the bridge sees to: status, error code, headers and shape are those of the document."""

# Each request has a token of its own: one that is made up, or left out, never arrives.
_CONFIG = schemathesis.Config.from_dict({"generation": {"with-security-parameters": False}})
_SCHEMA: Any = schemathesis.openapi.from_dict(openapi.document(), config=_CONFIG)
_OPERATIONS: dict[str, Any] = {
    result.ok().definition.raw["operationId"]: result.ok() for result in _SCHEMA.get_all_operations()
}
_MAKE: dict[str, Callable[[Account], str]] = {
    "upload_id": lambda account: str(make_file(account).id),
    "user_id": lambda _: str(make_account().id),
    "session_id": lambda account: str(account.session_id),
}
"""What a path names, by the name of its parameter: a made-up id would be of nothing."""

_SETTINGS = hypothesis.settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "25")),
    stateful_step_count=8,
    derandomize="FUZZ_EXAMPLES" not in os.environ,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


def _modes(operation: Any) -> list[GenerationMode]:
    raw = operation.definition.raw
    # No header can be wrong: any text is a key, or an entity tag.
    can_be_wrong = "requestBody" in raw or any(parameter["in"] != "header" for parameter in raw.get("parameters", ()))
    return [GenerationMode.POSITIVE, *([GenerationMode.NEGATIVE] if can_be_wrong else [])]


def _example(operation: Any) -> dict[str, Any]:
    """A body whose fields get past checks that a schema can't tell of, so that what is behind them is reached."""
    media = operation.definition.raw.get("requestBody", {}).get("content", {}).get("application/json", {})
    return media.get("example", {})


@pytest.mark.parametrize("role", ["user", "admin"])
@pytest.mark.parametrize(
    ("operation", "mode"),
    [
        pytest.param(operation, mode, id=f"{operation_id}-{mode.value}")
        for operation_id, operation in _OPERATIONS.items()
        if operation_id not in KNOWN_FAILURES
        for mode in _modes(operation)
    ],
)
def test_an_operation_answers_as_documented(operation: Any, role: Role, mode: GenerationMode) -> None:
    session, example = bridge.session(), _example(operation) if mode is GenerationMode.POSITIVE else {}
    kept = st.sets(st.sampled_from(sorted(example))) if example else st.just(set[str]())

    @_SETTINGS
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode), is_there=st.booleans(), kept=kept)
    def attack(case: Any, is_there: bool, kept: set[str]) -> None:
        # A fresh account for each: some operations end the session.
        account = make_account(role=role)
        if is_there and mode is GenerationMode.POSITIVE:
            case.path_parameters = {name: _MAKE[name](account) for name in case.path_parameters}
        if isinstance(case.body, dict):
            case.body |= {name: example[name] for name in kept}
        headers = bridge.credentials(operation, account)
        response = case.call(session=session, base_url=bridge.BASE_URL, headers=headers, allow_redirects=False)
        case.validate_response(response, checks=_CHECKS)

    attack()


@pytest.mark.parametrize("role", ["user", "admin"])
def test_what_is_made_can_be_used_along_the_links(role: Role) -> None:
    class Walk(_SCHEMA.as_state_machine()):
        def setup(self) -> None:
            self._account = make_account(role=role)
            self._session = bridge.session()

        def call(self, case: Any, **options: Any) -> Any:
            headers = bridge.credentials(case.operation, self._account)
            return case.call(
                session=self._session, base_url=bridge.BASE_URL, headers=headers, allow_redirects=False, **options
            )

        def validate_response(self, response: Any, case: Any, additional_checks: Any = (), **options: Any) -> None:
            del additional_checks, options
            case.validate_response(response, checks=_CHECKS)

    Walk.run(settings=_SETTINGS)
