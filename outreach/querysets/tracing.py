"""What explaining, tracing and evidence ask about texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db.models import Q

from core.input_lines import is_id
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

    def traced(self, key: str) -> Message | None:
        """The text of this id, ours or the provider's for any attempt, with everything that happened to it."""
        from outreach.models import SendAttempt  # the models are built on these querysets

        if is_id(key):
            return self._for_page().filter(pk=int(key)).first()
        attempt = SendAttempt.objects.filter(sid=key).order_by("-pk").values("message")[:1]
        return self._for_page().filter(Q(sid=key) | Q(pk__in=attempt)).first()

    def with_error(self, code: int) -> Self:
        """Texts that met this error at any time, whatever became of them."""
        from outreach.models import DeliveryStatus, SendAttempt

        now = self.model._base_manager.filter(error_code=code).order_by().values("pk")
        tried = SendAttempt.objects.filter(error_code=code).order_by().values("message")
        told = DeliveryStatus.objects.filter(error_code=code).order_by().values("message")
        return self.filter(pk__in=now.union(tried, told))

    def _for_page(self) -> Self:
        found: Self = self.for_page()  # type: ignore[attr-defined]
        return found
