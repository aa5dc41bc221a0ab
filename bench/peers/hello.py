"""FastAPI and Mangum, one model, one `def` route."""

from fastapi import FastAPI
from mangum import Mangum
from pydantic import BaseModel


class Hello(BaseModel):
    """A greeting."""

    message: str


app = FastAPI(openapi_url=None)


@app.get("/hello")
def say_hello() -> Hello:
    """Greet."""
    return Hello(message="hello")


handler = Mangum(app, lifespan="off")
