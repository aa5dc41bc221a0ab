"""The list of files: found, named, shared, exported and deleted."""

import csv
import json
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, FilePayload, Locator, Page, Route, expect

from tests.e2e.steps import (
    Person,
    bearer,
    choose,
    download,
    enter,
    expect_files,
    expect_login,
    join,
    log_in,
    payload,
    row,
    store,
    tokens,
)

pytestmark = pytest.mark.slow

_NOTES = payload("notes.txt", "text/plain", b"Minor revision.\n")
_LETTER = payload("Letter to the editor.txt", "text/plain", b"Dear editor,\n" * 30)
_BROKEN = payload("figure.png", "image/png", b"no figure")


def _open(context: BrowserContext, *files: FilePayload) -> tuple[Person, Page]:
    """Somebody with files, who looks at them."""
    person = join(context)
    store(context, person, *files)
    page = enter(context, person, "#/files")
    expect(_names(page)).to_have_count(len(files))
    return person, page


def _names(page: Page) -> Locator:
    return page.get_by_role("table").locator(".file-name")


def test_search_shows_what_matches_and_the_way_back(context: BrowserContext) -> None:
    _, page = _open(context, _NOTES, _LETTER)
    search = page.get_by_role("searchbox", name="Search by name")

    search.fill("EDITOR")
    expect(_names(page)).to_have_text(["Letter to the editor.txt"])
    search.fill("figure")
    page.get_by_role("button", name="Show all files").click()

    expect(_names(page)).to_have_count(2)
    expect(search).to_be_focused()


def test_filters_and_order_combine(context: BrowserContext) -> None:
    _, page = _open(context, _NOTES, _LETTER, _BROKEN)

    page.get_by_label("Order").select_option("By name")
    page.get_by_label("Status").select_option("Available")
    expect(_names(page)).to_have_text(["Letter to the editor.txt", "notes.txt"])
    page.get_by_label("Type").select_option("PNG")

    expect(page.get_by_text("No file matches")).to_be_visible()


def test_upload_beside_a_filter_appears_only_where_it_matches(context: BrowserContext) -> None:
    _, page = _open(context, _NOTES)
    page.get_by_role("searchbox", name="Search by name").fill("letter")
    expect(page.get_by_text("No file matches")).to_be_visible()

    choose(page, _LETTER, payload("other.txt", "text/plain", b"Other.\n"))

    expect(row(page, "Letter to the editor.txt")).to_contain_text("Available", timeout=30_000)
    expect(_names(page)).to_have_count(1)


def test_renamed_file_downloads_under_its_new_name(context: BrowserContext) -> None:
    _, page = _open(context, _NOTES)

    page.get_by_role("button", name="Rename notes.txt").click()
    page.get_by_label("Name", exact=True).fill("Ergänzungen – final.txt")
    page.get_by_role("dialog").get_by_role("button", name="Rename").click()

    expect(row(page, "Ergänzungen – final.txt")).to_be_visible()
    assert download(page, "Ergänzungen – final.txt") == _NOTES["buffer"]


def test_shared_file_is_downloaded_by_whoever_has_the_link_and_logs_in(context: BrowserContext) -> None:
    _, page = _open(context, _NOTES)
    page.get_by_role("button", name="Share notes.txt").click()
    page.get_by_role("switch").check()
    link = page.get_by_label("Link").input_value()
    page.get_by_role("button", name="Done").click()
    expect(row(page, "notes.txt")).to_contain_text("Shared")
    reader = join(context)
    page.get_by_role("button", name="Log out").click()
    expect_login(page)

    page.goto(link)
    log_in(page, reader.username)

    expect(page.get_by_role("heading", name="notes.txt")).to_be_visible()
    with page.expect_download() as started:
        page.get_by_role("button", name="Download").click()
    assert Path(started.value.path()).read_bytes() == _NOTES["buffer"]


def test_link_to_a_file_that_is_not_shared_tells_nothing_of_it(context: BrowserContext) -> None:
    person = join(context)
    store(context, person, _NOTES)
    me = bearer(tokens(context, person)["access_token"])
    (upload,) = context.request.get("/api/v1/uploads/", headers=me).json()["items"]

    page = enter(context, join(context), f"#/file?id={upload['id']}")

    expect(page.get_by_role("alert")).to_contain_text("This file is not there, or it is not shared any more.")


def test_selected_files_are_deleted_together(context: BrowserContext) -> None:
    _, page = _open(context, _NOTES, _LETTER, _BROKEN)

    page.get_by_label("Select all").check()
    page.get_by_label("Select Letter to the editor.txt").uncheck()
    expect(page.get_by_text("2 files selected")).to_be_visible()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()

    expect(_names(page)).to_have_text(["Letter to the editor.txt"])
    page.reload()
    expect(_names(page)).to_have_text(["Letter to the editor.txt"])


def test_file_that_may_not_be_deleted_says_so_at_its_row(context: BrowserContext) -> None:
    _, page = _open(context, _NOTES, _LETTER)

    def refuse_one(route: Route) -> None:
        deleted, kept = json.loads(route.request.post_data or "")["ids"]
        route.fulfill(json={"deleted": [deleted], "failed": [{"id": kept, "code": "FORBIDDEN"}]})

    page.route("**/uploads/bulk-delete", refuse_one)
    page.get_by_label("Select all").check()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()

    expect(_names(page)).to_have_count(1)
    expect(page.get_by_role("table").get_by_role("alert")).to_have_text("You are not allowed to delete this file.")


def test_more_unfinished_uploads_than_allowed_are_explained(context: BrowserContext) -> None:
    person = join(context)
    me = bearer(tokens(context, person)["access_token"])
    for number in range(20):
        body = {"filename": f"{number}.txt", "content_type": "text/plain", "file_size": 1}
        assert context.request.post("/api/v1/uploads/", data=body, headers=me).ok
    page = enter(context, person, "#/files")
    expect_files(page)

    choose(page, _NOTES)

    expect(page.get_by_role("listitem")).to_contain_text("Too many uploads are unfinished.")


def test_admin_sees_whose_the_files_of_others_are(context: BrowserContext, admin: Person) -> None:
    owner = join(context)
    store(context, owner, payload(f"of-{owner.username}.txt", "text/plain", b"Mine.\n"))
    page = enter(context, admin, "#/files")

    page.get_by_role("searchbox", name="Search by name").fill(f"of-{owner.username}")
    page.get_by_label("Whose files").select_option("Everybody’s")

    expect(row(page, f"of-{owner.username}.txt")).to_contain_text(f"Of {owner.username}")


def test_export_has_what_the_filters_match(context: BrowserContext) -> None:
    _, page = _open(context, _NOTES, _LETTER)
    page.get_by_role("searchbox", name="Search by name").fill("notes")
    expect(_names(page)).to_have_count(1)

    page.get_by_text("Export", exact=True).click()
    with page.expect_download() as started:
        page.get_by_role("button", name="Spreadsheet (CSV)").click()

    with Path(started.value.path()).open(encoding="utf-8", newline="") as file:
        assert [line["filename"] for line in csv.DictReader(file)] == ["notes.txt"]
