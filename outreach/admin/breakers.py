"""What stops texts by itself: the rules, which a manager tunes, and each time that one was met."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from core.admin import MachineWrittenAdmin, RecordAdmin, display
from core.models import User
from outreach.breakers import close_breaker
from outreach.models import Breaker, BreakerRule


@admin.register(BreakerRule)
class BreakerRuleAdmin(RecordAdmin):
    asks_why = True
    list_display = ("scope", "in_words", "then", "active", "updated_at")
    list_display_links = ("scope", "in_words")
    fieldsets = (
        (None, {"fields": (("scope", "signal"), "active")}),
        ("Stops when", {"fields": (("least", "percent", "window_minutes"),)}),
        ("Afterwards", {"fields": (("cool_down_minutes", "probes"),)}),
    )
    readonly_fields = ("scope", "signal")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """There is one for each thing that is counted; it is switched off instead of deleted."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description="Stops when")
    def in_words(self, rule: BreakerRule) -> str:
        window = _minutes(rule.window_minutes)
        return f"{rule.least} texts and {rule.percent} % {rule.get_signal_display()} within {window}"

    @display(description="Afterwards")
    def then(self, rule: BreakerRule) -> str:
        if not rule.probes:
            return "a person lets texts go on"
        return f"{rule.probes} texts are tried after {_minutes(rule.cool_down_minutes)}"


@admin.register(Breaker)
class BreakerAdmin(MachineWrittenAdmin):
    list_display = ("subject", "kind", "state_label", "reason", "opened_at", "next_step", "closed")
    list_filter = ("state", "rule__scope")
    search_fields = ("subject", "reason")
    fields = ("subject", "kind", "state_label", "reason", "opened_at", "times_opened", "next_step", "paused_campaigns",
              "closed")  # fmt: skip
    readonly_fields = ("kind", "state_label", "next_step", "paused_campaigns", "closed")
    change_form_outer_before_template = "admin/outreach/breaker/close.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Breaker]:
        return Breaker.objects.for_list()

    def get_urls(self) -> list[URLPattern]:
        close = self.admin_site.admin_view(require_POST(self.close_view))
        return [path("<int:pk>/close/", close, name="outreach_breaker_close"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        context = {"may_close": request.user.has_perm("outreach.close_breaker")} | (extra_context or {})
        return super().change_view(request, object_id, form_url, context)

    def close_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not request.user.has_perm("outreach.close_breaker"):
            raise PermissionDenied
        assert isinstance(request.user, User)
        result = close_breaker(
            get_object_or_404(Breaker, pk=pk), by=request.user, reason=request.POST.get("reason", "")
        )
        if result:
            messages.success(request, "Closed. Campaigns that it paused are resumed on their own pages.")
        else:
            messages.error(request, result.message)
        return HttpResponseRedirect(reverse("admin:outreach_breaker_change", args=[pk]))

    @display(description="Over", ordering="rule__scope")
    def kind(self, breaker: Breaker) -> str:
        return breaker.rule.get_scope_display()

    @display(description="State", label={"Open": "danger", "Trying": "warning", "Closed": ""})
    def state_label(self, breaker: Breaker) -> str:
        return breaker.get_state_display()

    @display(description="Next")
    def next_step(self, breaker: Breaker) -> str:
        if breaker.state == Breaker.State.CLOSED:
            return "—"
        if breaker.state == Breaker.State.HALF_OPEN:
            return f"{breaker.rule.probes} texts are being tried"
        if breaker.retry_at is None:
            return "A person has to close it"
        return f"A few texts are tried from {timezone.localtime(breaker.retry_at):%b %-d, %H:%M} on"

    @display(description="Campaigns it paused")
    def paused_campaigns(self, breaker: Breaker) -> str:
        return ", ".join(campaign.name for campaign in breaker.paused.all()) or "none"

    @display(description="Closed")
    def closed(self, breaker: Breaker) -> str:
        if breaker.closed_at is None:
            return "—"
        who = f" by {breaker.closed_by}: {breaker.close_reason}" if breaker.closed_by else " by itself"
        return f"{timezone.localtime(breaker.closed_at):%b %-d, %H:%M}{who}"


def _minutes(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return f"{hours} h" if hours and not rest else f"{minutes} min"
