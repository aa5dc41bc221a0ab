"""As `me`, behind an `async def` endpoint."""

from typing import Annotated

from fastapi import Depends, FastAPI
from fastapi.security import HTTPAuthorizationCredentials
from mangum import Mangum

from bench.peers import accounts
from bench.peers.accounts import Me

app = FastAPI(openapi_url=None)


@app.get("/me")
async def get_me(credentials: Annotated[HTTPAuthorizationCredentials, Depends(accounts.bearer)]) -> Me:
    """The caller's account."""
    return accounts.find(credentials.credentials)


handler = Mangum(app, lifespan="off")
