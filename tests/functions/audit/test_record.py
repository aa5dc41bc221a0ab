"""What is recorded of requests and of what follows them."""

from uuid import UUID

import pytest

from shared.db import connection, execute
from tests.support.api import Answer, Api
from tests.support.factories import PASSWORD, Account, make_account, make_file, unique
from tests.support.limits import limits, unique_address
from tests.support.mail import mails_to
from tests.support.queues import work_outbox
from tests.support.trail import events_of, text_of
from tests.support.uploads import settle

NEW = "another good password of mine"


def _log_in(api: Api, account: Account, password: str = PASSWORD, **options: str) -> Answer:
    return api.post("/api/v1/auth/login", json={"username": account.email, "password": password}, **options)


def _actions(account: Account) -> list[tuple[str, str]]:
    return [(event.action, event.outcome) for event in events_of(target_id=account.id)]


def test_an_event_says_who_and_from_where(api: Api, author: Account) -> None:
    headers = {"User-Agent": "browser/2", "X-Request-ID": "request-77", "X-Forwarded-For": "1.2.3.4"}
    body = {"username": author.username, "password": PASSWORD}

    api.post("/api/v1/auth/login", json=body, headers=headers, source_ip="203.0.113.77")

    (event,) = events_of(target_id=author.id)
    assert (event.action, event.outcome, event.target_type) == ("authn_login_success", "success", "user")
    assert (event.actor_id, event.actor_role) == (author.id, "user")
    assert (event.ip, event.user_agent, event.request_id) == ("203.0.113.77", "browser/2", "request-77")


def test_a_failed_login_names_the_account_and_no_secret(api: Api, author: Account) -> None:
    _log_in(api, author, "a wrong password")

    (event,) = events_of(target_id=author.id)
    assert (event.action, event.outcome, event.actor_id) == ("authn_login_fail", "failure", None)
    assert "a wrong password" not in text_of(event)
    assert author.email not in text_of(event)


def test_a_failed_login_to_no_account_is_recorded_without_a_target(api: Api) -> None:
    name, request_id = unique("nobody"), unique("request")

    api.post("/api/v1/auth/login", json={"username": name, "password": "x"}, headers={"X-Request-ID": request_id})

    (event,) = [event for event in events_of(action="authn_login_fail") if event.request_id == request_id]
    assert event.target_id is None
    assert name not in text_of(event)


def test_a_disabled_account_is_told_from_a_wrong_password(api: Api) -> None:
    account = make_account(is_active=False)

    _log_in(api, account)

    (event,) = events_of(target_id=account.id)
    assert (event.action, event.details) == ("authn_login_fail", {"reason": "account_disabled"})


def test_a_limit_that_is_hit_is_recorded(api: Api, author: Account) -> None:
    place = unique_address()
    with limits(login_account="1/15m"):
        _log_in(api, author, "wrong", source_ip=place)
        assert _log_in(api, author, source_ip=place).status == 429

    assert _actions(author) == [("authn_login_lock", "failure"), ("authn_login_fail", "failure")]


def test_a_registration_is_recorded(api: Api) -> None:
    name = unique("new")
    body = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}

    user_id = UUID(api.post("/api/v1/auth/register", json=body).json()["id"])

    (event,) = events_of(target_id=user_id)
    assert (event.action, event.actor_id) == ("user_created", user_id)
    assert name not in text_of(event)


def test_a_registration_that_is_refused_leaves_no_event(api: Api, author: Account) -> None:
    body = {"username": author.username, "email": f"{unique('x')}@example.org", "password": PASSWORD}

    assert api.post("/api/v1/auth/register", json=body).status == 409
    assert _actions(author) == []


def test_a_stolen_refresh_token_is_recorded(api: Api, author: Account) -> None:
    api.post("/api/v1/auth/refresh", token=author.refresh_token)
    with connection() as conn:
        sql = "UPDATE sessions SET refreshed_at = refreshed_at - interval '1 minute' WHERE id = %(id)s"
        execute(conn, sql, {"id": author.session_id})

    assert api.post("/api/v1/auth/refresh", token=author.refresh_token).status == 401

    (event,) = events_of(target_id=author.id)
    assert (event.action, event.details) == ("authn_token_reuse", {"session_id": str(author.session_id)})


@pytest.mark.parametrize("way", ["logout", "end"])
def test_the_end_of_a_session_is_recorded(api: Api, author: Account, way: str) -> None:
    if way == "logout":
        api.post("/api/v1/auth/logout", token=author.token)
    else:
        api.delete(f"/api/v1/auth/sessions/{author.session_id}", token=author.token)

    (event,) = events_of(target_id=author.session_id)
    assert (event.action, event.target_type, event.actor_id) == ("session_ended", "session", author.id)


def test_a_changed_password_is_recorded_and_a_wrong_one_too(api: Api, author: Account) -> None:
    for current in ("wrong", PASSWORD):
        body = {"current_password": current, "new_password": NEW}
        api.post("/api/v1/auth/change-password", token=author.token, json=body)

    assert _actions(author) == [("authn_password_change", "success"), ("authn_password_change_fail", "failure")]


def test_a_reset_is_recorded_when_it_is_asked_for_and_when_it_is_done(api: Api, author: Account) -> None:
    api.post("/api/v1/auth/request-password-reset", json={"email": author.email})
    work_outbox()
    token = mails_to(author.email)[-1].token
    api.post("/api/v1/auth/reset-password", json={"token": token, "new_password": NEW})

    assert [action for action, _ in _actions(author)] == ["authn_password_reset", "authn_password_reset_requested"]


def test_a_call_that_is_not_allowed_is_recorded(api: Api, author: Account) -> None:
    api.get("/api/v1/audit-events", token=author.token)
    file = make_file(author)
    api.post(f"/api/v1/uploads/{file.id}/rescan", token=author.token)

    rescan, listing = events_of(actor_id=author.id)
    assert (listing.action, listing.outcome, listing.actor_role) == ("authz_fail", "failure", "user")
    assert listing.details == {"method": "GET", "route": "/api/v1/audit-events"}
    assert rescan.details == {"method": "POST", "route": "/api/v1/uploads/{upload_id}/rescan"}


def test_files_of_others_that_somebody_may_not_touch_are_recorded(api: Api, author: Account) -> None:
    files = [make_file(make_account(), status="available", is_public=True) for _ in range(3)]
    hidden = make_file(make_account())
    path = "/api/v1/uploads"
    assert api.patch(f"{path}/{files[0].id}", token=author.token, json={"is_public": False}).status == 403
    assert api.delete(f"{path}/{files[1].id}", token=author.token).status == 403
    api.post(f"{path}/bulk-delete", token=author.token, json={"ids": [str(files[2].id), str(hidden.id)]})
    assert api.delete(f"{path}/{hidden.id}", token=author.token).status == 404
    for where in ("", "/export"):
        assert api.get(f"{path}{where}", token=author.token, query={"scope": "all"}).status == 403

    events = events_of(actor_id=author.id, action="authz_fail")
    assert [event.target_id for event in reversed(events)] == [*(file.id for file in files), None, None]
    assert {event.outcome for event in events} == {"failure"}


def test_a_rejected_upload_is_recorded(api: Api, author: Account) -> None:
    upload = settle(api, author, b"no picture at all", filename="a.png", content_type="image/png")

    (event,) = events_of(target_id=UUID(upload["id"]))
    assert (event.action, event.outcome, event.actor_id) == ("upload_rejected", "failure", None)
    assert set(event.details) == {"reason"}


def test_deleted_files_are_recorded_each(api: Api, author: Account, admin: Account) -> None:
    files = [make_file(author) for _ in range(3)]
    api.delete(f"/api/v1/uploads/{files[0].id}", token=admin.token)
    body = {"ids": [str(file.id) for file in files]}
    api.post("/api/v1/uploads/bulk-delete", token=author.token, json=body)

    seen = [[(event.action, event.actor_id) for event in events_of(target_id=file.id)] for file in files]
    assert seen == [[("file_deleted", admin.id)], [("file_deleted", author.id)], [("file_deleted", author.id)]]


def test_what_admins_do_is_recorded(api: Api, author: Account, admin: Account) -> None:
    file = make_file(author, status="rejected", reason="SCAN_FAILED")
    with connection() as conn:
        sql = "UPDATE files SET kept_until = now() + interval '1 day' WHERE id = %(id)s"
        execute(conn, sql, {"id": file.id})
    api.post(f"/api/v1/uploads/{file.id}/rescan", token=admin.token)
    api.post("/api/v1/notifications/broadcast", token=admin.token, json={"message": "At noon.", "level": "info"})

    assert {event.action for event in events_of(actor_id=admin.id)} == {"upload_rescanned", "notification_broadcast"}


def test_the_rename_of_a_file_is_recorded_without_its_name(api: Api, author: Account) -> None:
    file = make_file(author, status="available")
    api.patch(f"/api/v1/uploads/{file.id}", token=author.token, json={"filename": "secret.pdf", "is_public": True})

    (event,) = events_of(target_id=file.id)
    assert (event.action, event.details) == ("file_updated", {"fields": ["filename", "is_public"]})


def test_the_administration_of_accounts_is_recorded(api: Api, admin: Account) -> None:
    name = unique("made")
    given = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
    user_id = UUID(api.post("/api/v1/users", token=admin.token, json=given).json()["id"])
    path = f"/api/v1/users/{user_id}"
    for change in ({"username": f"{name}2"}, {"role": "admin"}, {"is_active": False}, {"is_active": True}):
        api.put(path, token=admin.token, json=change)
    api.delete(path, token=admin.token)

    events = events_of(target_id=user_id)
    assert [event.action for event in reversed(events)] == [
        "user_created",
        "user_updated",
        "privilege_permissions_changed",
        "user_disabled",
        "user_enabled",
        "user_deleted",
    ]
    assert {event.actor_id for event in events} == {admin.id}
    assert events[3].details == {"from": "user", "to": "admin"}
    assert not any(name in text_of(event) for event in events)


def test_an_own_change_export_and_deletion_are_recorded(api: Api, admin: Account) -> None:
    api.get("/api/v1/users/export", token=admin.token, query={"format": "json"})
    api.put("/api/v1/users/me", token=admin.token, json={"email": f"{unique('moved')}@example.org"})
    make_account(role="admin")
    api.delete("/api/v1/users/me", token=admin.token, json={"password": PASSWORD})

    actions = [event.action for event in reversed(events_of(actor_id=admin.id))]
    assert actions == ["export_created", "user_updated", "user_deleted"]
