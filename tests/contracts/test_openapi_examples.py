"""What the document shows of successes is what the handlers answer, in status, fields and kinds of value."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any, cast

import pytest

from shared import clock, ids, settings
from tests.support import openapi
from tests.support.api import Answer, Api, invoke
from tests.support.factories import PASSWORD, Account, make_account, make_file, unique
from tests.support.mail import mails_to
from tests.support.queues import drain, sqs_event, work_outbox
from tests.support.uploads import create_and_put
from tools import openapi as tool

_DOCUMENT = tool.document()
_OPERATIONS: Mapping[str, tuple[str, str, dict[str, Any]]] = {
    operation["operationId"]: (method.upper(), path, operation)
    for path, item in _DOCUMENT["paths"].items()
    for method, operation in item.items()
}

Prepared = Mapping[str, Any]
"""Options of the request: what differs from the example, `id` for the path, a `token` that is not the admin's."""


def _somebody(_: Api, __: Account) -> Prepared:
    name = unique("example")
    return {"json": {"username": name, "email": f"{name}@example.org"}}


def _mailed_token(email: str) -> Prepared:
    work_outbox()
    return {"json": {"token": mails_to(email)[-1].token}}


def _asked_for_reset(api: Api, admin: Account) -> Prepared:
    api.post("/api/v1/auth/request-password-reset", json={"email": admin.email})
    return _mailed_token(admin.email)


def _registered(api: Api, admin: Account) -> Prepared:
    return _mailed_token(_call(api, "register", admin).json()["email"])


def _archive(api: Api, admin: Account) -> Prepared:
    api.post("/api/v1/users/me/export", token=admin.token)
    work_outbox()
    invoke("archives", sqs_event(*drain(settings.archive_queue().archive_queue_url)))
    return {}


def _upload(**columns: Any) -> Callable[[Api, Account], Prepared]:
    return lambda _, admin: {"id": make_file(admin, **columns).id}


def _sign_in(api: Api, admin: Account) -> Prepared:
    body = {"username": admin.username, "password": PASSWORD}
    assert api.post("/api/v1/auth/login", json=body).status == 200
    return {}


def _failed(_: Api, admin: Account) -> Prepared:
    kept_until = clock.now() + timedelta(days=1)
    return {"id": make_file(admin, status="rejected", reason="SCAN_FAILED", kept_until=kept_until).id}


_PREPARE: Mapping[str, Callable[[Api, Account], Prepared]] = {
    "register": _somebody,
    "log_in": lambda _, admin: {"json": {"username": admin.username, "password": PASSWORD}},
    "refresh": lambda _, admin: {"token": admin.refresh_token},
    "list_activity": _sign_in,
    "end_session": lambda _, admin: {"id": admin.session_id},
    "change_password": lambda _, __: {"json": {"current_password": PASSWORD}},
    "reset_password": _asked_for_reset,
    "verify_email": _registered,
    "update_me": _somebody,
    "delete_me": lambda _, __: {"token": make_account().token, "json": {"password": PASSWORD}},
    "get_export": _archive,
    "create_user": _somebody,
    "update_user": lambda api, admin: {**_somebody(api, admin), "id": make_account().id},
    "create_upload": lambda _, __: {"token": make_account().token},
    "list_uploads": _upload(status="available"),
    "export_uploads": _upload(status="available"),
    "delete_uploads": lambda _, admin: {"json": {"ids": [str(make_file(admin).id), str(ids.new())]}},
    "get_upload": _upload(status="available"),
    "update_upload": _upload(status="available"),
    "delete_upload": _upload(),
    "renew_upload_url": _upload(),
    "complete_upload": lambda api, admin: {"id": create_and_put(api, admin)[0]["id"]},
    "download_upload": lambda _, admin: {
        "id": make_file(admin, status="available").id,
        "query": {"redirect": "false"},
    },
    "rescan_upload": _failed,
    "list_audit_events": _sign_in,
    "export_audit_events": _sign_in,
}


def _call(api: Api, operation_id: str, admin: Account, **more: Any) -> Answer:
    method, path, operation = _OPERATIONS[operation_id]
    prepared = dict(_PREPARE.get(operation_id, lambda _, __: {})(api, admin))
    made_id = prepared.pop("id", None) or make_account().id
    example = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
    if example is not None:
        prepared["json"] = {**example, **prepared.get("json", {})}
    elif "export" in path:
        prepared["query"] = {"format": "json"}
    options: dict[str, Any] = {"token": admin.token, **prepared, **more}
    return api.request(method, re.sub(r"{\w+}", str(made_id), path), **options)


def _like(answered: Any, example: Any) -> bool:
    """Whether names and kinds of values are the same; what may be null is so in either. Of lists the first counts."""
    if answered is None or example is None:
        return True
    if isinstance(example, float):
        return isinstance(answered, int | float)
    if type(answered) is not type(example):
        return False
    if isinstance(example, dict):
        fields = cast("dict[str, Any]", example)
        return answered.keys() == fields.keys() and all(_like(answered[name], fields[name]) for name in fields)
    if isinstance(example, list):
        items = cast("list[Any]", example)
        return bool(answered) == bool(items) and all(map(_like, answered[:1], items[:1]))
    return True


def _success(operation: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    ((status, response),) = ((code, told) for code, told in operation["responses"].items() if code[0] == "2")
    return status, response


@pytest.mark.parametrize("operation_id", _OPERATIONS)
def test_a_success_is_as_its_example(api: Api, admin: Account, operation_id: str) -> None:
    status, response = _success(_OPERATIONS[operation_id][2])

    answer = _call(api, operation_id, admin)

    assert str(answer.status) == status, answer.body
    if status == "204":
        assert answer.body == b""
        return
    media = response["content"]["application/json"]
    example = media["example"] if "example" in media else media["examples"]["export"]["value"]
    assert _like(answer.json(), example), f"{answer.body!r} is not like {example}"
    if media["schema"].get("$ref", "").endswith("/Message"):
        assert answer.json() == example


def _examples() -> Iterator[Any]:
    for operation_id, (_, _, operation) in _OPERATIONS.items():
        for media in _success(operation)[1].get("content", {}).values():
            values = [media["example"]] if "example" in media else [one["value"] for one in media["examples"].values()]
            for number, value in enumerate(values):
                yield pytest.param(media["schema"], value, id=f"{operation_id}-{number}")


@pytest.mark.parametrize(("schema", "example"), [*_examples()])
def test_an_example_fits_its_schema(schema: dict[str, Any], example: Any) -> None:
    openapi.check_shape(schema, json.dumps(example).encode())


@pytest.mark.parametrize("operation_id", ["export_users", "export_uploads", "export_audit_events"])
def test_the_other_forms_of_an_export_are_as_their_examples(api: Api, admin: Account, operation_id: str) -> None:
    content = _success(_OPERATIONS[operation_id][2])[1]["content"]

    as_csv = _call(api, operation_id, admin, query={"format": "csv"}).body.decode()
    as_lines = _call(api, operation_id, admin, query={"format": "ndjson"}).body.decode()
    url = _call(api, operation_id, admin, query={"redirect": "false"}).json()

    assert as_csv.splitlines()[0] == content["text/csv"]["example"].splitlines()[0]
    line, shown = (json.loads(text.splitlines()[0]) for text in (as_lines, content["application/x-ndjson"]["example"]))
    assert list(line) == list(shown)
    assert url.keys() == content["application/json"]["examples"]["redirect=false"]["value"].keys()
