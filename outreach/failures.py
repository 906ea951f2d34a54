"""What follows when a text was refused or not delivered, by the provider's error code."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from leads.events import record_event
from leads.models import Event, PhoneNumber
from leads.numbers import end_everywhere
from markets.models import Market
from markets.pausing import pause_market
from outreach import breakers
from outreach.error_codes import Action, ErrorAction, action_for, back_off
from outreach.ledger import PACIFIC, next_midnight
from outreach.models import BreakerRule, Campaign, CampaignOwner, DeliveryStatus, Message, SendAttempt
from outreach.suppressions import suppress_number

State = Message.State
NOT_REACHED = ErrorAction(None, Action.BACK_OFF, "the provider could not be reached", timedelta(seconds=30))
QUIET_FOR = timedelta(hours=1)
NO_ROUTE = 21612
"""Says that this sender does not reach the number, not that nobody does."""
MANY_ATTEMPTS = 8
"""Some hours of backing off: the text is kept, and people are told."""
SAME_ALARM_EVERY = timedelta(hours=1)
ALL_PAUSED = "Every market is paused and its texts wait: resume each on its page when this is mended."


@dataclass(frozen=True)
class Failure:
    """`state` is what the text becomes when it is not tried again; `transient` without a code: nothing was reached."""

    code: int | None
    detail: str
    at: datetime
    state: str = State.FAILED
    transient: bool = False
    retry_after: timedelta | None = None

    @property
    def action(self) -> ErrorAction:
        return NOT_REACHED if self.code is None and self.transient else action_for(self.code)


def settle_failure(message: Message, failure: Failure) -> ErrorAction:
    """Queues the text again or ends it, with everything its error code asks for. `message` must be locked."""
    action = failure.action
    again_at = _again_at(message, failure)
    if again_at is not None:
        _queue_again(message, failure, again_at)
    else:
        _give_up(message, failure)
    for effect in EFFECTS.get(action.action, ()):
        effect(message, failure)
    if action.alarm or (again_at is not None and message.attempts == MANY_ATTEMPTS):
        raise_provider_alarm(failure)
    return action


def raise_provider_alarm(failure: Failure) -> None:
    """One alarm per error code and hour."""
    recent = Event.objects.of_kind(Event.Kind.PROVIDER_ALARM).since(failure.at - SAME_ALARM_EVERY)
    if any(event.data.get("code") == failure.code for event in recent):
        return
    title = f"The text provider refused a text: {failure.action.meaning}"
    stopped = ALL_PAUSED if failure.action.action == Action.STOP_EVERYTHING else ""
    record_event(
        Event.Kind.PROVIDER_ALARM, code=failure.code, title=title, detail=f"{failure.detail} {stopped}".strip()
    )


def _again_at(message: Message, failure: Failure) -> datetime | None:
    action = failure.action.action
    if _is_over(message):
        return None
    if action == Action.STOP_EVERYTHING:
        return failure.at  # it waits, as all texts do, until somebody resumes the markets
    if not failure.action.resendable or (action == Action.RETRY_ONCE and _failed_so_before(message, failure)):
        return None
    return failure.at + max(_wait(message, failure), failure.retry_after or timedelta())


def _failed_so_before(message: Message, failure: Failure) -> bool:
    """Attempts that were put off for another reason do not use up the one that is due."""
    told = DeliveryStatus.objects.attempts_with(message, failure.code)
    return len(told | SendAttempt.objects.attempts_with(message, failure.code)) > 1


def _is_over(message: Message) -> bool:
    """Whether its campaign has ended or stopped for the owner since it left: it is not tried again then."""
    step = message.step
    return step is not None and (
        step.campaign.status == Campaign.Status.ENDED or CampaignOwner.objects.is_stopped_for(message)
    )


def _wait(message: Message, failure: Failure) -> timedelta:
    row = failure.action
    if row.action == Action.HOLD_UNTIL_PACIFIC_MIDNIGHT:
        return next_midnight(failure.at, PACIFIC) - failure.at
    if row.action == Action.QUIET_HOURS:
        return QUIET_FOR
    delay = row.retry_delay or timedelta(seconds=30)
    return delay if row.action == Action.RETRY_ONCE else back_off(delay, message.attempts, random.random())


def _queue_again(message: Message, failure: Failure, due_at: datetime) -> None:
    """The attempt keeps the provider's id, by which callbacks that still come for it are told apart."""
    message.state, message.due_at, message.claimed_at = State.QUEUED, due_at, None
    message.sid, message.sent_at = None, None
    message.error_code, message.error = failure.code, f"Tried again: {failure.action.meaning}."
    message.save(
        update_fields=["state", "due_at", "claimed_at", "sid", "sent_at", "error_code", "error"],
    )


def _give_up(message: Message, failure: Failure) -> None:
    message.state, message.error_code = failure.state, failure.code
    message.error = f"{failure.action.meaning.capitalize()}. {failure.detail}".strip()[:300]
    message.save(update_fields=["state", "error_code", "error"])
    record_event(
        Event.Kind.MESSAGE_FAILED,
        lead=message.lead,
        owner=message.owner,
        message=message.pk,
        code=failure.code,
        reason=failure.action.meaning,
    )


def _mark_bad(message: Message, failure: Failure) -> None:
    phone = message.phone
    phone.status, phone.status_reason = PhoneNumber.Status.BAD, f"{failure.code}: {failure.action.meaning}"[:120]
    phone.save(update_fields=["status", "status_reason"])
    if failure.code != NO_ROUTE:
        end_everywhere(phone, note=f"Provider: {failure.action.meaning}")


def _mark_bad_after_second(message: Message, failure: Failure) -> None:
    if failure.code is not None and Message.objects.failed_like(message.phone, failure.code) >= 2:
        _mark_bad(message, failure)


def _mark_landline(message: Message, failure: Failure) -> None:
    phone = message.phone
    phone.line_type, phone.checked_at = PhoneNumber.LineType.LANDLINE, failure.at
    phone.save(update_fields=["line_type", "checked_at"])


def _suppress(message: Message, failure: Failure) -> None:
    from outreach.opt_outs import opt_out  # which cancels what is queued, and so needs the sending

    evidence = f"Provider error {failure.code}: {failure.action.meaning}"
    if failure.action.suppress_as == "opt_out":
        opt_out(message.phone, evidence=evidence)
        return
    suppress_number(message.phone, failure.action.suppress_as, evidence=evidence)
    Message.objects.cancel_waiting(evidence, phone=message.phone)


def _check_filtered(message: Message, failure: Failure) -> None:
    breakers.check_breakers(failure.at, signals=[BreakerRule.Signal.FILTERED])


def _stop_everything(message: Message, failure: Failure) -> None:
    for market in Market.objects.in_use():
        pause_market(market, by=None, reason=f"Provider: {failure.action.meaning}")


EFFECTS: Mapping[Action, tuple[Callable[[Message, Failure], None], ...]] = {
    Action.BAD_NUMBER: (_mark_bad,),
    Action.BAD_AFTER_SECOND: (_mark_bad_after_second,),
    Action.LANDLINE: (_mark_landline,),
    Action.SUPPRESS: (_suppress,),
    Action.FILTERED: (_check_filtered,),
    Action.STOP_EVERYTHING: (_stop_everything,),
}
