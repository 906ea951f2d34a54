from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from core.admin import MachineWrittenAdmin, display
from leads.admin.timeline import entry_of
from leads.models import Event


@admin.register(Event)
class EventAdmin(MachineWrittenAdmin):
    """The audit trail. One lead's events are on its page, in the same words."""

    list_display = ("created_at", "kind", "words", "lead", "owner", "actor", "delivered")
    list_filter = ("kind",)
    list_select_related = ("lead", "owner", "actor")
    fields = ("kind", "words", "lead", "owner", "actor", "created_at", "handled_at")
    readonly_fields = ("words",)

    @display(description="What happened")
    def words(self, event: Event) -> str:
        return entry_of(event).detail

    @display(description="Delivered", boolean=True)
    def delivered(self, event: Event) -> bool:
        return event.handled_at is not None

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("leads.view_event")
