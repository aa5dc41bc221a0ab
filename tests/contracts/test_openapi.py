"""The OpenAPI document says what clients need, and its examples work."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from shared.errors import Code
from tests.support.api import Api
from tests.support.factories import Account
from tools import openapi
from tools.openapi_texts import FIELDS, MEANINGS

_DOCUMENT = openapi.document()
_ID = "0190c5d0-0000-7000-8000-000000000000"
_NOT_UNDERSTOOD = {400, 405, 413, 415, 422}


def _operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in _DOCUMENT["paths"].items():
        for method, operation in item.items():
            yield method.upper(), path, operation


def test_the_document_is_valid_openapi_3_1() -> None:
    OpenAPIV31SpecValidator(_DOCUMENT).validate()


def test_every_code_has_a_meaning_and_its_place() -> None:
    assert {code.value for code in Code} <= set(MEANINGS)
    told = json.dumps([_DOCUMENT["info"], _DOCUMENT["paths"], _DOCUMENT["components"]["responses"]])
    assert {code for code in MEANINGS if f"`{code}`" not in told} == set()


@pytest.mark.parametrize(
    "operation", [operation for _, _, operation in _operations()], ids=lambda operation: operation["operationId"]
)
def test_an_operation_is_described(operation: dict[str, Any]) -> None:
    assert operation["description"].endswith((".", "!"))
    assert operation["tags"]
    assert "security" in operation
    for parameter in operation.get("parameters", ()):
        assert parameter["description"].endswith(".")
    for response in operation["responses"].values():
        assert "$ref" in response or response["description"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        pytest.param(method, path, media["example"], id=operation["operationId"])
        for method, path, operation in _operations()
        for media in operation.get("requestBody", {}).get("content", {}).values()
        if "example" in media
    ],
)
def test_an_example_is_understood(api: Api, admin: Account, method: str, path: str, body: dict[str, Any]) -> None:
    answer = api.request(method, re.sub(r"{\w+}", _ID, path), token=admin.token, json=body)

    about_a_token = answer.status == 400 and "_TOKEN_" in answer.error_code
    assert answer.status not in _NOT_UNDERSTOOD or about_a_token, answer.body


def test_every_field_is_described_and_no_description_is_left_over() -> None:
    fields = {
        (schema, name): field
        for schema, told in _DOCUMENT["components"]["schemas"].items()
        for name, field in told.get("properties", {}).items()
    }
    parameters = {
        parameter["name"] for _, _, operation in _operations() for parameter in operation.get("parameters", ())
    }

    assert [name for name, field in fields.items() if not field["description"].endswith(".")] == []
    known = {f"{schema}.{name}" for schema, name in fields} | {name for _, name in fields} | parameters
    assert set(FIELDS) <= known


def test_parameters_are_never_null_and_conditions_can_be_sent() -> None:
    for _, _, operation in _operations():
        parameters = {parameter["name"]: parameter["schema"] for parameter in operation.get("parameters", ())}
        assert [name for name, schema in parameters.items() if "null" in json.dumps(schema)] == []
        assert ("If-None-Match" in parameters) == ("304" in operation["responses"])
        assert ("If-Match" in parameters) == ("412" in operation["responses"])


def test_an_answer_holds_its_constants_and_a_body_may_leave_out_what_has_a_default() -> None:
    schemas = _DOCUMENT["components"]["schemas"]

    assert {"access_token", "token_type"} <= set(schemas["Tokens"]["required"])
    assert set(schemas["UploadCreate"]["required"]) == {"filename", "content_type", "file_size"}
    assert "url" not in schemas["OwnExport"]["required"]


def test_every_body_has_an_example() -> None:
    without = [
        operation["operationId"]
        for _, _, operation in _operations()
        for media in operation.get("requestBody", {}).get("content", {}).values()
        if "example" not in media
    ]

    assert without == []
