from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property

from core.admin import EstimatedPaginator, MachineWrittenAdmin, display
from leads.admin.timeline import entry_of
from leads.models import AnyEvent, Event, EventDay
from leads.restoring import month_period

MOST_LISTED = 10_000
RECENT = {"7": "last 7 days", "30": "last 30 days"}


class NewestPaginator(EstimatedPaginator):
    """Pages of the newest events only, so that neither counting nor the last page reads the whole archive."""

    @cached_property
    def count(self) -> int:
        events: QuerySet[Any] = self.object_list  # type: ignore[assignment]
        return events[:MOST_LISTED].count()


class KindFilter(SimpleListFilter):
    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind.value, str(kind.label)) for kind in Event.Kind]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        kind = self.value()
        return queryset.of_kind(kind) if kind else queryset  # type: ignore[attr-defined]


class PeriodFilter(SimpleListFilter):
    """Recent days, years of the archive, and any month (YYYY-MM) that a link asks for."""

    title = "when"
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        asked = request.GET.get(self.parameter_name, "")
        years = [str(year) for year in EventDay.objects.years()]
        months = [asked] if asked and asked not in (*RECENT, *years) and period_of(asked) else []
        return [*RECENT.items(), *((words, words) for words in (*months, *years))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value() or ""
        if value in RECENT:
            return queryset.between(timezone.now() - timedelta(days=int(value)), None)  # type: ignore[attr-defined]
        period = period_of(value)
        return queryset.between(*period) if period else queryset  # type: ignore[attr-defined]


@admin.register(AnyEvent)
class AnyEventAdmin(MachineWrittenAdmin):
    """The audit trail, archived events included. One lead's events are on its page, in the same words."""

    list_display = ("created_at", "kind_label", "words", "lead", "owner", "actor", "delivered", "archived")
    list_filter = (KindFilter, PeriodFilter)
    list_select_related = ("lead", "owner", "actor")
    list_before_template = "admin/leads/anyevent/newest.html"
    search_fields = ("pk",)
    search_help_text = "Name of an owner, or number of a lead"
    paginator = NewestPaginator
    fields = ("kind_label", "words", "lead", "owner", "actor", "created_at", "handled_at", "archived")
    readonly_fields = ("kind_label", "words")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        words = search_term.strip()
        return (queryset.about(words) if words else queryset), False  # type: ignore[attr-defined]

    @display(description="Kind")
    def kind_label(self, event: AnyEvent) -> str:
        return event.get_kind_display()

    @display(description="What happened")
    def words(self, event: AnyEvent) -> str:
        return entry_of(event).detail

    @display(description="Delivered", boolean=True)
    def delivered(self, event: AnyEvent) -> bool:
        return event.handled_at is not None


def period_of(words: str) -> tuple[datetime, datetime] | None:
    """The year (YYYY) or the month (YYYY-MM) that is meant."""
    try:
        if len(words) == 4:
            first = datetime.strptime(words, "%Y").date()
            return month_period(first)[0], month_period(first.replace(month=12))[1]
        return month_period(datetime.strptime(words, "%Y-%m").date())
    except ValueError:
        return None
