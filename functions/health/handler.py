"""Lambda entry point of the `health` endpoint group."""

from functions.health.router import router
from shared import settings
from shared.http.app import create_app, lambda_handler

app = create_app(router, needs=(settings.database, settings.storage, settings.aws, settings.cache_server))
handler = lambda_handler(app)
