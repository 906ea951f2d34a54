"""What explaining, tracing and evidence ask about texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from core.querysets import KeysetQuerySet

if TYPE_CHECKING:
    from leads.models import Lead, PhoneNumber
    from outreach.models import Message


class TracingQuerySet(KeysetQuerySet["Message"]):
    def next_waiting(self, *, lead: Lead | None = None, phone: PhoneNumber | None = None) -> Message | None:
        """The text that leaves next about this lead, or to this number, with what judging it needs."""
        about = Q(lead=lead) if lead else Q(phone=phone)
        waiting = self.filter(about, state="queued").with_everything()  # type: ignore[attr-defined]
        first: Message | None = waiting.order_by("priority", "due_at", "id").first()
        return first
