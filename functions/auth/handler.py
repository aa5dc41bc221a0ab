"""Lambda entry point of the `auth` endpoint group."""

from functions.auth.router import router
from shared import settings
from shared.http.app import create_app, lambda_handler

app = create_app(
    router,
    needs=(
        settings.auth,
        settings.passwords,
        settings.one_time_tokens,
        settings.rate_limits,
        settings.cache_server,
        settings.database,
        settings.aws,
        settings.outbox_queue,
    ),
)
handler = lambda_handler(app)
