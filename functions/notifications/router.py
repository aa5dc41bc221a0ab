"""HTTP shape of the `notifications` endpoints."""

from typing import Annotated

from fastapi import Depends

from functions.notifications import service
from functions.notifications.schemas import Broadcast, BroadcastAccepted, Stats
from shared.errors import Code
from shared.http.app import group_router
from shared.http.auth import Principal, require_role
from shared.http.errors import error_responses

router = group_router("/notifications", tag="notifications")

Admin = Annotated[Principal, Depends(require_role("admin"))]


@router.post("/broadcast", status_code=202, responses=error_responses(Code.FORBIDDEN))
async def broadcast(caller: Admin, body: Broadcast) -> BroadcastAccepted:
    """Tell everybody who has subscribed, as `system.notification`; kept for a day for those who come back."""
    return BroadcastAccepted.of(service.broadcast(caller.user, message=body.message, level=body.level))


@router.get("/stats", responses=error_responses(Code.FORBIDDEN))
async def get_stats(_: Admin) -> Stats:
    """How many sockets are open, whose, and how many notices are kept."""
    return service.read_stats()
