"""`GET /health` and `/health/live`."""

from tests.support.api import Api
from tests.support.faults import aws_down, database_down
from tests.support.valkey import using, valkey

HEALTH = "/api/v1/health"


def test_all_well(api: Api) -> None:
    answer = api.get(HEALTH)

    body = answer.json()
    assert answer.status == 200
    assert set(body) == {"status", "version", "timestamp", "checks"}
    assert body["status"] == "ok"
    assert body["timestamp"].endswith("Z")
    assert set(body["checks"]) == {"database", "storage", "cache"}
    assert body["checks"]["database"]["status"] == body["checks"]["storage"]["status"] == "ok"
    assert body["checks"]["database"]["migration"]
    assert body["checks"]["storage"]["latency_ms"] >= 0


def test_database_down_is_503_in_the_same_shape(api: Api) -> None:
    with database_down():
        answer = api.get(HEALTH)

    body = answer.json()
    assert (answer.status, body["status"]) == (503, "fail")
    assert "retry-after" in answer.headers
    assert body["checks"]["database"] == {"status": "fail", "latency_ms": None, "migration": None}
    assert body["checks"]["storage"]["status"] == "ok"
    assert api.get(HEALTH).status == 200


def test_storage_down_is_503(api: Api) -> None:
    with aws_down():
        answer = api.get(HEALTH)

    assert (answer.status, answer.json()["checks"]["storage"]["status"]) == (503, "fail")
    assert answer.json()["checks"]["database"]["status"] == "ok"
    assert api.get(HEALTH).status == 200


def test_it_tells_nothing_of_the_inside(api: Api) -> None:
    with database_down():
        answer = api.get(HEALTH)

    for word in (b"postgres", b"127.0.0.1", b"Traceback", b"psycopg", b"reviewpoint-uploads"):
        assert word not in answer.body


def test_live_needs_nothing(api: Api) -> None:
    with database_down(), aws_down():
        answer = api.get(f"{HEALTH}/live")

    assert (answer.status, answer.json()) == (200, {"status": "ok"})


def test_a_shared_cache_is_asked_too(api: Api) -> None:
    with valkey():
        answer = api.get("/api/v1/health")
        assert (answer.status, answer.json()["checks"]["cache"]["status"]) == (200, "ok")
    with using("redis://127.0.0.1:1/0"):
        answer = api.get("/api/v1/health")
        assert (answer.status, answer.json()["checks"]["cache"]["status"]) == (503, "fail")
        assert answer.headers["retry-after"]
