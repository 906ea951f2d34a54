"""“Import a list”: upload, mapping with preview, progress, result; a step is a view, the work is leads.imports."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from core.admin import MachineWrittenAdmin, display
from core.csv_lines import csv_lines
from leads.admin.import_forms import MappingForm, UploadForm
from leads.admin.import_preview import preview_table
from leads.admin.list_undo import UndoPages, undo_context
from leads.admin.roll_changes import RollChangePages, changes_context
from leads.imports.detection import Detected
from leads.imports.errors import ListError
from leads.imports.formats import open_list
from leads.imports.intake import (
    cancel_import,
    queue_import,
    receive_list,
    retry_import,
)
from leads.imports.preview import ListSample, sample_list
from leads.imports.progress import progress_of
from leads.imports.rows import Place, Rejected, StagedRow
from leads.imports.runner import stored_file
from leads.imports.sources import PLANS
from leads.models import ImportRow, ListedNumber, ListedSale, ListImport

Status = ListImport.Status


@admin.register(ListImport)
class ListImportAdmin(UndoPages, RollChangePages, MachineWrittenAdmin):
    list_display = ("filename", "source", "place", "status_label", "read", "created", "updated", "unchanged",
                    "rejected", "when")  # fmt: skip
    list_filter = ("status", "source")
    list_select_related = ("parish", "market", "created_by")
    search_fields = ("filename",)

    @display(
        description="Status",
        label={
            "Done": "success",
            "Failed": "danger",
            "Running": "info",
            "Being undone": "info",
            "Undone": "warning",
            "Queued": "info",
            "Cancelled": "warning",
        },
    )
    def status_label(self, list_import: ListImport) -> str:
        return list_import.get_status_display()

    @display(description="Parish", ordering="parish__name")
    def place(self, list_import: ListImport) -> str:
        return list_import.parish.name if list_import.parish else f"{list_import.market}, all"

    @display(description="Rows", ordering="rows_read")
    def read(self, list_import: ListImport) -> str:
        return f"{list_import.rows_read:,}"

    @display(description="Created", ordering="rows_created")
    def created(self, list_import: ListImport) -> str:
        return f"{list_import.rows_created:,}"

    @display(description="Updated", ordering="rows_updated")
    def updated(self, list_import: ListImport) -> str:
        return f"{list_import.rows_updated:,}"

    @display(description="Unchanged", ordering="rows_unchanged")
    def unchanged(self, list_import: ListImport) -> str:
        return f"{list_import.rows_unchanged:,}"

    @display(description="Rejected", ordering="rows_rejected")
    def rejected(self, list_import: ListImport) -> str:
        return f"{list_import.rows_rejected:,}"

    @display(description="Uploaded", ordering="created_at")
    def when(self, list_import: ListImport) -> str:
        by = f", {list_import.created_by}" if list_import.created_by else ""
        return f"{timezone.localtime(list_import.created_at):%b %-d, %H:%M}{by}"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_import(request)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        steps = [
            path("<int:pk>/mapping/", view(self.mapping_view), name="leads_listimport_mapping"),
            path("<int:pk>/progress/", view(self.progress_view), name="leads_listimport_progress"),
            path("<int:pk>/rejected/", view(self.rejected_view), name="leads_listimport_rejected"),
            path("<int:pk>/cancel/", view(require_POST(self.cancel_view)), name="leads_listimport_cancel"),
            path("<int:pk>/retry/", view(require_POST(self.retry_view)), name="leads_listimport_retry"),
        ]
        return steps + self.undo_urls() + self.change_urls() + super().get_urls()

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        _require_import(request)
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            file = form.cleaned_data["file"]
            try:
                draft, _ = receive_list(form.target, file, file.name, by=request.user)  # type: ignore[arg-type]
            except ListError as error:
                form.add_error("file", str(error))
            else:
                return _to("mapping", draft)
        return self._page(request, "upload", "Import a list", form=form)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        list_import = get_object_or_404(ListImport.objects.recent(), pk=object_id)
        if not self.has_view_permission(request, list_import):
            raise PermissionDenied
        if list_import.status == Status.DRAFT and may_import(request):
            return _to("mapping", list_import)
        context = {
            "list_import": list_import,
            "progress": progress_of(list_import),
            "reasons": ImportRow.objects.of(list_import).reasons(),
            "may_import": may_import(request),
            **told_context(list_import),
            **undo_context(list_import),
            **changes_context(list_import),
        }
        return self._page(request, "result", list_import.filename, **context)

    def mapping_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        _require_import(request)
        draft = get_object_or_404(ListImport.objects.recent(), pk=pk)
        if draft.status != Status.DRAFT:
            return _to("change", draft)
        try:
            sample = sample_list(stored_file(draft))
        except (ListError, FileNotFoundError) as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(reverse("admin:leads_listimport_changelist"))
        return self._mapping_step(request, draft, sample)

    def _mapping_step(self, request: HttpRequest, draft: ListImport, sample: ListSample) -> HttpResponse:
        plan = PLANS[draft.source]
        form = MappingForm(plan.fields, sample.header, request.POST or None, initial=draft.mapping)
        mapping = draft.mapping
        error = ""
        rows: list[StagedRow | Rejected] = []
        if form.is_bound:
            form.is_valid()
            mapping = form.mapping
        try:
            rows = sample.preview(plan, mapping, Place(draft.parish_id or 0, draft.place_name))
            if "start" in request.POST:
                queue_import(draft, sample, mapping, by=request.user)  # type: ignore[arg-type]
                return _to("change", draft)
        except ListError as refused:
            error = str(refused)
        context = {
            "list_import": draft,
            "form": form,
            "choices": _choices(form, sample, sample.detect(plan), mapping),
            "required": plan.required,
            "error": error,
            "preview": preview_table(rows),
            "unused": [column for column in sample.header if column not in mapping.values()],
        }
        return self._page(request, "mapping", f"Columns of {draft.filename}", **context)

    def progress_view(self, request: HttpRequest, pk: int) -> JsonResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return JsonResponse(progress_of(get_object_or_404(ListImport, pk=pk)))

    def rejected_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """The rejected rows with their own columns, to be mended and imported again. The look is logged."""
        _require_import(request)
        list_import = get_object_or_404(ListImport, pk=pk)
        try:
            header = _header(list_import)
        except (ListError, FileNotFoundError):
            gone = f"{list_import.filename}: the stored file is gone, and with it the names of the columns."
            messages.error(request, gone)
            return _to("change", list_import)
        self.log_change(request, list_import, f"Downloaded {list_import.rows_rejected} rejected rows in clear.")
        response = StreamingHttpResponse(rejected_csv(list_import, header), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="rejected-{list_import.pk}.csv"'
        return response

    def cancel_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        _require_import(request)
        list_import = get_object_or_404(ListImport, pk=pk)
        result = cancel_import(list_import, by=request.user)  # type: ignore[arg-type]
        messages.add_message(request, *_said(bool(result), "Cancelled. What was imported stays.", result.message))
        return _to("change", list_import)

    def retry_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        _require_import(request)
        list_import = get_object_or_404(ListImport, pk=pk)
        result = retry_import(list_import, by=request.user)  # type: ignore[arg-type]
        said = _said(bool(result), f"Goes on after row {list_import.rows_read:,}.", result.message)
        messages.add_message(request, *said)
        return _to("change", list_import)

    def _page(self, request: HttpRequest, name: str, title: str, **context: Any) -> TemplateResponse:
        shared = self.admin_site.each_context(request)
        return TemplateResponse(
            request,
            f"admin/leads/listimport/{name}.html",
            {**shared, "opts": self.model._meta, "title": title, **context},
        )


def told_context(list_import: ListImport) -> dict[str, Any]:
    """For the result page: what a list tells beside its rows."""
    if list_import.status == Status.UNDONE:
        return {}
    if list_import.is_of_numbers:
        return {"numbers": ListedNumber.objects.told_by(list_import)}
    return {"sales": ListedSale.objects.told_by(list_import)} if PLANS[list_import.source].tells_sales else {}


def may_import(request: HttpRequest) -> bool:
    return request.user.has_perm("leads.run_listimport")


def rejected_csv(list_import: ListImport, header: list[str]) -> Iterator[str]:
    """Line and reason come first, so that a row of too few or too many cells keeps each under its own column."""
    return csv_lines(["line", "reason", *header], _rejected_cells(list_import, len(header)), as_read=True)


def _rejected_cells(list_import: ListImport, width: int) -> Iterator[list[Any]]:
    for row in ImportRow.objects.of(list_import).rejected().iterator(chunk_size=1000):
        cells = json.loads(row.raw or "[]")
        yield [row.line, row.reason, *cells, *[""] * (width - len(cells))]


def _header(list_import: ListImport) -> list[str]:
    sample = sample_list(stored_file(list_import))
    with open_list(stored_file(list_import), sample.layout) as reader:
        return reader.header


def _choices(
    form: MappingForm, sample: ListSample, detected: list[Detected], mapping: dict[str, str]
) -> list[dict[str, Any]]:
    """The fields with their selects; those that have a column first."""
    confidence = {(found.field, found.column): found.confidence for found in detected}
    lines = []
    for bound in form:
        column = mapping.get(bound.name, "")
        shown = sample.shown(bound.name, column)
        certain = confidence.get((bound.name, column))
        percent = round(100 * certain) if certain is not None else None
        lines.append({"field": bound, "samples": shown, "percent": percent, "column": column})
    return sorted(lines, key=lambda line: not line["column"])


def _require_import(request: HttpRequest) -> None:
    if not may_import(request):
        raise PermissionDenied


def _to(step: str, list_import: ListImport) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(f"admin:leads_listimport_{step}", args=[list_import.pk]))


def _said(done: bool, good: str, bad: str) -> tuple[int, str]:
    return (messages.SUCCESS, good) if done else (messages.ERROR, bad)
