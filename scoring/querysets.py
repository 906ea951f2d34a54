from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from markets.models import Market
    from scoring.models import Sale, ScoringProfile, Valuation


class ScoringProfileQuerySet(models.QuerySet["ScoringProfile"]):
    def active_for(self, market: Market) -> ScoringProfile | None:
        return self.filter(market=market, active=True).first()


class SaleQuerySet(models.QuerySet["Sale"]):
    pass


class ValuationQuerySet(models.QuerySet["Valuation"]):
    pass
