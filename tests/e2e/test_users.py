"""What administrators do with accounts."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.e2e.steps import (
    PASSWORD,
    Person,
    bearer,
    enter,
    expect_files,
    expect_login,
    join,
    log_in,
    logs_in,
    mailed_link,
    row,
    somebody,
    tokens,
)

pytestmark = pytest.mark.slow


def _open(context: BrowserContext, admin: Person) -> Page:
    page = enter(context, admin, "#/users")
    expect(page.get_by_role("heading", name="Users")).to_be_visible()
    return page


def _find(page: Page, person: Person) -> Locator:
    page.get_by_role("searchbox").fill(person.email)
    expect(page.get_by_role("rowheader")).to_have_count(1)
    return row(page, person.email)


def _manage(page: Page, person: Person, action: str) -> None:
    page.get_by_label(f"Manage {person.username}", exact=True).click()
    page.get_by_role("button", name=action).click()


def test_users_page_is_for_administrators_only(context: BrowserContext) -> None:
    page = enter(context, join(context), "#/users")

    expect_files(page)
    expect(page.get_by_role("link", name="Users")).to_have_count(0)


def test_search_and_filters_find_an_account(context: BrowserContext, admin: Person) -> None:
    person = join(context)
    page = _open(context, admin)

    account = _find(page, person)
    expect(account).to_contain_text("Active")
    page.get_by_label("Role").select_option("Administrators")

    expect(page.get_by_text("Nobody matches.")).to_be_visible()


def test_user_created_without_a_password_sets_one_by_the_invitation(context: BrowserContext, admin: Person) -> None:
    page, person = _open(context, admin), somebody()
    page.get_by_role("button", name="New user").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Username").fill(person.username)
    dialog.get_by_label("E-mail address").fill(person.email)
    dialog.get_by_role("button", name="Create").click()
    expect(page.get_by_text(f"{person.username} is created. An invitation is on its way")).to_be_visible()
    expect(row(page, person.email)).to_be_visible()
    page.get_by_role("button", name="Log out").click()
    expect_login(page)

    page.goto(mailed_link(page, person))
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Save password").click()

    page.get_by_role("link", name="Go on to log in").click()
    log_in(page, person.username)
    expect_files(page)


def test_taken_name_is_said_in_the_dialog(context: BrowserContext, admin: Person) -> None:
    page, other = _open(context, admin), join(context)
    page.get_by_role("button", name="New user").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Username").fill(other.username)
    dialog.get_by_label("E-mail address").fill(somebody().email)

    dialog.get_by_role("button", name="Create").click()

    expect(dialog.get_by_label("Username")).to_have_accessible_description(re.compile("Somebody has this username"))


def test_disabled_user_is_out_at_once_and_back_when_enabled(context: BrowserContext, admin: Person) -> None:
    person = join(context)
    session = tokens(context, person)
    page = _open(context, admin)
    account = _find(page, person)

    _manage(page, person, "Disable…")
    page.get_by_role("dialog").get_by_role("button", name="Disable").click()
    expect(account).to_contain_text("Disabled")
    assert context.request.get("/api/v1/users/me", headers=bearer(session["access_token"])).status == 403

    _manage(page, person, "Enable")
    expect(account).to_contain_text("Active")
    assert logs_in(context, person, PASSWORD)


def test_user_becomes_an_administrator_and_is_none_again(context: BrowserContext, admin: Person) -> None:
    person = join(context)
    page = _open(context, admin)
    account = _find(page, person)

    _manage(page, person, "Make an administrator…")
    page.get_by_role("dialog").get_by_role("button", name="Make administrator").click()
    expect(account).to_contain_text("Administrator")

    _manage(page, person, "Make an ordinary user…")
    page.get_by_role("dialog").get_by_role("button", name="Make ordinary user").click()
    expect(account).not_to_contain_text("Administrator", use_inner_text=True)


def test_only_administrator_can_not_step_down(context: BrowserContext, admin: Person) -> None:
    join(context)  # somebody whom the search leaves out
    page = _open(context, admin)
    account = _find(page, admin)

    _manage(page, admin, "Make an ordinary user…")
    page.get_by_role("dialog").get_by_role("button", name="Give it up").click()

    expect(account.get_by_role("alert")).to_contain_text("This is the only active administrator.")


def test_reset_link_is_sent(context: BrowserContext, admin: Person) -> None:
    person = join(context)
    page = _open(context, admin)
    account = _find(page, person)

    _manage(page, person, "Send a reset link…")
    page.get_by_role("dialog").get_by_role("button", name="Send the link").click()

    expect(account).to_contain_text("A reset link is on its way.")
    assert mailed_link(page, person).startswith("/#/reset-password?token=")


def test_deleted_user_is_gone(context: BrowserContext, admin: Person) -> None:
    person = join(context)
    page = _open(context, admin)
    account = _find(page, person)

    _manage(page, person, "Delete…")
    page.get_by_role("dialog").get_by_role("button", name="Delete for good").click()

    expect(account).to_have_count(0)
    assert not logs_in(context, person, PASSWORD)


def test_export_has_the_accounts_that_match(context: BrowserContext, admin: Person) -> None:
    person = join(context)
    page = _open(context, admin)
    _find(page, person)

    page.get_by_text("Export", exact=True).click()
    with page.expect_download() as started:
        page.get_by_role("button", name="JSON", exact=True).click()

    accounts = json.loads(Path(started.value.path()).read_text(encoding="utf-8"))
    assert [account["email"] for account in accounts] == [person.email]


def test_message_to_everybody_is_sent(context: BrowserContext, admin: Person) -> None:
    page = _open(context, admin)

    page.get_by_role("textbox", name="Message").fill("Maintenance tonight from 22:00 UTC.")
    page.get_by_role("button", name="Send to everybody").click()

    expect(page.get_by_text("Sent.")).to_be_visible()
    expect(page.get_by_role("textbox", name="Message")).to_have_value("")
