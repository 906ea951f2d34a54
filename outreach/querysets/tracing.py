"""What explaining, tracing and evidence ask about texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Self

from django.db.models import Count, Q

from core.input_lines import is_id
from core.querysets import KeysetQuerySet

if TYPE_CHECKING:
    from leads.models import Lead, PhoneNumber
    from outreach.models import Message

CHUNK = 100
"""Texts of an evidence packet that are in memory at a time."""
_SID = re.compile("([A-Z]{2})([0-9A-F]{32})", re.IGNORECASE)


class TracingQuerySet(KeysetQuerySet["Message"]):
    def next_waiting(self, *, lead: Lead | None = None, phone: PhoneNumber | None = None) -> Message | None:
        """The text that leaves next about this lead, or to this number, with what judging it needs."""
        about = Q(lead=lead) if lead else Q(phone=phone)
        waiting = self.filter(about, state="queued").with_everything()  # type: ignore[attr-defined]
        first: Message | None = waiting.order_by("priority", "due_at", "id").first()
        return first

    def traced(self, key: str) -> Message | None:
        """The text of this id, ours or the provider's for any attempt, with everything that happened to it."""
        found = self.filter(pk=int(key)) if is_id(key) else self.with_sid(key)
        return found._for_page().first()

    def with_sid(self, sid: str) -> Self:
        """The text with this id of the provider's, in small letters or capitals, the one of an earlier attempt
        included."""
        from outreach.models import SendAttempt  # the models are built on these querysets

        if "\x00" in sid:  # PostgreSQL takes no NUL
            return self.none()
        if hexadecimal := _SID.fullmatch(sid):
            sid = hexadecimal[1].upper() + hexadecimal[2].lower()
        tried = SendAttempt.objects.filter(sid=sid).order_by().values("message")
        return self.filter(Q(sid=sid) | Q(pk__in=tried))

    def evidence_about(self, phone: PhoneNumber) -> Iterator[Message]:
        """Every text to and from the number with all that happened to it, the first first, a few at a time."""
        theirs = self._for_page().filter(phone=phone).order_by("created_at", "pk")
        return theirs.iterator(chunk_size=CHUNK)

    def counts_by_state(self, phone: PhoneNumber) -> dict[str, int]:
        mine = self.filter(phone=phone).order_by()
        return dict(mine.values_list("state").annotate(count=Count("pk")))

    def of_campaign(self, campaign_id: int) -> Self:
        return self.filter(step__campaign_id=campaign_id)

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
