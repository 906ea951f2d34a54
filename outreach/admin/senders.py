"""The numbers texts are sent from."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from core.admin import RecordAdmin, display
from core.phones import mask
from outreach.models import SenderNumber


def sender_name(sender: SenderNumber | None) -> str:
    """How lists call one of our numbers."""
    if sender is None:
        return "—"
    return f"{sender.label} · {mask(sender.number)}" if sender.label else mask(sender.number)


@admin.register(SenderNumber)
class SenderNumberAdmin(RecordAdmin):
    asks_why = True
    list_display = ("name", "market_name", "status_label", "used_today", "segments_per_minute", "created_at")
    list_filter = ("active",)
    search_fields = ("label", "number")
    search_help_text = "Label, or digits of the number"
    fieldsets = (
        (None, {"fields": ("number", "label", "market", "active")}),
        ("Limits", {"fields": ("daily_cap", "segments_per_minute")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[SenderNumber]:
        return SenderNumber.objects.for_list()

    def get_readonly_fields(self, request: HttpRequest, obj: SenderNumber | None = None) -> tuple[str, ...]:
        """Texts and replies refer to the number: another number is another record."""
        return ("number",) if obj else ()

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        kwargs["help_texts"] = {
            "label": "What the team calls it; shown in place of the number.",
            "market": "Empty: used by every market.",
            "active": "Off: nothing is sent from it. Replies to it are still received.",
        }
        return super().get_form(request, obj, change, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Taken out of use instead: texts refer to it."""
        return False

    @display(description="Number", ordering="number")
    def name(self, sender: SenderNumber) -> str:
        return sender_name(sender)

    @display(description="Market", ordering="market__name")
    def market_name(self, sender: SenderNumber) -> str:
        return sender.market.name if sender.market else "every market"

    @display(description="Status", ordering="active", label={"In use": "success", "Off": ""})
    def status_label(self, sender: SenderNumber) -> str:
        return "In use" if sender.active else "Off"

    @display(description="Texts in 24 hours")
    def used_today(self, sender: Any) -> str:
        return f"{sender.used:,} of {sender.daily_cap:,}"
