"""What can be asked of events wherever they are kept, and of the archive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Count, F, Sum, prefetch_related_objects
from django.db.models.functions import TruncMonth

if TYPE_CHECKING:
    from leads.models import AnyEvent, ArchivedEvent, EventDay, EventRestore, Lead

OWNERS_FOUND = 200
"""Owners of a name whose events a search shows."""
EVENTS_FOUND = 5_000


@dataclass(frozen=True)
class Position:
    """The place of an event in a list, newest first."""

    at: datetime
    event_id: int


class AnyEventQuerySet(models.QuerySet["AnyEvent"]):
    def timeline(self, lead: Lead, size: int, after: Position | None = None) -> list[AnyEvent]:
        """The lead's own events and its owner's, also from before owners were merged, newest first.

        A part for each: one condition with OR makes PostgreSQL read everybody's events from the new end.
        """
        of_owners = [self.filter(lead__isnull=True, owner_id=pk) for pk in lead.owner.known_ids()]
        first, *others = [part._newest(size, after) for part in (self.filter(lead=lead), *of_owners)]
        events = list(first.union(*others, all=True).order_by("-created_at", "-id")[:size])
        prefetch_related_objects(events, "actor")
        return events

    def _newest(self, size: int, after: Position | None) -> AnyEventQuerySet:
        rows = self
        if after is not None:
            rows = rows.filter(created_at__lte=after.at).exclude(created_at=after.at, id__gte=after.event_id)
        return rows.order_by("-created_at", "-id")[:size]

    def last_put_away(self, lead: Lead) -> AnyEvent | None:
        """The event that says who archived or deleted the lead last, and why."""
        kinds = {"deleted": {"kind": "LeadDeleted"}, "archived": {"kind": "StageChanged", "data__to": "archived"}}
        found = self.filter(lead=lead, **kinds[lead.put_away]) if lead.put_away else self.none()
        return found.select_related("actor").order_by("-created_at", "-id").first()

    def between(self, since: datetime | None, until: datetime | None) -> AnyEventQuerySet:
        period = {"created_at__gte": since, "created_at__lt": until}
        return self.filter(**{name: moment for name, moment in period.items() if moment is not None})

    def about(self, words: str) -> AnyEventQuerySet:
        """Events of the lead of this number, or of owners of this name."""
        from leads.models import Owner

        if words.isdecimal() and len(words) < 18:
            return self.filter(lead_id=int(words))
        newest = Owner.objects.named(words).order_by("-pk").values_list("pk", flat=True)[:OWNERS_FOUND]
        return self._of_owners(list(newest))

    def _of_owners(self, owners: list[int]) -> AnyEventQuerySet:
        """Found by their owners first: else PostgreSQL, told to show the newest, reads everybody's from the new end."""
        found = list(self.filter(owner_id__in=owners).order_by().values_list("pk", "created_at")[:EVENTS_FOUND])
        ids, moments = ({place[part] for place in found} for part in (0, 1))
        return self.filter(pk__in=ids, created_at__in=moments)

    def of_kind(self, kind: str) -> AnyEventQuerySet:
        return self.filter(kind=kind)


class ArchivedEventQuerySet(models.QuerySet["ArchivedEvent"]):
    pass


class EventDayQuerySet(models.QuerySet["EventDay"]):
    def by_month(self) -> list[dict[str, Any]]:
        """`month`, `events` and `days` of each month of which anything is archived, newest first."""
        months = self.filter(count__gt=0).order_by().annotate(month=TruncMonth("day")).values("month")
        counted = months.annotate(events=Sum("count"), days=Count("day", distinct=True))
        return [dict(month) for month in counted.order_by("-month")]

    def years(self) -> list[int]:
        """Years of which anything is archived, newest first."""
        return [day.year for day in self.filter(count__gt=0).order_by().dates("day", "year", order="DESC")]

    def total(self) -> int:
        return self.aggregate(total=Sum("count"))["total"] or 0


class EventRestoreQuerySet(models.QuerySet["EventRestore"]):
    def queued(self) -> EventRestoreQuerySet:
        return self.filter(state="queued").order_by("id")

    def for_list(self) -> EventRestoreQuerySet:
        return self.select_related("lead", "created_by")

    def count_back(self, restore_id: int, events: int) -> None:
        self.filter(pk=restore_id).update(events=F("events") + events)

    def finish(self, restore_id: int, now: datetime) -> None:
        self.filter(pk=restore_id).update(state="done", finished_at=now)
