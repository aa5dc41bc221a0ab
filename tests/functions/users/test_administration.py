"""`GET/POST /users`, `GET/PUT /users/{id}`, `POST /users/{id}/password-reset`."""

from typing import Any

import pytest

from shared import ids
from shared.db import connection, execute
from tests.support.api import Answer, Api
from tests.support.factories import PASSWORD, Account, make_account, unique
from tests.support.mail import mails_to
from tests.support.parallel import at_once
from tests.support.queues import work_outbox

USERS = "/api/v1/users"
FIELDS = {"id", "username", "email", "role", "is_active", "created_at", "updated_at"}


def names(answer: Answer) -> list[str]:
    return [item["username"] for item in answer.json()["items"]]


def listed(api: Api, admin: Account, **query: Any) -> Answer:
    return api.get(USERS, token=admin.token, query=query)


def make_three() -> tuple[str, list[Account]]:
    """A word that is in the names of three accounts alone, and these, the oldest first."""
    word = unique("Trio")
    return word.upper(), [make_account(username=f"{letter}-{word}") for letter in "bca"]


def test_the_list_has_the_accounts_newest_first(api: Api, admin: Account) -> None:
    word, three = make_three()

    page = listed(api, admin, q=word).json()

    assert [item["id"] for item in page["items"]] == [str(account.id) for account in reversed(three)]
    assert (page["total"], page["next_cursor"]) == (3, None)
    assert all(set(item) == FIELDS for item in page["items"])


@pytest.mark.parametrize(("sort", "order"), [("created_at", "bca"), ("-created_at", "acb"), ("username", "abc")])
def test_each_sort_goes_through_pages(api: Api, admin: Account, sort: str, order: str) -> None:
    word, _ = make_three()
    seen: list[str] = []
    query: dict[str, Any] = {"q": word, "sort": sort, "limit": 1}
    while True:
        answer = listed(api, admin, **query)
        seen += [name[0] for name in names(answer)]
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            break
        query["cursor"] = cursor
    assert "".join(seen) == order


def test_pages_stay_stable_while_others_are_made(api: Api, admin: Account) -> None:
    word, three = make_three()
    first = listed(api, admin, q=word, limit=2)
    make_account(username=f"d-{word}")

    second = listed(api, admin, q=word, limit=2, cursor=first.json()["next_cursor"])

    assert names(first) + names(second) == [account.username for account in reversed(three)]


@pytest.mark.parametrize(
    "changed",
    [
        {"sort": "username"},
        {"role": "user"},
        {"q": "x"},
        {"is_active": "true"},
        {"created_after": "2020-01-01T00:00:00Z"},
    ],
)
def test_a_cursor_belongs_to_its_sort_and_filters(api: Api, admin: Account, changed: dict[str, str]) -> None:
    word, _ = make_three()
    cursor = listed(api, admin, q=word, limit=1).json()["next_cursor"]

    answer = listed(api, admin, **({"q": word, "limit": 1, "cursor": cursor} | changed))

    assert (answer.status, answer.error["details"]["field"]) == (422, "cursor")
    assert listed(api, admin, q=word, limit=2, cursor=cursor, unknown="x").status == 200


def test_the_search_looks_into_names_and_addresses_and_takes_wildcards_as_they_are(api: Api, admin: Account) -> None:
    word, place = unique("Needle"), unique("Haystack")
    account = make_account(username=f"x_{word}.y", email=f"x_{place}.y@example.org")

    for q in (word.lower(), word.upper(), f"X_{word}", place.upper(), f"{place}.Y@example", f"x_{place}.y@EXAMPLE.org"):
        assert names(listed(api, admin, q=q)) == [account.username], q
    for q in (f"x%{word}", f"xx{word}", f"x?{word}", f"{word}_y", f"{word}\\.y", f"%{place}", f"{word}' OR '1'='1"):
        assert names(listed(api, admin, q=q)) == [], q


@pytest.mark.parametrize("q", ["a\x00b", "\x01", "x" * 300])
def test_a_search_for_what_is_no_text_is_422(api: Api, admin: Account, q: str) -> None:
    assert listed(api, admin, q=q).status == 422


def test_the_filters(api: Api, admin: Account) -> None:
    word, (first, second, third) = make_three()
    api.put(f"{USERS}/{first.id}", token=admin.token, json={"role": "admin"})
    api.put(f"{USERS}/{second.id}", token=admin.token, json={"is_active": False})
    middle = api.get(f"{USERS}/{second.id}", token=admin.token).json()["created_at"]

    def found(**query: str) -> list[str]:
        return names(listed(api, admin, q=word, sort="created_at", **query))

    assert found(role="admin") == [first.username]
    assert found(role="user") == [second.username, third.username]
    assert found(is_active="false") == [second.username]
    assert found(is_active="true") == [first.username, third.username]
    assert found(created_after=middle) == [second.username, third.username]
    assert found(created_before=middle) == [first.username]
    api.put(f"{USERS}/{first.id}", token=admin.token, json={"role": "user"})


@pytest.mark.parametrize(
    "query",
    [
        {"role": "owner"},
        {"is_active": "perhaps"},
        {"sort": "email"},
        {"created_after": "2026-01-01"},
        {"created_before": "x"},
    ],
)
def test_a_bad_filter_is_422_at_its_name(api: Api, admin: Account, query: dict[str, str]) -> None:
    answer = listed(api, admin, **query)

    assert (answer.status, answer.error["details"]["field"]) == (422, next(iter(query)))


def body(**fields: Any) -> dict[str, Any]:
    name = unique("made")
    return {"username": name, "email": f"{name}@example.org", "password": PASSWORD, **fields}


def test_an_account_is_made_with_a_password(api: Api, admin: Account) -> None:
    given = body(role="admin")

    answer = api.post(USERS, token=admin.token, json=given)

    made = answer.json()
    assert (answer.status, set(made), made["role"], made["is_active"]) == (201, FIELDS, "admin", True)
    assert answer.headers["location"] == f"{USERS}/{made['id']}"
    assert api.get(answer.headers["location"], token=admin.token).json() == made
    login = api.post("/api/v1/auth/login", json={"username": given["username"], "password": PASSWORD})
    assert login.status == 200
    assert mails_to(given["email"]) == []
    api.put(answer.headers["location"], token=admin.token, json={"role": "user"})


@pytest.mark.slow
def test_an_account_without_a_password_is_invited(api: Api, admin: Account) -> None:
    given = body()
    del given["password"]
    made = api.post(USERS, token=admin.token, json=given)
    work_outbox()

    for password in ("!", PASSWORD):
        assert api.post("/api/v1/auth/login", json={"username": given["username"], "password": password}).status == 401
    (mail,) = mails_to(given["email"])
    assert "72 hours" in mail.text
    assert mail.text.count("https://reviewpoint.example.org/#/reset-password?token=") == 1
    set_password = {"token": mail.token, "new_password": "an invited good password"}
    assert made.status == 201
    assert api.post("/api/v1/auth/reset-password", json=set_password).status == 200
    login = {"username": given["username"], "password": "an invited good password"}
    assert api.post("/api/v1/auth/login", json=login).status == 200


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"password": "password1"}, "password"),
        ({"username": "grunwaldt-heinz", "password": "Grunwaldt-Heinz"}, "password"),
        ({"role": "owner"}, "role"),
        ({"username": "a b"}, "username"),
        ({"is_active": True}, "is_active"),
    ],
)
def test_a_bad_account_is_422(api: Api, admin: Account, fields: dict[str, Any], field: str) -> None:
    answer = api.post(USERS, token=admin.token, json=body(**fields))

    assert (answer.status, answer.error["details"]["field"]) == (422, field)


def test_a_taken_name_or_address_is_409(api: Api, admin: Account, author: Account) -> None:
    assert api.post(USERS, token=admin.token, json=body(username=author.username)).error_code == "USERNAME_TAKEN"
    assert api.post(USERS, token=admin.token, json=body(email=author.email.upper())).error_code == "EMAIL_TAKEN"


def test_a_change_is_seen_at_the_next_request(api: Api, admin: Account, author: Account) -> None:
    path = f"{USERS}/{author.id}"
    name = unique("renamed")

    changed = api.put(path, token=admin.token, json={"username": name, "email": f"{name}@Example.ORG", "role": "admin"})
    assert (changed.status, set(changed.json())) == (200, FIELDS)
    assert (changed.json()["username"], changed.json()["email"]) == (name, f"{name}@example.org")
    assert listed(api, author).status == 200
    api.put(path, token=admin.token, json={"role": "user"})
    assert listed(api, author).error_code == "FORBIDDEN"
    api.put(path, token=admin.token, json={"is_active": False})
    assert api.get(f"{USERS}/me", token=author.token).error_code == "ACCOUNT_DISABLED"
    api.put(path, token=admin.token, json={"is_active": True})
    assert api.get(f"{USERS}/me", token=author.token).status == 200


@pytest.mark.parametrize("change", [{}, {"role": "x"}, {"is_active": "no"}, {"password": PASSWORD}, {"id": "x"}])
def test_a_bad_change_is_422(api: Api, admin: Account, author: Account, change: dict[str, Any]) -> None:
    assert api.put(f"{USERS}/{author.id}", token=admin.token, json=change).status == 422


def test_an_unknown_account_is_404(api: Api, admin: Account) -> None:
    path = f"{USERS}/{ids.new()}"

    assert api.get(path, token=admin.token).error_code == "NOT_FOUND"
    assert api.put(path, token=admin.token, json={"role": "user"}).error_code == "NOT_FOUND"
    assert api.delete(path, token=admin.token).error_code == "NOT_FOUND"
    assert api.post(f"{path}/password-reset", token=admin.token).error_code == "NOT_FOUND"
    assert api.get(f"{USERS}/nonsense", token=admin.token).status == 422


@pytest.mark.slow
def test_an_admin_has_a_reset_mail_sent(api: Api, admin: Account, author: Account) -> None:
    answer = api.post(f"{USERS}/{author.id}/password-reset", token=admin.token)
    work_outbox()

    (mail,) = mails_to(author.email)
    assert (answer.status, set(answer.json())) == (202, {"message"})
    assert api.get(f"{USERS}/me", token=author.token).status == 200
    new = {"token": mail.token, "new_password": "another good password of mine"}
    assert api.post("/api/v1/auth/reset-password", json=new).status == 200


def only_admins(*accounts: Account) -> None:
    """Leave no other active admin in this worker's database."""
    with connection() as conn:
        execute(
            conn,
            "UPDATE users SET role = 'user' WHERE role = 'admin' AND NOT id = ANY(%(ids)s)",
            {"ids": [account.id for account in accounts]},
        )


@pytest.mark.parametrize("change", [{"role": "user"}, {"is_active": False}])
def test_the_last_active_admin_cannot_be_taken_away(api: Api, admin: Account, change: dict[str, Any]) -> None:
    only_admins(admin)
    disabled = make_account(role="admin", is_active=False)
    path = f"{USERS}/{admin.id}"

    answer = api.put(path, token=admin.token, json=change)
    own = api.delete(f"{USERS}/me", token=admin.token, json={"password": admin.password})

    assert (answer.status, answer.error_code) == (409, "LAST_ADMIN")
    assert api.delete(path, token=admin.token).error_code == "LAST_ADMIN"
    assert (own.status, own.error_code) == (409, "LAST_ADMIN")
    assert api.put(path, token=admin.token, json={"username": unique("boss"), "role": "admin"}).status == 200
    assert api.delete(f"{USERS}/{disabled.id}", token=admin.token).status == 204


def test_two_admins_who_take_each_other_away_at_once_leave_one(api: Api) -> None:
    """Ten rounds of two in parallel, by every way in turn."""
    ways = [{"role": "user"}, {"is_active": False}, None]
    for round_number in range(10):
        pair = [make_account(role="admin") for _ in range(2)]
        only_admins(*pair)
        change = ways[round_number % 3]

        def take_away(number: int, pair: list[Account] = pair, change: dict[str, Any] | None = change) -> Answer:
            path, token = f"{USERS}/{pair[1 - number].id}", pair[number].token
            if change is None:
                return api.delete(path, token=token)
            return api.put(path, token=token, json=change)

        answers = at_once(take_away, times=2)

        # The loser was told so, or was no admin any more when his request came in.
        statuses = sorted(answer.status for answer in answers)
        assert statuses[0] in {200, 204}
        assert statuses[1] in {401, 403, 409}
