"""`GET /uploads/{id}/download` and what its URL gives."""

from urllib.parse import unquote, urlsplit

import pytest

from shared.repositories.files import Status
from tests.support.api import Api
from tests.support.factories import Account, make_account, make_file
from tests.support.storage import put_object, send
from tests.support.uploads import TEXT, UPLOADS, key_of, settle


def download_url(api: Api, viewer: Account, upload_id: str) -> str:
    answer = api.get(f"{UPLOADS}/{upload_id}/download", token=viewer.token, query={"redirect": "false"})
    assert answer.status == 200, answer.body
    assert set(answer.json()) == {"url", "expires_at"}
    return answer.json()["url"]


def test_download_redirects_to_the_bytes(api: Api, author: Account) -> None:
    upload = settle(api, author)

    answer = api.get(f"{UPLOADS}/{upload['id']}/download", token=author.token)

    assert (answer.status, answer.body) == (307, b"")
    stored = send("GET", answer.headers["location"])
    assert (stored.status, stored.body, stored.headers["content-type"]) == (200, TEXT, "text/plain")


@pytest.mark.parametrize(
    "filename",
    ["plain.txt", 'a "quoted" one.txt', "per%20cent.txt", "sémi;colon=,.txt", "研究.txt", "🧪.txt", "'.txt", "a b  c"],
)
def test_disposition_carries_any_name(api: Api, author: Account, filename: str) -> None:
    upload = settle(api, author, filename=filename)

    disposition = send("GET", download_url(api, author, upload["id"])).headers["content-disposition"]

    plain, _, extended = disposition.removeprefix('attachment; filename="').partition("\"; filename*=UTF-8''")
    assert unquote(extended) == filename
    assert len(plain) == len(filename)
    assert disposition.isascii()


@pytest.mark.parametrize("name", ["response-content-disposition", "response-content-type", "versionId"])
def test_url_cannot_be_altered(api: Api, author: Account, name: str) -> None:
    upload = settle(api, author)
    url = urlsplit(download_url(api, author, upload["id"]))
    query = "&".join(f"{name}=text%2Fhtml" if part.startswith(f"{name}=") else part for part in url.query.split("&"))

    assert query != url.query
    assert send("GET", url._replace(query=query).geturl()).status == 403


def test_what_is_served_is_the_version_that_was_checked(api: Api, author: Account) -> None:
    upload = settle(api, author)
    put_object(key_of(upload["id"]), b"other bytes")

    assert send("GET", download_url(api, author, upload["id"])).body == TEXT


@pytest.mark.parametrize("status", ["pending", "scanning", "expired"])
def test_download_of_one_not_available_is_409(api: Api, author: Account, status: Status) -> None:
    file = make_file(author, status=status)

    answer = api.get(f"{UPLOADS}/{file.id}/download", token=author.token)

    assert (answer.status, answer.error_code) == (409, "UPLOAD_NOT_AVAILABLE")


def test_a_stranger_downloads_what_is_public_only(api: Api, author: Account) -> None:
    stranger = make_account()
    public, own = settle(api, author, is_public=True), settle(api, author)

    assert send("GET", download_url(api, stranger, public["id"])).body == TEXT
    assert api.get(f"{UPLOADS}/{own['id']}/download", token=stranger.token).status == 404
