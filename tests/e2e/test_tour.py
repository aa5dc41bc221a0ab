"""Every view, on a narrow screen in the dark and on a wide one in the light; the console tells of no error or violation."""

from typing import Literal

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.steps import Person, bearer, enter, join, payload, store, tokens

pytestmark = pytest.mark.slow

_GUEST_VIEWS = {
    "login": "Log in",
    "register": "Create your account",
    "forgot-password": "Forgot your password?",
    "reset-password?token=x": "Choose a new password",
    "request-verification": "Verify your address",
    "verify-email?token=x": "Verify your address",
}
_LONG_NAME = f"{'a-long-name-without-a-space' * 5}.txt"


def _visit(page: Page, place: str) -> None:
    # Another query makes it a page of its own, whose end of loading can be waited for.
    page.goto(f"/?{place.partition('?')[0]}#/{place}")


def _look(page: Page, heading: str) -> None:
    expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible()
    page.wait_for_load_state("networkidle")
    # Nothing sticks out: a page that scrolls sideways is hard to read.
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    unnamed = page.locator("button, a[href], input:not([type=hidden]), select").evaluate_all(
        "all => all.filter((one) => one.checkVisibility() && !one.textContent.trim() && !one.ariaLabel"
        " && !one.labels?.length && !one.querySelector('img[alt]')).map((one) => one.outerHTML)"
    )
    assert unnamed == []


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1200, "light")])
def test_every_view_fits_and_breaks_no_policy(
    context: BrowserContext, admin: Person, width: int, scheme: Literal["light", "dark"]
) -> None:
    person = join(context)
    store(context, person, payload("notes.txt", "text/plain", b"Hello.\n"), payload(_LONG_NAME, "text/plain", b"x\n"))
    listed = context.request.get("/api/v1/uploads", headers=bearer(tokens(context, person)["access_token"])).json()
    page = context.new_page()
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    for place, heading in _GUEST_VIEWS.items():
        _visit(page, place)
        _look(page, heading)
    page.close()

    page = enter(context, admin, "#/files")
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    _look(page, "Your files")
    for place, heading in (
        (f"file?id={listed['items'][0]['id']}", ""),
        ("account", "Your account"),
        ("users", "Users"),
    ):
        _visit(page, place)
        _look(page, heading)
