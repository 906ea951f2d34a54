"""What the provider says about a text it has: acceptance and delivery statuses, in whatever order and however often."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from leads.models import Event
from leads.pipeline import move_leads
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


@transaction.atomic
def accept(message: Message, sid: str, at: datetime) -> None:
    """The provider has the text under this id. A callback may have said so, and more, before its answer came back."""
    SendAttempt.objects.accepted(accept_all({message.pk: sid}, at))


def accept_all(sids: Mapping[int, str], at: datetime) -> dict[Message, str]:
    """The same for any number of texts, in as many queries as for one, in the caller's transaction. Which of them are
    the provider's now; what came of their attempts is for the caller to write down."""
    locked = {message.pk: message for message in Message.objects.lock_all(sids)}
    told = {locked[pk]: sid for pk, sid in sids.items() if pk in locked and _is_open(locked[pk])}
    earlier = SendAttempt.objects.of_earlier(told)
    ours = {message: sid for message, sid in told.items() if message.sid in (None, sid) and sid not in earlier}
    if locked.keys() - sids.keys():
        for message, sid in ours.items():
            Message.objects.disown(sid, message)
    if ours:
        _take_over(ours, at)
    return ours


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
        mine = {locked: sid or str(locked.sid)}
        Message.objects.disown(mine[locked], locked)
        _take_over(mine, at)
        SendAttempt.objects.accepted(mine)
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


def _take_over(ours: Mapping[Message, str], at: datetime) -> None:
    first = [message for message in ours if message.sent_at is None]
    for message, sid in ours.items():
        message.sid, message.state, message.sent_at = sid, State.SENT, message.sent_at or at
        message.error, message.error_code = "", None
    Message.objects.taken_over(list(ours))
    _note_sent(first, at)


def _note_sent(messages: Sequence[Message], at: datetime) -> None:
    """The events are written handled: nothing reacts to them."""
    now = timezone.now()
    Event.objects.bulk_create(_sent_event(message, now) for message in messages)
    qualified = [m.lead for m in messages if m.lead is not None and m.lead.stage == Stage.QUALIFIED]
    if qualified:
        move_leads(qualified, Stage.CONTACTED, by=None, reason="First text sent")
    progress.texts_left(messages, at)


def _sent_event(message: Message, now: datetime) -> Event:
    return Event(
        kind=Event.Kind.MESSAGE_SENT,
        lead=message.lead,
        owner_id=message.owner_id or (message.lead.owner_id if message.lead else None),
        actor_id=message.created_by_id,
        data={"message": message.pk, "campaign": message.step.campaign.name if message.step else ""},
        created_at=now,
        handled_at=now,
    )
