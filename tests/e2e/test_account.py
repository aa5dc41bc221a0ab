"""Accounts and sessions, in one tab and in several."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.steps import PASSWORD, arrive, expect_files, expect_login, join, log_in, register, somebody

pytestmark = pytest.mark.slow


def test_registration_logs_in(page: Page) -> None:
    person = somebody()

    register(page, person)

    expect_files(page)
    expect(page.get_by_text(person.username)).to_be_visible()


def test_login_by_email_address_in_other_case_is_accepted(context: BrowserContext, page: Page) -> None:
    person = join(context)
    page.goto("/")

    log_in(page, person.email.upper())

    expect_files(page)


def test_wrong_password_is_said_at_the_form(context: BrowserContext, page: Page) -> None:
    person = join(context)
    page.goto("/")

    log_in(page, person.username, "wrong horse battery staple")

    expect(page.get_by_role("alert")).to_have_text("The username or the password is not right.")


def test_taken_username_is_said_at_its_field(context: BrowserContext, page: Page) -> None:
    person = join(context)

    register(page, person)

    field = page.get_by_label("Username")
    expect(field).to_have_accessible_description(re.compile("Somebody has this username already. Choose another."))
    expect(field).to_be_focused()


@pytest.mark.parametrize(
    ("view", "fields"),
    [
        ("login", {"username": "text", "current-password": "password"}),
        ("register", {"username": "text", "email": "email", "new-password": "password"}),
        ("forgot-password", {"email": "email"}),
        ("reset-password?token=x", {"new-password": "password"}),
    ],
)
def test_password_fields_hide_what_is_typed_and_help_password_managers(
    page: Page, view: str, fields: dict[str, str]
) -> None:
    page.goto(f"/#/{view}")

    inputs = page.locator("main input")
    expect(inputs).to_have_count(len(fields))
    assert inputs.evaluate_all("all => Object.fromEntries(all.map((one) => [one.autocomplete, one.type]))") == fields
    paste = "one => one.dispatchEvent(new ClipboardEvent('paste', {bubbles: true, cancelable: true}))"
    assert inputs.last.evaluate(paste), "pasting is prevented"


def test_logout_is_offered_on_every_view(context: BrowserContext) -> None:
    page = arrive(context)

    for view, heading in (("account", "Your account"), ("files", "Your files")):
        page.goto(f"/#/{view}")
        expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible()
        expect(page.get_by_role("banner").get_by_role("button", name="Log out")).to_be_visible()


def test_guessable_password_is_refused_at_its_field(page: Page) -> None:
    person = somebody()
    page.goto("/#/register")
    page.get_by_label("Username").fill(person.username)
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password", exact=True).fill("Password123!")

    page.get_by_role("button", name="Create account").click()

    expect(page.get_by_label("Password", exact=True)).to_have_attribute("aria-invalid", "true")


def test_session_survives_a_reload(context: BrowserContext) -> None:
    page = arrive(context)

    page.reload()

    expect_files(page)


def test_second_tab_shares_the_session(context: BrowserContext) -> None:
    arrive(context)
    second = context.new_page()

    second.goto("/")

    expect_files(second)


def test_five_tabs_that_open_at_once_stay_logged_in(context: BrowserContext) -> None:
    """Each refresh token works once, so tabs that refresh in parallel could log each other out."""
    arrive(context)
    tabs = [context.new_page() for _ in range(5)]
    for tab in tabs:
        tab.goto("/", wait_until="commit")
    for tab in tabs:
        expect_files(tab)

    for tab in tabs:
        tab.reload(wait_until="commit")

    for tab in tabs:
        expect_files(tab)


def test_logout_in_one_tab_logs_out_the_other(context: BrowserContext) -> None:
    page = arrive(context)
    second = context.new_page()
    second.goto("/")
    expect_files(second)

    page.get_by_role("button", name="Log out").click()

    expect_login(page)
    expect_login(second)


def test_login_in_one_tab_logs_in_the_other(context: BrowserContext) -> None:
    person = somebody()
    page, second = context.new_page(), context.new_page()
    second.goto("/")
    expect_login(second)

    register(page, person)

    expect_files(page)
    expect_files(second)


def test_session_that_ended_elsewhere_asks_to_log_in_again(context: BrowserContext) -> None:
    page = arrive(context)
    with page.expect_request("**/api/v1/uploads/") as listed:
        page.reload()
    # The page is left meanwhile: its socket would tell it at once.
    page.goto("/favicon.svg")
    ended = context.request.post(
        "/api/v1/auth/logout", headers={"Authorization": listed.value.headers["authorization"]}
    )
    assert ended.status == 200

    page.goto("/#/files")

    expect(page.get_by_text("Your session has ended.")).to_be_visible()
    expect_login(page)


def test_whole_way_is_open_to_the_keyboard(page: Page) -> None:
    person = somebody()
    page.goto("/#/register")
    page.get_by_label("Username").focus()
    page.keyboard.type(person.username)
    page.keyboard.press("Tab")
    page.keyboard.type(person.email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)

    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Your files")).to_be_focused()
