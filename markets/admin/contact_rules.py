from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from core.admin import RecordAdmin, display
from markets.admin.bases import WIDEN, NarrowingAdmin, NarrowingForm
from markets.models import ContactRule, Holiday
from markets.widening import rule_widenings


class ContactRuleForm(NarrowingForm):
    def widened(self) -> Iterable[str]:
        return rule_widenings(self.instance)


@admin.register(ContactRule)
class ContactRuleAdmin(NarrowingAdmin):
    form = ContactRuleForm
    list_display = ("name", "state", "hours", "days", "max_texts_per_24h", "verified_label", "updated_at")
    list_filter = ("verified",)
    search_fields = ("state", "name")
    fieldsets = (
        (None, {"fields": (("state", "name"),)}),
        (
            "When",
            {
                "fields": (
                    ("start", "end"),
                    ("saturday", "sunday"),
                    ("sunday_start", "closed_on_holidays"),
                    ("max_texts_per_24h", "timezone"),
                ),
                "description": "Of several rules the strictest counts. Widening one takes an administrator.",
            },
        ),
        (
            "Where it comes from",
            {"fields": ("source", "verified"), "description": "Engineering input, not legal advice."},
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        verified = () if request.user.has_perm(WIDEN) else ("verified",)
        return ("state", *verified) if obj else verified

    @display(description="Hours")
    def hours(self, rule: ContactRule) -> str:
        return f"{rule.start:%H:%M}–{rule.end:%H:%M}"

    @display(description="Days")
    def days(self, rule: ContactRule) -> str:
        sunday = f", Sunday from {rule.sunday_start:%H:%M}" if rule.sunday and rule.sunday_start else ""
        return rule.as_hours().days_in_words + sunday + (", no holidays" if rule.closed_on_holidays else "")

    @display(description="Verified", label={"Verified": "success", "Not verified": "warning"})
    def verified_label(self, rule: ContactRule) -> str:
        return "Verified" if rule.verified else "Not verified"


@admin.register(Holiday)
class HolidayAdmin(RecordAdmin):
    asks_why = True
    list_display = ("name", "date", "state", "verified_label")
    list_filter = ("state", "verified")
    search_fields = ("name", "state")
    search_help_text = "Name, or postal code of the state; US = federal"
    ordering = ("-date", "state")
    fields = ("name", ("date", "state"), "source", "verified")

    @display(description="Verified", label={"Verified": "success", "Not verified": "warning"})
    def verified_label(self, holiday: Holiday) -> str:
        return "Verified" if holiday.verified else "Not verified"
