"""PostgreSQL and the emulator with all that the functions expect in them."""

from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from infra_local import emulator, functions, postgres, resources
from infra_local.emulator import Emulator
from infra_local.postgres import Server
from infra_local.settings import Settings, function_variables

_DATABASE = "reviewpoint"


@dataclass(frozen=True, slots=True)
class Services:
    """What runs, and the environment of the functions that goes with it."""

    variables: Mapping[str, str]
    queue_urls: Mapping[str, str]
    postgres: Server | None
    emulator: Emulator | None

    def places(self) -> Iterator[tuple[str, str]]:
        """What runs and where, for a reader."""
        if self.postgres is None:
            yield "PostgreSQL", "as REVIEWPOINT_DB_URL says"
        else:
            yield "PostgreSQL", f"{self.postgres.url(_DATABASE)}  (data in {self.postgres.data_dir})"
        if self.emulator is not None:
            yield "Storage", f"{self.emulator.endpoint}  (and queues, mail; objects in {self.emulator.home})"

    def ended(self) -> str | None:
        """The name of a service that is no longer there."""
        running = {"PostgreSQL": self.postgres, "the storage emulator": self.emulator}
        return next((name for name, it in running.items() if it and it.process.poll() is not None), None)


@contextmanager
def running(settings: Settings, *, storage: bool = True) -> Generator[Services]:
    """Start what is needed, and end it.

    Args:
        settings: Ports and folders.
        storage: False leaves the emulator out, for a command that needs the database alone.

    Raises:
        StartError: One of them does not start.
    """
    with ExitStack() as stack:
        # The emulator comes up by itself while PostgreSQL is waited for.
        emulated = _launch_emulator(settings, stack) if storage else None
        url, server = _database(settings, stack)
        queue_urls: Mapping[str, str] = dict.fromkeys(functions.QUEUES, "")
        if emulated is not None:
            emulated.wait_ready()
            queue_urls = _apply(settings)
        variables = function_variables(settings, database_url=url, queue_urls=queue_urls)
        yield Services(variables, queue_urls, server, emulated)


def _launch_emulator(settings: Settings, stack: ExitStack) -> Emulator:
    emulated = emulator.launch(settings.local_dir / "emulator", settings.s3_port)
    stack.callback(emulated.stop)
    return emulated


def _database(settings: Settings, stack: ExitStack) -> tuple[str, Server | None]:
    given = settings.variables.get("REVIEWPOINT_DB_URL")
    if given:
        return given, None
    server = postgres.start(settings.local_dir / "postgres", durable=True)
    stack.callback(server.stop)
    server.create_database(_DATABASE)
    return server.url(_DATABASE), server


def _apply(settings: Settings) -> Mapping[str, str]:
    return resources.apply(
        settings.endpoint,
        upload_bucket=settings.upload_bucket,
        export_bucket=settings.export_bucket,
        origins=settings.allowed_origins() or settings.own_origins,
        mail_from=settings.mail_from,
    )
