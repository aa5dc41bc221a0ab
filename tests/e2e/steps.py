"""What a user does on the page, in the user's words."""

import base64
import itertools
import json
import os
import re
import time
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, FilePayload, Locator, Page, expect

PASSWORD = "correct horse battery staple"
# Checks run in seconds, but perhaps not while other tests run on the same machine.
CHECKED_MS = 30_000

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with, or yet without, an account."""

    username: str
    email: str


def somebody() -> Person:
    """A person that no other test knows."""
    name = f"ada{os.getpid()}x{next(_numbers)}"
    return Person(name, f"{name}@example.org")


def register(page: Page, person: Person) -> None:
    """Create an account by the form, which logs in too."""
    page.goto("/#/register")
    page.get_by_label("Username").fill(person.username)
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()


def log_in(page: Page, username: str, password: str = PASSWORD) -> None:
    """Log in by the form, which must be there."""
    page.get_by_label("Username or e-mail address").fill(username)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Log in").click()


def arrive(context: BrowserContext) -> Page:
    """A tab of somebody new, logged in, with the list of files."""
    page = enter(context, join(context), "#/files")
    expect_files(page)
    return page


def join(context: BrowserContext) -> Person:
    """Somebody new with an account, not logged in."""
    person = somebody()
    body = {"username": person.username, "email": person.email, "password": PASSWORD}
    made = context.request.post("/api/v1/auth/register", data=body)
    assert made.status == 201
    return person


def enter(context: BrowserContext, person: Person, place: str) -> Page:
    """A tab of somebody who has logged in before, at a place like `#/account`."""
    pair = tokens(context, person)
    me = context.request.get("/api/v1/users/me", headers=bearer(pair["access_token"])).json()
    saved = json.dumps({"refresh_token": pair["refresh_token"], "user_id": me["id"]})
    page = context.new_page()
    # Any path of the page's origin will do to write into its storage.
    page.goto("/favicon.svg")
    page.evaluate("saved => localStorage.setItem('reviewpoint.session', saved)", saved)
    page.goto(f"/{place}")
    return page


def tokens(
    context: BrowserContext, person: Person, password: str = PASSWORD, user_agent: str = "tests/1"
) -> dict[str, str]:
    """The tokens of a new session."""
    answer = context.request.post(
        "/api/v1/auth/login",
        data={"username": person.username, "password": password},
        headers={"User-Agent": user_agent},
    )
    assert answer.status == 200, answer.text()
    return answer.json()


def bearer(token: str) -> dict[str, str]:
    """The header that carries a token."""
    return {"Authorization": f"Bearer {token}"}


def logs_in(context: BrowserContext, person: Person, password: str) -> bool:
    """Whether the API lets somebody in."""
    body = {"username": person.username, "password": password}
    return context.request.post("/api/v1/auth/login", data=body).ok


def store(context: BrowserContext, person: Person, *files: FilePayload) -> None:
    """Upload files by the API, and wait until all are checked."""
    me = bearer(tokens(context, person)["access_token"])
    for file in files:
        size = len(file["buffer"])
        body = {"filename": file["name"], "content_type": file["mimeType"], "file_size": size}
        made = context.request.post("/api/v1/uploads/", data=body, headers=me).json()
        put = made["upload"]
        assert context.request.put(put["url"], data=file["buffer"], headers=put["headers"]).ok
        context.request.post(f"/api/v1/uploads/{made['id']}/complete", headers=me)
    deadline = time.monotonic() + CHECKED_MS / 1000
    while context.request.get("/api/v1/uploads/?status=scanning", headers=me).json()["items"]:
        assert time.monotonic() < deadline, "the checks took too long"
        time.sleep(0.1)


def mailed_link(page: Page, person: Person, view: str = "reset-password") -> str:
    """The link to that view in the mail to somebody, as a path, once it has come."""
    for _ in range(100):
        mails = page.request.get("/_local/mail", headers={"Accept": "application/json"}).json()
        texts: list[str] = [mail["text"] for mail in mails if mail["to"] == person.email]
        for text in texts:
            if link := re.search(rf"https?://[^/]+(/#/{view}\S+)", text):
                return link[1]
        page.wait_for_timeout(100)
    raise AssertionError(f"no mail to {person.email}")


def expect_files(page: Page) -> None:
    """Wait for the view of one's files."""
    expect(page.get_by_role("heading", name="Your files")).to_be_visible()


def expect_login(page: Page) -> None:
    """Wait for the log-in form."""
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()


def choose(page: Page, *files: FilePayload) -> None:
    """Choose files by the button."""
    page.get_by_label("Choose files").set_input_files(files)


def payload(name: str, kind: str, content: bytes) -> FilePayload:
    """A file as the browser gets it."""
    return {"name": name, "mimeType": kind, "buffer": content}


def drop(page: Page, *files: FilePayload) -> None:
    """Drop files onto the page."""
    described = [
        {"name": file["name"], "type": file["mimeType"], "content": base64.b64encode(file["buffer"]).decode()}
        for file in files
    ]
    transfer = page.evaluate_handle(
        """(files) => {
            const transfer = new DataTransfer();
            for (const { name, type, content } of files) {
                const bytes = Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
                transfer.items.add(new File([bytes], name, { type }));
            }
            return transfer;
        }""",
        described,
    )
    page.dispatch_event("main", "drop", {"dataTransfer": transfer})


def row(page: Page, filename: str) -> Locator:
    """The file's row in the list."""
    return page.get_by_role("row").filter(has_text=filename)


def expect_available(page: Page, filename: str) -> None:
    """Wait until the checks of a file have passed."""
    expect(row(page, filename)).to_contain_text("Available", timeout=CHECKED_MS)


def download(page: Page, filename: str) -> bytes:
    """Download a file by its button."""
    with page.expect_download() as started:
        page.get_by_role("button", name=f"Download {filename}").click()
    assert started.value.suggested_filename == filename
    return Path(started.value.path()).read_bytes()
