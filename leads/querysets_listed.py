"""Queries about what lists say of sales and of numbers that must not be contacted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Count, Q

if TYPE_CHECKING:
    from leads.models import ListedNumber, ListedSale, ListImport, Parcel


@dataclass(frozen=True)
class SalesToldOf:
    """What a sales list came to. Rows that name one sale twice count twice."""

    sales: int
    comps: int


@dataclass(frozen=True)
class NumbersTold:
    """What a do-not-call list came to, in numbers; each counts once."""

    new: int
    known: int
    stopped_before: int

    @property
    def total(self) -> int:
        return self.new + self.known + self.stopped_before


class ListedSaleQuerySet(models.QuerySet["ListedSale"]):
    def of_parcel(self, parcel: Parcel) -> ListedSaleQuerySet:
        return self.filter(parcel=parcel).select_related("list_import").order_by("-sold_on", "id")

    def told_by(self, list_import: ListImport) -> SalesToldOf:
        counted = self.filter(list_import=list_import).aggregate(
            sales=Count("pk"), comps=Count("pk", filter=Q(is_comparable=True))
        )
        return SalesToldOf(**counted)

    def forget(self, list_import: ListImport) -> None:
        """For a list that is undone."""
        self.filter(list_import=list_import)._raw_delete(self.db)


class ListedNumberQuerySet(models.QuerySet["ListedNumber"]):
    def in_lines(self, list_import_id: int, first: int, last: int) -> ListedNumberQuerySet:
        return self.order_by().filter(list_import_id=list_import_id, line__range=(first, last))

    def hashes(self) -> models.QuerySet[ListedNumber, bytes]:
        return self.values_list("number_hash", flat=True)

    def told_by(self, list_import: ListImport) -> NumbersTold:
        counted = self.filter(list_import=list_import).aggregate(
            new=Count("number_hash", distinct=True, filter=Q(is_known=False, was_stopped=False)),
            known=Count("number_hash", distinct=True, filter=Q(is_known=True, was_stopped=False)),
            stopped_before=Count("number_hash", distinct=True, filter=Q(was_stopped=True)),
        )
        return NumbersTold(**counted)

    def forget(self, list_import: ListImport) -> None:
        """For a list that is undone."""
        self.filter(list_import=list_import)._raw_delete(self.db)
