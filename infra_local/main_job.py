"""What the system is for, over a deployed API: an account, a file that goes up, is checked, comes down and is deleted."""

import http.client
import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from infra_local import console
from infra_local.errors import StartError

_MAILS = "/_ministack/ses/messages"
_PAPER = b"A very short paper.\n"
_WAIT_SECONDS = 60.0
# A function's first start, on a busy machine.
_ANSWER_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body's document."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Api:
    """A deployed API: where the emulator listens, and the name of the distribution in front."""

    address: str
    domain: str

    def call(self, method: str, path: str, *, expect: int, token: str | None = None, body: object = None) -> Answer:
        """Send a request as a browser would.

        Raises:
            StartError: The answer has another status than expected.
        """
        headers = {"Host": self.domain, "Content-Type": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        content = None if body is None else json.dumps(body).encode()
        return _checked(f"{method} {path}", send(method, self.address + path, headers, content), expect)


def send(method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
    """Send one request; redirects are answers like any other."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=_ANSWER_SECONDS)
    try:
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request(method, target, body, dict(headers))
        found = connection.getresponse()
        return Answer(found.status, {name.lower(): value for name, value in found.getheaders()}, found.read())
    except (OSError, http.client.HTTPException) as error:
        raise StartError(f"{method} {parts.path}: no answer ({error!r})") from error
    finally:
        connection.close()


def run(api: Api) -> str:
    """Do the main job, and say each step; an access token of the account it made.

    Raises:
        StartError: A step did not answer as it should.
    """
    name, password = f"ada-{secrets.token_hex(4)}", secrets.token_urlsafe(16)
    account = {"username": name, "email": f"{name}@example.org", "password": password}
    api.call("POST", "/api/v1/auth/register", expect=201, body=account)
    login = {"username": name, "password": password}
    token: str = api.call("POST", "/api/v1/auth/login", expect=200, body=login).json()["access_token"]
    console.part("Account", "registered and signed in")
    _until("the mail", lambda: account["email"].encode() in send("GET", f"{api.address}{_MAILS}", {}).body)
    console.part("Mail", "sent to the new address")
    upload = _upload(api, token)
    download = _download(api, token, upload)
    _delete(api, token, upload, download)
    return token


def _upload(api: Api, token: str) -> str:
    wanted = {"filename": "paper.txt", "content_type": "text/plain", "file_size": len(_PAPER)}
    made = api.call("POST", "/api/v1/uploads/", expect=201, token=token, body=wanted).json()
    put, path = made["upload"], f"/api/v1/uploads/{made['id']}"
    other = send(put["method"], put["url"], put["headers"], b"Another paper, longer than agreed.\n")
    _checked("PUT of other bytes", other, 403)
    _checked("PUT", send(put["method"], put["url"], put["headers"], _PAPER), 200)
    console.part("Upload", "the bytes are in the bucket, other bytes were refused")
    # Nobody calls `complete`: the object's own event has to lead there.
    _until("the upload to become available", lambda: _status(api, token, path) == "available")
    console.part("Checks", "the object's event has made it available")
    return path


def _status(api: Api, token: str, path: str) -> str:
    status: str = api.call("GET", path, expect=200, token=token).json()["status"]
    if status in ("rejected", "expired"):
        raise StartError(f"the upload ended as {status}")
    return status


def _download(api: Api, token: str, path: str) -> str:
    url = api.call("GET", f"{path}/download", expect=307, token=token).headers["location"]
    if _checked("GET of the bytes", send("GET", url, {}), 200).body != _PAPER:
        raise StartError("the download has other bytes than the upload")
    console.part("Download", "the same bytes")
    return url


def _delete(api: Api, token: str, path: str, download: str) -> None:
    api.call("DELETE", path, expect=204, token=token)
    api.call("GET", path, expect=404, token=token)
    _until("the object to go", lambda: send("GET", download, {}).status == 404)
    console.part("Delete", "the row at once, the object by way of the outbox")


def _checked(what: str, answer: Answer, expect: int) -> Answer:
    if answer.status != expect:
        raise StartError(f"{what} is answered with {answer.status} instead of {expect}: {answer.body[:700]!r}")
    return answer


def _until(what: str, holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _WAIT_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise StartError(f"waited for {what} for {_WAIT_SECONDS:.0f} s")
        time.sleep(0.2)
