"""Cross-origin requests: exact origins, answered by the functions."""

import pytest

from tests.support.api import Answer, Api
from tests.support.services import ORIGIN

OWN = "https://reviewpoint.example.org"
FOREIGN = [
    "http://localhost:3001",
    "https://localhost:3000",
    "http://localhost:3000.evil.org",
    "https://evil.org",
    "https://reviewpoint.example.org.evil.org",
    "null",
    "*",
]
ALLOWED_HEADERS = {"authorization", "content-type", "idempotency-key", "if-match", "if-none-match", "x-request-id"}
EXPOSED_HEADERS = {
    "etag",
    "location",
    "retry-after",
    "ratelimit",
    "ratelimit-policy",
    "content-disposition",
    "x-request-id",
}


def preflight(api: Api, origin: str, method: str = "PUT", headers: str = "authorization, content-type") -> Answer:
    sent = {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": headers}
    return api.request("OPTIONS", "/api/v1/users/me", headers=sent)


def words(header: str) -> set[str]:
    return {word.strip().lower() for word in header.split(",")}


@pytest.mark.parametrize("origin", [ORIGIN, OWN])
def test_an_allowed_origin_may_read_success_and_error(api: Api, origin: str) -> None:
    for path in ("/api/v1/health/live", "/api/v1/users/me", "/nowhere"):
        answer = api.get(path, headers={"Origin": origin})
        assert answer.headers["access-control-allow-origin"] == origin
        assert words(answer.headers["access-control-expose-headers"]) == EXPOSED_HEADERS
        assert "origin" in words(answer.headers["vary"])
        assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_foreign_origin_gets_no_leave(api: Api, origin: str) -> None:
    answer = api.get("/api/v1/health/live", headers={"Origin": origin})

    assert answer.status == 200
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("origin", [ORIGIN, OWN])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_a_preflight_of_an_allowed_origin_passes(api: Api, origin: str, method: str) -> None:
    answer = preflight(api, origin, method, ", ".join(sorted(ALLOWED_HEADERS)))

    assert answer.status in {200, 204}
    assert answer.headers["access-control-allow-origin"] == origin
    assert method in answer.headers["access-control-allow-methods"]
    assert words(answer.headers["access-control-allow-headers"]) >= ALLOWED_HEADERS
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-request-id"]


@pytest.mark.parametrize(
    ("origin", "method", "headers"),
    [*((origin, "PUT", "authorization") for origin in FOREIGN), (ORIGIN, "TRACE", ""), (ORIGIN, "PUT", "x-other")],
)
def test_a_refused_preflight_comes_in_the_envelope(api: Api, origin: str, method: str, headers: str) -> None:
    """It used to be Starlette's plain text."""
    answer = preflight(api, origin, method, headers or "content-type")

    assert (answer.status, answer.error_code) == (400, "MALFORMED_REQUEST")
    assert answer.headers.get("access-control-allow-origin") in {None, ORIGIN}
    assert answer.headers["x-frame-options"] == "DENY"
