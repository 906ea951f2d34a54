"""What Twilio sent us, as rows; the payload stays encrypted. Requests with a bad signature are only counted."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from core.admin import MachineWrittenAdmin, display
from outreach.models import WebhookEvent
from outreach.webhooks import rejected_webhooks


@admin.register(WebhookEvent)
class WebhookEventAdmin(MachineWrittenAdmin):
    list_display = ("key", "kind", "status_label", "attempts", "error", "received_at", "processed_at")
    list_filter = ("kind",)
    search_fields = ("=key",)
    search_help_text = "The provider's id"
    fields = ("key", "kind", "attempts", "error", "received_at", "processed_at")
    list_before_template = "admin/outreach/webhookevent/rejected.html"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("payload")

    @display(description="Status", label={"Done": "success", "Waiting": "info", "Failing": "danger"})
    def status_label(self, event: WebhookEvent) -> str:
        if event.processed_at:
            return "Done"
        return "Failing" if event.error else "Waiting"

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, (extra_context or {}) | {"rejected": rejected_webhooks()})
