"""“What this roll changed”: a tax roll against the one before it, kind by kind, and all of it as a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path

from core.csv_lines import csv_lines
from leads.models import ListImport, RollChange

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite
    from django.template.response import TemplateResponse

PAGE = 100
Kind = RollChange.Kind


def changes_context(list_import: ListImport) -> dict[str, Any]:
    """For the result page of a roll that was compared with another: its kinds of changes, each with its number."""
    if list_import.last_roll_id is None:
        return {}
    counts = RollChange.objects.of(list_import).counts()
    kinds = [{"kind": kind.value, "label": kind.label, "count": counts.get(kind, 0)} for kind in Kind]
    return {"changes": kinds, "changes_total": sum(counts.values())}


class RollChangePages:
    """For the admin of list imports."""

    if TYPE_CHECKING:
        admin_site: AdminSite

        def _page(self, request: HttpRequest, name: str, title: str, **context: Any) -> TemplateResponse: ...
        def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool: ...
        def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any: ...

    def change_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/changes/", view(self.changes_view), name="leads_listimport_changes"),
            path("<int:pk>/changes.csv", view(self.changes_file), name="leads_listimport_changes_file"),
        ]

    def changes_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        list_import = self._roll(request, pk)
        kind = request.GET.get("kind", "")
        kind = kind if kind in Kind.values else ""
        after = request.GET.get("after", "")
        found = RollChange.objects.of(list_import).page(kind, int(after) if after.isdecimal() else 0, PAGE + 1)
        context = {
            "list_import": list_import,
            "kind": kind,
            "rows": found[:PAGE],
            "next": found[PAGE - 1].pk if len(found) > PAGE else None,
            "first_page": not after,
            **changes_context(list_import),
        }
        return self._page(request, "changes", f"What {list_import.filename} changed", **context)

    def changes_file(self, request: HttpRequest, pk: int) -> StreamingHttpResponse:
        list_import = self._roll(request, pk)
        self.log_change(request, list_import, "Downloaded what the roll changed.")
        response = StreamingHttpResponse(_lines(list_import), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="changes-{list_import.pk}.csv"'
        return response

    def _roll(self, request: HttpRequest, pk: int) -> ListImport:
        list_import: ListImport = get_object_or_404(ListImport.objects.recent(), pk=pk)
        if not self.has_view_permission(request, list_import):
            raise PermissionDenied
        return list_import


def _lines(list_import: ListImport) -> Iterator[str]:
    changes = RollChange.objects.of(list_import).in_order().iterator(chunk_size=2000)
    rows = ((change.get_kind_display(), change.parcel.number, change.before, change.after) for change in changes)
    return csv_lines(["change", "parcel", "before", "after"], rows)
