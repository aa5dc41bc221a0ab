"""A password for RDS Proxy: a signed token of 15 minutes, as `rds.generate_db_auth_token` makes it."""

from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlencode

from shared import settings
from shared.aws import credentials

PORT = 5432
_TTL_SECONDS = 900


def _ca_file() -> str:
    # The proxy's certificate is from Amazon's public authority, which botocore's bundle holds wherever this runs;
    # the path that psycopg's own OpenSSL was built with does not exist in Lambda.
    spec = find_spec("botocore")
    return str(Path(spec.origin).parent / "cacert.pem") if spec and spec.origin else "system"


CA_FILE = _ca_file()


def token(host: str, user: str) -> str:
    """What `user` connects to `host` with. It is checked at connect only, so a connection outlives it."""
    # botocore's signer without the `rds` client: the same token, and 95 ms and 20 MiB less at start.
    from botocore.auth import SigV4QueryAuth
    from botocore.awsrequest import AWSRequest

    query = urlencode({"Action": "connect", "DBUser": user})
    request = AWSRequest(method="GET", url=f"https://{host}:{PORT}/?{query}")
    signer = SigV4QueryAuth(credentials.current(), "rds-db", settings.aws().aws_region, expires=_TTL_SECONDS)
    signer.add_auth(request)
    return str(request.url).removeprefix("https://")
