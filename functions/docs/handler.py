"""Lambda entry point of `docs`: the documentation, and the 404 of every path of nobody."""

from functions.docs.router import router
from shared.http.app import create_app, lambda_handler

app = create_app(router, needs=())
handler = lambda_handler(app)
