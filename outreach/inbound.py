"""What a stored webhook does: a reply becomes a message and its consequences, a status goes to its message."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from leads.events import record_event
from leads.models import Event, Lead, Owner, OwnerPhone, PhoneNumber
from outreach import delivery, stops
from outreach.consents import record_consent
from outreach.label_effects import engage_lead
from outreach.models import Consent, Letter, Message, SenderNumber, Thread, WebhookEvent
from outreach.opt_out import OptOutDecision
from outreach.opt_outs import opt_in_again, opt_out
from outreach.payloads import InboundText, StatusCallback
from outreach.querysets.tallies import answered_text
from outreach.reading import read_opt_out
from outreach.replies import label_by_rules_now, note_opt_out

logger = logging.getLogger(__name__)
BATCH = 50
"""Few enough that the labelling, which waits behind them, has its turn soon."""


@dataclass(frozen=True)
class Writer:
    """Who wrote, as far as the records tell. `letter` is the one whose code the text carries."""

    owner: Owner | None = None
    lead: Lead | None = None
    letter: Letter | None = None


def process_waiting(limit: int = BATCH) -> int:
    """Handles stored webhooks, each in a transaction of its own; one that fails is kept with its error.

    Returns how many were handled.
    """
    return sum(_process(event_id) for event_id in WebhookEvent.objects.waiting_ids(limit))


def is_more_waiting() -> bool:
    return bool(WebhookEvent.objects.waiting_ids(1))


def process_webhook(event: WebhookEvent) -> None:
    """Does what the event says and marks it processed. Call it in a transaction that has claimed the event."""
    problem = HANDLERS[event.kind](event)
    WebhookEvent.objects.mark_processed(event, timezone.now(), problem)


def unprocessed_from(phone: PhoneNumber) -> int:
    """Texts of this number that nobody has dealt with yet, from the moment they are stored."""
    return WebhookEvent.objects.waiting_from(phone) + Message.objects.undecided_from(phone)


def receive_text(event: WebhookEvent) -> str:
    text = InboundText.read(json.loads(event.payload))
    phone = PhoneNumber.objects.select_for_update().get(pk=PhoneNumber.objects.known(text.from_number).pk)
    sender = SenderNumber.objects.addressed(text.to_number, text.service_sid)
    writer = find_writer(phone, sender, text.body)
    values = _as_message(event, text, phone, sender, writer)
    message, is_new = Message.objects.get_or_create(sid=text.sid, defaults=values)
    if is_new:
        _act_on(message, writer, read_opt_out(text.body, text.opt_out_type))
        Thread.objects.follow(message)
    return ""


def receive_status(event: WebhookEvent) -> str:
    callback = StatusCallback.read(UUID(event.query), json.loads(event.payload))
    message = Message.objects.called_back(callback.token, callback.sid)
    if message is None:
        return "no such message"
    at, carrier_time = event.received_at, callback.carrier_time
    delivery.apply_status(
        message, callback.status, callback.error_code, at, sid=callback.sid, carrier_time=carrier_time
    )
    return ""


HANDLERS: Mapping[str, Callable[[WebhookEvent], str]] = {
    WebhookEvent.Kind.INBOUND: receive_text,
    WebhookEvent.Kind.STATUS: receive_status,
}
"""Each returns what is wrong with an event that will never be right, or ""."""


def find_writer(phone: PhoneNumber, sender: SenderNumber | None, body: str) -> Writer:
    """The owner a letter's code names; else, of those who have the number now, the one last texted from that sender,
    else the one ranked best."""
    letter = Letter.objects.coded(body)
    if letter is not None:
        return Writer(letter.owner, letter.lead, letter)
    owners = OwnerPhone.objects.owners_of(phone)
    texted = Message.objects.last_text(phone, sender, owners)
    owner = texted.owner if texted else next(iter(owners), None)
    return Writer(owner, _lead_of(owner)) if owner else Writer()


def _lead_of(owner: Owner) -> Lead | None:
    """The lead last texted while it is open, else the best open one, else the last texted if it is still this owner's:
    a former owner's answer says nothing about the new one's lead."""
    texted = Message.objects.last_texted_lead(owner)
    if texted is not None and Lead.objects.of_owner(owner).open().contains(texted):
        return texted
    best: Lead | None = Lead.objects.of_owner(owner).open().first()
    return best or (texted if texted and texted.owner_id == owner.pk else None)


def _process(event_id: int) -> bool:
    try:
        with transaction.atomic():
            event = WebhookEvent.objects.claim(event_id)
            if event is None:
                return False
            process_webhook(event)
    except Exception as error:
        logger.exception("webhook event %s could not be processed", event_id)
        _note_failure(event_id, f"{type(error).__name__}: {error}".splitlines()[0])
        return False
    return True


@transaction.atomic
def _note_failure(event_id: int, error: str) -> None:
    if WebhookEvent.objects.mark_failed(event_id, error):
        title = f"Webhook {event_id} could not be read after many attempts; it may be a reply"
        record_event(Event.Kind.PROVIDER_ALARM, title=title, detail=error)


def _as_message(
    event: WebhookEvent, text: InboundText, phone: PhoneNumber, sender: SenderNumber | None, writer: Writer
) -> dict[str, object]:
    answered = answered_text(phone, event.received_at)
    return {
        "direction": Message.Direction.IN,
        "origin": Message.Origin.INBOUND,
        "state": Message.State.RECEIVED,
        "phone": phone,
        "owner": writer.owner,
        "lead": writer.lead,
        "market": writer.lead.market if writer.lead else sender and sender.market,
        "sender": sender,
        "body": text.body,
        "pictures": text.pictures,
        "answers": answered,
        "variant_id": answered and answered.variant_id,
        "wording_version": answered and answered.wording_version,
        "due_at": event.received_at,
    }


def _act_on(message: Message, writer: Writer, decision: OptOutDecision) -> None:
    record_event(
        Event.Kind.REPLY_RECEIVED,
        lead=message.lead,
        owner=message.owner,
        message=message.pk,
        opt_out=decision.opt_out,
        doubtful=decision.doubtful,
    )
    if not decision.start:
        stops.stop_for_reply(message)
        Message.objects.cancel_campaigns_of(message.owner, message.phone, "The owner replied.")
    if decision.opt_out:
        _stop(message, decision)
    elif decision.start:
        _start(message, decision)
    elif decision.doubtful:
        Message.objects.ask_person(message, f"May be an opt-out: “{decision.evidence}”", timezone.now())
    else:
        _converse(message, writer)


def _stop(message: Message, decision: OptOutDecision) -> None:
    """Without a confirmation: Twilio sends its own to its keywords, and the gate lets no text of ours through."""
    opt_out(message.phone, evidence=decision.evidence)
    note_opt_out(message, decision.evidence)


def _start(message: Message, decision: OptOutDecision) -> None:
    """A START that was overtaken by a later STOP of the same number lifts nothing."""
    later = Message.objects.bodies_after(message)
    if not any(read_opt_out(body).opt_out for body in later):
        opt_in_again(message.phone, evidence=decision.evidence)
        if message.owner is not None:
            _consent(message, message.owner, Consent.Basis.INBOUND)
    Message.objects.settle(message, timezone.now(), needs_person=False)


def _converse(message: Message, writer: Writer) -> None:
    _note_consent(message, writer)
    if label_by_rules_now(message) is not None:
        return
    engage_lead(message)
    if message.owner is None:
        Message.objects.ask_person(message, "Nobody is known at this number.", timezone.now())


def _note_consent(message: Message, writer: Writer) -> None:
    """A letter's code is an answer to that letter; whoever writes to us first has asked to be answered."""
    if writer.letter is not None:
        OwnerPhone.objects.link(writer.letter.owner, message.phone, "letter_reply", message.due_at)
        _consent(message, writer.letter.owner, Consent.Basis.LETTER_REPLY)
    elif message.owner is not None and not Message.objects.texted_before(message):
        _consent(message, message.owner, Consent.Basis.INBOUND)


def _consent(message: Message, owner: Owner, basis: Consent.Basis) -> None:
    record_consent(owner, basis, evidence=f"Text {message.sid}: “{message.body[:200]}”", phone=message.phone)
