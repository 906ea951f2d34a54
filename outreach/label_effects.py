"""What each label of a reply does: read this table to know."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from django.utils import timezone

from leads.events import record_event
from leads.models import Event, Owner, OwnerPhone
from leads.numbers import confirm_number, end_number_of
from leads.pipeline import move_lead
from leads.stages import Stage
from outreach import progress, sending
from outreach.models import CallTask, Message, ReplyLabel, Suppression
from outreach.opt_outs import opt_out
from outreach.suppressions import suppress_number

if TYPE_CHECKING:
    from leads.models import Lead

Effect = Callable[[Message, ReplyLabel], bool]
"""Does its part and says whether a person has to look at the reply. Doing it twice is harmless."""

FIND_HEIRS, SAID_DEAD = "Find the heirs: the owner has died.", "A reply says the owner has died."
REASSIGNED = OwnerPhone.EndReason.REASSIGNED
BEFORE_ANSWER = (Stage.INGESTED, Stage.QUALIFIED, Stage.CONTACTED)
NEGOTIATING = (Stage.HOT, Stage.OFFER_MADE, Stage.UNDER_CONTRACT)
MORTAL = (Owner.Kind.PERSON, Owner.Kind.COUPLE, Owner.Kind.UNKNOWN)


def lead_of(message: Message) -> Lead | None:
    """While it is this owner's still: what a former owner writes says nothing about the new one's lead."""
    lead = message.lead
    return lead if lead is not None and lead.owner_id == message.owner_id else None


def engage(message: Message, label: ReplyLabel) -> bool:
    engage_lead(message)
    return False


def heat(message: Message, label: ReplyLabel) -> bool:
    """What is negotiated stays where it is: whoever asks again has waited. An interested owner whose lead has ended,
    was disqualified or put away, or who has none, is for a person: no transition leads there."""
    lead, by = lead_of(message), label.corrected_by
    if lead is None or lead.put_away:
        return True
    if lead.stage in NEGOTIATING:
        record_event(Event.Kind.OWNER_ASKED_AGAIN, lead=lead, actor=by, reason=reason_of(label))
        return False
    return not move_lead(lead, Stage.HOT, by=by, reason=reason_of(label))


def give_up(message: Message, label: ReplyLabel) -> bool:
    """A machine ends no lead that is being negotiated."""
    lead = lead_of(message)
    if lead is None:
        return False
    if lead.stage in NEGOTIATING and label.tier != ReplyLabel.Tier.PERSON:
        return True
    move_lead(lead, Stage.DEAD, by=label.corrected_by, reason=reason_of(label))
    return False


def cancel_texts(message: Message, label: ReplyLabel) -> bool:
    sending.cancel_queued(phone=message.phone, reason=reason_of(label))
    if message.owner is not None:
        sending.cancel_queued(owner=message.owner, reason=reason_of(label))
    return False


def cancel_texts_to_number(message: Message, label: ReplyLabel) -> bool:
    sending.cancel_queued(phone=message.phone, reason=reason_of(label))
    return False


def suppress_wrong_number(message: Message, label: ReplyLabel) -> bool:
    return _suppress(message, label, Suppression.Reason.WRONG_NUMBER)


def suppress_deceased(message: Message, label: ReplyLabel) -> bool:
    return _suppress(message, label, Suppression.Reason.DECEASED)


def unlink_number(message: Message, label: ReplyLabel) -> bool:
    if message.owner is not None:
        note = f"Reply: “{label.evidence or message.body}”"
        end_number_of(message.owner, message.phone, why=REASSIGNED, by=label.corrected_by, note=note)
    return False


def try_next_number(message: Message, label: ReplyLabel) -> bool:
    """It was not the owner who answered: campaigns go on at the owner's next number."""
    progress.go_on_after_wrong_number(message)
    return False


def confirm_sender(message: Message, label: ReplyLabel) -> bool:
    """Whoever wants to sell, or an offer, at this number is its owner."""
    link = OwnerPhone.objects.between(message.owner, message.phone) if message.owner else None
    if link is not None:
        confirm_number(link, by=label.corrected_by, note=f"Reply: {label.get_label_display().lower()}")
    return False


def make_estate(message: Message, label: ReplyLabel) -> bool:
    """Of a person: whoever died, a company or a parish goes on."""
    owner = message.owner
    if owner is not None and owner.kind in MORTAL:
        owner.kind = Owner.Kind.ESTATE
        owner._change_reason = SAID_DEAD  # type: ignore[attr-defined]
        owner.save(update_fields=["kind", "updated_at"])
    return False


def look_for_heirs(message: Message, label: ReplyLabel) -> bool:
    """Instead of any call to the owner. Where there is no lead, or it was archived or deleted, what to do is for a
    person."""
    lead, now = lead_of(message), timezone.now()
    if lead is None or lead.put_away:
        return True
    CallTask.objects.cancel_other_than(FIND_HEIRS, lead, SAID_DEAD, now)
    CallTask.objects.get_or_create(
        lead=lead,
        done_at=None,
        defaults={"owner": lead.owner, "reason": FIND_HEIRS, "due_at": now, "assigned_to": lead.assigned_to},
    )
    return False


def stop_texting(message: Message, label: ReplyLabel) -> bool:
    opt_out(message.phone, evidence=label.evidence or message.body, by=label.corrected_by)
    return False


def ask_person(message: Message, label: ReplyLabel) -> bool:
    return True


Label = ReplyLabel.Label
EFFECTS: Mapping[str, tuple[Effect, ...]] = {
    Label.INTERESTED: (confirm_sender, engage, heat),
    Label.SEND_OFFER: (confirm_sender, engage, heat),
    Label.NOT_INTERESTED: (cancel_texts, give_up),
    Label.CONFUSED: (engage, ask_person),
    Label.WRONG_NUMBER: (suppress_wrong_number, cancel_texts_to_number, unlink_number, try_next_number),
    Label.DECEASED: (suppress_deceased, cancel_texts, make_estate, look_for_heirs),
    Label.HOSTILE: (cancel_texts, ask_person),
    Label.OPT_OUT: (stop_texting,),
}


def carry_out(message: Message, label: ReplyLabel) -> bool:
    """Does everything the label means; True when a person has to look."""
    wishes = [effect(message, label) for effect in EFFECTS[label.label]]
    return any(wishes)


def engage_lead(message: Message) -> None:
    """An answer moves a lead forward to engaged, never back to it."""
    lead = lead_of(message)
    if lead is not None and lead.stage in BEFORE_ANSWER:
        move_lead(lead, Stage.ENGAGED, by=None, reason="The owner replied.")


def _suppress(message: Message, label: ReplyLabel, reason: str) -> bool:
    suppress_number(message.phone, reason, evidence=label.evidence or message.body, by=label.corrected_by)
    return False


def reason_of(label: ReplyLabel) -> str:
    return f"{label.get_label_display()}: “{label.evidence}”" if label.evidence else label.get_label_display()
