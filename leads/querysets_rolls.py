"""Queries about what a tax roll has changed since the one before it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Count

if TYPE_CHECKING:
    from leads.models import ListImport, RollChange

NEWS = timedelta(days=365)
"""For so long a change is worth a filter, and points."""


class RollChangeQuerySet(models.QuerySet["RollChange"]):
    def of(self, list_import: ListImport) -> RollChangeQuerySet:
        return self.filter(list_import=list_import)

    def counts(self) -> dict[str, int]:
        """How many of each kind there are."""
        counted = self.order_by().values_list("kind").annotate(count=Count("pk"))
        return dict(counted)

    def page(self, kind: str, after: int, limit: int) -> list[RollChange]:
        """The next changes of a kind (or of all) after that id, with their parcels."""
        found = self.filter(kind=kind) if kind else self
        return list(found.filter(pk__gt=after).select_related("parcel__parish").order_by("pk")[:limit])

    def in_order(self) -> RollChangeQuerySet:
        return self.select_related("parcel").order_by("kind", "pk")

    def parcels_with(self, kind: str, since: datetime) -> models.QuerySet[RollChange, int]:
        return self.order_by().filter(kind=kind, created_at__gte=since).values_list("parcel_id", flat=True)
