"""What is a good password, and how it is kept."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared import errors
from shared.domain import passwords

_LONG_ADDRESS = "k9lq2v8xw4p7zt3b6nm1r5ds0g4hj9c3fy8t2uk7e1oa6-k9lq2v8xw4p7zt3@b6nm1r5ds0g4.example.org"


@given(st.text(max_size=200), st.text(max_size=200))
@settings(max_examples=50, deadline=None)
def test_a_hash_verifies_its_password_and_no_other(password: str, other: str) -> None:
    kept = passwords.make_hash(password)

    assert len(kept) <= 255
    assert passwords.verify(password, kept)
    assert passwords.verify(other, kept) == (other == password) or _same(password, other)


def _same(one: str, other: str) -> bool:
    import unicodedata

    return unicodedata.normalize("NFKC", one) == unicodedata.normalize("NFKC", other)


def test_a_hash_of_an_unknown_scheme_verifies_nothing() -> None:
    kept = passwords.make_hash("securepassword123")

    assert not passwords.verify("securepassword123", kept.replace("v1$", "v0$", 1))
    assert not passwords.verify("securepassword123", None)


@pytest.mark.parametrize(
    "password", ["securepassword123", "correct horse battery staple", "пароль-длинный-очень", "k9#Lq2$v"]
)
def test_a_good_password_passes(password: str) -> None:
    passwords.check(password, own_words=("ada", "ada@example.org"))


@pytest.mark.parametrize(
    ("password", "own_words"),
    [
        ("charlesbabbage", ("charlesbabbage", "c@example.org")),
        ("CharlesBabbage", ("charlesbabbage", "c@example.org")),
        # zxcvbn sees the first 72 characters only.
        (_LONG_ADDRESS, ("ada", _LONG_ADDRESS)),
        ("grunwaldt12", ("heinz.m", "h@grunwaldt.example.org")),
        ("qwertyuiop", ()),
        ("letmein123", ()),
        ("11111111111111111111", ()),
    ],
)
def test_a_guessable_password_is_refused_at_its_field(password: str, own_words: tuple[str, ...]) -> None:
    with pytest.raises(errors.ValidationError) as refused:
        passwords.check(password, own_words=own_words, field="new_password")

    assert refused.value.details is not None
    assert refused.value.details["field"] == "new_password"
    assert password not in str(refused.value.details)
