import threading
import uuid

import pytest
import redis
from django.conf import settings as configured

from core.circuit_breaker import BreakerRules, BreakerState, CircuitBreaker, shared_client

RULES = BreakerRules(failure_rate=0.5, minimum=4, window=100, cool_down=30)


class Clock:
    now = 1_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def make(clock):
    """Breakers of one name, as several processes would hold them."""
    name = f"test-{uuid.uuid4().hex}"
    breakers = []

    def breaker(rules=RULES, suffix=""):
        breakers.append(CircuitBreaker(name + suffix, rules, clock=clock))
        return breakers[-1]

    yield breaker
    for one in breakers:
        one.reset()


def fail(breaker, times):
    return [breaker.record(False) for _ in range(times)]


def test_it_is_closed_until_enough_outcomes_failed(make):
    breaker = make()
    assert fail(breaker, 3) == [None, None, None]
    assert (breaker.allow(), breaker.state()) == (True, BreakerState.CLOSED)
    assert breaker.record(False) == BreakerState.OPEN
    assert (breaker.allow(), breaker.state()) == (False, BreakerState.OPEN)


def test_it_opens_at_the_rate_and_not_below(make):
    breaker = make()
    assert [breaker.record(True) for _ in range(5)] == [None] * 5
    assert fail(breaker, 4) == [None] * 4
    assert breaker.allow() is True
    assert breaker.record(False) == BreakerState.OPEN


def test_outcomes_older_than_the_window_do_not_count(make, clock):
    breaker = make()
    fail(breaker, 3)
    clock.now += 101
    assert fail(breaker, 3) == [None] * 3
    assert breaker.allow() is True
    assert breaker.record(False) == BreakerState.OPEN


def test_every_process_sees_the_same_breaker_and_others_are_apart(make):
    mine, theirs, other = make(), make(), make(suffix="-other")
    fail(mine, 4)
    assert (theirs.allow(), theirs.state(), other.allow()) == (False, BreakerState.OPEN, True)


def test_after_the_cool_down_one_probe_passes_and_its_success_closes(make, clock):
    breaker, other = make(), make()
    fail(breaker, 4)
    clock.now += 29.9
    assert breaker.allow() is False
    clock.now += 0.1
    assert [breaker.allow(), other.allow(), breaker.allow()] == [True, False, False]
    assert breaker.state() == BreakerState.HALF_OPEN
    assert other.record(True) == BreakerState.CLOSED
    assert [breaker.allow(), other.allow()] == [True, True]
    assert fail(breaker, 3) == [None] * 3


def test_a_failed_probe_opens_it_for_another_cool_down(make, clock):
    breaker = make()
    fail(breaker, 4)
    clock.now += 30
    assert breaker.allow() is True
    assert breaker.record(False) == BreakerState.OPEN
    clock.now += 29
    assert breaker.allow() is False
    clock.now += 1
    assert breaker.allow() is True


def test_a_probe_that_never_reports_is_replaced(make, clock):
    breaker = make()
    fail(breaker, 4)
    clock.now += 30
    assert breaker.allow() is True
    clock.now += 29
    assert breaker.allow() is False
    clock.now += 1
    assert [breaker.allow(), breaker.allow()] == [True, False]


def test_late_outcomes_of_earlier_calls_decide_nothing(make, clock):
    breaker = make()
    fail(breaker, 4)
    assert breaker.record(True) is None
    assert breaker.state() == BreakerState.OPEN
    before_probe = clock.now
    clock.now += 30
    assert breaker.allow() is True
    assert breaker.record(True, started=before_probe) is None
    assert breaker.record(False, started=before_probe) is None
    assert breaker.state() == BreakerState.HALF_OPEN
    assert breaker.record(True, started=clock.now) == BreakerState.CLOSED


def test_it_can_be_tripped_and_reset_by_hand(make, clock):
    breaker = make()
    breaker.record(True)
    breaker.trip()
    assert (breaker.allow(), breaker.state()) == (False, BreakerState.OPEN)
    breaker.reset()
    assert (breaker.allow(), breaker.state()) == (True, BreakerState.CLOSED)
    breaker.trip()
    clock.now += 30
    assert breaker.allow() is True


def in_threads(count, work):
    results = []
    threads = [threading.Thread(target=lambda: results.append(work())) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_of_many_racing_processes_one_sees_it_open_and_one_gets_the_probe(make, clock):
    assert sorted(map(str, in_threads(20, lambda: make().record(False)))) == ["None"] * 19 + ["open"]
    clock.now += 30
    assert sorted(in_threads(20, lambda: make().allow())) == [False] * 19 + [True]


def test_it_leaves_nothing_in_redis_for_ever(make):
    breaker = make()
    breaker.record(True)
    fail(breaker, 3)
    client = shared_client(configured.REDIS_URL)
    keys = client.keys(f"breaker:{{{breaker.name}}}:*")
    assert len(keys) == 1
    assert all(0 < client.ttl(key) <= RULES.keep for key in keys)


def test_without_redis_nothing_passes():
    nowhere = CircuitBreaker("test", client=redis.Redis.from_url("redis://127.0.0.1:1/0"))
    with pytest.raises(redis.RedisError):
        nowhere.allow()
