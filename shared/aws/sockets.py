"""API Gateway's management API of WebSocket connections."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

from shared import settings
from shared.aws.client import reaching, session
from shared.errors import ServiceUnavailableError

_PARALLEL = 16


@cache
def _client() -> Any:
    from botocore.config import Config

    config = Config(
        connect_timeout=2,
        read_timeout=3,
        retries={"total_max_attempts": 2, "mode": "standard"},
        max_pool_connections=_PARALLEL,
    )
    endpoint = settings.sockets().socket_endpoint
    return session().client("apigatewaymanagementapi", endpoint_url=endpoint, config=config)


def post(connection_id: str, message: bytes) -> bool:
    """Send a message to a connection; `False` if it is gone, or its `$connect` has not returned.

    Raises:
        ServiceUnavailableError: API Gateway did not take it.
    """
    return _call("post_to_connection", ConnectionId=connection_id, Data=message)


def post_to_all(connection_ids: Sequence[str], message: bytes) -> list[bool | None]:
    """Send a message to each connection, many at once: what `post` says, or `None` where it raises."""

    def post_to(connection_id: str) -> bool | None:
        try:
            return post(connection_id, message)
        except ServiceUnavailableError:
            return None

    if len(connection_ids) < 2:
        return [post_to(connection_id) for connection_id in connection_ids]
    _client()  # Made before there are threads: boto3 makes clients in one thread at a time only.
    with ThreadPoolExecutor(max_workers=min(_PARALLEL, len(connection_ids))) as threads:
        return list(threads.map(post_to, connection_ids))


def close(connection_id: str) -> bool:
    """Close a connection; `False` if it is gone, or its `$connect` has not returned.

    Raises:
        ServiceUnavailableError: API Gateway did not do it.
    """
    return _call("delete_connection", ConnectionId=connection_id)


def _call(operation: str, **arguments: Any) -> bool:
    from botocore.exceptions import ClientError

    with reaching("socket"):
        try:
            getattr(_client(), operation)(**arguments)
        except ClientError as error:
            if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 410:
                return False
            raise
    return True
