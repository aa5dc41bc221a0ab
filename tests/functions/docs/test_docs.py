"""The documentation, and the 404 of everybody's paths."""

import re

import pytest

from tests.support.api import Api


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/docs/"])
def test_page_loads_nothing_foreign_and_runs_nothing_inline(api: Api, path: str) -> None:
    answer = api.get(path)

    page = answer.body.decode()
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
    assert re.findall(r"(?:src|href)=\"(?:https?:)?//", page) == []
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy
    assert "script-src" not in policy


def test_every_asset_of_the_pages_is_there_and_may_be_cached(api: Api) -> None:
    pages = api.get("/docs").body.decode() + api.get("/redoc").body.decode()
    assets = set(re.findall(r"(?:src|href)=\"(/docs/assets/[^\"]+)\"", pages))

    assert len(assets) >= 4
    for asset in assets:
        answer = api.get(asset)
        assert answer.status == 200, asset
        assert answer.headers["content-type"].startswith(("text/javascript", "text/css")), asset
        assert "max-age" in answer.headers["cache-control"]
        assert len(answer.body) > 50


def test_openapi_is_one_document_of_all_groups(api: Api) -> None:
    answer = api.get("/openapi.json")

    document = answer.json()
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert document["openapi"].startswith("3.1")
    groups = {path.split("/")[3] for path in document["paths"]}
    assert {"auth", "users", "uploads", "health"} <= groups


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/api",
        "/api/v1",
        "/api/v1/nothing",
        "/api/v2/users/me",
        "/docs/assets/none.js",
        "/docs/assets/../x",
        "/x/y",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_path_of_nobody_is_404_in_the_envelope(api: Api, path: str, method: str) -> None:
    answer = api.request(method, path)

    # An asset that is none is 405 for what is no reading.
    assert (answer.status, answer.error_code) in {(404, "NOT_FOUND"), (405, "METHOD_NOT_ALLOWED")}
    assert set(answer.error) == {"code", "message", "details", "timestamp", "request_id"}
    assert answer.error["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["content-security-policy"] == "default-src 'self'"


def test_wrong_method_is_405_with_allow(api: Api) -> None:
    answer = api.post("/docs")

    assert (answer.status, answer.error_code) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == "GET, HEAD"
