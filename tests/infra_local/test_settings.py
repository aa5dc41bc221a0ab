import json
from pathlib import Path

import pytest

from infra_local import settings
from infra_local.errors import StartError

QUEUES = {name: f"http://queue/{name}" for name in ("uploads", "outbox", "archives")}


def variables(root: Path, **environ: str) -> dict[str, str]:
    loaded = settings.load(root, environ)
    loaded.local_dir.mkdir(exist_ok=True)
    return settings.function_variables(loaded, database_url="postgresql:///x", queue_urls=QUEUES)


def test_shell_wins_over_the_file_and_empty_is_unset(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BCRYPT_ROUNDS=4\nCACHE_TTL=1\nLOG_LEVEL=\nMAIL_FROM=a@example.org\n")

    found = variables(tmp_path, BCRYPT_ROUNDS="5", CACHE_TTL="", MAX_UPLOAD_SIZE="")

    assert (found["BCRYPT_ROUNDS"], found["CACHE_TTL"], found["MAIL_FROM"]) == ("5", "1", "a@example.org")
    assert not {"LOG_LEVEL", "MAX_UPLOAD_SIZE"} & found.keys()


def test_nothing_of_the_shell_but_settings_reaches_a_function(tmp_path: Path) -> None:
    assert (
        not {"HOME", "AWS_PROFILE", "PYTHONPATH"}
        & variables(tmp_path, HOME="/x", AWS_PROFILE="p", PYTHONPATH="y").keys()
    )


def test_secret_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    first, second = variables(tmp_path)["SECRET_KEY"], variables(tmp_path)["SECRET_KEY"]

    assert first == second
    assert len(first) >= 32
    assert (tmp_path / ".local" / "secret_key").stat().st_mode & 0o777 == 0o600


def test_own_origins_are_allowed_besides_what_is_set(tmp_path: Path) -> None:
    found = variables(tmp_path, PORT="8100", ALLOWED_ORIGINS='["https://a.example"]')

    assert json.loads(found["ALLOWED_ORIGINS"]) == [
        "https://a.example",
        "http://localhost:8100",
        "http://127.0.0.1:8100",
    ]
    assert found["PUBLIC_URL"] == "http://localhost:8100"


def test_wrong_origins_are_left_for_the_functions_to_refuse(tmp_path: Path) -> None:
    assert variables(tmp_path, ALLOWED_ORIGINS="nonsense")["ALLOWED_ORIGINS"] == "nonsense"


@pytest.mark.parametrize("port", ["abc", "0", "65536", "-1"])
def test_port_that_is_none_is_named(tmp_path: Path, port: str) -> None:
    with pytest.raises(StartError, match="PORT must be a port number"):
        settings.load(tmp_path, {"PORT": port})


def test_ports_must_differ(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="must differ"):
        settings.load(tmp_path, {"PORT": "9000"})
