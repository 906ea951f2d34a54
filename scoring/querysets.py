from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from markets.models import Market
    from scoring.models import Sale, ScoringProfile, Valuation


class ScoringProfileQuerySet(models.QuerySet["ScoringProfile"]):
    def active_for(self, market: Market) -> ScoringProfile | None:
        return self.filter(market=market, active=True).first()

    def for_list(self) -> ScoringProfileQuerySet:
        return self.select_related("market", "created_by")

    def lock_versions(self, market: Market) -> int:
        """The highest version so far, 0 without any; other writers of this market wait."""
        versions = self.filter(market=market).select_for_update().order_by("-version")
        latest = versions.first()
        return latest.version if latest else 0

    def retire(self, market: Market) -> None:
        self.filter(market=market, active=True).update(active=False)


class SaleQuerySet(models.QuerySet["Sale"]):
    pass


class ValuationQuerySet(models.QuerySet["Valuation"]):
    pass
