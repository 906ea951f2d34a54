from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from leads.models.histories import ListedRecords
from leads.models.owners import Owner
from leads.querysets import OwnershipQuerySet
from leads.querysets_owners import ParcelQuerySet
from markets.models import Parish


class ParcelRepository(models.Manager.from_queryset(ParcelQuerySet)):  # type: ignore[misc]
    pass


class Parcel(models.Model):
    """A piece of land with an assessor's number, unique only within its parish. A missing figure stays missing."""

    # No index of its own: the unique constraint begins with it, and PostgreSQL would choose the worse of the two.
    parish = models.ForeignKey(
        Parish, on_delete=models.PROTECT, related_name="parcels", db_index=False, db_constraint=False
    )
    number = models.CharField(max_length=60, help_text="The assessor's parcel number, as listed.")
    situs_address = models.CharField(max_length=300, blank=True, help_text="Where the land is.")
    situs_city = models.CharField(max_length=100, blank=True)
    situs_zip = models.CharField(max_length=10, blank=True)
    legal_description = models.TextField(blank=True)
    subdivision = models.CharField(max_length=200, blank=True)
    ward = models.CharField(max_length=60, blank=True)
    zoning = models.CharField(max_length=60, blank=True)
    inside_city = models.BooleanField(null=True, blank=True)
    acres = models.DecimalField(max_digits=12, decimal_places=4, null=True, blank=True)
    land_value = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True, help_text="US dollars.")
    improvement_value = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    adjudicated = models.BooleanField(null=True, blank=True, help_text="Taken over by the parish for unpaid taxes.")
    years_delinquent = models.PositiveSmallIntegerField(null=True, blank=True)
    last_sale_on = models.DateField(null=True, blank=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    location_source = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    history = ListedRecords(no_db_index=["parish"])
    objects = ParcelRepository()

    class Meta:
        ordering = ["-id"]
        permissions = [("transfer_parcel", "Can record that a parcel has a new owner")]
        constraints = [
            models.UniqueConstraint(fields=["parish", "number"], name="parcel_number_unique_in_parish"),
            models.CheckConstraint(condition=~Q(number=""), name="parcel_has_number"),
            models.CheckConstraint(condition=Q(acres__isnull=True) | Q(acres__gt=0), name="parcel_acres_positive"),
            models.CheckConstraint(
                condition=Q(land_value__isnull=True) | Q(land_value__gte=0), name="parcel_land_value_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="parcel_location_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("admin:leads_parcel_change", args=[self.pk])


class OwnershipRepository(models.Manager.from_queryset(OwnershipQuerySet)):  # type: ignore[misc]
    pass


class Ownership(models.Model):
    """Who owned a parcel, or an undivided share of it, and when: transfers are history, never overwritten."""

    class How(models.TextChoices):
        """Sources of ownerships that a person recorded; those that lists bring have the list's."""

        SALE = "sale", "Sale"
        SUCCESSION = "succession", "Succession"
        OTHER = "transfer", "Another way"

    # Triggers look these keys up for a whole statement at once (migration 0016).
    parcel = models.ForeignKey(Parcel, on_delete=models.CASCADE, related_name="ownerships", db_constraint=False)
    owner = models.ForeignKey(Owner, on_delete=models.PROTECT, related_name="ownerships", db_constraint=False)
    share = models.DecimalField(
        max_digits=9, decimal_places=8, null=True, blank=True, help_text="1 = all; empty = unknown."
    )
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    source = models.CharField(max_length=60)
    opened_by_list = models.ForeignKey(
        "leads.ListImport",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
        db_constraint=False,
        help_text="The list that said so.",
    )
    closed_by_list = models.ForeignKey(
        "leads.ListImport",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
        db_constraint=False,
        help_text="The list that named another owner.",
    )

    history = HistoricalRecords()
    objects = OwnershipRepository()

    class Meta:
        ordering = ["parcel", "-since"]
        constraints = [
            models.UniqueConstraint(
                fields=["parcel", "owner"], condition=Q(until__isnull=True), name="ownership_open_once"
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="ownership_dates_in_order"
            ),
            models.CheckConstraint(
                condition=Q(share__isnull=True) | Q(share__gt=0, share__lte=1), name="ownership_share_is_a_share"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.parcel}: {self.owner}"
