"""One PostgreSQL and one storage emulator per run; a database and a bucket per worker; real commits."""

import os
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import statements
from tests.support.api import Api
from tests.support.services import TEMPLATE, Services, clone_database, set_environment

if TYPE_CHECKING:
    from tests.support.factories import Account
    from tests.support.sockets import SocketGateway

_SERVICES = pytest.StashKey[Services]()


def pytest_configure(config: pytest.Config) -> None:
    """Start the services once, and give every worker its environment before it imports a handler."""
    worker: dict[str, Any] | None = getattr(config, "workerinput", None)
    if worker is None:
        services = config.stash[_SERVICES] = Services()
        _migrate_template(services)
        worker = _addresses(services) | {"workerid": "main"}
    name = worker["workerid"]
    os.environ["REVIEWPOINT_TEST_POSTGRES"] = worker["postgres_url"]
    set_environment(
        database_url=clone_database(worker["postgres_url"], f"tests_{name}"),
        endpoint=worker["endpoint"],
        bucket=f"reviewpoint-uploads-{name}",
    )
    from shared import settings

    settings.database.cache_clear()


def _migrate_template(services: Services) -> None:
    os.environ["REVIEWPOINT_DB_URL"] = services.postgres.url(TEMPLATE)
    from functions.migrations import service

    service.deploy()


def _addresses(services: Services) -> dict[str, str]:
    return {"postgres_url": services.postgres.url("postgres"), "endpoint": services.emulator.endpoint}


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell an xdist worker where the services are."""
    node.workerinput.update(_addresses(node.config.stash[_SERVICES]))


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the services."""
    services = config.stash.get(_SERVICES, None)
    if services is not None:
        services.stop()


@pytest.fixture(autouse=True, scope="session")
def _no_pinning() -> Generator[None]:
    """Every statement of every test is one that RDS Proxy need not pin a session for."""
    with pytest.MonkeyPatch.context() as patch:
        statements.refuse_pinning(patch)
        yield


@pytest.fixture(autouse=True)
def _nothing_private_is_logged() -> Generator[None]:
    """No line that any test makes the functions log holds a secret or an address."""
    from tests.support import logs

    logs.passwords_sent.clear()
    with logs.captured_logs() as captured:
        yield
    assert logs.leaks(captured.text) == []


@pytest.fixture(scope="session", autouse=True)
def _assemblies(tmp_path_factory: pytest.TempPathFactory) -> None:
    """All workers share the synthesised stacks."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    os.environ.setdefault("REVIEWPOINT_TEST_ASSEMBLIES", str(shared / "assemblies"))


@pytest.fixture
def api() -> Api:
    """A client over the real handlers."""
    return Api()


@pytest.fixture
def author() -> "Account":
    """A signed-in user of this test's own."""
    from tests.support.factories import make_account

    return make_account()


@pytest.fixture
def admin() -> "Account":
    """A signed-in admin of this test's own."""
    from tests.support.factories import make_account

    return make_account(role="admin")


# One for all tests: clients keep their connections to it.
@pytest.fixture(scope="session")
def _socket_gateway() -> "Generator[SocketGateway]":
    from tests.support.sockets import running_gateway

    with running_gateway() as gateway:
        yield gateway


@pytest.fixture
def sockets(_socket_gateway: "SocketGateway") -> "SocketGateway":
    """API Gateway's side of sockets."""
    _socket_gateway.forget()
    return _socket_gateway
