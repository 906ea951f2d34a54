"""By what the list of texts is narrowed."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from core.input_lines import is_id
from outreach.error_codes import ACTIONS
from outreach.models import Campaign, Message, ReplyLabel

CAMPAIGNS_OFFERED = 50


class LabelFilter(admin.SimpleListFilter):
    title = "label"
    parameter_name = "label"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(ReplyLabel.Label.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        label = self.value()
        return queryset.labelled(label) if label else queryset  # type: ignore[attr-defined]


class WriterFilter(admin.SimpleListFilter):
    title = "writer"
    parameter_name = "writer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("unknown", "Unknown numbers")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        return queryset.of_strangers() if self.value() == "unknown" else queryset  # type: ignore[attr-defined]


class CampaignFilter(admin.SimpleListFilter):
    """The newest ones; a campaign's own page links to its texts however old it is."""

    title = "campaign"
    parameter_name = "campaign"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(pk), name) for pk, name in Campaign.objects.newest_names(CAMPAIGNS_OFFERED)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        chosen = self.value() or ""
        return queryset.of_campaign(int(chosen)) if is_id(chosen) else queryset  # type: ignore[attr-defined]


class ErrorFilter(admin.SimpleListFilter):
    """Texts that met this error of the provider's at any time; the search box takes any other code."""

    title = "error"
    parameter_name = "error"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(code), f"{code}: {row.meaning}") for code, row in sorted(ACTIONS.items()) if code]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        code = self.value() or ""
        return queryset.with_error(int(code)) if is_id(code) else queryset  # type: ignore[attr-defined]
