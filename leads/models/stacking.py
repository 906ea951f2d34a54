from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from leads.models.lists import ListImport
from leads.models.parcels import Parcel
from leads.querysets_lists import ParcelListQuerySet


class ParcelListRepository(models.Manager.from_queryset(ParcelListQuerySet)):  # type: ignore[misc]
    pass


class ParcelList(models.Model):
    """That a parcel is on lists of a kind, since when, and when last. Written by imports, one statement per chunk.

    No constraints but those the database needs: they would be checked row by row for every row of every list. With its
    parcel a row goes by a trigger.
    """

    pk = models.CompositePrimaryKey("parcel_id", "source")
    parcel = models.ForeignKey(
        Parcel, on_delete=models.CASCADE, related_name="lists", db_index=False, db_constraint=False
    )
    source = models.CharField(max_length=12, choices=ListImport.Source)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    list_import = models.ForeignKey(
        ListImport, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    earlier = models.JSONField(
        null=True, editable=False, help_text="The lists of this kind before that one, with when each named it."
    )

    objects = ParcelListRepository()

    class Meta:
        ordering = ["parcel", "first_seen", "source"]
        verbose_name = "list of a parcel"
        # Nearly every parcel is on a roll: nobody asks an index for those, and no roll pays for it.
        indexes = [
            models.Index(fields=["source", "parcel"], condition=~Q(source="tax_roll"), name="parcel_list_source")
        ]

    def __str__(self) -> str:
        return f"{self.get_source_display()} since {timezone.localtime(self.first_seen):%b %-d, %Y}"
