"""HTTP shape of the documentation: its pages, their assets, and the OpenAPI document."""

from fastapi import APIRouter, Response

from functions.docs import service

router = APIRouter(include_in_schema=False)

# Swagger UI and ReDoc write styles as they run, draw with data images, and ReDoc searches in a worker of a blob.
_PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; worker-src 'self' blob:"
    )
}
_ASSET_HEADERS = {"Cache-Control": "public, max-age=86400"}


@router.get("/openapi.json")
async def get_openapi() -> Response:
    """The OpenAPI document of all groups."""
    return Response(service.read_openapi(), media_type="application/json")


@router.get("/docs")
async def get_docs() -> Response:
    """Swagger UI."""
    return Response(service.read_page("docs.html"), media_type="text/html", headers=_PAGE_HEADERS)


@router.get("/redoc")
async def get_redoc() -> Response:
    """ReDoc."""
    return Response(service.read_page("redoc.html"), media_type="text/html", headers=_PAGE_HEADERS)


@router.get("/redoc/logo-mini.svg")
async def get_redoc_logo() -> Response:
    """ReDoc's own mark, which it asks for below its page."""
    return await get_asset("logo-mini.svg")


@router.get("/docs/assets/{name}")
async def get_asset(name: str) -> Response:
    """A script, style or image of the two pages."""
    content, media_type = service.read_asset(name)
    return Response(content, media_type=media_type, headers=_ASSET_HEADERS)
