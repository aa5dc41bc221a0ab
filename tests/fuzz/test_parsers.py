"""What we parse or spell ourselves, with whatever comes."""

import json
import os
from email.message import EmailMessage
from urllib.parse import unquote
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.uploads.schemas import UploadCreate
from functions.uploads.service import _disposition  # pyright: ignore[reportPrivateUsage]
from shared import errors, settings
from shared.http.pagination import decode_cursor, encode_cursor
from shared.http.text import has_controls
from shared.settings import SettingsError

pytestmark = pytest.mark.slow

_positions = st.tuples(st.text(max_size=50), st.uuids())


@given(_positions)
def test_a_cursor_comes_back_as_it_was(position: tuple[str, UUID]) -> None:
    assert decode_cursor(encode_cursor(position)) == position


@given(st.text(max_size=200) | st.from_regex(r"[A-Za-z0-9_-]{1,200}", fullmatch=True))
def test_a_cursor_of_nobody_is_a_validation_error(cursor: str) -> None:
    with pytest.raises(errors.ValidationError):
        decode_cursor(cursor)


@given(position=_positions, data=st.data())
def test_a_cursor_with_one_other_character_is_a_validation_error(
    position: tuple[str, UUID], data: st.DataObject
) -> None:
    cursor = encode_cursor(position)
    place = data.draw(st.integers(0, len(cursor) - 1))
    other = data.draw(st.sampled_from("AZaz09-_=+/ é\0").filter(lambda character: character != cursor[place]))

    with pytest.raises(errors.ValidationError):
        decode_cursor(cursor[:place] + other + cursor[place + 1 :])


_name = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=255)


@given(_name)
def test_a_disposition_is_read_back_as_the_name(filename: str) -> None:
    message = EmailMessage()
    disposition = _disposition(filename)
    message["Content-Disposition"] = disposition

    assert disposition.isascii()
    assert not has_controls(disposition)
    assert unquote(disposition.partition("filename*=UTF-8''")[2]) == filename
    assert message.get_content_disposition() == "attachment"


@given(st.text(max_size=300))
def test_a_file_name_is_taken_clean_or_refused(filename: str) -> None:
    body = {"filename": filename, "content_type": "text/plain", "file_size": 1}
    try:
        taken = UploadCreate.model_validate(body).filename
    except ValueError:
        return
    assert 1 <= len(taken) <= 255
    assert not has_controls(taken)
    assert not {"/", "\\"} & set(taken)
    assert taken.strip(". ")


_word = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)


@pytest.mark.parametrize(
    ("reader", "variable"),
    [
        ("Storage", "ALLOWED_FILE_TYPES"),
        ("Storage", "MAX_UPLOAD_SIZE"),
        ("Http", "ALLOWED_ORIGINS"),
        ("Http", "PUBLIC_URL"),
        ("Log", "LOG_LEVEL"),
        ("Passwords", "BCRYPT_ROUNDS"),
        ("RateLimits", "RATE_LIMIT_LOGIN_ACCOUNT"),
    ],
)
def test_a_setting_is_read_or_refused_by_name(reader: str, variable: str) -> None:
    @given(_word | st.lists(_word, max_size=3).map(json.dumps) | st.integers().map(str))
    def read(value: str) -> None:
        before = os.environ.get(variable)
        os.environ[variable] = value
        try:
            settings._read(getattr(settings, reader))  # pyright: ignore[reportPrivateUsage]
        except SettingsError as error:
            refusal = str(error)
        else:
            refusal = ""
        finally:
            os.environ.pop(variable)
            os.environ.update({variable: before} if before is not None else {})
        assert not refusal or variable in refusal

    read()


@given(count=st.integers(1, 9_999_999), length=st.integers(1, 99_999), unit=st.sampled_from("smh"))
def test_a_rate_is_read_as_it_is_written(count: int, length: int, unit: str) -> None:
    rate = settings._rate(f"{count}/{length}{unit}")  # pyright: ignore[reportPrivateUsage]

    assert rate == settings.Rate(count, length * {"s": 1, "m": 60, "h": 3600}[unit])
