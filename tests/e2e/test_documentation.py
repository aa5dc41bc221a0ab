"""The documentation pages under their policy, and an upload form built from the document and the client alone."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.e2e.steps import CHECKED_MS, PASSWORD, join, payload
from tests.support import typescript

pytestmark = pytest.mark.slow

_DRAWN_MS = 30_000
"""ReDoc draws the whole document before it shows anything: a second, or many on a busy machine."""


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A tab that finds all that it asks for."""
    page, refused = context.new_page(), list[str]()
    page.on("response", lambda answer: refused.append(answer.url) if answer.status >= 400 else None)
    yield page
    assert refused == []


def test_swagger_ui_shows_the_operations_without_a_violation(page: Page) -> None:
    page.goto("/docs")

    expect(page.get_by_role("heading", name="ReViewPoint")).to_be_visible(timeout=_DRAWN_MS)
    expect(page.locator("#operations-uploads-create_upload")).to_be_visible()
    page.locator("#operations-uploads-create_upload button").first.click()
    expect(page.get_by_text("paper.pdf").first).to_be_visible()


def test_redoc_shows_the_operations_without_a_violation(page: Page) -> None:
    page.goto("/redoc")

    expect(page.get_by_role("heading", name="ReViewPoint").first).to_be_visible(timeout=_DRAWN_MS)
    expect(page.get_by_text("create_upload").or_(page.get_by_text("Create Upload")).first).to_be_attached()
    expect(page.get_by_alt_text("redocly logo")).to_have_js_property("complete", True)


def test_the_upload_form_of_the_client_uploads(context: BrowserContext, tmp_path: Path) -> None:
    typescript.install(tmp_path)
    compiled = typescript.run("npx", "tsc", "-p", ".", folder=tmp_path)
    assert compiled.returncode == 0, compiled.stdout

    def serve(route: Route) -> None:
        code = (tmp_path / urlsplit(route.request.url).path.removeprefix("/form/")).read_text(encoding="utf-8")
        # What a bundler does: a browser finds no package by its name.
        code = code.replace('"openapi-fetch"', '"/form/node_modules/openapi-fetch/dist/index.mjs"')
        route.fulfill(body=code, content_type="text/javascript")

    person = join(context)
    context.route("**/form/**", serve)
    page = context.new_page()
    # The page's own policy lets it reach the storage.
    page.goto("/")
    page.add_script_tag(url="/form/dist/examples/upload-form.js", type="module")
    form = page.locator("form").filter(has=page.locator("input[name=file]"))
    form.get_by_label("Username").fill(person.username)
    form.get_by_label("Password").fill(PASSWORD)
    form.get_by_label("File").set_input_files(payload("notes.txt", "text/plain", b"Some words.\n"))
    form.get_by_role("button", name="Upload").click()

    expect(form.locator("output")).to_have_text("notes.txt is available.", timeout=CHECKED_MS)
    expect(form.locator("progress")).to_have_js_property("value", 1)
