"""Who may call what: every route of every group, as one literal matrix. A route without a line breaks the build."""

import re

import pytest

from tests.contracts.test_routes import routes
from tests.support.api import Answer, Api
from tests.support.factories import Account, make_account, make_file

ROLES = ("anonymous", "disabled", "user", "other", "admin")
# "ok" is whatever comes once access is granted, 422 for a missing body too. `user` is whose upload, session and account
# the path names; `other` is another user.
ANYBODY = ("ok", "ok", "ok", "ok", "ok")
ANY_USER = (401, 403, "ok", "ok", "ok")
ADMINS = (401, 403, 403, 403, "ok")
OWNER = (401, 403, "ok", 404, 404)
OWNER_AND_ADMINS = (401, 403, "ok", 404, "ok")
REFRESH = (401, 403, "ok", "ok", "ok")
MATRIX = {
    "POST /auth/register": ANYBODY,
    "POST /auth/login": ANYBODY,
    "POST /auth/refresh": REFRESH,
    "POST /auth/logout": ANY_USER,
    "GET /auth/me": ANY_USER,
    "GET /auth/activity": ANY_USER,
    "GET /auth/sessions": ANY_USER,
    "DELETE /auth/sessions/{session_id}": OWNER,
    "POST /auth/change-password": ANY_USER,
    "POST /auth/request-password-reset": ANYBODY,
    "POST /auth/reset-password": ANYBODY,
    "POST /auth/verify-email": ANYBODY,
    "POST /auth/request-verification": ANYBODY,
    "GET /users/me": ANY_USER,
    "PUT /users/me": ANY_USER,
    "DELETE /users/me": ANY_USER,
    "POST /users/me/export": ANY_USER,
    "GET /users/me/export": ANY_USER,
    "GET /users": ADMINS,
    "POST /users": ADMINS,
    "GET /users/export": ADMINS,
    "GET /users/{user_id}": ADMINS,
    "PUT /users/{user_id}": ADMINS,
    "DELETE /users/{user_id}": ADMINS,
    "POST /users/{user_id}/password-reset": ADMINS,
    "POST /uploads": ANY_USER,
    "GET /uploads": ANY_USER,
    "GET /uploads/export": ANY_USER,
    "POST /uploads/bulk-delete": ANY_USER,
    "GET /uploads/{upload_id}": OWNER_AND_ADMINS,
    "PATCH /uploads/{upload_id}": ANY_USER,
    "DELETE /uploads/{upload_id}": OWNER_AND_ADMINS,
    "POST /uploads/{upload_id}/url": OWNER,
    "POST /uploads/{upload_id}/complete": OWNER,
    "GET /uploads/{upload_id}/download": OWNER_AND_ADMINS,
    "POST /uploads/{upload_id}/rescan": ADMINS,
    "POST /notifications/broadcast": ADMINS,
    "GET /notifications/stats": ADMINS,
    "GET /audit-events": ADMINS,
    "GET /audit-events/export": ADMINS,
    "GET /health": ANYBODY,
    "GET /health/live": ANYBODY,
}

_ROUTES = sorted(
    f"{method} {route.path.removeprefix('/api/v1')}"
    for route in routes()
    for method in route.methods or ()
    if route.path.startswith("/api/v1")
)


def test_every_route_has_its_line() -> None:
    assert set(_ROUTES) == set(MATRIX)


@pytest.mark.parametrize("route", _ROUTES)
def test_a_route_lets_in_whom_it_should(api: Api, route: str) -> None:
    seen = tuple(_access(_call(api, route, role)) for role in ROLES)

    assert seen == MATRIX[route]


def _access(answer: Answer) -> int | str:
    refused = answer.status in {401, 403} or (answer.status == 404 and answer.error_code == "NOT_FOUND")
    return answer.status if refused else "ok"


def _call(api: Api, route: str, role: str) -> Answer:
    """One request to things of its own, since it may take them away."""
    owner = make_account()
    caller = _caller(role, owner)
    ids = {"upload_id": make_file(owner).id, "session_id": owner.session_id, "user_id": owner.id}
    method, _, path = route.partition(" ")
    path = re.sub(r"{(\w+)}", lambda name: str(ids[name[1]]), path)
    token = None
    if caller is not None:
        token = caller.refresh_token if path == "/auth/refresh" else caller.token
    return api.request(method, f"/api/v1{path}", token=token)


def _caller(role: str, owner: Account) -> Account | None:
    match role:
        case "anonymous":
            return None
        case "disabled":
            return make_account(role="admin", is_active=False)
        case "other":
            return make_account()
        case "admin":
            return make_account(role="admin")
        case _:
            return owner
