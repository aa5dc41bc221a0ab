"""A forgotten password, and the link in the mail."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.steps import PASSWORD, Person, join, log_in, logs_in, mailed_link

pytestmark = pytest.mark.slow

_NEW_PASSWORD = "sparse violin harbour tonight"


def _ask_for_link(page: Page, person: Person) -> None:
    page.goto("/#/login")
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("status").get_by_text("a link is on its way")).to_be_visible()


def _set_password(page: Page) -> None:
    page.get_by_label("New password").fill(_NEW_PASSWORD)
    page.get_by_role("button", name="Save password").click()


def test_forgotten_password_is_replaced_by_the_mailed_link(context: BrowserContext, page: Page) -> None:
    person = join(context)
    _ask_for_link(page, person)

    page.goto(mailed_link(page, person))
    _set_password(page)

    expect(page.get_by_role("heading", name="Your password is set")).to_be_focused()
    page.get_by_role("link", name="Go on to log in").click()
    log_in(page, person.username, _NEW_PASSWORD)
    expect(page.get_by_role("heading", name="Your files")).to_be_visible()
    assert not logs_in(context, person, PASSWORD)


def test_token_leaves_the_address_bar_and_opening_the_link_spends_nothing(context: BrowserContext, page: Page) -> None:
    person = join(context)
    _ask_for_link(page, person)
    link = mailed_link(page, person)

    page.goto(link)
    expect(page.get_by_role("heading", name="Choose a new password")).to_be_visible()
    assert page.evaluate("location.hash") == "#/reset-password"

    second = context.new_page()
    second.goto(link)
    _set_password(second)
    expect(second.get_by_role("heading", name="Your password is set")).to_be_visible()


def test_link_that_was_used_is_explained(context: BrowserContext, page: Page) -> None:
    person = join(context)
    _ask_for_link(page, person)
    link = mailed_link(page, person)
    used = {"token": link.split("token=")[1], "new_password": _NEW_PASSWORD}
    assert context.request.post("/api/v1/auth/reset-password", data=used).ok

    page.goto(link)
    _set_password(page)

    expect(page.get_by_role("alert")).to_have_text("This link was used already. Ask for a new one.")


def test_login_that_waits_for_the_address_leads_to_a_new_link(context: BrowserContext, page: Page) -> None:
    person = join(context)
    error = {"code": "EMAIL_NOT_VERIFIED", "message": "", "details": None, "timestamp": "", "request_id": ""}
    page.route("**/auth/login", lambda route: route.fulfill(status=403, json={"error": error}))
    page.goto("/#/login")
    expect(page.get_by_role("link", name="Ask for a new link")).to_be_hidden()

    log_in(page, person.username)
    expect(page.get_by_role("alert")).to_contain_text("not verified yet")
    page.get_by_role("link", name="Ask for a new link").click()
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_role("button", name="Send the link").click()

    expect(page.get_by_role("status").get_by_text("a link is on its way")).to_be_visible()


def test_address_is_verified_by_a_click_on_the_mailed_page(context: BrowserContext, page: Page) -> None:
    person = join(context)

    page.goto(mailed_link(page, person, "verify-email"))
    expect(page.get_by_role("heading", name="Verify your address")).to_be_visible()
    assert page.evaluate("location.hash") == "#/verify-email"
    page.get_by_role("button", name="Verify this address").click()

    expect(page.get_by_role("heading", name="Your address is verified")).to_be_focused()
