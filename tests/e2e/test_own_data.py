"""A copy of all that is one's own, asked for and fetched on the page."""

import json
import zipfile

import pytest
from playwright.sync_api import BrowserContext, Request, Route, expect

from tests.e2e.steps import CHECKED_MS, enter, join, payload, store

pytestmark = pytest.mark.slow


def test_copy_is_made_told_of_and_downloaded_by_the_keyboard(context: BrowserContext) -> None:
    person = join(context)
    store(context, person, payload("notes.txt", "text/plain", b"Hello.\n"))
    page, elsewhere = enter(context, person, "#/account"), enter(context, person, "#/files")
    region = page.get_by_role("region", name="Your data")
    expect(elsewhere.get_by_role("row").filter(has_text="notes.txt")).to_be_visible()

    region.get_by_role("button", name="Make a copy of my data").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#live")).to_contain_text("Your copy is", timeout=CHECKED_MS)
    expect(region.get_by_text("Your copy is ready. You can download it until")).to_be_visible(timeout=CHECKED_MS)

    expect(elsewhere.get_by_role("status").get_by_text("The copy of your data is ready.")).to_be_visible()
    region.get_by_role("button", name="Download your data").focus()
    with page.expect_download() as started:
        page.keyboard.press("Enter")
    with zipfile.ZipFile(started.value.path()) as held:
        assert json.loads(held.read("profile.json"))["username"] == person.username
        assert [held.read(name) for name in held.namelist() if name.endswith("/notes.txt")] == [b"Hello.\n"]


def test_copy_that_is_being_made_is_said_so_and_not_offered_twice(context: BrowserContext) -> None:
    orders: list[Request] = []

    def answer(route: Route) -> None:
        if route.request.method == "POST":
            orders.append(route.request)
        route.fulfill(json={"status": "pending" if orders else "none", "expires_at": None})

    context.route("**/users/me/export", answer)
    page = enter(context, join(context), "#/account")
    region = page.get_by_role("region", name="Your data")

    region.get_by_role("button", name="Make a copy of my data").click()

    expect(region.get_by_text("Your copy is being made.")).to_be_visible()
    expect(region.get_by_role("button")).to_have_count(0)
    expect(region.get_by_role("heading")).to_be_focused()


def test_copy_that_failed_can_be_asked_for_again(context: BrowserContext) -> None:
    context.route("**/users/me/export", lambda route: route.fulfill(json={"status": "failed", "expires_at": None}))
    page = enter(context, join(context), "#/account")
    region = page.get_by_role("region", name="Your data")

    expect(region.get_by_text("Your copy could not be made.")).to_be_visible()
    expect(region.get_by_role("button", name="Make a copy of my data")).to_be_visible()


def test_page_says_what_stays_of_a_deleted_account(context: BrowserContext) -> None:
    page = enter(context, join(context), "#/account")

    expect(page.get_by_role("region", name="Delete your account")).to_contain_text(
        "The security log keeps what was done with the account, under a number instead of your name, "
        "with network address and browser, until its time of retention ends."
    )
