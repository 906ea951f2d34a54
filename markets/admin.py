"""Markets, contact rules, holidays and emergency holds: what a manager changes while everything runs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from core.admin import RecordAdmin, TabularInline, display
from markets.models import ContactRule, EmergencyHold, Holiday, Market, Parish
from markets.pausing import pause_market, resume_market
from markets.widening import widenings

WIDEN = "markets.widen_consent"


class KeptAdmin(RecordAdmin):
    """Records that others refer to: switched off or ended, never deleted."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


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
class MarketAdmin(KeptAdmin):
    list_display = ("name", "code", "state", "timezone", "hours", "daily_text_cap", "status_label")
    search_fields = ("name", "code")
    inlines = (ParishInline,)
    change_form_outer_before_template = "admin/markets/market/status.html"
    fieldsets = (
        (None, {"fields": (("name", "code"), ("state", "timezone"), "active")}),
        (
            "When to contact",
            {
                "fields": (("contact_start", "contact_end"), ("contacts_saturday", "contacts_sunday")),
                "description": "The market's own hours. Where a state's contact rule is stricter, the rule counts.",
            },
        ),
        ("Who we are", {"fields": (("company_name", "agent_name"), "mailing_address")}),
        (
            "How much",
            {"fields": (("daily_text_cap", "batch_size"), ("cooldown_days", "max_segments"), "segment_cost")},
        ),
        (
            "Scores",
            {
                "fields": (("contact_score", "hot_score"),),
                "description": "Leads are contacted from the first score on. Weights are on their own page.",
            },
        ),
        ("Duplicate owners", {"fields": ("auto_merge_owners",)}),
        (
            "Texts without consent",
            {
                "fields": ("allows_texts_without_consent", "texts_without_consent_reason"),
                "description": "Only an administrator may allow them, with a reason that is kept for good.",
            },
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        consent = (
            () if request.user.has_perm(WIDEN) else ("allows_texts_without_consent", "texts_without_consent_reason")
        )
        return ("code", *consent) if obj else consent

    @display(description="Hours")
    def hours(self, market: Market) -> str:
        days = ["Mon–Fri", *(["Sat"] if market.contacts_saturday else []), *(["Sun"] if market.contacts_sunday else [])]
        return f"{market.contact_start:%H:%M}–{market.contact_end:%H:%M} {', '.join(days)}"

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


class ContactRuleForm(forms.ModelForm):
    """Refuses to widen a rule for a person who may not; `request` is set by the admin."""

    request: HttpRequest

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.errors or self.request.user.has_perm(WIDEN):
            return cleaned
        if self.instance.pk is None:
            return cleaned
        before = ContactRule.objects.get(pk=self.instance.pk).as_hours()
        new = list(widenings(before, _with(self.instance, cleaned).as_hours()))
        if new:
            raise forms.ValidationError(f"This would allow more than before: {'; '.join(new)}. An administrator may.")
        return cleaned


@admin.register(ContactRule)
class ContactRuleAdmin(KeptAdmin):
    form = ContactRuleForm
    list_display = ("state", "name", "hours", "days", "max_texts_per_24h", "verified_label", "updated_at")
    list_filter = ("verified",)
    search_fields = ("state", "name")
    list_display_links = ("state", "name")
    fieldsets = (
        (None, {"fields": (("state", "name"),)}),
        (
            "When",
            {
                "fields": (
                    ("start", "end"),
                    ("saturday", "sunday", "sunday_start"),
                    "closed_on_holidays",
                    "max_texts_per_24h",
                    "timezone",
                ),
                "description": "Of several rules the strictest counts. Widening one takes an administrator.",
            },
        ),
        (
            "Where it comes from",
            {"fields": ("source", "verified"), "description": "Engineering input, not legal advice."},
        ),
    )

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (form,), {"request": request})

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        verified = () if request.user.has_perm(WIDEN) else ("verified",)
        return ("state", *verified) if obj else verified

    @display(description="Hours")
    def hours(self, rule: ContactRule) -> str:
        return f"{rule.start:%H:%M}–{rule.end:%H:%M}"

    @display(description="Days")
    def days(self, rule: ContactRule) -> str:
        sunday = f"Sun from {rule.sunday_start:%H:%M}" if rule.sunday_start else "Sun"
        days = ["Mon–Fri", *(["Sat"] if rule.saturday else []), *([sunday] if rule.sunday else [])]
        return ", ".join(days) + (", no holidays" if rule.closed_on_holidays else "")

    @display(description="Verified", label={"Verified": "success", "Not verified": "warning"})
    def verified_label(self, rule: ContactRule) -> str:
        return "Verified" if rule.verified else "Not verified"


@admin.register(Holiday)
class HolidayAdmin(RecordAdmin):
    list_display = ("date", "name", "state", "verified")
    list_filter = ("verified",)
    search_fields = ("name", "state")
    ordering = ("-date",)


@admin.register(EmergencyHold)
class EmergencyHoldAdmin(KeptAdmin):
    """A hold is put on by adding one, and ended by a button or its date."""

    list_display = ("state", "reason", "status_label", "starts_at", "ends_at", "created_by")
    search_fields = ("state", "reason")
    list_select_related = ("created_by",)
    fields = ("state", "reason", "starts_at", "ends_at")
    change_form_outer_before_template = "admin/markets/emergencyhold/status.html"

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"starts_at": timezone.now()}

    def save_model(self, request: HttpRequest, obj: EmergencyHold, form: Any, change: bool) -> None:
        if not change:
            obj.created_by = request.user  # type: ignore[assignment]
        super().save_model(request, obj, form, change)

    @display(description="Status", label={"On": "danger", "Ended": "", "Planned": "info"})
    def status_label(self, hold: EmergencyHold) -> str:
        now = timezone.now()
        if hold.ends_at and hold.ends_at <= now:
            return "Ended"
        return "On" if hold.starts_at <= now else "Planned"

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
        now = timezone.now()
        if hold.starts_at < now and (hold.ends_at is None or hold.ends_at > now):
            hold.ends_at = now
            hold.save(update_fields=["ends_at"])
            messages.success(request, f"The hold in {hold.state} has ended.")
        else:
            messages.error(request, f"The hold in {hold.state} is not on.")
        return HttpResponseRedirect(reverse("admin:markets_emergencyhold_changelist"))


def _with(rule: ContactRule, cleaned: dict[str, Any]) -> ContactRule:
    """The rule as the form would leave it."""
    values = {field.name: getattr(rule, field.name) for field in ContactRule._meta.concrete_fields}
    return ContactRule(**values | {name: value for name, value in cleaned.items() if name in values})


def _said(request: HttpRequest, market: Market, bad: str, done: bool, good: str) -> HttpResponse:
    messages.add_message(request, messages.SUCCESS if done else messages.ERROR, good if done else bad)
    return HttpResponseRedirect(reverse("admin:markets_market_change", args=[market.pk]))
