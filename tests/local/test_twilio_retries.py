"""When the simulator tries a webhook again, as Twilio's connection overrides say."""

from __future__ import annotations

import pytest

from local.twilio_simulator.retries import FAILURES, RetryPolicy

URL = "https://crm.example/twilio/inbound/"


@pytest.mark.parametrize(
    ("fragment", "policy"),
    [
        ("", RetryPolicy(1, frozenset({"ct"}))),
        ("#rc=5&rp=all", RetryPolicy(5, FAILURES)),
        ("#rc=9&rp=4xx,5xx", RetryPolicy(5, frozenset({"4xx", "5xx"}))),
        ("#rc=0", RetryPolicy(0, frozenset({"ct"}))),
        ("#rc=many&rp=never", RetryPolicy(1, frozenset())),
    ],
)
def test_the_address_says_how_often(fragment: str, policy: RetryPolicy) -> None:
    assert RetryPolicy.of(URL + fragment) == policy


def test_each_retry_is_twice_as_late_and_the_sixth_failure_is_the_last() -> None:
    policy = RetryPolicy.of(URL + "#rc=5&rp=all")
    assert [policy.delay("5xx", tries, 0.4, 0) for tries in range(1, 7)] == [0.4, 0.8, 1.6, 3.2, 6.4, None]


def test_all_tries_together_have_fifteen_seconds() -> None:
    policy = RetryPolicy.of(URL + "#rc=5&rp=all")
    assert policy.delay("rt", 1, 0.4, 14.5) == 0.4
    assert policy.delay("rt", 1, 0.4, 14.6) is None


def test_what_was_taken_or_is_not_named_is_not_tried_again() -> None:
    policy = RetryPolicy.of(URL + "#rc=5&rp=5xx")
    assert (policy.delay("", 1, 0.4, 0), policy.delay("4xx", 1, 0.4, 0)) == (None, None)
