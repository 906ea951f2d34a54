from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection, models

from markets.models import Market

if TYPE_CHECKING:
    from scoring.models import Sale, ScoringProfile, Valuation


class ScoringProfileQuerySet(models.QuerySet["ScoringProfile"]):
    def active_for(self, market: Market) -> ScoringProfile | None:
        return self.filter(market=market, active=True).first()

    def for_list(self) -> ScoringProfileQuerySet:
        return self.select_related("market", "created_by")

    def of_market(self, market: Market) -> ScoringProfileQuerySet:
        return self.filter(market=market).order_by("-version")

    def lock_versions(self, market: Market) -> int:
        """The highest version so far, 0 without any; other writers of this market wait, even for its first."""
        Market.objects.locked(market)
        latest = self.of_market(market).first()
        return latest.version if latest else 0

    def in_force(self, market: Market) -> ScoringProfile | None:
        """The active version; until the transaction ends nobody puts another in force."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM markets_market WHERE id = %s FOR SHARE", [market.pk])
        return self.active_for(market)

    def retire(self, market: Market) -> None:
        self.filter(market=market, active=True).update(active=False)


class SaleQuerySet(models.QuerySet["Sale"]):
    pass


class ValuationQuerySet(models.QuerySet["Valuation"]):
    pass
