"""HTTP shape of the `health` endpoints."""

from fastapi import Response

from functions.health.schemas import Health, Live
from shared import clock
from shared.http.app import VERSION, group_router

router = group_router("/health", tag="health")


@router.get("", responses={503: {"model": Health, "description": "Something that is needed does not answer."}})
async def get_health(response: Response) -> Health:
    """Whether the database, the storage and, where there is one, the cache that counts rate limits answer."""
    # What it asks with costs a third of the start, and `live` needs none of it.
    from functions.health import service

    checks = service.check()
    healthy = "fail" not in (checks.database.status, checks.storage.status, checks.cache.status)
    if not healthy:
        response.status_code = 503
        response.headers["Retry-After"] = "5"
    return Health(status="ok" if healthy else "fail", version=VERSION, timestamp=clock.now(), checks=checks)


@router.get("/live")
async def get_live() -> Live:
    """Whether the function runs; touches nothing."""
    return Live()
