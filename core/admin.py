"""The only door to the admin's skin (django-unfold): bases, decorators and the environment badge come from here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.db import connection, models
from django.http import HttpRequest
from django.utils.functional import cached_property
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin as SkinModelAdmin
from unfold.admin import StackedInline as SkinStackedInline
from unfold.admin import TabularInline as SkinTabularInline
from unfold.decorators import action, display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.sites import UnfoldAdminSite as SkinAdminSite
from unfold.widgets import INPUT_CLASSES as SKIN_INPUT_CLASSES
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget as CheckboxSelectMultiple

__all__ = [
    "INPUT_CLASSES",
    "AdminPasswordChangeForm",
    "CheckboxSelectMultiple",
    "EstimatedPaginator",
    "MachineWrittenAdmin",
    "PlainAdmin",
    "RecordAdmin",
    "SkinAdminSite",
    "StackedInline",
    "TabularInline",
    "UserChangeForm",
    "UserCreationForm",
    "action",
    "display",
    "environment_badge",
]

INPUT_CLASSES = " ".join(SKIN_INPUT_CLASSES)
"""What the skin puts on the inputs of its own forms, for ours."""

LARGE_TABLE = 10_000
"""Rows from which a list shows PostgreSQL's estimate instead of counting."""


class EstimatedPaginator(Paginator):
    """Counts small results exactly; an unfiltered big table is answered from PostgreSQL's statistics."""

    @cached_property
    def count(self) -> int:
        queryset = self.object_list
        if isinstance(queryset, models.QuerySet) and not queryset.query.where:
            estimate = _estimated_rows(queryset.model)
            if estimate >= LARGE_TABLE:
                return estimate
        return super().count


class RecordAdmin(SimpleHistoryAdmin, SkinModelAdmin):
    """Base of every page on which people edit records: history tab, fast lists, no bulk delete."""

    paginator = EstimatedPaginator
    show_full_result_count = False
    list_per_page = 50
    compressed_fields = True
    warn_unsaved_form = True
    list_filter_submit = False
    actions_selection_counter = True

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions


class PlainAdmin(SkinModelAdmin):
    """Base of pages over other packages' records."""

    compressed_fields = True
    warn_unsaved_form = True


class MachineWrittenAdmin(SkinModelAdmin):
    """Base of pages over rows that programs write: to be read, never edited."""

    paginator = EstimatedPaginator
    show_full_result_count = False
    list_per_page = 50
    compressed_fields = True

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class TabularInline(SkinTabularInline):
    extra = 0


class StackedInline(SkinStackedInline):
    extra = 0


def environment_badge(request: HttpRequest) -> Sequence[str]:
    """What the header says about where texts go."""
    if not settings.LIVE_SENDING:
        return ["Dry run: nothing leaves", "info"]
    if settings.TWILIO_BASE_URL:
        return ["Simulated phones", "warning"]
    return ["Live", "danger"]


def _estimated_rows(model: type[models.Model]) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [model._meta.db_table])
        row: Iterable[int] | None = cursor.fetchone()
    return int(next(iter(row))) if row else 0
