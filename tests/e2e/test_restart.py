"""Many files at once, and a storage that ends while they are on their way."""

import pytest
from playwright.sync_api import Browser, FilePayload, Page, Request, expect

from tests.e2e.steps import CHECKED_MS, arrive, choose, download, expect_available, payload, row
from tests.e2e.system import place, started

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

# Bytes per second; -1 is unlimited. What is slow takes a minute, so that there is time for all that happens meanwhile.
_SLOW = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 20_000}
_FAST = _SLOW | {"uploadThroughput": -1}


class InFlight:
    """How many PUTs a page has under way, and how many it had at most."""

    def __init__(self, page: Page) -> None:
        self._now: set[Request] = set()
        self.most = 0
        page.on("request", self._begin)
        page.on("requestfinished", lambda request: self._now.discard(request))
        page.on("requestfailed", lambda request: self._now.discard(request))

    def _begin(self, request: Request) -> None:
        if request.method == "PUT":
            self._now.add(request)
            self.most = max(self.most, len(self._now))


def _text(name: str, size: int) -> FilePayload:
    return payload(name, "text/plain", (f"{name}\n".encode() * size)[:size])


def _cancel(page: Page, filename: str) -> None:
    with page.expect_response(lambda answer: answer.request.method == "DELETE") as deleted:
        page.get_by_role("button", name=f"Cancel the upload of {filename}").click()
    assert deleted.value.status == 204


def test_twelve_at_once_one_cancelled_one_sent_again_after_a_restart(browser: Browser) -> None:
    slow = _text("slow.txt", 1_200_000)
    small = [_text(f"notes-{number}.txt", 500) for number in range(10)]
    with place() as somewhere:
        with started(somewhere) as system:
            context = browser.new_context(base_url=system.url, locale="en-GB")
            page = arrive(context)
            in_flight = InFlight(page)
            network = context.new_cdp_session(page)
            network.send("Network.emulateNetworkConditions", _SLOW)
            choose(page, _text("cancelled.txt", 1_200_000), slow, *small)
            expect(page.get_by_text("left")).to_have_count(2)
            _cancel(page, "cancelled.txt")
            expect(page.get_by_role("table").get_by_text("Available")).to_have_count(10, timeout=CHECKED_MS)
            expect(page.get_by_role("button", name="Cancel the upload of slow.txt")).to_be_visible()
        assert in_flight.most == 3
        expect(page.get_by_text("The connection to the storage broke.")).to_be_visible(timeout=CHECKED_MS)

        with started(somewhere):
            network.send("Network.emulateNetworkConditions", _FAST)
            page.get_by_role("button", name="Try again to upload slow.txt").click()
            expect_available(page, "slow.txt")

            page.reload()
            expect(page.get_by_role("table").get_by_text("Available")).to_have_count(11)
            expect(row(page, "cancelled.txt")).to_have_count(0)
            for file in (slow, small[0]):
                assert download(page, file["name"]) == file["buffer"]
            context.close()
