"""Which numbers the provider was asked about, what came back, and what the month has cost."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from core.admin import MachineWrittenAdmin, display
from core.phones import mask
from outreach.models import PhoneLookup


@admin.register(PhoneLookup)
class PhoneLookupAdmin(MachineWrittenAdmin):
    list_display = ("masked", "market", "asked_at", "outcome", "carrier", "cost")
    list_filter = ("line_type",)
    fields = ("masked", "market", "asked_at", "answered_at", "valid", "line_type", "carrier", "cost", "error",
              "ask_again_at")  # fmt: skip
    readonly_fields = ("masked",)
    list_before_template = "admin/outreach/phonelookup/spent.html"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).for_list()

    @display(description="Number")
    def masked(self, lookup: PhoneLookup) -> str:
        return mask(lookup.phone.number)

    @display(description="Line", label={"Failed": "danger", "Not a valid number": "warning", "No answer": "warning"})
    def outcome(self, lookup: PhoneLookup) -> str:
        if lookup.error:
            return "Failed"
        if lookup.answered_at is None:
            return "No answer"
        return lookup.get_line_type_display() if lookup.valid else "Not a valid number"

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        month = timezone.localtime().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        context = (extra_context or {}) | {"spent": PhoneLookup.objects.spent_since(month)}
        return super().changelist_view(request, context)
