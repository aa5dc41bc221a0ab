"""What happens is seen in every tab of its user, without asking."""

import pytest
from playwright.sync_api import BrowserContext, Request, expect

from tests.e2e.steps import (
    CHECKED_MS,
    Person,
    bearer,
    choose,
    enter,
    expect_available,
    expect_files,
    expect_login,
    join,
    payload,
    tokens,
)

pytestmark = pytest.mark.slow


def test_an_upload_in_one_tab_is_seen_in_the_other_without_polling(context: BrowserContext) -> None:
    person = join(context)
    tab, other = enter(context, person, "#/files"), enter(context, person, "#/files")
    expect_files(tab)
    expect_files(other)

    choose(tab, payload("notes.txt", "text/plain", b"Hello.\n"))
    expect_available(other, "notes.txt")

    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    other.wait_for_timeout(500)
    other.on("request", note)
    other.wait_for_timeout(2_500)
    assert asked == []


def test_a_message_to_everybody_is_shown_and_can_be_dismissed(context: BrowserContext, admin: Person) -> None:
    page = enter(context, join(context), "#/files")
    expect_files(page)

    sent = context.request.post(
        "/api/v1/notifications/broadcast",
        data={"message": "Maintenance tonight.", "level": "warning"},
        headers=bearer(tokens(context, admin)["access_token"]),
    )
    assert sent.status == 202

    toast = page.locator(".toast").filter(has_text="Maintenance tonight.")
    expect(toast).to_have_count(1, timeout=CHECKED_MS)
    toast.get_by_role("button", name="Dismiss").click()
    expect(toast).to_have_count(0)


def test_a_session_that_ends_elsewhere_is_over_here_at_once(context: BrowserContext) -> None:
    person = join(context)
    page = enter(context, person, "#/files")
    expect_files(page)
    page.wait_for_timeout(1_000)

    headers = bearer(tokens(context, person)["access_token"])
    for session in context.request.get("/api/v1/auth/sessions", headers=headers).json()["items"]:
        if not session["current"]:
            context.request.delete(f"/api/v1/auth/sessions/{session['id']}", headers=headers)

    expect_login(page)
