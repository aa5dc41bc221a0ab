"""What users do with their own accounts."""

import re

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.e2e.steps import PASSWORD, bearer, enter, expect_login, join, logs_in, tokens

pytestmark = pytest.mark.slow

_NEW_PASSWORD = "sparse violin harbour tonight"
_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1"


def _is_alive(context: BrowserContext, session: dict[str, str]) -> bool:
    return context.request.get("/api/v1/users/me", headers=bearer(session["access_token"])).ok


def test_new_username_stands_in_the_head(context: BrowserContext) -> None:
    person = join(context)
    page = enter(context, person, "#/account")
    profile = page.get_by_role("region", name="Profile")

    profile.get_by_label("Username").fill(f"{person.username}-2")
    profile.get_by_role("button", name="Save").click()

    expect(profile.get_by_role("status")).to_have_text("Saved.")
    expect(page.get_by_role("banner").get_by_text(f"{person.username}-2")).to_be_visible()


def test_address_of_somebody_else_is_refused_at_its_field(context: BrowserContext) -> None:
    other = join(context)
    page = enter(context, join(context), "#/account")
    profile = page.get_by_role("region", name="Profile")

    profile.get_by_label("E-mail address").fill(other.email)
    profile.get_by_role("button", name="Save").click()

    field = profile.get_by_label("E-mail address")
    expect(field).to_have_accessible_description(re.compile("There is an account with this e-mail address already."))


def test_wrong_current_password_is_said_at_its_field(context: BrowserContext) -> None:
    page = enter(context, join(context), "#/account")

    page.get_by_label("Current password").fill("wrong horse battery staple")
    page.get_by_label("New password").fill(_NEW_PASSWORD)
    page.get_by_role("button", name="Change password").click()

    field = page.get_by_label("Current password")
    expect(field).to_have_accessible_description("This is not your current password.")
    expect(field).to_be_focused()


def test_changed_password_ends_the_other_sessions(context: BrowserContext) -> None:
    person = join(context)
    other = tokens(context, person)
    page = enter(context, person, "#/account")

    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_label("New password").fill(_NEW_PASSWORD)
    page.get_by_role("button", name="Change password").click()

    expect(page.get_by_text("Your password is changed.")).to_be_visible()
    assert not _is_alive(context, other)
    assert logs_in(context, person, _NEW_PASSWORD)
    page.reload()
    expect(page.get_by_role("heading", name="Your account", exact=True)).to_be_visible()


def test_one_session_is_ended_by_its_button(context: BrowserContext) -> None:
    person = join(context)
    phone, other = tokens(context, person, user_agent=_IPHONE), tokens(context, person)
    page = enter(context, person, "#/account")

    page.get_by_role("button", name="Log out Safari on iPhone").click()

    sessions = page.get_by_role("region", name="Where you are logged in").get_by_role("listitem")
    expect(sessions).to_have_count(2)
    expect(sessions.filter(has_text="Safari on iPhone")).to_have_count(0)
    assert not _is_alive(context, phone)
    assert _is_alive(context, other)


def test_all_other_sessions_are_ended_at_once(context: BrowserContext) -> None:
    person = join(context)
    others = [tokens(context, person, user_agent=_IPHONE), tokens(context, person)]
    page = enter(context, person, "#/account")

    page.get_by_role("button", name="Log out all others").click()
    page.get_by_role("dialog").get_by_role("button", name="Log out all others").click()

    expect(page.get_by_role("region", name="Where you are logged in").get_by_role("listitem")).to_have_count(1)
    expect(page.get_by_text("This device")).to_be_visible()
    assert not any(_is_alive(context, session) for session in others)


def test_failed_sign_in_is_shown_to_its_user(context: BrowserContext) -> None:
    person = join(context)
    assert not logs_in(context, person, "wrong horse battery staple")

    page = enter(context, person, "#/account")

    sign_ins = page.get_by_role("region", name="Sign-in activity").get_by_role("listitem")
    expect(sign_ins).to_have_count(2)
    expect(sign_ins.nth(0)).to_contain_text("Logged in")
    expect(sign_ins.nth(1)).to_contain_text("Failed")


def test_account_is_deleted_by_its_password(context: BrowserContext) -> None:
    person = join(context)
    page = enter(context, person, "#/account")
    page.get_by_role("button", name="Delete my account…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Your password").fill("wrong horse battery staple")
    dialog.get_by_role("button", name="Delete for good").click()
    expect(dialog.get_by_text("This is not your current password.")).to_be_visible()

    dialog.get_by_label("Your password").fill(PASSWORD)
    dialog.get_by_role("button", name="Delete for good").click()

    expect_login(page)
    expect(page.get_by_text("Your account is deleted, and your files with it.")).to_be_visible()
    assert not logs_in(context, person, PASSWORD)
