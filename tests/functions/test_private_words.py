"""What no log line may hold, whatever is asked."""

import pytest

from tests.support.api import Api
from tests.support.factories import PASSWORD, make_account, unique
from tests.support.limits import limits, unique_address
from tests.support.logs import captured_logs, leaks, remember_secrets
from tests.support.mail import mails_to
from tests.support.queues import work_outbox


@pytest.mark.parametrize(
    "said",
    [
        "mail to ada@example.org",
        "Bearer eyJhbGciOiJIUzI1NiJ9.e30.x",
        "GET /a?X-Amz-Signature=ab",
        "spent my-own-secret",
    ],
)
def test_every_test_would_see_a_private_word_in_a_line(said: str) -> None:
    remember_secrets({"new_password": "my-own-secret"})

    assert leaks(["a line", said]) == [said]


NEW = "another good password of mine"


def test_no_log_line_holds_a_secret_or_an_address(api: Api) -> None:
    name = unique("quiet")
    email, ip = f"{name}@example.org", unique_address()
    credentials = {"username": email, "password": PASSWORD}
    admin = make_account(role="admin")
    with captured_logs() as logs, limits(login_account="2/15m"):
        api.post("/api/v1/auth/register", json={"username": name, "email": email, "password": PASSWORD})
        api.post("/api/v1/auth/register", json={"username": name, "email": email, "password": PASSWORD})
        pair = api.post("/api/v1/auth/login", json=credentials, source_ip=ip).json()
        for _ in range(3):
            api.post("/api/v1/auth/login", json={"username": email, "password": "wrong-one"}, source_ip=ip)
        pair = api.post("/api/v1/auth/refresh", token=pair["refresh_token"]).json()
        change = {"current_password": PASSWORD, "new_password": NEW}
        api.post("/api/v1/auth/change-password", token=pair["access_token"], json=change)
        api.post("/api/v1/auth/request-password-reset", json={"email": email})
        work_outbox()
        token = mails_to(email)[-1].token
        api.post("/api/v1/auth/reset-password", json={"token": token, "new_password": "weak"})
        api.post("/api/v1/auth/reset-password", json={"token": token, "new_password": f"{NEW}!"})
        api.get("/api/v1/users", token=admin.token, query={"q": email})
        url = api.get("/api/v1/users/export", token=admin.token, query={"redirect": "false", "q": email}).json()["url"]
        api.post("/api/v1/users", token=admin.token, json={"username": unique("x"), "email": email, "password": NEW})

    text = "".join(logs.text)
    signature = url.partition("X-Amz-Signature=")[2]
    for private in (email, PASSWORD, NEW, "wrong-one", token, signature, *pair.values(), admin.token):
        assert str(private) not in text or private in {"bearer", 3600}
    assert len(logs.requests) >= 14
