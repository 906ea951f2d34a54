"""Saying whose an unknown number is, and taking it back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from core.phones import mask
from core.results import Result
from leads.events import record_event
from leads.models import Event, Lead, OwnerPhone, PhoneNumber
from leads.numbers import end_number_of
from outreach import stops
from outreach.consents import record_consent
from outreach.label_effects import carry_out, engage_lead
from outreach.models import Consent, Message, NumberAttachment, ReplyLabel, Suppression, Thread
from outreach.reading import read_opt_out

if TYPE_CHECKING:
    from core.models import User
    from leads.models import Owner

Label = ReplyLabel.Label
SOURCE = "inbox"


def attach_number(thread: Thread, owner: Owner, *, by: User) -> Result[NumberAttachment]:
    """The number becomes the owner's, and with it what was said there and what that means for the owner, as if the
    number had been known when it was said; a number that opted out stays stopped.

    Declines, with nothing written, with `known` or `merged`.
    """
    with transaction.atomic():
        _lock(thread)
        locked = Thread.objects.select_for_update(of=("self",)).for_page().by_id(str(thread.pk))
        if locked is None or locked.phone is None:
            return Result.declined("known", "Somebody has said meanwhile whose number this is.")
        if owner.merged_into_id is not None:
            return Result.declined("merged", f"{owner} was merged into another owner: choose that one.")
        return Result.ok(_attach(locked, locked.phone, owner, by))


def detach_number(attachment: NumberAttachment, *, by: User) -> Result[NumberAttachment]:
    """The texts belong to nobody again, and the owner loses the number if it came in this way. Texts of ours since and
    what they brought stay with the owner. Declines with `undone`."""
    with transaction.atomic():
        locked: NumberAttachment = NumberAttachment.objects.select_for_update(of=("self",)).get(pk=attachment.pk)
        if locked.undone_at is not None:
            return Result.declined("undone", "This was taken back before.")
        Message.objects.take_from(locked.owner, locked.messages)
        if locked.is_new_link:
            note = "It was taken for this owner's by mistake."
            end_number_of(locked.owner, locked.phone, why=OwnerPhone.EndReason.REASSIGNED, by=by, note=note)
        locked.undone_at, locked.undone_by = timezone.now(), by
        locked.save(update_fields=["undone_at", "undone_by"])
        Thread.objects.rebuild(owners=[locked.owner_id], phones=[locked.phone_id])
        _note(locked.owner, locked.phone, "is not this owner's after all", by)
        return Result.ok(locked)


def _lock(thread: Thread) -> None:
    """Replies, number, conversation, in this order. A text that is coming in from the number is waited for."""
    Message.objects.lock_in(thread)
    if thread.phone is not None:
        PhoneNumber.objects.locked(thread.phone)


def _attach(thread: Thread, phone: PhoneNumber, owner: Owner, by: User) -> NumberAttachment:
    now = timezone.now()
    is_new = OwnerPhone.objects.between(owner, phone) is None
    link = OwnerPhone.objects.link(owner, phone, SOURCE, now)
    asking = _asking(Message.objects.replies_in(thread))
    ids = Message.objects.give_to(thread, owner, Lead.objects.best_of_owner(owner))
    _note(owner, phone, "is this owner's: said in the inbox", by)
    if asking is not None:
        words = f"Text {asking.sid}: “{asking.body[:200]}”"
        record_consent(link.owner, Consent.Basis.INBOUND, evidence=words, by=by, phone=phone)
    _act_on(owner, phone, Message.objects.replies_among(ids))
    _bring_back(owner, phone)
    attachment: NumberAttachment = NumberAttachment.objects.create(
        phone=phone, owner=owner, messages=ids, is_new_link=is_new, attached_by=by, attached_at=now
    )
    return attachment


def _asking(replies: Sequence[Message]) -> Message | None:
    """Whoever writes to us first has asked to be answered; who says stop has not."""
    for reply in replies:
        said, label = read_opt_out(reply.body), ReplyLabel.objects.current_of(reply)
        stops_us = said.opt_out or said.doubtful or (label is not None and label.label == Label.OPT_OUT)
        if not stops_us and not Message.objects.texted_before(reply):
            return reply
    return None


def _act_on(owner: Owner, phone: PhoneNumber, replies: Sequence[Message]) -> None:
    """What the replies would have done. A wrong number is this owner's by the word of the one who attaches it."""
    if not replies:
        return
    stops.stop_for_owners([owner.pk])
    Message.objects.cancel_campaigns_of(owner, phone, "The owner replied.")
    stopped = Suppression.objects.of_number(phone.number_hash).for_reason(Label.OPT_OUT).exists()
    for reply in replies:
        label = ReplyLabel.objects.current_of(reply)
        if label is None:
            engage_lead(reply)
        elif label.label != Label.WRONG_NUMBER and (label.label != Label.OPT_OUT or stopped):
            carry_out(reply, label)


def _bring_back(owner: Owner, phone: PhoneNumber) -> None:
    """Also where its own last word was read and done with: this one is new there."""
    Thread.objects.rebuild(owners=[owner.pk], phones=[phone.pk])
    conversation = Thread.objects.of_owner(owner)
    if conversation is not None:
        Thread.objects.change(conversation, done_at=None, snoozed_until=None)


def _note(owner: Owner, phone: PhoneNumber, words: str, by: User) -> None:
    record_event(Event.Kind.NOTE_ADDED, owner=owner, actor=by, text=f"{mask(phone.number)} {words}.")
