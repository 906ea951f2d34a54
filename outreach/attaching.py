"""Saying whose an unknown number is, and taking it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from core.phones import mask
from core.results import Result
from leads.events import record_event
from leads.models import Event, Lead, OwnerPhone, PhoneNumber
from leads.numbers import end_number_of
from outreach.consents import record_consent
from outreach.models import Consent, Message, NumberAttachment, Thread

if TYPE_CHECKING:
    from core.models import User
    from leads.models import Owner

SOURCE = "inbox"


def attach_number(thread: Thread, owner: Owner, *, by: User) -> Result[NumberAttachment]:
    """The number becomes the owner's, and with it what was said there. Whoever wrote to us first has asked to be
    answered, as when the number had been known; a number that opted out stays stopped.

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
    first = Message.objects.first_reply_in(thread)
    ids = Message.objects.give_to(thread, owner, Lead.objects.best_of_owner(owner))
    Thread.objects.rebuild(owners=[owner.pk], phones=[phone.pk])
    _note(owner, phone, "is this owner's: said in the inbox", by)
    if first is not None and not Message.objects.texted_before(first):
        words = f"Text {first.sid}: “{first.body[:200]}”"
        record_consent(link.owner, Consent.Basis.INBOUND, evidence=words, by=by, phone=phone)
    attachment: NumberAttachment = NumberAttachment.objects.create(
        phone=phone, owner=owner, messages=ids, is_new_link=is_new, attached_by=by, attached_at=now
    )
    return attachment


def _note(owner: Owner, phone: PhoneNumber, words: str, by: User) -> None:
    record_event(Event.Kind.NOTE_ADDED, owner=owner, actor=by, text=f"{mask(phone.number)} {words}.")
