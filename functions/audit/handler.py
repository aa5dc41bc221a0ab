"""Lambda entry point of the `audit` endpoint group."""

from functions.audit.router import router
from shared import settings
from shared.http.app import create_app, lambda_handler

app = create_app(router, needs=(settings.auth, settings.database, settings.exports))
handler = lambda_handler(app)
