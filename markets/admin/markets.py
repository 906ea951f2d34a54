from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from core.admin import TabularInline, display
from markets.admin.bases import WIDEN, NarrowingAdmin, NarrowingForm
from markets.models import Market, Parish
from markets.pausing import pause_market, resume_market
from markets.widening import market_widenings


class MarketForm(NarrowingForm):
    class Meta:
        error_messages: ClassVar = {
            "contact_start": {"required": "The market has no hours: say from when on people may be texted."},
            "contact_end": {"required": "The market has no hours: say until when people may be texted."},
        }

    def widened(self) -> Iterable[str]:
        return market_widenings(self.instance)


class ParishFormSet(forms.BaseInlineFormSet):
    """The database refuses two parishes of one name in a market, whatever their case; here it is said where."""

    def clean(self) -> None:
        super().clean()
        seen: set[str] = set()
        for form in self.forms:
            name = str(form.cleaned_data.get("name", "")).lower() if form.is_valid() else ""
            if name and name in seen:
                form.add_error("name", "The market has a parish of this name already.")
            seen.add(name)


class ParishInline(TabularInline):
    model = Parish
    formset = ParishFormSet
    fields = ("name", "active")
    tab = True

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Market)
class MarketAdmin(NarrowingAdmin):
    form = MarketForm
    list_display = ("name", "code", "state", "timezone", "parishes_shown", "hours", "daily_text_cap", "status_label")
    search_fields = ("name", "code")
    inlines = (ParishInline,)
    change_form_outer_before_template = "admin/markets/market/status.html"
    fieldsets = (
        (None, {"fields": (("name", "code"), ("state", "timezone"), "active")}),
        (
            "When to contact",
            {
                "fields": (("contact_start", "contact_end"), ("contacts_saturday", "contacts_sunday")),
                "description": "The market's own hours. Where a state's contact rule is stricter, the rule counts. "
                "Widening them takes an administrator.",
            },
        ),
        ("Who we are", {"fields": (("company_name", "agent_name"), "mailing_address")}),
        (
            "How much",
            {
                "fields": (
                    ("daily_text_cap", "batch_size"),
                    ("cooldown_days", "max_segments"),
                    "segment_cost",
                    ("lookups_per_day", "lookup_cost"),
                )
            },
        ),
        (
            "Scores",
            {
                "fields": (("contact_score", "hot_score"),),
                "description": "Leads are contacted from the first score on. Weights are on their own page.",
            },
        ),
        ("New owners of a parcel", {"fields": ("on_owner_change",)}),
        ("Duplicate owners", {"fields": ("auto_merge_owners",)}),
        ("Timeline", {"fields": ("events_archived_after_days",)}),
        ("Deleted leads", {"fields": ("deleted_leads_kept_days",)}),
        (
            "Texts without consent",
            {
                "fields": ("allows_texts_without_consent", "texts_without_consent_reason"),
                "description": "Only an administrator may allow them, with a reason that is kept for good.",
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Market]:
        return Market.objects.with_parish_counts()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        consent = (
            () if request.user.has_perm(WIDEN) else ("allows_texts_without_consent", "texts_without_consent_reason")
        )
        return ("code", *consent) if obj else consent

    @display(description="Parishes", ordering="parish_count")
    def parishes_shown(self, market: Market) -> int:
        return market.parish_count  # type: ignore[attr-defined]  # counted by the list's query

    @display(description="Hours")
    def hours(self, market: Market) -> str:
        return f"{market.contact_start:%H:%M}–{market.contact_end:%H:%M} {market.as_hours().days_in_words}"

    @display(description="Status", label={"Active": "success", "Paused": "danger", "Off": ""})
    def status_label(self, market: Market) -> str:
        if market.paused_at:
            return "Paused"
        return "Active" if market.active else "Off"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        steps = [
            path("<int:pk>/pause/", view(require_POST(self.pause_view)), name="markets_market_pause"),
            path("<int:pk>/resume/", view(require_POST(self.resume_view)), name="markets_market_resume"),
        ]
        return steps + super().get_urls()

    def pause_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        market = self._changeable(request, pk)
        result = pause_market(market, by=request.user, reason=request.POST.get("reason", ""))  # type: ignore[arg-type]
        return _said(request, market, result.message, bool(result), f"{market} is paused: nothing is sent for it.")

    def resume_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        market = self._changeable(request, pk)
        result = resume_market(market, by=request.user)  # type: ignore[arg-type]
        return _said(request, market, result.message, bool(result), f"{market} goes on.")

    def _changeable(self, request: HttpRequest, pk: int) -> Market:
        market = get_object_or_404(Market, pk=pk)
        if not self.has_change_permission(request, market):
            raise PermissionDenied
        return market


def _said(request: HttpRequest, market: Market, bad: str, done: bool, good: str) -> HttpResponse:
    messages.add_message(request, messages.SUCCESS if done else messages.ERROR, good if done else bad)
    return HttpResponseRedirect(reverse("admin:markets_market_change", args=[market.pk]))
