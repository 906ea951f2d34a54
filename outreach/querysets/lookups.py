from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Count, Sum

if TYPE_CHECKING:
    from leads.models import PhoneNumber
    from markets.models import Market
    from outreach.models import PhoneLookup


@dataclass(frozen=True)
class Spent:
    """`cost` in US dollars."""

    count: int
    cost: Decimal


class PhoneLookupQuerySet(models.QuerySet["PhoneLookup"]):
    def good_at(self, now: datetime) -> PhoneLookupQuerySet:
        """Those for whose sake a number is not asked about again yet."""
        return self.filter(ask_again_at__gt=now)

    def is_known(self, phone: PhoneNumber, now: datetime) -> bool:
        return self.good_at(now).filter(phone=phone).exists()

    def asked_in(self, market: Market, since: datetime) -> int:
        return self.filter(market=market, asked_at__gte=since).count()

    def spent_since(self, since: datetime) -> Spent:
        total = self.filter(asked_at__gte=since).aggregate(count=Count("pk"), cost=Sum("cost"))
        return Spent(total["count"], total["cost"] or Decimal(0))

    def for_list(self) -> PhoneLookupQuerySet:
        return self.select_related("phone", "market")
