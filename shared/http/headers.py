"""Response headers, as the documentation of an endpoint names them."""

from typing import Any, Literal

Header = Literal["Location", "ETag", "Content-Disposition"]


def with_headers(status: int, *names: Header) -> dict[int | str, dict[str, Any]]:
    """The `responses` of an endpoint that answers with these headers; `tools.openapi` says what they mean."""
    return {status: {"headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names}}}
