from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from core.admin import MachineWrittenKeysetAdmin, display
from core.phones import mask, to_e164
from leads.models import OwnerPhone, PhoneNumber


@admin.register(PhoneNumber)
class PhoneNumberAdmin(MachineWrittenKeysetAdmin):
    """Masked everywhere; a whole number finds its record by the keyed hash."""

    list_display = ("masked", "line_type", "carrier", "status_label", "checked_at", "created_at")
    list_filter = ("line_type", "status")
    search_fields = ("area_code",)
    search_help_text = "A whole phone number, or an area code"
    change_form_outer_before_template = "admin/leads/phonenumber/owners.html"
    fields = ("masked", "area_code", "line_type", "carrier", "status", "status_reason", "checked_at",
              "created_at")  # fmt: skip
    readonly_fields = ("masked",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[PhoneNumber], search_term: str
    ) -> tuple[QuerySet[PhoneNumber], bool]:
        number = to_e164(search_term) if search_term else None
        if number:
            return queryset.numbered(number), False  # type: ignore[attr-defined]
        return super().get_search_results(request, queryset, search_term)

    @display(description="Number")
    def masked(self, phone: PhoneNumber) -> str:
        return mask(phone.number)

    @display(description="Status", label={"active": "success", "bad": "danger"})
    def status_label(self, phone: PhoneNumber) -> tuple[str, str]:
        return phone.status, phone.get_status_display()

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        context["owners"] = OwnerPhone.objects.owners_of(context["original"])
        return super().render_change_form(request, context, *args, **kwargs)
