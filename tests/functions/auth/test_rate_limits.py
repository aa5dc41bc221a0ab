"""How often a secret may be tried, or a mail be asked for."""

import time
import unicodedata

import pytest

from shared.db import connection, execute, fetch_value
from tests.support.api import Answer, Api
from tests.support.factories import PASSWORD, Account, unique
from tests.support.faults import database_down
from tests.support.limits import limits, unique_address
from tests.support.parallel import at_once
from tests.support.valkey import using, valkey

LOGIN = {"login_account": "5/15m", "login_address": "50/15m"}


def log_in(api: Api, username: str, password: str, ip: str, **headers: str) -> Answer:
    body = {"username": username, "password": password}
    return api.post("/api/v1/auth/login", json=body, source_ip=ip, headers=headers)


def fail(api: Api, username: str, ip: str, times: int) -> list[int]:
    return [log_in(api, username, "not the password", ip).status for _ in range(times)]


def check_limited(answer: Answer, policy: str, quota: int, window: int) -> None:
    assert (answer.status, answer.error_code) == (429, "RATE_LIMITED")
    seconds = int(answer.headers["retry-after"])
    assert 0 < seconds <= window
    assert answer.headers["ratelimit-policy"] == f'"{policy}";q={quota};w={window}'
    assert answer.headers["ratelimit"] == f'"{policy}";r=0;t={seconds}'


def test_after_5_failures_the_right_password_from_there_is_429_too(api: Api, author: Account) -> None:
    ip = unique_address()
    with limits(**LOGIN):
        assert fail(api, author.username, ip, 5) == [401] * 5
        check_limited(log_in(api, author.username, author.password, ip), "login-account", 5, 900)
        assert log_in(api, author.email.upper(), author.password, ip).status == 429


def test_an_attacker_does_not_lock_the_owner_out(api: Api, author: Account) -> None:
    with limits(**LOGIN):
        for _ in range(3):
            fail(api, author.username, unique_address(), 6)
        assert log_in(api, author.username, author.password, unique_address()).status == 200


def test_only_failures_count(api: Api, author: Account) -> None:
    ip = unique_address()
    with limits(**LOGIN):
        assert fail(api, author.username, ip, 4) == [401] * 4
        assert [log_in(api, author.username, author.password, ip).status for _ in range(8)] == [200] * 8
        assert fail(api, author.username, ip, 2) == [401, 429]


def test_a_disabled_account_with_the_right_password_is_no_failure(api: Api, author: Account) -> None:
    ip = unique_address()
    with connection() as conn:
        execute(conn, "UPDATE users SET is_active = false WHERE id = %(id)s", {"id": author.id})
    with limits(**LOGIN):
        assert [log_in(api, author.username, author.password, ip).status for _ in range(7)] == [403] * 7


def test_20_parallel_guesses_get_5_tries(api: Api, author: Account) -> None:
    ip = unique_address()
    with limits(**LOGIN):
        answers = at_once(lambda number: log_in(api, author.username, f"guess {number}", ip), times=20)

    assert sorted(answer.status for answer in answers) == [401] * 5 + [429] * 15


def test_an_unknown_name_is_limited_alike_in_any_spelling(api: Api) -> None:
    name, ip = unique("\u00c9mile"), unique_address()
    decomposed = unicodedata.normalize("NFD", name.lower())
    with limits(**LOGIN):
        assert fail(api, name, ip, 3) + fail(api, decomposed, ip, 3) == [401] * 5 + [429]


def test_an_address_is_limited_over_all_accounts(api: Api, author: Account) -> None:
    ip = unique_address()
    with limits(login_account="5/15m", login_address="7/15m"):
        assert [fail(api, unique("nobody"), ip, 1)[0] for _ in range(7)] == [401] * 7
        check_limited(log_in(api, author.username, author.password, ip), "login-address", 7, 900)


def test_an_ipv6_address_counts_as_its_64(api: Api, author: Account) -> None:
    prefix = f"2001:db8:{int(unique_address().split('.')[-1]):x}:1"
    with limits(**LOGIN):
        assert [fail(api, author.username, f"{prefix}::{n}", 1)[0] for n in range(1, 6)] == [401] * 5
        assert fail(api, author.username, f"{prefix}:ffff::1", 1) == [429]
        assert fail(api, author.username, f"{prefix}0::1", 1) == [401]


def test_an_ipv4_address_inside_an_ipv6_one_counts_as_itself(api: Api, author: Account) -> None:
    ip, other = unique_address(), unique_address()
    with limits(**LOGIN):
        assert fail(api, author.username, f"::ffff:{ip}", 5) == [401] * 5
        assert fail(api, author.username, ip, 1) == [429]
        assert fail(api, author.username, f"::ffff:{other}", 1) == [401]


@pytest.mark.parametrize(("account", "address", "told"), [("1/15m", "1/1h", "address"), ("1/1h", "1/15m", "account")])
def test_of_two_full_windows_the_longer_one_is_told(
    api: Api, author: Account, account: str, address: str, told: str
) -> None:
    ip = unique_address()
    with limits(login_account=account, login_address=address):
        fail(api, author.username, ip, 1)
        check_limited(log_in(api, author.username, author.password, ip), f"login-{told}", 1, 3600)


def test_a_header_of_the_callers_moves_nothing(api: Api, author: Account) -> None:
    ip = unique_address()
    with limits(**LOGIN):
        fail(api, author.username, ip, 5)
        for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Viewer-Address", "CloudFront-Viewer-Address"):
            answer = log_in(api, author.username, author.password, ip, **{header: "192.0.2.1"})
            assert answer.status == 429, header


def test_a_window_ends(api: Api, author: Account) -> None:
    ip = unique_address()
    with limits(login_account="1/1s", login_address="off"):
        assert fail(api, author.username, ip, 2) == [401, 429]
        answer = log_in(api, author.username, "not the password", ip)
        assert answer.headers["retry-after"] == "1"
        deadline = time.monotonic() + 5
        while log_in(api, author.username, author.password, ip).status == 429 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert log_in(api, author.username, author.password, ip).status == 200


def test_going_on_against_a_full_window_does_not_lengthen_it(api: Api, author: Account) -> None:
    ip = unique_address()
    with limits(login_account="1/15m", login_address="off"):
        fail(api, author.username, ip, 10)

    sql = "SELECT max(count) FROM rate_limits WHERE key LIKE '%%' || %(ip)s"
    with connection() as conn:
        assert fetch_value(conn, sql, {"ip": ip}) == 1


def test_registrations_are_limited_by_address(api: Api) -> None:
    ip = unique_address()

    def register(address: str) -> Answer:
        name = unique("new")
        body = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
        return api.post("/api/v1/auth/register", json=body, source_ip=address)

    with limits(register="3/1h"):
        assert [register(ip).status for _ in range(3)] == [201] * 3
        check_limited(register(ip), "register", 3, 3600)
        assert register(unique_address()).status == 201


def test_reset_requests_are_limited_by_account_and_by_address(api: Api, author: Account) -> None:
    def request(email: str, ip: str) -> Answer:
        return api.post("/api/v1/auth/request-password-reset", json={"email": email}, source_ip=ip)

    with limits(reset_account="3/1h", reset_address="4/1h"):
        assert [request(author.email, unique_address()).status for _ in range(3)] == [202] * 3
        check_limited(request(author.email, unique_address()), "reset-account", 3, 3600)
        nobody, ip = f"{unique('nobody')}@example.org", unique_address()
        assert [request(nobody, ip).status for _ in range(4)] == [202, 202, 202, 429]
        assert [request(f"{unique('nobody')}@example.org", ip).status for _ in range(2)] == [202, 429]


def test_with_the_counter_down_nobody_is_let_through(api: Api, author: Account) -> None:
    with limits(**LOGIN), database_down():
        answer = log_in(api, author.username, author.password, unique_address())

    assert (answer.status, answer.error_code) == (503, "SERVICE_UNAVAILABLE")


@pytest.mark.parametrize("name", ["login_account", "login_address", "register", "reset_account", "reset_address"])
def test_each_limit_can_be_off(api: Api, name: str) -> None:
    with limits(**{name: "off"}):
        assert fail(api, unique("nobody"), unique_address(), 8) == [401] * 8


def test_a_shared_valkey_counts_alike(api: Api, author: Account) -> None:
    ip = unique_address()
    with valkey(), limits(**LOGIN):
        answers = at_once(lambda number: log_in(api, author.username, f"guess {number}", ip), times=20)
        assert sorted(answer.status for answer in answers) == [401] * 5 + [429] * 15
        check_limited(log_in(api, author.username, author.password, ip), "login-account", 5, 900)
        elsewhere = unique_address()
        assert [log_in(api, author.username, author.password, elsewhere).status for _ in range(7)] == [200] * 7
    with connection() as conn:
        sql = "SELECT count(*) FROM rate_limits WHERE key LIKE '%%' || %(ip)s"
        assert fetch_value(conn, sql, {"ip": ip}) == 0


def test_with_the_valkey_down_nobody_is_let_through(api: Api, author: Account) -> None:
    with using("redis://127.0.0.1:1/0"), limits(**LOGIN):
        answer = log_in(api, author.username, author.password, unique_address())

    assert (answer.status, answer.error_code) == (503, "SERVICE_UNAVAILABLE")
    assert int(answer.headers["retry-after"]) > 0
