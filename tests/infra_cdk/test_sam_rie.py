"""Functions as the template configures them, under Lambda's Runtime Interface Emulator, with generated events."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from infra_local.socket_event import Handshake, connect_event
from tests.support import sam, stacks
from tests.support.api import Api, read_answer
from tests.support.factories import PASSWORD, Account, unique
from tests.support.queues import object_created
from tests.support.uploads import TEXT, create_and_put, get, key_of

# A synthesis of the stack takes some ten seconds, or more on a busy machine.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300), sam.needs_sam]


def function(name: str) -> stacks.Resource:
    return stacks.stack("dev").function(name)


def test_an_account_registers_logs_in_and_is_known(tmp_path: Path) -> None:
    name = unique("rie")
    account = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
    with sam.emulated(function("auth"), tmp_path) as auth:
        registered = read_answer(auth(sam.generate_request("POST", "/api/v1/auth/register", body=account)))
        login = {"username": name, "password": PASSWORD}
        logged_in = read_answer(auth(sam.generate_request("POST", "/api/v1/auth/login", body=login)))
    assert (registered.status, logged_in.status) == (201, 200)

    bearer = {"authorization": f"Bearer {logged_in.json()['access_token']}"}
    with sam.emulated(function("users"), tmp_path) as users:
        me = read_answer(users(sam.generate_request("GET", "/api/v1/users/me", headers=bearer)))
        stranger = read_answer(users(sam.generate_request("GET", "/api/v1/users/me")))
    assert (me.status, me.json()["username"]) == (200, name)
    assert (stranger.status, stranger.error_code) == (401, "AUTHENTICATION_REQUIRED")


def test_health_reaches_the_database_and_the_storage(tmp_path: Path) -> None:
    with sam.emulated(function("health"), tmp_path) as health:
        answer = read_answer(health(sam.generate_request("GET", "/api/v1/health")))

    assert answer.status == 200
    checks = answer.json()["checks"]
    assert (checks["database"]["status"], checks["storage"]["status"]) == ("ok", "ok")


def test_a_message_of_an_arrival_makes_the_upload_available(api: Api, author: Account, tmp_path: Path) -> None:
    created, version_id = create_and_put(api, author)
    with sam.emulated(function("s3_events"), tmp_path) as s3_events:
        answer = s3_events(sam.generate_batch(object_created(key_of(created["id"]), version_id)))

    assert answer == {"batchItemFailures": []}
    assert get(api, author, created["id"])["status"] == "available"
    assert get(api, author, created["id"])["file_size"] == len(TEXT)


def test_a_token_opens_a_socket(author: Account, tmp_path: Path) -> None:
    """SAM knows no events of WebSocket APIs."""
    headers = [("sec-websocket-protocol", f"reviewpoint.v1, bearer.{author.token}")]
    event = connect_event(Handshake(unique("rie"), headers, "", "203.0.113.7"))
    with sam.emulated(function("websocket"), tmp_path) as websocket:
        answer = websocket(event)

    assert (answer["statusCode"], answer["headers"]["Sec-WebSocket-Protocol"]) == (200, "reviewpoint.v1")


@pytest.mark.parametrize("name", ["outbox", "sweeper"])
def test_a_schedule_is_served(name: str, tmp_path: Path) -> None:
    with sam.emulated(function(name), tmp_path) as scheduled:
        answer: dict[str, Any] = scheduled(sam.generate_event("cloudwatch", "scheduled-event"))

    assert answer
    assert all(isinstance(count, int) for count in answer.values())


def test_what_takes_longer_than_the_template_allows_is_cut(tmp_path: Path) -> None:
    """A password of 16 rounds takes seconds; Lambda would answer so too, beside the header that marks an error."""
    hasty = copy.deepcopy(function("auth"))
    hasty["Properties"]["Timeout"] = 1
    name = unique("rie")
    account = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
    with sam.emulated(hasty, tmp_path, {"BCRYPT_ROUNDS": "16"}) as auth:
        answer = auth(sam.generate_request("POST", "/api/v1/auth/register", body=account))

    assert "Task timed out after 1.00 seconds" in json.dumps(answer)
