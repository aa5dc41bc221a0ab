"""A session of `requests` whose requests go to the real handlers, as API Gateway's events."""

from typing import Any, cast
from urllib.parse import unquote, urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from tests.support import openapi
from tests.support.api import event, function_of, invoke, read_answer
from tests.support.factories import Account

BASE_URL = "http://api.invalid"


class _HandlerAdapter(BaseAdapter):
    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        del args, options
        method, url = str(request.method), urlsplit(str(request.url))
        headers = {
            name: value.decode() if isinstance(value, bytes) else value for name, value in request.headers.items()
        }
        body = request.body.encode() if isinstance(request.body, str) else cast("bytes | None", request.body)
        path = unquote(url.path)
        made = event(method, path, headers=headers, body=body) | {"rawQueryString": url.query}
        answer = read_answer(invoke(function_of(path), made))
        openapi.check(method, path, answer.status, answer.headers, answer.body)
        response = requests.Response()
        response.status_code = answer.status
        response.headers = CaseInsensitiveDict(answer.headers)
        response.request = request
        response.url = str(request.url)
        response._content = answer.body  # pyright: ignore[reportPrivateUsage]
        response.encoding = "utf-8"
        return response

    def close(self) -> None:
        pass


def session() -> requests.Session:
    """A session that follows no redirect: those lead to the storage."""
    made = requests.Session()
    made.mount(BASE_URL, _HandlerAdapter())
    made.trust_env = False
    return made


def credentials(operation: Any, account: Account) -> dict[str, str]:
    """The headers of a call by that account, with the kind of token that the operation takes."""
    kinds = {name for requirement in operation.definition.raw.get("security", ()) for name in requirement}
    if not kinds:
        return {}
    return {"Authorization": f"Bearer {account.refresh_token if 'RefreshToken' in kinds else account.token}"}
