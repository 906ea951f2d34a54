"""What is archived, month by month, and what was brought back."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from core.admin import MachineWrittenAdmin, display
from core.models import User
from core.waking import wake_on_commit
from leads.admin.events import period_of
from leads.models import EventDay, EventRestore
from leads.restoring import KEPT, restore_period
from leads.tasks import bring_events_back

RESTORE = "leads.restore_event"


@admin.register(EventRestore)
class EventRestoreAdmin(MachineWrittenAdmin):
    list_display = ("what", "state_label", "events", "asked", "created_by", "kept")
    list_before_template = "admin/leads/eventrestore/months.html"
    fields = ("what", "state", "events", "created_by", "created_at", "finished_at", "kept_until")
    readonly_fields = ("what",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).for_list()

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.month_view))
        return [path("month/", view, name="leads_eventrestore_month"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        context = {
            "title": "Event archive",
            "months": EventDay.objects.by_month(),
            "archived_total": EventDay.objects.total(),
            "may_restore": request.user.has_perm(RESTORE),
            "kept_days": KEPT.days,
        }
        return super().changelist_view(request, context | (extra_context or {}))

    def month_view(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm(RESTORE):
            raise PermissionDenied
        assert isinstance(request.user, User)
        words = request.POST.get("month", "")
        period = period_of(words)
        if period is None:
            messages.error(request, "Choose one of the months below.")
        else:
            restore_period(*period, by=request.user)
            wake_on_commit(bring_events_back)
            messages.success(request, f"The events of {words} are being brought back. Reload to see how far it is.")
        return HttpResponseRedirect(reverse("admin:leads_eventrestore_changelist"))

    @display(description="Brought back")
    def what(self, restore: EventRestore) -> str:
        return str(restore)

    @display(description="State", label={"Done": "success", "Waiting": "warning"})
    def state_label(self, restore: EventRestore) -> str:
        return restore.get_state_display()

    @display(description="Asked", ordering="created_at")
    def asked(self, restore: EventRestore) -> str:
        return f"{timezone.localtime(restore.created_at):%b %-d, %Y %H:%M}"

    @display(description="Not archived again before")
    def kept(self, restore: EventRestore) -> str:
        return f"{timezone.localtime(restore.kept_until):%b %-d, %Y}"
