"""Queries about the tags of leads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from leads.models import Lead, LeadTag, Tag
    from markets.models import Market


class TagQuerySet(models.QuerySet["Tag"]):
    def in_market(self, market: Market) -> TagQuerySet:
        return self.filter(market=market).order_by("name")

    def for_choice(self) -> TagQuerySet:
        return self.select_related("market").order_by("market__name", "name")

    def names(self) -> list[str]:
        """Each name once, whichever markets have it."""
        return sorted(set(self.order_by().values_list("name", flat=True)), key=str.lower)


class LeadTagQuerySet(models.QuerySet["LeadTag"]):
    def of_lead(self, lead: Lead) -> LeadTagQuerySet:
        return self.filter(lead=lead).select_related("tag").order_by("tag__name")

    def leads_tagged(self, name: str) -> models.QuerySet[LeadTag, int]:
        return self.order_by().filter(tag__name__iexact=name).values_list("lead_id", flat=True)
