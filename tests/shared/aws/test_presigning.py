"""Our signer against botocore's: the same URL, whatever is signed."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qsl, quote, urlsplit

from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from hypothesis import given
from hypothesis import strategies as st

from shared import settings
from shared.aws import presigning

_NOW = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=40)
_NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,20}", fullmatch=True).filter(
    lambda name: name.lower() not in {"host", "expect", "user-agent", "x-amzn-trace-id", "transfer-encoding"}
)
_VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30)
_HEADERS = st.dictionaries(_NAMES, _VALUES, max_size=4).filter(lambda h: len({name.lower() for name in h}) == len(h))
_PARAMETERS = st.dictionaries(
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=12).filter(lambda name: not name.startswith("X-Amz-")),
    _TEXT,
    max_size=4,
)


@dataclass(frozen=True)
class _Keys:
    access_key: str = "AKIDEXAMPLE"
    secret_key: str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
    token: str | None = None


def _botocores(method: str, url: str, ttl: int, *, keys: Any, query: dict[str, str], headers: dict[str, str]) -> str:
    encoded = "&".join(f"{quote(name, '-_.~')}={quote(value, '-_.~')}" for name, value in query.items())
    request = AWSRequest(method=method, url=f"{url}?{encoded}" if encoded else url, headers=headers)
    S3SigV4QueryAuth(keys, "s3", settings.aws().aws_region, expires=ttl).add_auth(request)
    return str(request.url)


def _ours(method: str, url: str, *, keys: _Keys, **rest: Any) -> str:
    with patch("shared.aws.credentials.current", return_value=keys):
        return presigning.presign(method, url, **rest)


def _parts(url: str) -> tuple[str, list[tuple[str, str]]]:
    # The order of parameters is not signed: S3 sorts them too.
    split = urlsplit(url)
    return f"{split.scheme}://{split.netloc}{split.path}", sorted(parse_qsl(split.query, keep_blank_values=True))


@given(
    method=st.sampled_from(["PUT", "GET"]),
    key=_TEXT.map(lambda text: quote(f"uploads/{text}")),
    host=st.sampled_from(
        [
            "https://bucket.s3.eu-central-1.amazonaws.com",
            "http://127.0.0.1:9000/bucket",
            "https://S3.example.org:443/b",
            "http://s3:80/b",
        ]
    ),
    query=_PARAMETERS,
    headers=_HEADERS,
    ttl=st.integers(1, 604_800),
    token=st.none() | st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=80),
)
def test_a_url_of_s3_is_the_one_that_botocore_signs(
    method: str, key: str, host: str, query: dict[str, str], headers: dict[str, str], ttl: int, token: str | None
) -> None:
    keys, url = _Keys(token=token), f"{host}/{key}"
    with patch("botocore.auth.get_current_datetime", return_value=_NOW), patch("shared.clock.now", return_value=_NOW):
        theirs = _botocores(method, url, ttl, query=query, headers=headers, keys=keys)
        ours = _ours(
            method,
            url,
            service="s3",
            ttl=ttl,
            query=query,
            headers=headers,
            payload_hash="UNSIGNED-PAYLOAD",
            keys=keys,
        )

    assert _parts(ours) == _parts(theirs)
