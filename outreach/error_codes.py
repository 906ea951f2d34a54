"""What to do about each Twilio error code: meanings from Twilio's dictionary, actions from the contact rules."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Action(StrEnum):
    BAD_NUMBER = "bad_number"
    BAD_AFTER_SECOND = "bad_after_second"
    LANDLINE = "landline"
    SUPPRESS = "suppress"
    BACK_OFF = "back_off"
    RETRY_ONCE = "retry_once"
    NO_RETRY = "no_retry"
    FILTERED = "filtered"
    HOLD_UNTIL_PACIFIC_MIDNIGHT = "hold_until_pacific_midnight"
    QUIET_HOURS = "quiet_hours"
    STOP_EVERYTHING = "stop_everything"
    CONFIGURATION_ALARM = "configuration_alarm"


@dataclass(frozen=True)
class ErrorAction:
    """`resendable`: the same message may be tried again, after `retry_delay` or once the gate allows it.

    `suppress_as` is the reason written into the suppression list; `counts_toward_breaker` means the template's breaker.
    """

    code: int | None
    action: Action
    meaning: str
    retry_delay: timedelta | None = None
    suppress_as: str = ""
    counts_toward_breaker: bool = False
    alarm: bool = False

    @property
    def resendable(self) -> bool:
        return self.action in _RESENDABLE


_RESENDABLE = frozenset(
    {Action.BACK_OFF, Action.RETRY_ONCE, Action.HOLD_UNTIL_PACIFIC_MIDNIGHT, Action.QUIET_HOURS},
)
_SOON = timedelta(seconds=30)

_TABLE: tuple[ErrorAction, ...] = (
    ErrorAction(21211, Action.BAD_NUMBER, "not a valid phone number"),
    ErrorAction(21612, Action.BAD_NUMBER, "no route from this sender to the number"),
    ErrorAction(21614, Action.BAD_NUMBER, "not a mobile number"),
    ErrorAction(21610, Action.SUPPRESS, "the recipient has sent STOP", suppress_as="opt_out"),
    ErrorAction(30640, Action.SUPPRESS, "known litigator", suppress_as="litigator"),
    ErrorAction(429, Action.BACK_OFF, "too many requests", _SOON),
    ErrorAction(20429, Action.BACK_OFF, "too many requests", _SOON),
    ErrorAction(21611, Action.BACK_OFF, "the sender's queue is full", timedelta(minutes=5)),
    ErrorAction(30001, Action.BACK_OFF, "queue overflow", timedelta(minutes=5)),
    ErrorAction(30022, Action.BACK_OFF, "the carrier's rate was exceeded", timedelta(minutes=1)),
    ErrorAction(30003, Action.RETRY_ONCE, "handset unreachable", timedelta(hours=24)),
    ErrorAction(30008, Action.RETRY_ONCE, "unknown delivery error", timedelta(minutes=15)),
    ErrorAction(30004, Action.NO_RETRY, "the recipient or carrier blocks this message"),
    ErrorAction(30005, Action.BAD_AFTER_SECOND, "unknown or inactive handset"),
    ErrorAction(30006, Action.LANDLINE, "landline or unreachable carrier"),
    ErrorAction(30007, Action.FILTERED, "filtered by the carrier", counts_toward_breaker=True),
    ErrorAction(30023, Action.HOLD_UNTIL_PACIFIC_MIDNIGHT, "the brand's daily carrier limit is used up"),
    ErrorAction(30610, Action.QUIET_HOURS, "quiet hours at the recipient"),
    ErrorAction(20003, Action.STOP_EVERYTHING, "the credentials were refused", alarm=True),
    ErrorAction(30002, Action.STOP_EVERYTHING, "the account is suspended", alarm=True),
    ErrorAction(30032, Action.STOP_EVERYTHING, "the toll-free sender is not verified", alarm=True),
    ErrorAction(30034, Action.STOP_EVERYTHING, "the sender is not registered for 10DLC", alarm=True),
    ErrorAction(21408, Action.CONFIGURATION_ALARM, "the account may not text this region", alarm=True),
    ErrorAction(21608, Action.CONFIGURATION_ALARM, "a trial account may text verified numbers only", alarm=True),
)

ACTIONS: dict[int | None, ErrorAction] = {row.code: row for row in _TABLE}


def action_for(code: int | None) -> ErrorAction:
    """Unknown codes, and a failure without a code, are never retried and always raise an alarm."""
    return ACTIONS.get(code) or ErrorAction(code, Action.NO_RETRY, "unknown error", alarm=True)


def back_off(first: timedelta, attempt: int, jitter: float) -> timedelta:
    """Doubles per attempt (1, 2, 3...) up to six hours; `jitter` in [0, 1) takes away up to half, to spread retries."""
    full = min(first * 2.0 ** min(max(attempt, 1) - 1, 20), timedelta(hours=6))
    return full * (1 - jitter / 2)
