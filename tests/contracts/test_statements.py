"""How many SQL statements a request costs, the caller's own check counted."""

from collections.abc import Callable

import pytest

from tests.support.api import Answer, Api
from tests.support.factories import PASSWORD, Account, make_file, unique
from tests.support.limits import limits, unique_address
from tests.support.statements import statements


def _register(api: Api, _: Account) -> Answer:
    name = unique("counted")
    body = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
    return api.post("/api/v1/auth/register", json=body)


def _create_upload(api: Api, caller: Account) -> Answer:
    body = {"filename": "paper.pdf", "content_type": "application/pdf", "file_size": 5}
    return api.post("/api/v1/uploads", token=caller.token, json=body)


COSTS: dict[str, tuple[int, Callable[[Api, Account], Answer]]] = {
    "GET /users/me": (1, lambda api, caller: api.get("/api/v1/users/me", token=caller.token)),
    "GET /auth/me": (1, lambda api, caller: api.get("/api/v1/auth/me", token=caller.token)),
    "POST /auth/refresh": (2, lambda api, caller: api.post("/api/v1/auth/refresh", token=caller.refresh_token)),
    "POST /auth/login": (
        4,
        lambda api, caller: api.post(
            "/api/v1/auth/login", json={"username": caller.username, "password": caller.password}
        ),
    ),
    "POST /auth/register": (4, _register),
    "POST /uploads": (2, _create_upload),
    "GET /uploads": (2, lambda api, caller: api.get("/api/v1/uploads", token=caller.token)),
    "GET /uploads/{id}": (
        2,
        lambda api, caller: api.get(f"/api/v1/uploads/{make_file(caller).id}", token=caller.token),
    ),
    "GET /health/live": (0, lambda api, _: api.get("/api/v1/health/live")),
}


@pytest.mark.parametrize("request_name", COSTS)
def test_a_request_costs_no_more_statements_than_its_budget(api: Api, author: Account, request_name: str) -> None:
    budget, send = COSTS[request_name]
    make_file(author)
    with statements() as made:
        make_file(author)
    setup = len(made) if request_name == "GET /uploads/{id}" else 0

    with statements() as seen:
        answer = send(api, author)

    assert answer.status < 300
    assert len(seen) - setup <= budget, seen


def test_a_login_within_its_limits_costs_4_statements_and_a_failed_one_2(api: Api, author: Account) -> None:
    def log_in(password: str) -> int:
        body = {"username": author.username, "password": password}
        with statements() as seen:
            api.post("/api/v1/auth/login", json=body, source_ip=unique_address())
        return len([sql for sql in seen if "audit_events" not in sql])

    with limits(login_account="5/15m", login_address="50/15m"):
        assert (log_in(author.password), log_in("not the password")) == (4, 2)


def test_administration_costs_few_statements(api: Api, admin: Account) -> None:
    name = unique("counted")
    body = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
    with statements() as listed:
        api.get("/api/v1/users", token=admin.token, query={"q": "x", "sort": "username"})
    with statements() as made:
        api.post("/api/v1/users", token=admin.token, json=body, headers={"Idempotency-Key": name})

    assert len(listed) == 2
    assert len([sql for sql in made if "audit_events" not in sql]) == 3
