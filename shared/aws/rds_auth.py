"""A password for RDS Proxy: a signed token of 15 minutes, as `rds.generate_db_auth_token` makes it."""

import hashlib
from importlib.util import find_spec
from pathlib import Path

from shared.aws import presigning

PORT = 5432
_TTL_SECONDS = 900
_EMPTY = hashlib.sha256(b"").hexdigest()


def _ca_file() -> str:
    # The proxy's certificate is from Amazon's public authority, which botocore's bundle holds wherever this runs;
    # the path that psycopg's own OpenSSL was built with does not exist in Lambda.
    spec = find_spec("botocore")
    return str(Path(spec.origin).parent / "cacert.pem") if spec and spec.origin else "system"


CA_FILE = _ca_file()


def token(host: str, user: str) -> str:
    """What `user` connects to `host` with. It is checked at connect only, so a connection outlives it."""
    url = presigning.presign(
        "GET",
        f"https://{host}:{PORT}/",
        service="rds-db",
        ttl=_TTL_SECONDS,
        query={"Action": "connect", "DBUser": user},
        headers={},
        payload_hash=_EMPTY,
    )
    return url.removeprefix("https://")
