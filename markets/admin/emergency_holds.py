from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from core.admin import display
from markets.admin.bases import KeptAdmin
from markets.emergencies import end_hold, switches
from markets.models import EmergencyHold


@admin.register(EmergencyHold)
class EmergencyHoldAdmin(KeptAdmin):
    """A hold is put on by adding one, and ended by a button or its date. What it was stays on record."""

    list_display = ("reason", "state", "status_label", "starts_at", "ends_at", "created_by")
    search_fields = ("state", "reason")
    list_select_related = ("created_by",)
    list_before_template = "admin/markets/emergencyhold/switches.html"
    fields = ("state", "reason", "starts_at", "ends_at")
    change_form_outer_before_template = "admin/markets/emergencyhold/status.html"

    def get_readonly_fields(self, request: HttpRequest, obj: EmergencyHold | None = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        return ("state", "starts_at") if obj.starts_at <= timezone.now() else ("state",)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"starts_at": timezone.now(), **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: EmergencyHold, form: Any, change: bool) -> None:
        if not change:
            obj.created_by = request.user  # type: ignore[assignment]
        super().save_model(request, obj, form, change)
        if not obj.on_at(timezone.now()):
            messages.warning(request, f"This hold is not on now: texts to {obj.state} may go out.")

    @display(description="Status", label={"On": "danger", "Ended": "", "Planned": "info"})
    def status_label(self, hold: EmergencyHold) -> str:
        now = timezone.now()
        if hold.on_at(now):
            return "On"
        return "Planned" if hold.starts_at > now else "Ended"

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {"switches": switches(timezone.now()), "may_end": self.has_change_permission(request)}
        return super().changelist_view(request, (extra_context or {}) | context)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        hold = context["original"]
        context["hold_status"] = self.status_label(hold) if hold else ""
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        end = self.admin_site.admin_view(require_POST(self.end_view))
        return [path("<int:pk>/end/", end, name="markets_emergencyhold_end"), *super().get_urls()]

    def end_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        hold = get_object_or_404(EmergencyHold, pk=pk)
        if not self.has_change_permission(request, hold):
            raise PermissionDenied
        result = end_hold(hold, by=request.user)  # type: ignore[arg-type]
        if not result:
            messages.error(request, result.message)
        elif EmergencyHold.objects.in_force(timezone.now()).in_state(hold.state).exists():
            messages.warning(request, f"The hold has ended, but another one in {hold.state} is still on.")
        else:
            messages.success(request, f"The hold in {hold.state} has ended.")
        return HttpResponseRedirect(reverse("admin:markets_emergencyhold_changelist"))
