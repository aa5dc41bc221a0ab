"""Files from the user's machine to the list, and back."""

import hashlib
import time
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, FilePayload, Request, expect

from tests.e2e import samples
from tests.e2e.steps import (
    CHECKED_MS,
    arrive,
    choose,
    download,
    drop,
    expect_available,
    payload,
    row,
)
from tests.e2e.system import System

pytestmark = pytest.mark.slow

# Bytes per second; -1 is unlimited.
_SLOW = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 50_000}


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_dropped_manuscript_and_photo_come_back_as_they_were(context: BrowserContext) -> None:
    page = arrive(context)
    manuscript, photo = samples.manuscript(pages=6), samples.photo(2400, 1800)
    assert len(manuscript) > 3_000_000

    drop(
        page,
        payload("manuscript.pdf", "application/pdf", manuscript),
        payload("Größe & Maß – Abb. 1.jpg", "image/jpeg", photo),
    )
    expect_available(page, "manuscript.pdf")
    expect_available(page, "Größe & Maß – Abb. 1.jpg")

    assert _sha256(download(page, "manuscript.pdf")) == _sha256(manuscript)
    assert _sha256(download(page, "Größe & Maß – Abb. 1.jpg")) == _sha256(photo)


def test_manuscript_of_ten_mib_becomes_available(context: BrowserContext, tmp_path: Path) -> None:
    page = arrive(context)
    manuscript = samples.largest_manuscript(10 * 1024 * 1024)
    file = tmp_path / "manuscript.pdf"
    file.write_bytes(manuscript)

    page.get_by_label("Choose files").set_input_files(file)

    expect_available(page, "manuscript.pdf")
    assert _sha256(download(page, "manuscript.pdf")) == _sha256(manuscript)


def test_more_files_than_go_at_once_all_become_available(context: BrowserContext) -> None:
    page = arrive(context)

    choose(page, *(payload(f"notes-{number}.txt", "text/plain", b"Minor revision.\n" * 40) for number in range(7)))

    expect(page.get_by_role("table").get_by_text("Available")).to_have_count(7, timeout=CHECKED_MS)


def test_image_named_pdf_is_rejected_with_its_reason(context: BrowserContext) -> None:
    page = arrive(context)

    choose(page, payload("figure.pdf", "application/pdf", samples.photo(64, 64, "PNG")))

    expect(row(page, "figure.pdf")).to_contain_text("Rejected", timeout=CHECKED_MS)
    expect(row(page, "figure.pdf")).to_contain_text("The content is not what the file's name says it is.")
    expect(page.get_by_role("button", name="Download figure.pdf")).to_be_hidden()


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (payload("letter.docx", "application/msword", b"PK"), "This type of file is not accepted."),
        (payload("empty.txt", "text/plain", b""), "This file is empty."),
    ],
    ids=["type", "empty"],
)
def test_file_that_can_not_be_taken_is_explained(context: BrowserContext, file: FilePayload, reason: str) -> None:
    page = arrive(context)

    choose(page, file)

    expect(page.get_by_role("listitem")).to_contain_text(reason)
    expect(page.get_by_text("No files yet")).to_be_visible()


def test_file_that_is_too_large_is_explained(context: BrowserContext, tmp_path: Path) -> None:
    page = arrive(context)
    file = tmp_path / "atlas.pdf"
    with file.open("wb") as stream:
        stream.truncate(10 * 1024 * 1024 + 1)

    # From the disk: as a payload, so many bytes take seconds to the browser.
    page.get_by_label("Choose files").set_input_files(file)

    expect(page.get_by_role("listitem")).to_contain_text("This file is too large")
    expect(page.get_by_text("No files yet")).to_be_visible()


def test_deleted_file_is_gone_after_a_reload(context: BrowserContext) -> None:
    page = arrive(context)
    choose(page, payload("draft.txt", "text/plain", b"First draft.\n"))
    expect_available(page, "draft.txt")

    page.get_by_role("button", name="Delete draft.txt").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()

    expect(row(page, "draft.txt")).to_have_count(0)
    page.reload()
    expect(page.get_by_text("No files yet")).to_be_visible()


def test_cancelled_deletion_keeps_the_file(context: BrowserContext) -> None:
    page = arrive(context)
    choose(page, payload("draft.txt", "text/plain", b"First draft.\n"))
    expect_available(page, "draft.txt")

    page.get_by_role("button", name="Delete draft.txt").click()
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect_available(page, "draft.txt")


def test_cancelled_upload_leaves_nothing_behind(context: BrowserContext) -> None:
    page = arrive(context)
    # So slow that there is time to cancel.
    context.new_cdp_session(page).send("Network.emulateNetworkConditions", _SLOW)
    choose(page, payload("slow.txt", "text/plain", b"Slow.\n" * 100_000))
    expect(page.get_by_text("seconds left")).to_be_visible()
    with page.expect_response(lambda answer: answer.request.method == "DELETE") as deleted:
        page.get_by_role("button", name="Cancel the upload of slow.txt").click()
    assert deleted.value.status == 204

    page.reload()

    expect(page.get_by_text("No files yet")).to_be_visible()


def test_broken_upload_succeeds_when_tried_again(context: BrowserContext) -> None:
    page = arrive(context)
    page.route("**/reviewpoint-uploads/**", lambda route: route.fulfill(status=409))
    choose(page, payload("notes.txt", "text/plain", b"Minor revision.\n"))
    expect(page.get_by_text("The connection to the storage broke.")).to_be_visible(timeout=CHECKED_MS)
    page.unroute("**/reviewpoint-uploads/**")

    page.get_by_role("button", name="Try again to upload notes.txt").click()

    expect_available(page, "notes.txt")


def test_download_beside_a_running_upload_raises_no_warning(context: BrowserContext) -> None:
    """A download begins as a navigation, which used to ask whether to leave the page."""
    page = arrive(context)
    choose(page, payload("notes.txt", "text/plain", b"Minor revision.\n"))
    expect_available(page, "notes.txt")
    context.new_cdp_session(page).send("Network.emulateNetworkConditions", _SLOW)
    choose(page, payload("slow.txt", "text/plain", b"Slow.\n" * 400_000))
    expect(page.get_by_text("seconds left")).to_be_visible()

    assert download(page, "notes.txt") == b"Minor revision.\n"

    expect(page.get_by_text("seconds left")).to_be_visible()


def test_the_pages_ids_of_requests_stand_in_the_logs_up_to_the_socket(context: BrowserContext, system: System) -> None:
    page = arrive(context)
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST" and "/uploads" in request.url:
            sent.append(request.headers["x-request-id"])

    page.on("request", note)
    choose(page, payload("notes.txt", "text/plain", b"Hello.\n"))
    expect_available(page, "notes.txt")

    # The reservation, which S3's event leads back to, and `complete`: either may begin the checks.
    assert len(set(sent)) == 2
    for function in ("uploads", "s3_events", "outbox"):
        log = Path(system.home, ".local", "logs", f"{function}.log")
        # The last line is written when the notice has gone out already.
        deadline = time.monotonic() + CHECKED_MS / 1000
        while not any(request_id in log.read_text(encoding="utf-8") for request_id in sent):
            assert time.monotonic() < deadline, function
            page.wait_for_timeout(50)
