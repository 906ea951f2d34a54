"""What the provider says about a text it has: acceptance and delivery statuses, in whatever order and however often."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from leads.events import record_event
from leads.models import Event
from leads.pipeline import move_lead
from leads.stages import Stage
from outreach import progress
from outreach.failures import Failure, settle_failure
from outreach.models import DeliveryStatus, Message, SendAttempt

State = Message.State
STATES: dict[str, str] = {
    **dict.fromkeys(("accepted", "scheduled", "queued", "sending", "sent"), State.SENT),
    **dict.fromkeys(("delivered", "read"), State.DELIVERED),
    "undelivered": State.UNDELIVERED,
    **dict.fromkeys(("failed", "canceled"), State.FAILED),
}
"""The provider's statuses in ours. Ranks: on its way < delivered, undelivered and failed, which are final."""
RANKS: dict[str, int] = {
    **dict.fromkeys(("accepted", "scheduled"), 0),
    "queued": 1,
    "sending": 2,
    "sent": 3,
    **dict.fromkeys(("delivered", "undelivered", "failed", "canceled"), 4),
    "read": 5,
}
"""How far the provider has got with a text: callbacks come in any order, and a lower one after a higher is late."""
UNSETTLED = (State.SENDING, State.UNCERTAIN)


def accept(message: Message, sid: str, at: datetime) -> Message:
    """The provider has the text under this id. A callback may have said so, and more, before its answer came back."""
    with transaction.atomic():
        locked = Message.objects.lock(message.pk)
        if not _is_other_attempt(locked, sid) and _is_open(locked):
            _take_over(locked, sid, at)
        return locked


def apply_status(
    message: Message, status: str, error_code: int | None, at: datetime, *, sid: str = "", carrier_time: str = ""
) -> bool:
    """Whether the status changed anything. One that is late, repeated or about an earlier attempt does not.

    `sid` fills in the provider's id when its answer to the sending was lost.
    """
    state = STATES.get(status)
    with transaction.atomic():
        locked = Message.objects.lock(message.pk)
        if state is None or _is_other_attempt(locked, sid):
            return False
        report = {"error_code": error_code, "received_at": at, "carrier_time": carrier_time}
        if not DeliveryStatus.objects.store_once(locked, status, **report) or not _is_open(locked):
            return False
        return _advance(locked, state, error_code, at, sid)


def _advance(locked: Message, state: str, error_code: int | None, at: datetime, sid: str) -> bool:
    before = locked.state
    if locked.sent_at is None:
        if not (sid or locked.sid):
            return False  # the reconciler finds out which of the provider's texts it is
        Message.objects.disown(sid or str(locked.sid), locked)
        _take_over(locked, sid or str(locked.sid), at)
    if state == State.DELIVERED:
        locked.state = state
        locked.save(update_fields=["state"])
    elif state != State.SENT:
        settle_failure(locked, Failure(error_code, f"The provider reported {state}.", at, state=state))
    return locked.state != before


def _is_open(locked: Message) -> bool:
    """Failed without an id was our own conclusion; the provider's word corrects it."""
    return locked.state in (*UNSETTLED, State.SENT) or (locked.state == State.FAILED and locked.sid is None)


def _is_other_attempt(locked: Message, sid: str) -> bool:
    if not sid:
        return False
    if locked.sid is not None:
        return locked.sid != sid
    return SendAttempt.objects.is_earlier(locked, sid)


def _take_over(locked: Message, sid: str, at: datetime) -> None:
    first = locked.sent_at is None
    locked.sid, locked.state, locked.sent_at = sid, State.SENT, locked.sent_at or at
    locked.error, locked.error_code = "", None
    locked.save(update_fields=["sid", "state", "sent_at", "error", "error_code"])
    SendAttempt.objects.accepted(locked, sid)
    if first:
        _note_sent(locked, at)


def _note_sent(message: Message, at: datetime) -> None:
    record_event(
        Event.Kind.MESSAGE_SENT,
        lead=message.lead,
        owner=message.owner,
        actor=message.created_by,
        message=message.pk,
        campaign=message.step.campaign.name if message.step else "",
    )
    if message.lead is not None and message.lead.stage == Stage.QUALIFIED:
        move_lead(message.lead, Stage.CONTACTED, by=None, reason="First text sent")
    progress.text_left(message, at)
