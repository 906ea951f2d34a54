"""The numbers texts are sent from."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from core.admin import RecordAdmin, display
from core.phones import mask
from outreach.models import Breaker, SenderNumber
from outreach.provider import ProviderError, may_send, sms_provider

SHOWN = timedelta(days=7)
OUTCOMES = {
    "delivered": "Delivered",
    "failed": "Failed",
    "filtered": "Filtered",
    "stopped": "Opted out",
    "replies": "Replies",
}


def sender_name(sender: SenderNumber | None) -> str:
    """How lists call one of our numbers."""
    if sender is None:
        return "—"
    return f"{sender.label} · {mask(sender.number)}" if sender.label else mask(sender.number)


class SenderForm(forms.ModelForm):
    """A new number is asked for at the provider: texts from somebody else's are refused there, one by one."""

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # Django's own hook: only a number that could be one is asked for
        if not self.errors and self.instance.pk is None and may_send():
            for reason in _why_not_ours(self.instance.number):
                self.add_error("number", reason)


def _why_not_ours(number: str) -> list[str]:
    try:
        is_ours = sms_provider().is_ours(number)
    except ProviderError:
        return ["The provider could not be asked whether it is ours. Try again in a minute."]
    return [] if is_ours else ["This number or service does not belong to our account at the provider."]


@admin.register(SenderNumber)
class SenderNumberAdmin(RecordAdmin):
    asks_why = True
    form = SenderForm
    list_display = ("name", "market_name", "status_label", "used_today", "delivered", "filtered", "stopped", "replies")
    change_form_outer_before_template = "admin/outreach/sendernumber/health.html"
    list_filter = ("active",)
    search_fields = ("label", "number")
    search_help_text = "Label, or digits of the number"
    fieldsets = (
        (None, {"fields": ("number", "label", "market", "active")}),
        ("Limits", {"fields": (("daily_cap", "segments_per_minute"),)}),
        ("Warm-up", {"fields": (("warm_up_from", "warm_up_texts"),)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[SenderNumber]:
        return SenderNumber.objects.for_list().with_health(timezone.now() - SHOWN)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        context = (_health(int(object_id)) if object_id.isdigit() else {}) | (extra_context or {})
        return super().change_view(request, object_id, form_url, context)

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

    @display(description="Texts today")
    def used_today(self, sender: Any) -> str:
        return _today(sender)

    @display(description="Delivered, 7 days")
    def delivered(self, sender: Any) -> str:
        return _share(sender.delivered, sender.sent)

    @display(description="Filtered")
    def filtered(self, sender: Any) -> str:
        return _share(sender.filtered, sender.sent)

    @display(description="Opted out")
    def stopped(self, sender: Any) -> str:
        return _share(sender.stopped, sender.sent)

    @display(description="Replies")
    def replies(self, sender: Any) -> str:
        return f"{sender.replies:,}"


def _today(sender: Any) -> str:
    """Of the cap that the gate counts with: a day is one of the number's market."""
    cap = sender.cap_on(timezone.localdate(timezone=sender.market.zone if sender.market else None))
    return f"{sender.used:,} of {cap:,}{' (warming up)' if cap < sender.daily_cap else ''}"


def _share(part: int, whole: int) -> str:
    return f"{part:,} · {100 * part / whole:.1f} %" if whole else "—"


def _health(pk: int) -> dict[str, Any]:
    """How much of today's cap is used, what became of the number's texts in the last day, week and month, and the
    breakers over it."""
    now, periods = timezone.now(), []
    for days in (1, 7, 30):
        found = SenderNumber.objects.health_of(pk, now - timedelta(days=days))
        if found:
            shares = [(label, _share(getattr(found, name), found.sent)) for name, label in OUTCOMES.items()]
            periods.append((f"{days} days" if days > 1 else "24 hours", [("Sent", f"{found.sent:,}"), *shares]))
    today = SenderNumber.objects.today_of(pk)
    return {"periods": periods, "today": today and _today(today), "breakers": Breaker.objects.over_sender(pk)}
