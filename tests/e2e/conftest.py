"""The running system, and a browser before it. Every test fails on an error in the browser's console."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.e2e.steps import PASSWORD, Person, somebody
from tests.e2e.system import System, running

_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# Root may not use Chromium's sandbox; the rest keeps it from calling home.
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
# A refusal that the page explains to its user is an "error" to the console.
_EXPECTED = "Failed to load resource: the server responded with a status of 4"


# Before xdist reads the groups.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All browser tests go to one worker: each worker that has one starts a system of its own."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.xdist_group("e2e"))


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's program, as the operating system has it."""
    if _CHROMIUM is None:
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    return _CHROMIUM


@pytest.fixture(scope="session")
def system(chromium: str) -> Iterator[System]:
    """The whole system, on ports and in a folder of its own; it needs a browser to be of use."""
    with running() as system:
        yield system


@pytest.fixture(scope="session")
def admin(system: System) -> Person:
    """An administrator."""
    person = somebody()
    system.make_admin(person.username, person.email, PASSWORD)
    return person


# Not for the session: while Playwright runs, nothing else in this process may run an event loop.
@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    """A running browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser, system: System) -> Iterator[BrowserContext]:
    """A browser profile of the test's own; its pages are tabs that share what the browser keeps."""
    errors: list[str] = []
    context = browser.new_context(base_url=system.url, locale="en-GB")
    context.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    context.on("weberror", lambda error: errors.append(str(error.error)))
    yield context
    context.close()
    # Violations of the content security policy are among them.
    assert [error for error in errors if not error.startswith(_EXPECTED)] == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A tab."""
    return context.new_page()
