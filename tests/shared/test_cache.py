"""`cached`, in memory and in a real Valkey."""

from collections.abc import Callable, Generator

import pytest

from shared import cache
from tests.support.factories import unique
from tests.support.valkey import using, valkey


@pytest.fixture(params=["memory", "valkey"])
def _store(request: pytest.FixtureRequest) -> Generator[None]:
    if request.param == "memory":
        yield
    else:
        with valkey():
            yield


def counting(prefix: str, ttl: int | None = None) -> tuple[Callable[..., list[int]], list[int]]:
    calls: list[int] = []

    @cache.cached(ttl=ttl, key_prefix=prefix)
    def double(number: int, *, factor: int = 2) -> list[int]:
        calls.append(number)
        return [number * factor]

    return double, calls


@pytest.mark.usefixtures("_store")
def test_a_result_is_kept_by_its_arguments() -> None:
    double, calls = counting(unique("double"))

    assert [double(1), double(1), double(2), double(1, factor=3), double(1)] == [[2], [2], [4], [3], [2]]
    assert calls == [1, 2, 1]


@pytest.mark.usefixtures("_store")
def test_what_changed_is_forgotten_by_its_prefix() -> None:
    prefix = unique("double")
    double, calls = counting(prefix)
    other, other_calls = counting(f"{prefix}other")
    assert (double(1), other(1)) == ([2], [2])

    cache.forget(prefix)

    assert (double(1), other(1)) == ([2], [2])
    assert (calls, other_calls) == ([1, 1], [1])


def test_a_result_in_memory_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    double, calls = counting(unique("double"), ttl=60)
    double(1)
    now = cache.time.monotonic()
    monkeypatch.setattr("shared.cache.time.monotonic", lambda: now + 61)

    double(1)

    assert calls == [1, 1]


def test_a_result_in_the_shared_cache_ends_and_is_seen_by_other_environments() -> None:
    prefix = unique("double")
    with valkey() as server:
        double, calls = counting(prefix, ttl=60)
        double(1)
        (key,) = server.client().keys(f"{prefix}:*")
        assert 0 < server.client().ttl(key) <= 60
        elsewhere, other_calls = counting(prefix, ttl=60)
        assert elsewhere(1) == [2]

    assert (calls, other_calls) == ([1], [])


def test_a_cache_that_is_down_is_a_miss() -> None:
    double, calls = counting(unique("double"))
    with using("redis://127.0.0.1:1/0"):
        assert [double(1), double(1)] == [[2], [2]]
        cache.forget("double")

    assert calls == [1, 1]


def test_the_memory_does_not_grow() -> None:
    double, _ = counting(unique("double"))
    for number in range(600):
        double(number)

    assert len(cache._memory) <= 256  # pyright: ignore[reportPrivateUsage]
