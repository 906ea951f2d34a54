"""The page on which a manager takes out what the records hold about one number; each export is on record."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from core.admin import INPUT_CLASSES
from core.models import User
from core.phones import mask
from leads.models import PhoneNumber
from ops.evidence import Packet, gather_evidence, log_export
from ops.evidence_csv import evidence_csv
from ops.evidence_pdf import as_pdf


class ExportForm(forms.Form):
    reason = forms.CharField(
        max_length=200, help_text="Kept with your name among the accesses to personal data, and printed on the packet."
    )
    kind = forms.ChoiceField(choices=[("PDF", "PDF"), ("CSV", "CSV")])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        example = "Such as: letter of counsel of May 3"
        self.fields["reason"].widget.attrs |= {"class": INPUT_CLASSES, "placeholder": example}


@require_http_methods(["GET", "HEAD", "POST"])
def evidence_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    user = request.user
    if not (isinstance(user, User) and user.has_perm("outreach.export_evidence")):
        raise PermissionDenied
    phone = get_object_or_404(PhoneNumber, pk=pk)
    form = ExportForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        kind, reason = form.cleaned_data["kind"], form.cleaned_data["reason"]
        log_export(phone, kind, by=user, reason=reason)
        return EXPORTS[kind](gather_evidence(phone, by=user, reason=reason))
    return _page(request, gather_evidence(phone, by=user, reason=""), form)


def _page(request: HttpRequest, packet: Packet, form: ExportForm) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": f"Evidence for {mask(packet.phone.number)}",
        "number": mask(packet.phone.number),
        "packet": packet,
        "form": form,
    }
    return TemplateResponse(request, "admin/ops/evidence/page.html", context)


def _as_pdf(packet: Packet) -> HttpResponseBase:
    """At once: how many pages there are is known at the end, and stands on the first."""
    return HttpResponse(as_pdf(packet), content_type="application/pdf", headers=_attached(packet, "pdf"))


def _as_csv(packet: Packet) -> HttpResponseBase:
    kind = "text/csv; charset=utf-8"
    return StreamingHttpResponse(evidence_csv(packet), content_type=kind, headers=_attached(packet, "csv"))


def _attached(packet: Packet, suffix: str) -> dict[str, str]:
    """Without the number: names of files end up in many places."""
    name = f"evidence-phone-{packet.phone.pk}-{timezone.localtime(packet.made_at):%Y%m%d-%H%M}.{suffix}"
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}


EXPORTS = {"PDF": _as_pdf, "CSV": _as_csv}
