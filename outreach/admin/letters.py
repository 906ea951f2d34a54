"""Mail-merge files for owners who may not be texted: how many wait, the export, the past ones to download again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_GET

from core.admin import INPUT_CLASSES, MachineWrittenAdmin, display
from core.csv_lines import csv_lines
from markets.models import Market
from outreach.letter_pdf import letters_pdf
from outreach.letters import COLUMNS, MOST_LETTERS, NOT_AGAIN_FOR, export_letters, letter_rows
from outreach.models import Letter, LetterExport, MessageTemplate
from outreach.querysets.audience import letter_leads


class ExportForm(forms.Form):
    template = forms.ModelChoiceField(
        queryset=MessageTemplate.objects.none(), empty_label=None, help_text="A template for letters."
    )
    limit = forms.IntegerField(
        label="How many at most",
        min_value=1,
        max_value=MOST_LETTERS,
        initial=500,
        help_text=f"Best score first, one letter per owner, {MOST_LETTERS:,} in one file at most.",
    )

    def __init__(self, market: Market, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        usable = MessageTemplate.objects.usable(market, MessageTemplate.Purpose.LETTER)
        self.fields["template"].queryset = usable  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.widget.attrs["class"] = INPUT_CLASSES


@admin.register(LetterExport)
class LetterExportAdmin(MachineWrittenAdmin):
    list_display = ("made_at", "market", "template", "letters", "created_by", "download_link")
    list_display_links = None
    list_filter = ("market",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[LetterExport]:
        return LetterExport.objects.for_list()

    def get_list_display(self, request: HttpRequest) -> Any:
        shown = list(self.list_display)
        return shown if may_export(request) else shown[:-1]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_export(request)

    def get_urls(self) -> list[URLPattern]:
        download = self.admin_site.admin_view(require_GET(self.download_view))
        printed = self.admin_site.admin_view(require_GET(self.print_view))
        return [
            path("<int:pk>/letters.csv", download, name="outreach_letterexport_download"),
            path("<int:pk>/letters.pdf", printed, name="outreach_letterexport_print"),
            *super().get_urls(),
        ]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        _require_export(request)
        markets = [market for market in Market.objects.order_by("name") if market.active]
        market = _chosen(markets, request.GET.get("market", ""))
        form = ExportForm(market, request.POST or None) if market else None
        if market and form and request.method == "POST" and form.is_valid():
            wanted = form.cleaned_data
            result = export_letters(market, wanted["template"], by=request.user, limit=wanted["limit"])  # type: ignore[arg-type]
            if result.value:
                messages.success(request, f"{result.value.count:,} letters are ready to download.")
                return _to_page(result.value)
            messages.error(request, result.message)
        context = {
            "markets": markets,
            "market": market,
            "form": form,
            "has_templates": bool(form and form.fields["template"].queryset),  # type: ignore[attr-defined]
            "waiting": letter_leads(market, timezone.now() - NOT_AGAIN_FOR).count() if market else 0,
            "days": NOT_AGAIN_FOR.days,
        }
        return self._page(request, "export", "Export letters", **context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        export = get_object_or_404(LetterExport.objects.for_list(), pk=object_id)
        left_out = export.count - Letter.objects.of_export(export).to_send().count()
        context = {"export": export, "left_out": left_out, "columns": COLUMNS, "may_export": may_export(request)}
        return self._page(request, "export_page", f"Letters: {export.template.name}", **context)

    def print_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        _require_export(request)
        export = get_object_or_404(LetterExport.objects.for_list(), pk=pk)
        LetterExport.objects.close(export, timezone.now())
        self.log_change(request, export, f"Downloaded {export.count} letters to print, with names and addresses.")
        response = HttpResponse(letters_pdf(letter_rows(export), timezone.localdate()), content_type="application/pdf")
        response["Content-Disposition"] = f'attachment; filename="letters-{export.pk}.pdf"'
        return response

    def download_view(self, request: HttpRequest, pk: int) -> StreamingHttpResponse:
        """Names and mailing addresses in clear, so the look is logged."""
        _require_export(request)
        export = get_object_or_404(LetterExport.objects.for_list(), pk=pk)
        self.log_change(request, export, f"Downloaded {export.count} letters with names and addresses.")
        response = StreamingHttpResponse(letters_csv(export), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="letters-{export.pk}.csv"'
        return response

    @display(description="Made", ordering="created_at")
    def made_at(self, export: LetterExport) -> str:
        url = reverse("admin:outreach_letterexport_change", args=[export.pk])
        made = timezone.localtime(export.created_at)
        return format_html('<a class="text-link" href="{}">{}</a>', url, f"{made:%b %-d, %Y %H:%M}")

    @display(description="Letters", ordering="count")
    def letters(self, export: LetterExport) -> str:
        return f"{export.count:,}"

    @display(description="File")
    def download_link(self, export: LetterExport) -> str:
        url = reverse("admin:outreach_letterexport_download", args=[export.pk])
        return format_html('<a class="text-link" href="{}">Download</a>', url)

    def _page(self, request: HttpRequest, name: str, title: str, **context: Any) -> TemplateResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "title": title}
        return TemplateResponse(request, f"admin/outreach/letterexport/{name}.html", {**shared, **context})


def may_export(request: HttpRequest) -> bool:
    return request.user.has_perm("outreach.add_letterexport")


def letters_csv(export: LetterExport) -> Iterator[str]:
    return csv_lines(COLUMNS, ([row[column] for column in COLUMNS] for row in letter_rows(export)))


def _chosen(markets: list[Market], asked: str) -> Market | None:
    return next((market for market in markets if str(market.pk) == asked), markets[0] if markets else None)


def _require_export(request: HttpRequest) -> None:
    if not may_export(request):
        raise PermissionDenied


def _to_page(export: LetterExport) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:outreach_letterexport_change", args=[export.pk]))
