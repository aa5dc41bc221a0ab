"""A wrong variable stops a function at start, with one line that names it."""

import os
import subprocess
import sys

import pytest

from shared import settings

GOOD_KEY = "k" * 32


def start(handler: str, **changed: str) -> subprocess.CompletedProcess[str]:
    """Import a handler in a fresh interpreter."""
    return subprocess.run(
        [sys.executable, "-c", f"import functions.{handler}.handler"],
        env={**os.environ, **changed},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("handler", "variable", "value"),
    [
        ("auth", "SECRET_KEY", ""),
        ("auth", "SECRET_KEY", "k" * 31),
        ("auth", "BCRYPT_ROUNDS", "17"),
        ("users", "REVIEWPOINT_DB_URL", ""),
        ("health", "ALLOWED_ORIGINS", "http://localhost:3000"),
        ("s3_events", "UPLOAD_BUCKET", ""),
    ],
)
def test_a_bad_variable_ends_the_function_with_one_line_that_names_it(handler: str, variable: str, value: str) -> None:
    ended = start(handler, **{variable: value})

    lines = [line for line in ended.stderr.splitlines() if line.strip()]
    assert ended.returncode == 1
    assert len(lines) == 1
    assert variable in lines[0]
    assert not value or value not in lines[0] or variable != "SECRET_KEY"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ALGORITHM", "RS256"),
        ("ACCESS_TOKEN_EXPIRE_MINUTES", "0"),
        ("REFRESH_TOKEN_EXPIRE_DAYS", "a week"),
        ("REFRESH_REUSE_SECONDS", "-1"),
        ("PREVIOUS_SECRET_KEY", GOOD_KEY),
        ("PREVIOUS_SECRET_KEY_ID", "0"),
        ("BCRYPT_ROUNDS", "3"),
        ("PASSWORD_MIN_SCORE", "5"),
        ("PUBLIC_URL", "reviewpoint.example.org"),
        ("ALLOWED_ORIGINS", '["https://a.example.org/"]'),
        ("ALLOWED_ORIGINS", '["*"]'),
        ("ALLOWED_ORIGINS", "{}"),
        ("ALLOWED_FILE_TYPES", "[]"),
        ("UPLOAD_URL_TTL", "604801"),
        ("DOWNLOAD_URL_TTL", "0"),
        ("MAIL_FROM", "nobody"),
        ("REDIS_URL", "localhost"),
        ("REVIEWPOINT_DB_URL", "localhost/reviewpoint"),
        ("LOG_LEVEL", "LOUD"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_a_wrong_value_is_named(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)

    with pytest.raises(settings.SettingsError, match=variable):
        _read_all()


def _read_all() -> None:
    for reader in (
        settings.auth,
        settings.passwords,
        settings.cache_server,
        settings.database,
        settings.storage,
        settings.mail,
        settings.http,
        settings.log,
    ):
        reader.__wrapped__()


def test_a_previous_key_under_the_present_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREVIOUS_SECRET_KEY", GOOD_KEY)
    monkeypatch.setenv("PREVIOUS_SECRET_KEY_ID", "1")

    with pytest.raises(settings.SettingsError, match="PREVIOUS_SECRET_KEY_ID"):
        settings.auth.__wrapped__()


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("BCRYPT_ROUNDS", "PASSWORD_MIN_SCORE", "PUBLIC_URL", "ALLOWED_ORIGINS", "LOG_LEVEL"):
        monkeypatch.setenv(variable, "")

    assert settings.passwords.__wrapped__().bcrypt_rounds == 12
    assert settings.http.__wrapped__().origins == {"http://localhost:8000", "http://localhost:3000"}
    assert settings.log.__wrapped__().log_level == "INFO"


def test_debug_loosens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBUG", "true")
    monkeypatch.setenv("SECRET_KEY", "")

    with pytest.raises(settings.SettingsError, match="SECRET_KEY"):
        settings.auth.__wrapped__()
