from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.error_codes import ACTIONS, Action, action_for, back_off

TABLE = {
    Action.BAD_NUMBER: {21211, 21614, 21612},
    Action.SUPPRESS: {21610, 30640},
    Action.BACK_OFF: {20429, 429, 30001, 21611, 30022},
    Action.RETRY_ONCE: {30003, 30008},
    Action.NO_RETRY: {30004},
    Action.BAD_AFTER_SECOND: {30005},
    Action.LANDLINE: {30006},
    Action.FILTERED: {30007},
    Action.HOLD_UNTIL_PACIFIC_MIDNIGHT: {30023},
    Action.STOP_EVERYTHING: {30002, 30032, 30034, 20003},
    Action.QUIET_HOURS: {30610},
    Action.CONFIGURATION_ALARM: {21408, 21608},
}


@pytest.mark.parametrize("action", list(Action))
def test_each_action_has_exactly_its_codes(action: Action) -> None:
    assert {code for code, row in ACTIONS.items() if row.action is action} == TABLE[action]


@pytest.mark.parametrize("code", [None, 0, 12345, 99999])
def test_an_unknown_code_is_not_retried_and_alarms(code: int | None) -> None:
    found = action_for(code)
    assert (found.code, found.action, found.alarm, found.resendable) == (code, Action.NO_RETRY, True, False)


def test_only_a_filtered_text_counts_toward_the_breaker_and_is_never_resent() -> None:
    assert {row.code for row in ACTIONS.values() if row.counts_toward_breaker} == {30007}
    assert not action_for(30007).resendable


def test_an_unreachable_handset_is_retried_after_a_day() -> None:
    assert action_for(30003).retry_delay == timedelta(hours=24)


def test_suppressions_carry_their_reason() -> None:
    assert action_for(21610).suppress_as == "opt_out"
    assert action_for(30640).suppress_as == "litigator"


def test_what_stops_everything_alarms() -> None:
    assert {row.code for row in ACTIONS.values() if row.alarm} == {30002, 30032, 30034, 20003, 21408, 21608}


def test_every_resend_has_a_time_or_waits_for_the_gate() -> None:
    waiting = {row.code for row in ACTIONS.values() if row.resendable and row.retry_delay is None}
    assert waiting == {30023, 30610}


@given(st.integers(1, 500), st.floats(0, 1, exclude_max=True))
def test_back_off_stays_between_half_the_first_delay_and_six_hours(attempt: int, jitter: float) -> None:
    first = timedelta(seconds=30)
    assert first / 2 <= back_off(first, attempt, jitter) <= timedelta(hours=6)


def test_back_off_doubles() -> None:
    assert [back_off(timedelta(seconds=30), attempt, 0).total_seconds() for attempt in (1, 2, 3)] == [30, 60, 120]
