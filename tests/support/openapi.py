"""Holds every answer to the OpenAPI document: its status, its headers and its shape have to be in there."""

import json
import re
from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from typing import Any
from urllib.parse import unquote

import jsonschema_rs

from shared import settings
from tools import openapi

_METHODS = {name: name.lower() for name in ("GET", "POST", "PUT", "PATCH", "DELETE")} | {"HEAD": "get"}
_TOLD_HEADERS = ("location", "etag", "retry-after", "www-authenticate", "ratelimit", "ratelimit-policy")
"""Headers that a client acts on: given, they have to be documented."""


@cache
def _document() -> dict[str, Any]:
    """The document, with objects closed: a field that it does not name is an error."""
    document = deepcopy(openapi.document())
    for schema in document["components"]["schemas"].values():
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)
    return document


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    paths = sorted(_document()["paths"], key=lambda path: path.count("{"))
    return [(re.compile(re.sub(r"{\w+}", "[^/]+", path)), path) for path in paths]


def find_operation(method: str, path: str) -> dict[str, Any] | None:
    """The documented operation of a request, if there is one."""
    plain = unquote(path).removesuffix("/")
    for pattern, template in _patterns():
        if pattern.fullmatch(plain):
            return _document()["paths"][template].get(_METHODS.get(method, ""))
    return None


@cache
def _validator(schema: str) -> jsonschema_rs.Validator:
    whole = {**json.loads(schema), "components": _document()["components"]}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


def check(method: str, path: str, status: int, headers: Mapping[str, str], body: bytes) -> None:
    """Hold one answer to the document.

    Raises:
        AssertionError: it is none that the document tells of.
    """
    bypasses_cloudfront = status == 403 and bool(settings.origin_secrets().arns)
    if method == "OPTIONS" or bypasses_cloudfront:
        return
    operation = find_operation(method, path)
    if operation is None:
        if status >= 400 and body:
            check_shape({"$ref": "#/components/schemas/ErrorEnvelope"}, body)
        return
    said = f"{method} {path} ({operation['operationId']}) answered {status}"
    response = operation["responses"].get(str(status))
    assert response is not None, f"{said}, which is not documented: {body[:300]!r}"
    if "$ref" in response:
        response = _document()["components"]["responses"][response["$ref"].rpartition("/")[2]]
    for name in _TOLD_HEADERS:
        documented = name in {known.lower() for known in response.get("headers", {})}
        assert documented or name not in headers, f"{said} with a header {name}, which is not documented"
    if method != "HEAD":
        _check_content(said, response.get("content", {}), headers, body)


def _check_content(said: str, content: Mapping[str, Any], headers: Mapping[str, str], body: bytes) -> None:
    if not content:
        assert body == b"", f"{said} with a body, which is not documented: {body[:300]!r}"
        return
    media_type = headers.get("content-type", "").partition(";")[0]
    assert media_type in content, f"{said} as {media_type!r}, which is not documented"
    if media_type == "application/json":
        schema = content[media_type].get("schema", {})
        check_shape(schema, body)
        if schema.get("$ref", "").endswith("/ErrorEnvelope"):
            code = json.loads(body)["error"]["code"]
            assert code in content[media_type]["examples"], f"{said} with {code}, which is not documented"


def check_shape(schema: Mapping[str, Any], body: bytes) -> None:
    """Hold a JSON body to a schema of the document.

    Raises:
        AssertionError: it does not fit.
    """
    error = next(_validator(json.dumps(schema)).iter_errors(json.loads(body)), None)
    assert error is None, f"{error}: {body[:1000]!r}"
