"""Which tokens are taken, and which are not."""

import time
from base64 import urlsafe_b64encode
from typing import Any

import pytest

from shared import ids
from shared.db import connection, execute
from tests.support.api import Answer, Api
from tests.support.factories import Account
from tests.support.tokens import OTHER_KEY, claims_of, forged, signing_key_replaced


def me(api: Api, token: str) -> Answer:
    return api.get("/api/v1/auth/me", token=token)


def test_me_is_the_same_in_both_places(api: Api, author: Account) -> None:
    here, there = me(api, author.token), api.get("/api/v1/users/me", token=author.token)

    assert (here.json(), here.headers["etag"]) == (there.json(), there.headers["etag"])


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_taken_in_any_case(api: Api, author: Account, scheme: str) -> None:
    assert api.get("/api/v1/auth/me", headers={"Authorization": f"{scheme} {author.token}"}).status == 200


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic YTpi", "Token abc", "abc"])
def test_what_is_no_bearer_token_is_401_authentication_required(api: Api, header: str | None) -> None:
    answer = api.get("/api/v1/auth/me", headers={} if header is None else {"Authorization": header})

    assert (answer.status, answer.error_code) == (401, "AUTHENTICATION_REQUIRED")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "token",
    ["x", "a.b.c", "..", "ey.ey.ey", "é.b.c", urlsafe_b64encode(b"[" * 3000).decode().rstrip("=") + ".e30.x"],
)
def test_what_is_no_jwt_is_token_invalid(api: Api, token: str) -> None:
    answer = me(api, token)

    assert (answer.status, answer.error_code) == (401, "TOKEN_INVALID")
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'


@pytest.mark.parametrize("claim", ["sub", "username", "role", "exp", "iat", "jti", "sid", "typ", "iss", "aud"])
def test_a_token_without_a_claim_is_invalid(api: Api, author: Account, claim: str) -> None:
    assert me(api, forged(author.token, without=claim)).error_code == "TOKEN_INVALID"


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "somebody"},
        {"aud": "somebody"},
        {"aud": ["reviewpoint-api", "somebody"]},
        {"typ": "refresh"},
        {"typ": None},
        {"iat": int(time.time()) + 3600},
        {"iat": "yesterday"},
        {"exp": "tomorrow"},
        {"exp": 10**40},
        {"sub": "not-a-uuid"},
        {"sub": 5},
        {"sid": "not-a-uuid"},
        {"sid": 5},
        {"jti": "not-a-uuid"},
        {"nbf": int(time.time()) + 3600},
    ],
)
def test_a_token_with_a_wrong_claim_is_invalid(api: Api, author: Account, change: dict[str, Any]) -> None:
    assert me(api, forged(author.token, **change)).error_code == "TOKEN_INVALID"


def test_a_token_past_its_time_is_expired(api: Api, author: Account) -> None:
    answer = me(api, forged(author.token, exp=int(time.time()) - 1))

    assert (answer.status, answer.error_code) == (401, "TOKEN_EXPIRED")
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'


@pytest.mark.filterwarnings("ignore:The HMAC key")
@pytest.mark.parametrize(
    "change",
    [
        {"key": OTHER_KEY},
        {"algorithm": "none", "key": ""},
        {"algorithm": "HS384"},
        {"algorithm": "HS512"},
        {"kid": None},
        {"kid": "2"},
        {"kid": "../../dev/null"},
    ],
)
def test_a_token_signed_in_another_way_is_invalid(api: Api, author: Account, change: dict[str, Any]) -> None:
    assert me(api, forged(author.token, **change)).error_code == "TOKEN_INVALID"


def test_a_tampered_token_is_invalid(api: Api, author: Account) -> None:
    header, payload, signature = author.token.split(".")
    other = forged(author.token, role="admin").split(".")[1]

    for token in (f"{header}.{other}.{signature}", f"{header}.{payload}.", f"{header}.{payload}"):
        assert me(api, token).error_code == "TOKEN_INVALID"


def test_a_signature_in_another_spelling_is_invalid(api: Api, author: Account) -> None:
    """It used to be taken: the last letter has two bits that no byte needs, and padding meant nothing."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = letters.index(author.token[-1])

    for token in (f"{author.token}=", author.token[:-1] + letters[last + 1]):
        assert me(api, token).error_code == "TOKEN_INVALID"
    assert me(api, author.token).status == 200


def test_each_type_of_token_is_taken_in_its_place_only(api: Api, author: Account) -> None:
    assert me(api, author.refresh_token).error_code == "TOKEN_INVALID"
    assert api.post("/api/v1/auth/refresh", token=author.token).error_code == "TOKEN_INVALID"
    assert api.post("/api/v1/auth/logout", token=author.refresh_token).error_code == "TOKEN_INVALID"


@pytest.mark.parametrize("claim", ["sub", "sid"])
def test_a_token_of_nobody_is_revoked(api: Api, author: Account, claim: str) -> None:
    assert me(api, forged(author.token, **{claim: str(ids.new())})).error_code == "TOKEN_REVOKED"


def test_the_role_comes_from_the_database_and_not_from_the_token(api: Api, author: Account) -> None:
    assert me(api, forged(author.token, role="admin", username="root")).json()["role"] == "user"

    with connection() as conn:
        execute(conn, "UPDATE users SET role = 'admin' WHERE id = %(id)s", {"id": author.id})

    assert me(api, author.token).json()["role"] == "admin"


def test_a_disabled_account_loses_access_at_the_next_request(api: Api, author: Account) -> None:
    with connection() as conn:
        execute(conn, "UPDATE users SET is_active = false WHERE id = %(id)s", {"id": author.id})

    assert (me(api, author.token).status, me(api, author.token).error_code) == (403, "ACCOUNT_DISABLED")


def test_a_previous_key_stays_valid_for_a_rotation(api: Api, author: Account) -> None:
    with signing_key_replaced():
        assert me(api, author.token).status == 200
        pair = api.post("/api/v1/auth/refresh", token=author.refresh_token).json()
        assert me(api, pair["access_token"]).status == 200
        assert me(api, forged(author.token, key=OTHER_KEY, kid="1")).error_code == "TOKEN_INVALID"

    with signing_key_replaced(keeping_the_old=False):
        assert me(api, author.token).error_code == "TOKEN_INVALID"
        assert me(api, pair["access_token"]).status == 200


def test_the_token_type_is_part_of_the_claims(author: Account) -> None:
    assert (claims_of(author.token)["typ"], claims_of(author.refresh_token)["typ"]) == ("access", "refresh")
