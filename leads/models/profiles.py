from __future__ import annotations

import hashlib
from collections.abc import Sequence

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from simple_history.models import HistoricalRecords

from leads.models.lists import ListImport
from leads.querysets_lists import MappingProfileQuerySet
from markets.models import Market


def header_signature(header: Sequence[str]) -> str:
    """Of column names in any order: a list whose columns moved is the same kind of list."""
    return hashlib.sha256("\x1f".join(sorted(header)).encode()).hexdigest()


class MappingProfileRepository(models.Manager.from_queryset(MappingProfileQuerySet)):  # type: ignore[misc]
    pass


class MappingProfile(models.Model):
    """Which column is which field, as a person said for a list with these column names. The next one is read so."""

    market = models.ForeignKey(Market, on_delete=models.CASCADE, related_name="mapping_profiles")
    source = models.CharField("kind of list", max_length=12, choices=ListImport.Source)
    signature = models.CharField(max_length=64, editable=False)
    header = models.JSONField("columns", editable=False, help_text="The column names of the list.")
    mapping = models.JSONField(editable=False, help_text="Our field -> the file's column.")
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, editable=False, related_name="+"
    )
    saved_at = models.DateTimeField(editable=False)
    uses = models.PositiveIntegerField(default=0, editable=False, help_text="Lists that took their mapping from here.")
    last_used_at = models.DateTimeField(null=True, editable=False)

    history = HistoricalRecords(excluded_fields=["uses", "last_used_at"])
    objects = MappingProfileRepository()

    class Meta:
        ordering = ["market", "source", "-saved_at"]
        verbose_name = "saved mapping"
        constraints = [
            models.UniqueConstraint(fields=["market", "source", "signature"], name="mapping_profile_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_source_display()} with {len(self.header)} columns, {self.saved_on}"

    def get_absolute_url(self) -> str:
        return reverse("admin:leads_mappingprofile_change", args=[self.pk])

    @property
    def saved_on(self) -> str:
        return f"{timezone.localtime(self.saved_at):%b %-d, %Y}"
