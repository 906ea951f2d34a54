"""Queries about the import of a list: how far it has come, and what became of each row."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Count, F, Max, Q

if TYPE_CHECKING:
    from leads.models import ImportRow, ListFeed, ListImport


class ListImportQuerySet(models.QuerySet["ListImport"]):
    def unfinished(self) -> ListImportQuerySet:
        return self.filter(status__in=["queued", "running", "undoing"])

    def due(self, stale_since: datetime) -> ListImportQuerySet:
        """Queued, or running or being undone without a sign of life since then."""
        silent = Q(heartbeat_at__isnull=True) | Q(heartbeat_at__lt=stale_since)
        at_work = Q(status="running", heartbeat_at__lt=stale_since) | (Q(status="undoing") & silent)
        return self.filter(Q(status="queued") | at_work).order_by("id")

    def undone_ids(self) -> models.QuerySet[ListImport, int]:
        """Of those that count no more; the ones being undone among them."""
        return self.order_by("pk").filter(status__in=("undoing", "undone")).values_list("pk", flat=True)

    def alive_in(self, parish_id: int | None, stale_since: datetime) -> ListImportQuerySet:
        return self.filter(parish_id=parish_id, status__in=["running", "undoing"], heartbeat_at__gte=stale_since)

    def locked(self, list_import_id: int) -> ListImport:
        return self.select_for_update(of=("self",)).select_related("market", "parish").get(pk=list_import_id)

    def with_number(self, number: int) -> ListImport | None:
        return self.select_related("parish").filter(pk=number).first()

    def roll_before(self, list_import: ListImport) -> ListImport | None:
        """The last tax roll of the parish that was imported, and not undone."""
        rolls = self.filter(parish_id=list_import.parish_id, source="tax_roll", status="done")
        return rolls.exclude(pk=list_import.pk).order_by("-finished_at", "-pk").first()

    def came_by(self, list_import: ListImport, feed: ListFeed) -> None:
        list_import.feed = feed
        self.filter(pk=list_import.pk).update(feed=feed)

    def waiting_from(self, feed: ListFeed) -> bool:
        """Whether a list of this feed still waits for its columns."""
        return self.filter(feed=feed, status="draft").exists()

    def compare_with(self, list_import: ListImport, last_roll: ListImport | None) -> None:
        self.filter(pk=list_import.pk).update(last_roll=last_roll)

    def make_ready(self, list_import: ListImport, mapping: dict[str, str]) -> None:
        """Queued, for a caller who runs it right away."""
        self.filter(pk=list_import.pk).update(mapping=mapping, status="queued")

    def add_progress(self, list_import_id: int, now: datetime, **counts: int) -> None:
        """Adds to the counters (created, updated, unchanged, rejected) and to the rows read, in one statement."""
        added = {f"rows_{name}": F(f"rows_{name}") + count for name, count in counts.items()}
        read = F("rows_read") + sum(counts.values())
        self.filter(pk=list_import_id).update(rows_read=read, heartbeat_at=now, attempts=0, **added)

    def begin_undo(self, list_import_id: int, now: datetime) -> None:
        """From here on the pace of the undo is measured."""
        self.filter(pk=list_import_id).update(heartbeat_at=now, paced_from=now, paced_row=F("undone_to"))

    def undone_up_to(self, list_import_id: int, line: int, now: datetime) -> None:
        self.filter(pk=list_import_id).update(undone_to=line, heartbeat_at=now)

    def set_total(self, list_import_id: int, rows_total: int, now: datetime) -> None:
        """The list is counted; from now on its pace is measured."""
        pace = {"paced_from": now, "paced_row": F("rows_read")}
        self.filter(pk=list_import_id).update(rows_total=rows_total, heartbeat_at=now, **pace)

    def parish_names(self) -> list[str]:
        """Parishes of which there is a list; those of numbers are of none."""
        of_land = self.filter(parish__isnull=False).order_by("parish__name")
        return list(of_land.values_list("parish__name", flat=True).distinct())

    def recent(self) -> ListImportQuerySet:
        related = ("market", "parish", "created_by", "mapping_profile__saved_by", "last_roll", "feed")
        return self.select_related(*related).order_by("-id")


class ImportRowQuerySet(models.QuerySet["ImportRow"]):
    def of(self, list_import: ListImport) -> ImportRowQuerySet:
        return self.filter(list_import=list_import)

    def rejected(self) -> ImportRowQuerySet:
        return self.filter(outcome="rejected").order_by("line")

    def kept(self) -> ImportRowQuerySet:
        """What an undo has left as it was, and why."""
        return self.filter(outcome="kept").select_related("parcel").order_by("line")

    def kept_reasons(self) -> list[dict[str, Any]]:
        """With their number of rows, most frequent first."""
        return list(
            self.filter(outcome="kept")
            .order_by()
            .values("reason")
            .annotate(count=Count("pk"))
            .order_by("-count", "reason")[:20]
        )

    def undoable(self, list_import_id: int) -> ImportRowQuerySet:
        return self.filter(list_import_id=list_import_id, outcome__in=["created", "updated"], parcel__isnull=False)

    def last_line(self) -> int:
        return self.aggregate(last=Max("line"))["last"] or 0

    def reasons(self) -> list[dict[str, Any]]:
        """Reasons with their number of rows, most frequent first."""
        counted = (
            self.exclude(reason="")
            .exclude(outcome="kept")
            .order_by()
            .values("outcome", "reason")
            .annotate(count=Count("pk"))
        )
        return list(counted.order_by("-count", "reason")[:50])
