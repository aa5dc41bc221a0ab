"""CloudFront's functions, run as it runs them: a `handler` that is given an event."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra_cdk.constructs import distribution

_NODE = Path(sys.executable).with_name("node")


def run(name: str, event: dict[str, Any]) -> Any:
    code = (Path(distribution.__file__).parent / "edge_functions" / name).read_text(encoding="utf-8")
    program = f"{code}\nconsole.log(JSON.stringify(handler({json.dumps(event)})))"
    return json.loads(subprocess.run([_NODE, "-e", program], capture_output=True, check=True, text=True).stdout)


@pytest.mark.parametrize(
    ("given", "told"), [("mine-1", "mine-1"), (None, "cloudfront-1"), ("not <sane>", "cloudfront-1"), ("x" * 129, None)]
)
def test_the_page_tells_the_id_of_the_request(given: str | None, told: str | None) -> None:
    headers = {"x-request-id": {"value": given}} if given else {}
    event: dict[str, Any] = {
        "context": {"requestId": "cloudfront-1"},
        "request": {"headers": headers},
        "response": {"headers": {}},
    }

    answer = run("request-id.js", event)

    assert answer == {"headers": {"x-request-id": {"value": told or "cloudfront-1"}}}


def test_the_viewers_address_goes_over_what_the_viewer_says() -> None:
    request = {"uri": "/", "headers": {"x-viewer-address": {"value": "203.0.113.9"}}}

    answer = run("viewer-address.js", {"viewer": {"ip": "198.51.100.1"}, "request": request})

    assert answer["headers"] == {"x-viewer-address": {"value": "198.51.100.1"}}


@pytest.mark.parametrize(("asked", "fetched"), [("/", "/index.html"), ("/style.css", "/style.css")])
def test_the_page_lies_under_its_files_name(asked: str, fetched: str) -> None:
    assert run("index.js", {"request": {"uri": asked, "headers": {}}})["uri"] == fetched


def test_they_use_only_what_cloudfronts_runtime_has() -> None:
    """cloudfront-js-2.0 has no `require` of modules but its own, and no `fetch`."""
    for file in (Path(distribution.__file__).parent / "edge_functions").glob("*.js"):
        assert not re.search(r"\b(require|fetch|process|import)\b", file.read_text(encoding="utf-8"))
