"""Filters of the list of leads, each from a short list of its own: nothing scans the leads to draw it."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from leads.deleting import PERMISSION as DELETE
from leads.models import ListImport, RollChange, Tag
from leads.querysets import LeadQuerySet
from leads.querysets_lists import DISTRESS
from leads.querysets_rolls import NEWS
from leads.stages import Stage
from markets.models import Market

Choices = list[tuple[str, str]]


class MarketFilter(SimpleListFilter):
    title = "market"
    parameter_name = "market"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(market.code, market.name) for market in Market.objects.order_by("name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.matching(market=self.value() or "")  # type: ignore[attr-defined]


class StageFilter(SimpleListFilter):
    title = "stage"
    parameter_name = "stage"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return list(Stage.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.matching(stage=self.value() or "")  # type: ignore[attr-defined]


class ScoreFilter(SimpleListFilter):
    title = "score"
    parameter_name = "min_score"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [("65", "65 and more"), ("45", "45 and more"), ("25", "25 and more")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value() or ""
        return queryset.matching(min_score=int(value) if value.isdigit() else None)  # type: ignore[attr-defined]


class ParishFilter(SimpleListFilter):
    title = "parish"
    parameter_name = "parish"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        asked = request.GET.get(self.parameter_name)  # Django drops a filter that has no choices
        names = {*ListImport.objects.parish_names(), *([asked] if asked else [])}
        return [(name, name) for name in sorted(names)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.matching(parish=self.value() or "")  # type: ignore[attr-defined]


class AssignedFilter(SimpleListFilter):
    title = "assigned to"
    parameter_name = "assigned"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [("me", "Me"), ("nobody", "Nobody")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "me":
            return queryset.assigned(request.user)  # type: ignore[attr-defined]
        return queryset.assigned(None) if self.value() == "nobody" else queryset  # type: ignore[attr-defined]


class ListCountFilter(SimpleListFilter):
    title = "number of lists"
    parameter_name = "lists"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [("2", "On at least 2 lists"), ("3", "On at least 3 lists"), ("distress", "On 2 lists of unpaid taxes")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "2" | "3" as count:
                return queryset.on_lists(int(count))  # type: ignore[attr-defined]
            case "distress":
                return queryset.on_all_lists(DISTRESS)  # type: ignore[attr-defined]
        return queryset


class OnListFilter(SimpleListFilter):
    title = "on the list"
    parameter_name = "on_list"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return list(ListImport.Source.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in ListImport.Source.values:
            return queryset.on_list(self.value())  # type: ignore[attr-defined]
        return queryset


class TagFilter(SimpleListFilter):
    title = "tag"
    parameter_name = "tag"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(name, name) for name in Tag.objects.names()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.tagged_as(self.value()) if self.value() else queryset  # type: ignore[attr-defined]


class PutAwayFilter(SimpleListFilter):
    """Leads that are worked, unless others are asked for."""

    title = "put away"
    parameter_name = "put_away"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        deleted = [("deleted", "Deleted")] if request.user.has_perm(DELETE) else []
        return [("archived", "Archived"), *deleted]

    def choices(self, changelist: Any) -> Any:
        first, *rest = super().choices(changelist)
        return [{**first, "display": "No"}, *rest]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        leads: LeadQuerySet = queryset  # type: ignore[assignment]
        if self.value() == "deleted" and request.user.has_perm(DELETE):
            return leads.deleted()
        if self.value() == "archived" or request.GET.get(StageFilter.parameter_name) == Stage.ARCHIVED:
            return leads.live().archived()
        return leads.live().unarchived()


class RollChangeFilter(SimpleListFilter):
    title = "changed on a roll"
    parameter_name = "roll_change"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(kind.value, f"{kind.label}, last 12 months") for kind in RollChange.Kind]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in RollChange.Kind.values:
            return queryset.roll_changed(self.value(), timezone.now() - NEWS)  # type: ignore[attr-defined]
        return queryset


class OwnerChangedFilter(SimpleListFilter):
    title = "owner changed"
    parameter_name = "owner_changed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [("waiting", "Owner changed, to decide")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.unsettled() if self.value() == "waiting" else queryset  # type: ignore[attr-defined]
