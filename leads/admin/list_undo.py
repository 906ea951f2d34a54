"""“Undo this list”: what it would take back, said before it starts; and what has stayed, said after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse

from core.admin import INPUT_CLASSES
from leads.imports.undo import UNDOABLE, request_undo
from leads.models import ImportRow, ListImport

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
    return {"undoable": may_be_undone(list_import), "kept": list(kept[:KEPT_SHOWN]), "kept_total": kept.count()}


class UndoPages:
    """For the admin of list imports."""

    if TYPE_CHECKING:
        admin_site: AdminSite

        def _page(self, request: HttpRequest, name: str, title: str, **context: Any) -> TemplateResponse: ...
        def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any: ...

    def undo_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.undo_view)
        return [path("<int:pk>/undo/", view, name="leads_listimport_undo")]

    def undo_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not request.user.has_perm("leads.run_listimport"):
            raise PermissionDenied
        list_import = get_object_or_404(ListImport.objects.recent(), pk=pk)
        if request.method != "POST" and may_be_undone(list_import):
            title = f"Undo {list_import.filename}?"
            return self._page(request, "undo", title, list_import=list_import, input_classes=INPUT_CLASSES)
        reason = request.POST.get("reason", "")
        result = request_undo(list_import, by=request.user, reason=reason)  # type: ignore[arg-type]
        if result:
            self.log_change(request, list_import, "Asked to undo the list.")
            messages.success(request, "The list is being undone. This page shows how far it has got.")
        else:
            messages.error(request, result.message)
        return HttpResponseRedirect(reverse("admin:leads_listimport_change", args=[pk]))
