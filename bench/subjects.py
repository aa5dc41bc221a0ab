"""What is measured: peers and functions, each with the request it is asked."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench import world
from bench.world import World


@dataclass(frozen=True, slots=True)
class Subject:
    """A handler to start cold.

    Attributes:
        event: The request of its first and its warm calls; without one only its start is measured.
        warm: How many warm calls a round takes.
    """

    name: str
    handler: str
    event: Mapping[str, Any] | None = None
    warm: int = 150


def peers(made: World) -> list[Subject]:
    """The floors."""
    me = world.http("GET", "/me", token=made.token)
    return [
        Subject("bare", "bench.peers.bare.handler", me),
        Subject("hello", "bench.peers.hello.handler", world.http("GET", "/hello")),
        Subject("me", "bench.peers.me.handler", me),
        Subject("me_async", "bench.peers.me_async.handler", me),
        Subject("one_bcrypt", "bench.peers.one_bcrypt.handler", me, warm=20),
    ]


def functions(made: World) -> list[Subject]:
    """Ours."""
    upload = {"filename": "paper.pdf", "content_type": "application/pdf", "file_size": 48213, "sha256": "0" * 64}
    asked: dict[str, Mapping[str, Any] | None] = {
        "users": world.http("GET", "/api/v1/users/me", token=made.token),
        "auth": world.login(),
        "uploads": world.http("POST", "/api/v1/uploads", token=made.token, body=upload),
        "health": world.http("GET", "/api/v1/health/live"),
        **dict.fromkeys(("notifications", "docs", "s3_events", "outbox", "archives", "sweeper", "websocket")),
    }
    return [
        Subject(name, f"functions.{name}.handler.handler", event, warm=20 if name == "auth" else 150)
        for name, event in asked.items()
    ]


def check(subject: Subject, answer: Any) -> None:
    """Refuse to measure how fast something fails.

    Raises:
        ValueError: the answer is no success.
    """
    if not isinstance(answer, dict) or not str(answer.get("statusCode", "")).startswith("2"):  # pyright: ignore[reportUnknownArgumentType]
        raise ValueError(f"{subject.name} answered {json.dumps(answer)}")
