"""“Undo this list”: what it would take back, said before it starts; and what has stayed, said after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse

from core.admin import INPUT_CLASSES
from core.csv_lines import csv_lines
from leads.imports.sources import PLANS
from leads.imports.undo import UNDOABLE, request_undo
from leads.models import ImportRow, Lead, ListImport, OwnerPhone, Ownership

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite
    from django.template.response import TemplateResponse

KEPT_SHOWN = 100


def may_be_undone(list_import: ListImport) -> bool:
    return list_import.status in UNDOABLE and list_import.rows_read > list_import.rows_rejected


def undo_context(list_import: ListImport) -> dict[str, Any]:
    """For the result page: what an undo has left as it was, with the parcels."""
    if list_import.undone_by_id is None and not list_import.undone_to:
        return {"undoable": may_be_undone(list_import)}
    kept = ImportRow.objects.of(list_import).kept()
    total = kept.count()
    shown = {"kept": list(kept[:KEPT_SHOWN]), "kept_total": total}
    if total > KEPT_SHOWN:
        shown["kept_reasons"] = kept.kept_reasons()
    return {"undoable": may_be_undone(list_import), **shown}


def what_it_brought(list_import: ListImport) -> list[tuple[str, int, str]]:
    """For the question: what, how many, and what becomes of it. Nothing of a list of numbers: it brings no records."""
    if list_import.is_of_numbers:
        return []
    leads = Lead.objects.opened_by(list_import)
    opened, taken_up = leads.count(), leads.taken_up().count()
    parcels = list_import.rows_created if PLANS[list_import.source].creates_parcels else 0
    found = [
        ("Parcels that were not known", parcels, "go, unless in use"),
        ("Leads opened", opened - taken_up, "go"),
        ("Leads opened and taken up by the team", taken_up, "stay, with their land and owners"),
        ("Telephone numbers given to owners", OwnerPhone.objects.brought_by(list_import).count(), "go, unless used"),
        ("Parcels given another owner", Ownership.objects.handed_over_by(list_import).count(), "go back"),
        ("Rows that changed what was known", list_import.rows_updated, "go back, field by field"),
    ]
    return [line for line in found if line[1]]


class UndoPages:
    """For the admin of list imports."""

    if TYPE_CHECKING:
        admin_site: AdminSite

        def _page(self, request: HttpRequest, name: str, title: str, **context: Any) -> TemplateResponse: ...
        def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any: ...

    def undo_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/undo/", view(self.undo_view), name="leads_listimport_undo"),
            path("<int:pk>/kept.csv", view(self.kept_view), name="leads_listimport_kept"),
        ]

    def kept_view(self, request: HttpRequest, pk: int) -> StreamingHttpResponse:
        """All that the undo has left, to be put right by hand."""
        if not request.user.has_perm("leads.run_listimport"):
            raise PermissionDenied
        kept = ImportRow.objects.of(get_object_or_404(ListImport, pk=pk)).kept()
        rows = ((row.line, row.parcel.number if row.parcel else "", row.reason) for row in kept.iterator(1000))
        lines = csv_lines(["line", "parcel", "left as it is"], rows)
        response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="kept-{pk}.csv"'
        return response

    def undo_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not request.user.has_perm("leads.run_listimport"):
            raise PermissionDenied
        list_import = get_object_or_404(ListImport.objects.recent(), pk=pk)
        if request.method != "POST" and may_be_undone(list_import):
            return self._page(
                request,
                "undo",
                f"Undo {list_import.filename}?",
                list_import=list_import,
                brought=what_it_brought(list_import),
                input_classes=INPUT_CLASSES,
            )
        reason = request.POST.get("reason", "")
        result = request_undo(list_import, by=request.user, reason=reason)  # type: ignore[arg-type]
        if result:
            self.log_change(request, list_import, "Asked to undo the list.")
            messages.success(request, "The list is being undone. This page shows how far it has got.")
        else:
            messages.error(request, result.message)
        return HttpResponseRedirect(reverse("admin:leads_listimport_change", args=[pk]))
