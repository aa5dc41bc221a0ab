"""HTTP shape of the `users` endpoints."""

from functions.users import service
from functions.users.schemas import MeUpdate
from shared.errors import Code
from shared.http.app import group_router
from shared.http.auth import Caller
from shared.http.errors import error_responses
from shared.http.schemas import Me

router = group_router("/users", tag="users")


@router.get("/me")
async def get_me(caller: Caller) -> Me:
    """The caller's own account."""
    return Me.of(caller.user)


@router.put("/me", responses=error_responses(Code.USERNAME_TAKEN, Code.EMAIL_TAKEN))
async def update_me(body: MeUpdate, caller: Caller) -> Me:
    """Change the caller's own name or address; what is not given stays."""
    return Me.of(service.update_me(caller.user_id, username=body.username, email=body.email))
