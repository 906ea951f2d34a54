from __future__ import annotations

from django.db import models

from leads.models.lists import ListImport
from leads.models.parcels import Parcel
from leads.querysets_rolls import RollChangeQuerySet


class RollChangeRepository(models.Manager.from_queryset(RollChangeQuerySet)):  # type: ignore[misc]
    pass


class RollChange(models.Model):
    """What a tax roll says of a parcel otherwise than the records did after the roll before it. Written by imports."""

    class Kind(models.TextChoices):
        DELINQUENT = "delinquent", "Newly delinquent"
        OWNER = "owner", "Changed owner"
        ADDRESS = "address", "Changed mailing address"
        VALUE = "value", "Changed value"
        VANISHED = "vanished", "Vanished parcel"

    list_import = models.ForeignKey(
        ListImport, on_delete=models.CASCADE, related_name="changes", db_index=False, db_constraint=False
    )
    parcel = models.ForeignKey(Parcel, on_delete=models.CASCADE, related_name="roll_changes", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind)
    before = models.CharField(max_length=300, blank=True, help_text="In words.")
    after = models.CharField(max_length=300, blank=True, help_text="In words.")
    created_at = models.DateTimeField()

    objects = RollChangeRepository()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["list_import", "kind", "id"], name="roll_change_page")]
        constraints = [models.UniqueConstraint(fields=["parcel", "list_import", "kind"], name="roll_change_once")]

    def __str__(self) -> str:
        words = " → ".join(filter(None, (self.before, self.after)))
        return f"{self.get_kind_display()}: {words}" if words else self.get_kind_display()
