"""Which of our numbers a text leaves from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.utils import timezone

from outreach.area_codes import state_of_area_code
from outreach.learning import draw

if TYPE_CHECKING:
    from leads.models import PhoneNumber
    from outreach.models import SenderNumber


def choose_sender(
    senders: Sequence[SenderNumber], phone: PhoneNumber, known: Mapping[int, int], key: int
) -> SenderNumber | None:
    """The one this person knows us by while it is in use: a conversation stays at one number. Else one of their area
    code, else of their state, else any; of several each in the part of what it may send today, so that a number that is
    warming up is not given more than it can carry, and on one day always the same for one `key`.

    `known`: number -> key of the sender it last spoke with.
    """
    familiar = next((sender for sender in senders if sender.pk == known.get(phone.pk)), None)
    if familiar or not senders:
        return familiar
    near = [sender for sender in senders if sender.area_code == phone.area_code != ""]
    state = state_of_area_code(phone.area_code) if phone.area_code else ""
    around = near or [sender for sender in senders if state and state_of_area_code(sender.area_code) == state]
    choice, today = {sender.pk: sender for sender in around or senders}, timezone.localdate()
    drawn = draw({pk: sender.cap_on(today) for pk, sender in choice.items()}, f"sender:{key}")
    return choice[drawn] if drawn in choice else next(iter(choice.values()))
