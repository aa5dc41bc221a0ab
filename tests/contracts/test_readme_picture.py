"""The README's picture shows the stack: each function and queue, and what wakes what."""

import copy
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from tests.support import stacks
from tests.support.stacks import Stack

# A synthesis of the stack takes some ten seconds.
pytestmark = pytest.mark.slow

Edge = tuple[str, str]
README = (stacks.ROOT / "README.md").read_text(encoding="utf-8")
PICTURE = README.partition("```mermaid\nflowchart LR\n")[2].partition("```")[0]
OUTSIDE = {"Browser", "CloudFront", "EventBridge", "GuardDuty"}
"""What the stack's functions neither are nor call."""

_ARROW = re.compile(r'\s+(?:-- "[^"]*" )?-->\s+')
# Mermaid's shapes: what stands in double brackets is a queue, in a cylinder a store.
_NODE = re.compile(r'(\w+)(?:(\[\[|\[\(|\(\[|\(\(|\[)"?(.+?)"?(?:\]\]|\)\]|\]\)|\)\)|\]))?')
_KINDS = {"[[": "queue ", "[(": "store "}


def drawn(picture: str) -> set[Edge]:
    """The arrows of a picture, between what stands in its boxes; a box of several functions is each of them."""
    boxes: dict[str, list[str]] = {}
    edges: set[Edge] = set()
    for line in picture.strip().splitlines():
        steps = [[_read(part, boxes) for part in step.split(" & ")] for step in _ARROW.split(line.strip())]
        for sources, targets in pairwise(steps):
            edges |= {(source, target) for source in sources for target in targets}
    return {(a, b) for source, target in edges for a in boxes[source] for b in boxes[target]}


def _read(node: str, boxes: dict[str, list[str]]) -> str:
    found = _NODE.fullmatch(node)
    assert found is not None, node
    name, shape, label = found.groups()
    if label is not None:
        boxes[name] = [_KINDS.get(shape, "") + part for part in re.split(r",\s*(?:<br>)?", label)]
    boxes.setdefault(name, [name])
    return name


def wakes(stack: Stack) -> set[Edge]:
    """What starts functions, and which queues they and EventBridge put messages on."""
    edges = {("HTTP API", function) for function in stack.routes("HTTP").values()}
    edges |= {("WebSocket API", function) for function in stack.routes("WEBSOCKET").values()}
    for mapping in stack.of_type("AWS::Lambda::EventSourceMapping").values():
        properties = mapping["Properties"]
        queue = _queue(stack, properties["EventSourceArn"])
        edges.add((queue, stack.name_of(properties["FunctionName"]["Ref"])))
    for rule in stack.of_type("AWS::Events::Rule").values():
        (arn,) = (target["Arn"] for target in rule["Properties"]["Targets"])
        if "ScheduleExpression" in rule["Properties"]:
            edges.add(("schedule", stack.name_of(arn["Ref"])))
        else:
            edges.add(("EventBridge", _queue(stack, arn)))
            edges |= {(_SOURCES[source], "EventBridge") for source in rule["Properties"]["EventPattern"]["source"]}
    return edges | {(function, thing) for function, thing in calls(stack) if thing.startswith("queue ")}


_SOURCES = {"aws.s3": "store uploads", "aws.guardduty": "GuardDuty"}


def _queue(stack: Stack, arn: Any) -> str:
    return "queue " + stack.resources[arn["Fn::GetAtt"][0]]["Properties"]["QueueName"].rpartition("-")[2]


def calls(stack: Stack) -> set[Edge]:
    """What the role of each function lets it reach."""
    return {
        (function, thing)
        for function in stacks.functions()
        for statement in stack.statements_of(function).values()
        for thing in _things(stack, statement)
    }


def _things(stack: Stack, statement: Any) -> Iterator[str]:
    resource = statement["Resource"]
    match statement["Sid"]:
        case "Database":
            yield "store PostgreSQL"
        case "MailSend":
            yield "SES"
        case "SocketsPost" | "SocketsClose":
            yield "WebSocket API"
        case str(sid) if sid.endswith("QueueSend"):
            yield _queue(stack, resource)
        case str(sid) if sid.startswith(("Uploads", "Exports")):
            yield f"store {sid[:7].lower()}"
        case _:
            pass


def missing(stack: Stack, picture: str) -> set[Edge]:
    """What wakes what in the stack and not in the picture. A box of several functions calls what one of them does."""
    return wakes(stack) - drawn(picture)


def untrue(stack: Stack, picture: str) -> set[Edge]:
    """Arrows of the picture that are not in the stack."""
    boxes = {function: box for box in _boxes(picture) for function in box}
    # The owner of the database has a secret instead of a statement.
    true = wakes(stack) | calls(stack) | {("migrations", "store PostgreSQL")}
    of_boxes = {(a, target) for source, target in true for a in boxes.get(source, [source])}
    return {(a, b) for a, b in drawn(picture) if not {a, b} & OUTSIDE} - of_boxes


def _boxes(picture: str) -> list[list[str]]:
    return [re.split(r",\s*(?:<br>)?", label) for label in re.findall(r'\["(.+?)"\]', picture)]


def test_every_function_and_queue_is_in_the_picture() -> None:
    names = {name for edge in drawn(PICTURE) for name in edge}
    queues = {f"queue {spec}" for spec in ("uploads", "archives", "outbox")}

    assert set(stacks.functions()) | queues | {"store uploads", "store exports"} <= names


@pytest.mark.parametrize("environment", ["staging", "prod"])
def test_the_picture_is_the_stack(environment: str) -> None:
    assert missing(stacks.stack(environment), PICTURE) == set()
    assert untrue(stacks.stack(environment), PICTURE) == set()


def test_what_the_picture_lacks_is_noticed() -> None:
    stack = stacks.stack("prod")
    lines = PICTURE.splitlines(keepends=True)
    telling = [line for line in lines if missing(stack, PICTURE.replace(line, ""))]

    assert len(telling) >= 10
    # The others are about what functions call, and about browsers.
    assert all(re.search("browser|ses|database|bucket|notices", line) for line in lines if line not in telling)


@pytest.mark.parametrize("edge", ["docs --> outboxqueue", "gateway --> sweeper", "schedule --> archives"])
def test_what_the_picture_makes_up_is_noticed(edge: str) -> None:
    assert untrue(stacks.stack("prod"), f"{PICTURE}  {edge}\n")


@pytest.mark.parametrize("kind", ["AWS::Lambda::EventSourceMapping", "AWS::Events::Rule", "AWS::ApiGatewayV2::Route"])
def test_what_the_stack_no_longer_has_is_noticed(kind: str) -> None:
    stack = Stack(copy.deepcopy(stacks.stack("prod").template))
    for name in stack.of_type(kind):
        del stack.resources[name]

    assert untrue(stack, PICTURE)
