"""Calls as the first touch for owners who may not be texted: the list, and what follows from each outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from core.results import Result
from leads.events import record_event
from leads.models import Event, Lead, OwnerPhone, PhoneNumber
from leads.numbers import end_number_of
from leads.pipeline import move_lead
from leads.stages import Stage
from markets.models import EmergencyHold
from outreach.consents import record_consent
from outreach.gate import Outcome as GateOutcome
from outreach.gate import decide, emergency, hours, suppression
from outreach.gatekeeper import Gatekeeper
from outreach.models import CallTask, Consent, Message, Suppression
from outreach.numbers import next_callable
from outreach.querysets.audience import call_leads
from outreach.suppressions import suppress_number

if TYPE_CHECKING:
    from core.models import User
    from markets.models import Market

Outcome = CallTask.Outcome
NOT_AGAIN_FOR = timedelta(days=30)
TRY_AGAIN_AFTER = timedelta(days=2)
MOST_TRIES = 3
SAID_WRONG = "Call: wrong number"
NO_CONSENT = "Nobody who may be texted has agreed in this call: clear “Agreed to texts”."
REASSIGNED = OwnerPhone.EndReason.REASSIGNED
UNANSWERED = (Outcome.NO_ANSWER, Outcome.VOICEMAIL)


@dataclass(frozen=True)
class LoggedCall:
    """One finished call as its consequences see it."""

    task: CallTask
    outcome: str
    by: User
    now: datetime
    call_back_at: datetime | None


def fill_call_list(market: Market, limit: int) -> int:
    """Adds calls for owners with a number but no consent for texts, best score first; returns how many are new."""
    now = timezone.now()
    if EmergencyHold.objects.in_force(now).in_state(market.state):
        return 0
    leads = list(islice(call_leads(market, now - NOT_AGAIN_FOR), limit * 2))
    found = [(lead, phone) for lead in leads if (phone := _number_to_call(lead))][:limit]
    with transaction.atomic():
        tasks = [call_about(lead, phone, "First call: no consent for texts", now) for lead, phone in found]
        return len(CallTask.objects.add_missing(tasks))


def why_not_now(task: CallTask, now: datetime) -> str:
    """Why this person is not to be called at this moment, by the stops, hours and emergencies that hold for texts: the
    laws behind them are about calls first. Empty when nothing speaks against it."""
    if task.phone is None:
        return ""
    market = task.lead.market
    draft = Message(direction="out", phone=task.phone, owner=task.owner, lead=task.lead, market=market)
    facts = Gatekeeper([draft], now).facts(draft, now)
    stopped = suppression(facts, now).reason
    found = decide(facts, now, (hours, emergency))
    return stopped or ("" if found.outcome == GateOutcome.ALLOWED else found.reason)


def log_call(
    task: CallTask,
    outcome: str,
    *,
    note: str,
    by: User,
    call_back_at: datetime | None = None,
    consent_words: str = "",
    stop: bool = False,
) -> Result[CallTask]:
    """Closes the task and does what the outcome means.

    `consent_words`: what the owner said when the script was read and they agreed to texts; without it no consent is
    recorded. `stop`: whoever answered asked us to leave the number alone; that counts as much as a STOP by text.
    Declines with `unknown_outcome`, `already_logged`, `no_date` (call back without a date), `no_consent` (words of
    somebody who cannot have agreed) or what `move_lead` says.
    """
    from outreach.opt_outs import opt_out  # which stops campaigns, whose steps make calls

    now = timezone.now()
    agreed = bool(consent_words.strip())
    declined = _why_not(outcome, call_back_at, now)
    if declined is None and agreed and (stop or outcome in (Outcome.WRONG_NUMBER, *UNANSWERED)):
        declined = Result.declined("no_consent", NO_CONSENT)
    if declined is not None:
        return declined
    with transaction.atomic():
        locked: CallTask = CallTask.objects.lock(task.pk)
        if locked.done_at is not None:
            return Result.declined("already_logged", "This call was logged before.")
        called = locked.phone
        _close(locked, outcome, note, by, now)
        moved = CONSEQUENCES[outcome](LoggedCall(locked, outcome, by, now, call_back_at))
        if not moved:
            transaction.set_rollback(True)
            return Result.declined(moved.code, moved.message)
        if agreed:
            record_consent(locked.owner, Consent.Basis.VERBAL, evidence=consent_words, by=by, phone=locked.phone)
        if stop and called is not None:
            opt_out(called, evidence=f"Call: {locked.note or 'asked not to be contacted'}", by=by)
    return Result.ok(locked)


def _why_not(outcome: str, call_back_at: datetime | None, now: datetime) -> Result[CallTask] | None:
    if outcome not in CONSEQUENCES:
        return Result.declined("unknown_outcome", f"“{outcome}” is no outcome of a call.")
    if outcome == Outcome.CALL_BACK and (call_back_at is None or call_back_at <= now):
        return Result.declined("no_date", "Say when to call back.")
    return None


def _close(task: CallTask, outcome: str, note: str, by: User, now: datetime) -> None:
    task.outcome, task.note, task.done_by, task.done_at = outcome, note.strip(), by, now
    task.save(update_fields=["outcome", "note", "done_by", "done_at"])
    record_event(Event.Kind.CALL_LOGGED, lead=task.lead, actor=by, outcome=outcome, note=task.note, task=task.pk)


def _interested(call: LoggedCall) -> Result[Lead]:
    return _move(call, Stage.HOT, "Interested (call)")


def _not_interested(call: LoggedCall) -> Result[Lead]:
    return _move(call, Stage.DEAD, "Not interested (call)")


def _call_back(call: LoggedCall) -> Result[Lead]:
    assert call.call_back_at is not None
    _plan_next(call, "Asked to be called back", call.call_back_at)
    return _mark_contacted(call)


def _unanswered(call: LoggedCall) -> Result[Lead]:
    """Two days later again, three times in all."""
    tries = CallTask.objects.unanswered_in_a_row(call.task.lead)
    if tries < MOST_TRIES:
        _plan_next(call, f"Not reached {tries}x", call.now + TRY_AGAIN_AFTER)
    return _mark_contacted(call) if call.outcome == Outcome.VOICEMAIL else Result.ok(call.task.lead)


def _wrong_number(call: LoggedCall) -> Result[Lead]:
    """The number is not this owner's any more, and as after such a reply never texted again; the next one on record is
    called instead."""
    if call.task.phone is not None:
        evidence = ": ".join(filter(None, (SAID_WRONG, call.task.note)))
        suppress_number(call.task.phone, Suppression.Reason.WRONG_NUMBER, evidence=evidence, by=call.by)
        end_number_of(call.task.owner, call.task.phone, why=REASSIGNED, by=call.by, note=SAID_WRONG)
    other = _number_to_call(call.task.lead)
    if other is not None:
        call.task.phone = other
        _plan_next(call, "Another number", call.now)
    return Result.ok(call.task.lead)


CONSEQUENCES: Mapping[str, Callable[[LoggedCall], Result[Lead]]] = {
    Outcome.INTERESTED: _interested,
    Outcome.NOT_INTERESTED: _not_interested,
    Outcome.CALL_BACK: _call_back,
    Outcome.NO_ANSWER: _unanswered,
    Outcome.VOICEMAIL: _unanswered,
    Outcome.WRONG_NUMBER: _wrong_number,
}


def _move(call: LoggedCall, to: Stage, reason: str) -> Result[Lead]:
    return move_lead(call.task.lead, to, by=call.by, reason=reason)


def _mark_contacted(call: LoggedCall) -> Result[Lead]:
    if call.task.lead.stage != Stage.QUALIFIED:
        return Result.ok(call.task.lead)
    return move_lead(call.task.lead, Stage.CONTACTED, by=None, reason="Called")


def _plan_next(call: LoggedCall, reason: str, due_at: datetime) -> None:
    if call.task.lead.put_away:
        return
    following = call_about(call.task.lead, call.task.phone, reason, due_at)
    following.assigned_to = call.task.assigned_to or call.by
    CallTask.objects.add_missing([following])


def call_about(lead: Lead, phone: PhoneNumber | None, reason: str, due_at: datetime) -> CallTask:
    """Not saved."""
    return CallTask(
        lead=lead, owner=lead.owner, phone=phone, reason=reason, due_at=due_at, assigned_to=lead.assigned_to
    )


def _number_to_call(lead: Lead) -> PhoneNumber | None:
    return next_callable(lead.owner)
