"""What became of the texts made from templates, counted set-based for the comparison of their wordings."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Count, Q, QuerySet

from outreach.querysets.messages import REACHED

if TYPE_CHECKING:
    from leads.models import PhoneNumber
    from outreach.models import Message

FILTERED = 30007
"""The provider's code for a text that a carrier filtered."""
ANSWERED_WITHIN = timedelta(days=30)
"""A text that comes later is not taken for an answer."""
INTERESTED = ("interested", "send_offer")


class SentCount(NamedTuple):
    """Texts of one version of a wording; `filtered` of them by carriers."""

    variant_id: int
    version: int | None
    sent: int
    delivered: int
    filtered: int


class AnswerCount(NamedTuple):
    """Of those texts: how many were answered, how many showing interest or opting out. One text counts once in each."""

    variant_id: int
    version: int | None
    replied: int
    interested: int
    opted_out: int


def sent_counts(variant_ids: Iterable[int]) -> list[SentCount]:
    """Answered from the index `message_tally` alone, whatever the number of texts. What failed before a carrier had
    it was not sent, except by being filtered."""
    left = Q(state__in=REACHED) | Q(error_code=FILTERED)
    rows = _messages().filter(left, variant__in=list(variant_ids)).order_by().values("variant", "wording_version")
    counted = rows.annotate(
        sent=Count("state"),
        delivered=Count("state", filter=Q(state="delivered")),
        filtered=Count("state", filter=Q(error_code=FILTERED)),
    )
    columns = ("variant", "wording_version", "sent", "delivered", "filtered")
    return [SentCount(*row) for row in counted.values_list(*columns)]


def answer_counts(variant_ids: Iterable[int]) -> list[AnswerCount]:
    """Looks at the replies only, a few for each hundred texts: each carries the wording of the text it answers."""
    rows = _messages().filter(variant__in=list(variant_ids), answers__isnull=False).order_by()
    current = Q(labels__current=True)
    counted = rows.values("variant", "wording_version").annotate(
        replied=Count("answers", distinct=True),
        interested=Count("answers", distinct=True, filter=current & Q(labels__label__in=INTERESTED)),
        opted_out=Count("answers", distinct=True, filter=current & Q(labels__label="opt_out")),
    )
    columns = ("variant", "wording_version", "replied", "interested", "opted_out")
    return [AnswerCount(*row) for row in counted.values_list(*columns)]


def answered_text(phone: PhoneNumber, at: datetime) -> Message | None:
    """The last text from a template that had left to this number when it wrote."""
    left = _messages().filter(phone=phone, direction="out", variant__isnull=False, state__in=REACHED)
    recent = left.filter(claimed_at__lte=at, claimed_at__gt=at - ANSWERED_WITHIN)
    return recent.order_by("-claimed_at", "-pk").first()


def _messages() -> QuerySet[Message]:
    from outreach.models import Message  # the models are built on these querysets

    return Message.objects.all()
