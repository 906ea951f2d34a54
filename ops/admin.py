"""Alerts that want a person, and the record of who saw personal data in clear."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html

from core.admin import MachineWrittenAdmin, action, display
from core.models import User
from ops.alerts import mark_seen
from ops.models import Alert, PersonalDataAccess


class SeenFilter(admin.SimpleListFilter):
    title = "seen"
    parameter_name = "seen"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("no", "Nobody has seen it"), ("yes", "Seen")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Alert]) -> QuerySet[Alert]:
        choose = {"no": queryset.unseen, "yes": queryset.seen}.get(self.value() or "")  # type: ignore[attr-defined]
        return choose() if choose else queryset


@admin.register(Alert)
class AlertAdmin(MachineWrittenAdmin):
    list_display = ("level_label", "title", "detail", "about", "created_at", "seen_by")
    list_display_links = ("title",)
    list_filter = (SeenFilter, "level")
    list_select_related = ("lead", "seen_by")
    search_fields = ("title", "detail")
    ordering = (F("seen_at").desc(nulls_first=True), "-created_at")
    change_form_outer_before_template = "admin/ops/alert/seen.html"
    actions = ("mark_as_seen",)
    fields = ("level", "title", "detail", "about", "created_at", "seen_by", "seen_at")
    readonly_fields = ("about",)

    @display(description="Level", label={"info": "info", "warning": "warning", "critical": "danger"})
    def level_label(self, alert: Alert) -> tuple[str, str]:
        return alert.level, alert.get_level_display()

    @display(description="About")
    def about(self, alert: Alert) -> str:
        if alert.lead_id is None:
            return "—"
        url = reverse("admin:leads_lead_change", args=[alert.lead_id])
        return format_html('<a class="text-link" href="{}">the lead</a>', url)

    @action(description="Mark as seen", permissions=["see"])
    def mark_as_seen(self, request: HttpRequest, queryset: QuerySet[Alert]) -> None:
        assert isinstance(request.user, User)
        count = mark_seen(queryset, by=request.user)  # type: ignore[arg-type]
        messages.success(
            request, f"{count} alerts are marked as seen." if count != 1 else "The alert is marked as seen."
        )

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        context["may_see"] = self.has_see_permission(request)
        return super().render_change_form(request, context, *args, **kwargs)

    def has_see_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("ops.change_alert")


@admin.register(PersonalDataAccess)
class PersonalDataAccessAdmin(MachineWrittenAdmin):
    list_display = ("at", "user", "what", "phone", "owner", "reason")
    list_select_related = ("user", "phone", "owner")
    search_fields = ("user__username", "reason")
    search_help_text = "Who looked, or why"
