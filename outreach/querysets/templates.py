from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from markets.models import Market
    from outreach.models import MessageTemplate


class MessageTemplateQuerySet(models.QuerySet["MessageTemplate"]):
    def for_list(self) -> MessageTemplateQuerySet:
        """With `wordings`: how many of its variants are in use."""
        return self.select_related("market").annotate(
            wordings=models.Count("variants", filter=Q(variants__active=True)),
        )

    def for_texts(self) -> MessageTemplateQuerySet:
        """What a campaign's step may say."""
        return self.filter(purpose__in=["first_text", "follow_up"], active=True)

    def usable(self, market: Market, purpose: str) -> MessageTemplateQuerySet:
        """Active templates of this purpose, the market's own first."""
        mine = self.filter(Q(market=market) | Q(market__isnull=True), purpose=purpose, active=True)
        return mine.order_by(models.F("market").asc(nulls_last=True), "name")
