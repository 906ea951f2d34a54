"""Who agreed to be texted, how and when. A consent is recorded and withdrawn, never rewritten."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from core.admin import MachineWrittenAdmin, display
from core.models import User
from outreach.consents import record_consent, withdraw_consent
from outreach.models import Consent


@admin.register(Consent)
class ConsentAdmin(MachineWrittenAdmin):
    list_display = ("owner", "basis", "number", "status_label", "given_at", "recorded_by")
    list_filter = ("basis",)
    list_select_related = ("owner", "phone", "recorded_by")
    search_fields = ("owner__name",)
    autocomplete_fields = ("owner",)
    readonly_fields = ("number", "given_at", "revoked_at", "recorded_by")
    change_form_outer_before_template = "admin/outreach/consent_status.html"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("owner", "basis", "evidence", *(self.readonly_fields if obj else ()))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("outreach.add_consent")

    def save_model(self, request: HttpRequest, obj: Consent, form: Any, change: bool) -> None:
        assert isinstance(request.user, User)
        values = form.cleaned_data
        recorded = record_consent(values["owner"], values["basis"], evidence=values["evidence"], by=request.user)
        obj.pk, obj.given_at = recorded.pk, recorded.given_at

    @display(description="Number")
    def number(self, consent: Consent) -> str:
        return str(consent.phone) if consent.phone else "any of this owner"

    @display(description="Status", label={"In force": "success", "Withdrawn": "danger"})
    def status_label(self, consent: Consent) -> str:
        return "Withdrawn" if consent.revoked_at else "In force"

    def get_urls(self) -> list[URLPattern]:
        withdraw = self.admin_site.admin_view(require_POST(self.withdraw_view))
        return [path("<int:pk>/withdraw/", withdraw, name="outreach_consent_withdraw"), *super().get_urls()]

    def withdraw_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        consent = get_object_or_404(Consent, pk=pk)
        assert isinstance(request.user, User)
        result = withdraw_consent(consent, by=request.user)
        if result:
            messages.success(request, "The consent is withdrawn.")
        else:
            messages.error(request, result.message)
        return HttpResponseRedirect(reverse("admin:outreach_consent_change", args=[pk]))
