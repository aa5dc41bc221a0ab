"""Lambda entry point of the `uploads` endpoint group."""

from functions.uploads.router import router
from shared import settings
from shared.http.app import create_app, lambda_handler

app = create_app(
    router,
    needs=(
        settings.auth,
        settings.database,
        settings.storage,
        settings.exports,
        settings.aws,
        settings.upload_queue,
        settings.outbox_queue,
    ),
)
handler = lambda_handler(app)
