"""Write the OpenAPI document of all endpoint groups to where the `docs` function serves it.

Usage: python -m tools.openapi
"""

import importlib
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI

from shared.errors import Code
from shared.http.app import COMMON_CODES, VERSION
from shared.http.errors import error_responses
from shared.http.exports import ExportUrl
from tools.openapi_examples import BY_SCHEMA, answer_example, export_examples
from tools.openapi_texts import DESCRIPTION, FIELDS, HEADERS, HEADERS_BY_STATUS, MEANINGS, SECURITY, TAGS

GROUPS = ("auth", "users", "uploads", "notifications", "audit", "health")
AUTH_CODES = (
    Code.AUTHENTICATION_REQUIRED,
    Code.TOKEN_INVALID,
    Code.TOKEN_EXPIRED,
    Code.TOKEN_REVOKED,
    Code.ACCOUNT_DISABLED,
)
"""What an endpoint that needs a token can answer besides its own errors."""
PATH = Path(__file__).parents[1] / "functions" / "docs" / "openapi.json"

_ENVELOPE = {"$ref": "#/components/schemas/ErrorEnvelope"}
_PROBLEM = {"field": "email", "issue": "Invalid email format"}
_DEFAULT_DESCRIPTION = "Successful Response"

_CONDITIONS = {"304": "If-None-Match", "412": "If-Match"}
"""The request header that a status answers to; `shared.http.etag` reads them, so FastAPI does not know them."""

Json = dict[str, Any]


def document() -> Json:
    """The document, from the routers as they are."""
    app = FastAPI(
        title="ReViewPoint",
        version=VERSION,
        description=DESCRIPTION,
        license_info={"name": "MIT", "identifier": "MIT"},
        servers=[{"url": "/", "description": "The host that serves this document."}],
        openapi_tags=[{"name": name, "description": text} for name, text in TAGS.items() if name in GROUPS],
    )
    for group in sorted(GROUPS, key=list(TAGS).index):
        router: APIRouter = importlib.import_module(f"functions.{group}.router").router
        app.include_router(router)
    openapi = app.openapi()
    openapi["components"]["headers"] = {
        name: {"description": text, "schema": {"type": kind}} for name, (text, kind) in HEADERS.items()
    }
    schemas: Json = openapi["components"]["schemas"]
    schemas["ExportUrl"] = ExportUrl.model_json_schema()
    shared: Json = openapi["components"].setdefault("responses", {})
    for path, item in openapi["paths"].items():
        if path.endswith("/export") and "text/csv" in item["get"]["responses"]["200"]["content"]:
            listed = openapi["paths"][path.removesuffix("/export")]["get"]["responses"]["200"]
            _complete_export(item["get"]["responses"]["200"]["content"], _schema_name(listed))
    for schema_name, schema in schemas.items():
        for name, field in schema.get("properties", {}).items():
            if "description" not in field:
                field["description"] = FIELDS.get(f"{schema_name}.{name}") or FIELDS[name]
    for name, scheme in openapi["components"]["securitySchemes"].items():
        scheme["description"] = SECURITY[name]
    for operation in operations(openapi):
        _complete(operation, schemas)
        _share_responses(operation["responses"], shared)
    _require_answers(openapi)
    _link(openapi["paths"])
    return openapi


def operations(openapi: Json) -> Iterator[Json]:
    """Every operation, in order."""
    for path in openapi["paths"].values():
        yield from path.values()


def _complete(operation: Json, schemas: Json) -> None:
    # Again, since an endpoint's own errors of a status replace its router's.
    _add_errors(operation["responses"], COMMON_CODES)
    if operation.setdefault("security", []):
        _add_errors(operation["responses"], AUTH_CODES)
    for status, response in operation["responses"].items():
        _complete_response(status, response, schemas)
        if status[0] == "2" and (name := _schema_name(response)):
            example = answer_example(operation["operationId"], name)
            response["content"]["application/json"]["example"] = example
    for name in (name for status, name in _CONDITIONS.items() if status in operation["responses"]):
        operation["parameters"] = [
            *operation.get("parameters", ()),
            {"name": name, "in": "header", "required": False, "schema": {"type": "string"}},
        ]
    for parameter in operation.get("parameters", ()):
        _drop_null(parameter["schema"])
        noun = str(parameter["name"]).removesuffix("_id")
        known = f"The {noun}'s id." if parameter["in"] == "path" else FIELDS.get(parameter["name"])
        parameter.setdefault("description", known)
    for media in operation.get("requestBody", {}).get("content", {}).values():
        _add_example(media, schemas)


def _drop_null(schema: Json) -> None:
    """Nothing in a URL or a header is null: it is left out."""
    given = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    if len(given) == 1:
        del schema["anyOf"]
        schema.update(given[0])


def _require_answers(openapi: Json) -> None:
    """An answer holds its fields that have a default too; FastAPI requires the others alone."""
    bodies = {
        reference["$ref"].rpartition("/")[2]
        for operation in operations(openapi)
        for media in operation.get("requestBody", {}).get("content", {}).values()
        for reference in _alternatives(media["schema"])
        if "$ref" in reference
    }
    for name, schema in openapi["components"]["schemas"].items():
        if name not in bodies and "properties" in schema:
            required = schema.get("required", ())
            schema["required"] = [
                field for field, told in schema["properties"].items() if field in required or "default" in told
            ]


def _schema_name(response: Json) -> str:
    schema = response.get("content", {}).get("application/json", {}).get("schema", {})
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _complete_export(content: Json, page: str) -> None:
    """An export has the items of its list; FastAPI knows nothing of them, for they are written as they are read."""
    item = page.removeprefix("Page_").removesuffix("_")
    rows = {"type": "array", "items": {"$ref": f"#/components/schemas/{item}"}}
    content["application/json"] = {
        "schema": {"anyOf": [rows, {"$ref": "#/components/schemas/ExportUrl"}]},
        "examples": {
            "export": {"value": [BY_SCHEMA[item]]},
            "redirect=false": {"value": BY_SCHEMA["ExportUrl"]},
        },
    }
    for media_type, example in export_examples(item).items():
        content[media_type]["example"] = example


def _add_errors(responses: Json, codes: Sequence[Code]) -> None:
    for status, response in error_responses(*codes).items():
        known = responses.setdefault(str(status), {"content": {"application/json": {"schema": _ENVELOPE}}})
        if known["content"]["application/json"]["schema"] != _ENVELOPE:
            continue
        known["description"] = ", ".join(filter(None, (response["description"], known.get("description"))))


def _complete_response(status: str, response: Json, schemas: Json) -> None:
    for name in ("X-Request-ID", *HEADERS_BY_STATUS.get(status, ())):
        response.setdefault("headers", {})[name] = {"$ref": f"#/components/headers/{name}"}
    media: Json = response.get("content", {}).get("application/json", {})
    if media.get("schema") == _ENVELOPE:
        codes = list(dict.fromkeys(re.findall(r"`([A-Z_]+)`", response["description"])))
        response["description"] = "\n".join(f"- `{code}`: {MEANINGS[code]}" for code in codes)
        media["examples"] = {code: {"value": _error_example(code)} for code in codes}
    elif response["description"] == _DEFAULT_DESCRIPTION:
        response["description"] = schemas.get(_schema_name(response), {}).get("description", "Done.")


def _share_responses(responses: Json, shared: Json) -> None:
    """Replace what many endpoints answer by a reference, so that it stands once."""
    for status, response in responses.items():
        codes = list(response.get("content", {}).get("application/json", {}).get("examples", {}))
        is_auth = status == "401" and set(codes) < set(AUTH_CODES)
        if is_auth or len(codes) == 1:
            name = "Unauthenticated" if is_auth else codes[0].title().replace("_", "")
            shared[name] = response
            responses[status] = {"$ref": f"#/components/responses/{name}"}


def _error_example(code: str) -> Json:
    details = {**_PROBLEM, "errors": [_PROBLEM]} if code == Code.VALIDATION_ERROR else None
    return {
        "error": {
            "code": code,
            "message": MEANINGS[code],
            "details": details,
            "timestamp": "2026-07-22T20:52:02Z",
            "request_id": "01982a52-6f0e-7c50-9f0a-3d1c5a1b2c3d",
        }
    }


def _add_example(media: Json, schemas: Json) -> None:
    """The body that the examples of its fields make."""
    references = [str(schema["$ref"]) for schema in _alternatives(media["schema"]) if "$ref" in schema]
    properties: Json = schemas[references[0].rpartition("/")[2]].get("properties", {}) if references else {}
    example = {
        name: schema["examples"][0]
        for name, field in properties.items()
        for schema in _alternatives(field)
        if schema.get("examples")
    }
    if example:
        media["example"] = example


def _alternatives(schema: Json) -> list[Json]:
    return [schema, *schema.get("anyOf", ())]


def _link(paths: Json) -> None:
    """From what a POST to a collection makes to all that can be done with it (OpenAPI links)."""
    for path, item in paths.items():
        made = item.get("post", {}).get("responses", {}).get("201")
        if made is None:
            continue
        for other, operation in _operations_on_one(paths, path):
            parameter = re.findall(r"{(\w+)}", other)[0]
            made.setdefault("links", {})[operation["operationId"]] = {
                "operationId": operation["operationId"],
                "parameters": {parameter: "$response.body#/id"},
            }


def _operations_on_one(paths: Json, collection: str) -> Iterator[tuple[str, Json]]:
    for path, item in paths.items():
        if re.match(re.escape(collection) + r"/{\w+}", path):
            yield from ((path, operation) for operation in item.values())


def text() -> str:
    """The document as it is committed."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write it."""
    PATH.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
