"""Events past their market's age: the table they move to, what is counted of them, and how they come back."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from leads.models.owners import Owner
from leads.models.pipeline import Event, Lead
from leads.querysets_archive import AnyEventQuerySet, ArchivedEventQuerySet, EventDayQuerySet, EventRestoreQuerySet
from markets.models import Market


class _Told(models.Model):
    """Kinds have their choices at `Event` alone, so that a new kind is one migration."""

    kind: models.CharField[str, str]
    created_at: models.DateTimeField[datetime, datetime]

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.created_at:%Y-%m-%d %H:%M}"

    def get_kind_display(self) -> str:
        return kind_label(self.kind)


class ArchivedEventRepository(models.Manager.from_queryset(ArchivedEventQuerySet)):  # type: ignore[misc]
    pass


class ArchivedEvent(_Told):
    """An event that moved here, with its id. The table is partitioned by month of `created_at` (UTC).

    Without foreign keys in the database: a new partition would lock leads and owners while they are made.
    """

    id = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=20)
    lead = models.ForeignKey(Lead, null=True, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    owner = models.ForeignKey(Owner, null=True, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True)
    market = models.ForeignKey(Market, null=True, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    day = models.DateField(help_text="The day it is counted under.")

    objects = ArchivedEventRepository()

    class Meta:
        db_table = "leads_eventarchive"
        ordering = ["-created_at", "-id"]


class AnyEventRepository(models.Manager.from_queryset(AnyEventQuerySet)):  # type: ignore[misc]
    pass


class AnyEvent(_Told):
    """An event wherever it is kept: a view over both tables, to be read only."""

    id = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=20)
    lead = models.ForeignKey(Lead, null=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False)
    owner = models.ForeignKey(Owner, null=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False
    )
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField("when")
    handled_at = models.DateTimeField("reacted to at", null=True)
    archived = models.BooleanField()

    objects = AnyEventRepository()

    class Meta:
        managed = False
        db_table = "leads_anyevent"
        ordering = ["-created_at", "-id"]
        verbose_name = "event"


class EventDayRepository(models.Manager.from_queryset(EventDayQuerySet)):  # type: ignore[misc]
    pass


class EventDay(models.Model):
    """How many events of a kind the archive holds of a market and a day; without a market, those of no lead."""

    market = models.ForeignKey(Market, null=True, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    kind = models.CharField(max_length=20)
    count = models.PositiveIntegerField()

    objects = EventDayRepository()

    class Meta:
        ordering = ["-day", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["market", "day", "kind"], nulls_distinct=False, name="event_day_once"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {kind_label(self.kind)}: {self.count}"


class EventRestoreRepository(models.Manager.from_queryset(EventRestoreQuerySet)):  # type: ignore[misc]
    pass


class EventRestore(models.Model):
    """A wish to have archived events back, of a lead or of a period; until `kept_until` they are not archived again."""

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        DONE = "done", "Done"

    lead = models.ForeignKey(Lead, null=True, blank=True, on_delete=models.CASCADE, related_name="event_restores")
    since = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=6, choices=State, default=State.QUEUED)
    events = models.PositiveIntegerField(default=0, help_text="Brought back so far.")
    kept_until = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = EventRestoreRepository()

    class Meta:
        ordering = ["-id"]
        permissions = [("restore_event", "Can bring archived events back")]
        constraints = [
            models.CheckConstraint(
                condition=Q(lead__isnull=False, since__isnull=True, until__isnull=True)
                | Q(lead__isnull=True, since__lt=F("until")),
                name="event_restore_of_lead_or_period",
            ),
        ]

    def __str__(self) -> str:
        return f"Lead {self.lead_id}" if self.lead_id else f"{_day(self.since)} to {_day(self.until)}"


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else ""


def kind_label(kind: str) -> str:
    return str(dict(Event.Kind.choices).get(kind, kind))
