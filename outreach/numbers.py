"""What outreach does when a number of an owner ends or another one is confirmed: see `config.reactions`.

Everything here looks at how the numbers stand now, so doing it twice, or late, is harmless; until it is done the gate
keeps every text from a number that is out of use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from core.phones import mask
from leads.models import OwnerPhone
from outreach import audience
from outreach.consents import end_consents
from outreach.models import CallTask, CampaignOwner, Message

if TYPE_CHECKING:
    from leads.models import Owner, PhoneNumber

GOING_ON = ("running", "paused")
OUT_OF_USE = "The number is out of use"


def leave_number(owner: Owner, phone: PhoneNumber, *, why: str) -> None:
    """A number that has got another holder takes the owner's consent for it along; a dead one does not."""
    with transaction.atomic():
        if why == OwnerPhone.EndReason.REASSIGNED:
            end_consents(owner, phone, reason="the number belongs to somebody else")
        settle_numbers(owner)


@transaction.atomic
def settle_numbers(owner: Owner) -> None:
    """What still waits for a number out of use goes to the owner's next one: a campaign's text as the same row, so
    that it never goes to both. Without a next one, and when a person wrote it, it is cancelled."""
    idle = {link.phone_id: link for link in OwnerPhone.objects.idle_of([owner.pk])}
    if not idle:
        return
    following = next_textable(owner)
    for message in Message.objects.lock_waiting(owner):
        link = idle.get(message.phone_id)
        if link is not None and (link.until or message.origin == Message.Origin.CAMPAIGN):
            _move_or_cancel(message, following)
    to_call = next_callable(owner)
    for task in CallTask.objects.waiting_for(owner, idle):
        task.phone = to_call
        task._change_reason = OUT_OF_USE
        task.save(update_fields=["phone"])


def next_textable(owner: Owner) -> PhoneNumber | None:
    return next(iter(audience.textable_of_owners([owner.pk])[owner.pk]), None)


def next_callable(owner: Owner) -> PhoneNumber | None:
    return next(iter(audience.callable_of_owners([owner.pk])[owner.pk]), None)


def _move_or_cancel(message: Message, following: PhoneNumber | None) -> None:
    campaign = message.step.campaign if message.step else None
    tried = Message.objects.numbers_tried([message.step_id], [message.owner_id or 0])
    was_tried = following is not None and (message.step_id, message.owner_id, following.pk) in tried
    if following is None or was_tried or campaign is None or campaign.status not in GOING_ON:
        message.state, message.error = Message.State.CANCELLED, f"{OUT_OF_USE}."
    else:
        message.state, message.claimed_at = Message.State.QUEUED, None
        message.error = f"{OUT_OF_USE}: {mask(message.phone.number)}; it goes to {mask(following.number)}."
        message.phone = following
        CampaignOwner.objects.awaiting(message).update(phone=following)
    message.save(update_fields=["state", "claimed_at", "phone", "error"])
