"""What waits to be sent or called about leads, for the page that says what happens to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leads.admin.deed_page import Waits
from outreach.models import CallTask, Message

if TYPE_CHECKING:
    from leads.querysets import LeadQuerySet


def waiting_about(leads: LeadQuerySet) -> list[Waits]:
    texts = Message.objects.waiting_about(leads)
    return [
        Waits(
            texts.of_campaigns().count(), "queued text of a campaign", "queued texts of campaigns", outlives_move=False
        ),
        Waits(texts.by_people().count(), "answer that waits", "answers that wait", outlives_move=True),
        Waits(
            CallTask.objects.open().about(leads).count(), "call on the list", "calls on the list", outlives_move=True
        ),
    ]
