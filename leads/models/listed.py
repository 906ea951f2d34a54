"""What lists say of things that other rooms keep: sales, which become comps, and numbers that must not be contacted."""

from __future__ import annotations

from django.db import models

from leads.models.lists import ListImport
from leads.models.parcels import Parcel
from leads.querysets_listed import ListedNumberQuerySet, ListedSaleQuerySet


class ListedSaleRepository(models.Manager.from_queryset(ListedSaleQuerySet)):  # type: ignore[misc]
    pass


class ListedSale(models.Model):
    """A sale as a row of a list tells it. Kept per list, so that undoing one leaves what another says."""

    list_import = models.ForeignKey(
        ListImport, on_delete=models.CASCADE, related_name="sales", db_index=False, db_constraint=False
    )
    line = models.PositiveIntegerField()
    parcel = models.ForeignKey(Parcel, on_delete=models.CASCADE, related_name="listed_sales", db_index=False)
    sold_on = models.DateField("sold on")
    price = models.DecimalField(max_digits=14, decimal_places=2, null=True, help_text="US dollars, as listed.")
    is_comparable = models.BooleanField("a comp", help_text="Off for a sale without a price or for a nominal one.")
    buyer = models.CharField(max_length=300, blank=True)
    seller = models.CharField(max_length=300, blank=True)
    instrument = models.CharField(max_length=120, blank=True)

    objects = ListedSaleRepository()

    class Meta:
        ordering = ["-sold_on", "id"]
        constraints = [models.UniqueConstraint(fields=["list_import", "line"], name="listed_sale_once")]
        indexes = [models.Index(fields=["parcel", "sold_on"], name="listed_sale_of_parcel")]

    def __str__(self) -> str:
        return f"sold {self.sold_on:%b %-d, %Y}"


class ListedNumberRepository(models.Manager.from_queryset(ListedNumberQuerySet)):  # type: ignore[misc]
    pass


class ListedNumber(models.Model):
    """That a do-not-call list names a number, kept as its keyed hash alone. The stop itself is a suppression."""

    class Kind(models.TextChoices):
        NATIONAL = "national_dnc", "National do-not-call list"
        STATE = "state_dnc", "State do-not-call list"
        LITIGATOR = "litigator", "Known litigator"
        OWN = "own", "Our own do-not-call list"

    list_import = models.ForeignKey(
        ListImport, on_delete=models.CASCADE, related_name="numbers", db_index=False, db_constraint=False
    )
    line = models.PositiveIntegerField()
    number_hash = models.BinaryField(max_length=32)
    kind = models.CharField(max_length=12, choices=Kind)
    listed_on = models.DateField(null=True)
    is_known = models.BooleanField(help_text="We had the number when the list came.")
    was_stopped = models.BooleanField(default=False, help_text="Something forbade texting it before the list came.")
    is_brought = models.BooleanField(default=False, help_text="The stop of this kind came with this list.")

    objects = ListedNumberRepository()

    class Meta:
        ordering = ["list_import", "line"]
        constraints = [
            models.UniqueConstraint(fields=["number_hash", "kind", "list_import"], name="listed_number_once"),
        ]
        indexes = [models.Index(fields=["list_import", "line"], name="listed_number_of_list")]

    def __str__(self) -> str:
        return self.get_kind_display()
