"""The only door to the admin's skin (django-unfold): bases, decorators and the environment badge come from here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import ShowFacets, helpers
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import connection, models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin as SkinModelAdmin
from unfold.admin import StackedInline as SkinStackedInline
from unfold.admin import TabularInline as SkinTabularInline
from unfold.admin import checkbox as skin_checkbox
from unfold.decorators import action, display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.sites import UnfoldAdminSite as SkinAdminSite
from unfold.templatetags import unfold_list as skin_list
from unfold.widgets import INPUT_CLASSES as SKIN_INPUT_CLASSES
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget as CheckboxSelectMultiple
from unfold.widgets import UnfoldAdminSelectWidget as SelectWidget
from unfold.widgets import UnfoldAdminTextInputWidget as TextInputWidget

from core.keyset import Position
from core.keyset_admin import KeysetChangeList, KeysetPaginator

__all__ = [
    "INPUT_CLASSES",
    "AdminPasswordChangeForm",
    "CheckboxSelectMultiple",
    "EstimatedPaginator",
    "KeysetAdmin",
    "MachineWrittenAdmin",
    "MachineWrittenKeysetAdmin",
    "PlainAdmin",
    "RecordAdmin",
    "SelectWidget",
    "SkinAdminSite",
    "StackedInline",
    "TabularInline",
    "TextInputWidget",
    "UserChangeForm",
    "UserCreationForm",
    "action",
    "display",
    "environment_badge",
]

INPUT_CLASSES = " ".join(SKIN_INPUT_CLASSES)
"""What the skin puts on the inputs of its own forms, for ours."""

_make_headers = skin_list.result_headers


def _headers_once(cl: Any) -> list[dict[str, Any]]:
    """A list's column headers: the skin asks for all of them anew for each row, a quarter of the time of a page."""
    if not hasattr(cl, "made_headers"):
        cl.made_headers = list(_make_headers(cl))
    headers: list[dict[str, Any]] = cl.made_headers
    return headers


skin_list.result_headers = _headers_once

ROW_CHECKBOX = skin_checkbox.render(helpers.ACTION_CHECKBOX_NAME, "{}")
"""The box before each row of a list: the skin renders a template for each, a tenth of the time of a page."""
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


class FastListAdmin(SkinModelAdmin):
    """Lists that stay fast however long they are."""

    paginator: type[Paginator] = EstimatedPaginator
    show_full_result_count = False
    show_facets = ShowFacets.NEVER  # they count every choice of every filter
    list_per_page = 50
    compressed_fields = True

    @display(description=SkinModelAdmin.action_checkbox.short_description)
    def action_checkbox(self, obj: models.Model) -> str:
        return format_html(ROW_CHECKBOX, obj.pk)


class RecordAdmin(SimpleHistoryAdmin, FastListAdmin):
    """Base of every page on which people edit records: history tab, fast lists, no bulk delete."""

    warn_unsaved_form = True
    list_filter_submit = False
    actions_selection_counter = True
    revertible = True
    """Whether an earlier version may be put back by the form; not where services alone change the record."""
    asks_why = False
    """Whether a change may be given a reason, which the history keeps: for what steers the work of everybody."""

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        asked = self.asks_why and obj is not None and self.has_change_permission(request, obj)
        return [*fieldsets, ("Why", {"fields": ("why",)})] if asked else fieldsets

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if self.asks_why:
            kwargs["form"] = type(self.form.__name__, (self.form,), {"why": _why_field()})
        return super().get_form(request, obj, change, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if why := form.cleaned_data.get("why"):
            obj._change_reason = why  # read by simple-history
        super().save_model(request, obj, form, change)

    def revert_disabled(self, request: HttpRequest, obj: Any = None) -> bool:
        return not (self.revertible and self.has_change_permission(request, obj))

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """An earlier version. Putting it back changes what the record's own form would let this person change, no more:
        simple-history's view writes the whole version, and for anybody who may look."""
        record = get_object_or_404(self.get_queryset(request), pk=object_id)
        if request.method == "POST":
            return self._put_back(request, record)
        if self.revert_disabled(request, record):
            return HttpResponseRedirect(self._history_url(record))
        response: HttpResponse = super().history_form_view(request, object_id, version_id, extra_context)
        return response

    def _put_back(self, request: HttpRequest, record: models.Model) -> HttpResponse:
        if self.revert_disabled(request, record):
            raise PermissionDenied
        form = self.get_form(request, record, change=True)(request.POST, request.FILES, instance=record)
        if not form.is_valid():
            messages.error(request, " ".join(text for texts in form.errors.values() for text in texts))
            return HttpResponseRedirect(self._history_url(record))
        self.save_model(request, self.save_form(request, form, change=True), form, change=True)
        form.save_m2m()
        self.log_change(request, record, "Put back an earlier version.")
        return self.response_change(request, record)

    def _history_url(self, record: models.Model) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_history", args=[record.pk])


def _why_field() -> forms.CharField:
    widget = TextInputWidget(attrs={"placeholder": "Why this changes"})
    return forms.CharField(label="Reason", required=False, max_length=100, widget=widget, help_text="In the history.")


class KeysetList:
    """A list that grows without end: every page costs the same, in the list's own order, which is the only one. The
    subclass says the `position_of(row)` that its queryset's `page_after` and `page_before` take."""

    paginator: type[Paginator] = KeysetPaginator
    sortable_by: Sequence[str] = ()

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        return KeysetChangeList

    def position_of(self, row: Any) -> Position:
        return [row.pk]


class KeysetAdmin(KeysetList, RecordAdmin):
    """Base of such lists of records that people edit."""


class PlainAdmin(SkinModelAdmin):
    """Base of pages over other packages' records."""

    compressed_fields = True
    warn_unsaved_form = True


class MachineWrittenAdmin(FastListAdmin):
    """Base of pages over rows that programs write: to be read, never edited."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class MachineWrittenKeysetAdmin(KeysetList, MachineWrittenAdmin):
    """Base of such lists of rows that programs write."""


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
