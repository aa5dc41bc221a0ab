"""The page of `web/`, served as CloudFront serves it from S3 in AWS."""

from pathlib import Path

from infra_local.http_event import HttpAnswer

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".ico": "image/vnd.microsoft.icon",
    ".png": "image/png",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
}


def security_headers(*, connect: str = "") -> list[tuple[str, str]]:
    """The headers of every answer that is not a function's.

    Args:
        connect: The origins, besides its own, that the page may talk to.
    """
    policy = "default-src 'self'" + (f"; connect-src 'self' {connect}" if connect else "")
    return [
        ("content-security-policy", policy),
        ("strict-transport-security", "max-age=31536000; includeSubDomains"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("x-xss-protection", "1; mode=block"),
        ("referrer-policy", "no-referrer"),
    ]


class Page:
    """The files below one folder."""

    def __init__(self, folder: Path, *, storage: str, port: int) -> None:
        self._folder = folder.resolve()
        sockets = f"ws://localhost:{port} ws://127.0.0.1:{port}"
        self._headers = [*security_headers(connect=f"{storage} {sockets}"), ("cache-control", "no-cache")]

    def find(self, path: str) -> HttpAnswer | None:
        """The file at a decoded path, or None if there is none that the page serves."""
        name = "index.html" if path == "/" else path[1:]
        if "\0" in name or name.endswith("/"):
            return None
        file = (self._folder / name).resolve()
        kind = _TYPES.get(file.suffix)
        if kind is None or not file.is_relative_to(self._folder) or not file.is_file():
            return None
        return HttpAnswer(200, [("content-type", kind), *self._headers], file.read_bytes())
