"""All texts, in and out; one text's page says how it came to be what it is."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern

from core.admin import MachineWrittenKeysetAdmin, display
from core.phones import mask, to_e164
from outreach.admin import conversation
from outreach.admin.conversation import LABEL_COLOURS, STATE_COLOURS
from outreach.error_codes import action_for
from outreach.models import Message, ReplyLabel

FIRST_WORDS = 70


class LabelFilter(admin.SimpleListFilter):
    title = "label"
    parameter_name = "label"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(ReplyLabel.Label.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        label = self.value()
        return queryset.labelled(label) if label else queryset  # type: ignore[attr-defined]


class WriterFilter(admin.SimpleListFilter):
    title = "writer"
    parameter_name = "writer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("unknown", "Unknown numbers")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        return queryset.of_strangers() if self.value() == "unknown" else queryset  # type: ignore[attr-defined]


@admin.register(Message)
class MessageAdmin(MachineWrittenKeysetAdmin):
    list_display = ("who", "words", "state_label", "reply_label", "number", "campaign", "at")
    list_display_links = ("who", "words")
    list_filter = ("direction", "state", "needs_person", LabelFilter, WriterFilter, "origin")
    list_filter_sheet = True
    search_fields = ("owner__name", "=sid")
    search_help_text = "Owner, the provider's id, or a whole phone number"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        return Message.objects.for_list()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Message], search_term: str
    ) -> tuple[QuerySet[Message], bool]:
        number = to_e164(search_term) if search_term else None
        if number:
            return queryset.with_number(number), False  # type: ignore[attr-defined]
        return (queryset.found_by(search_term) if search_term else queryset), False  # type: ignore[attr-defined]

    @display(description="With")
    def who(self, message: Message) -> str:
        arrow = "←" if message.direction == Message.Direction.IN else "→"
        return f"{arrow} {message.owner.name if message.owner else 'unknown number'}"

    @display(description="Text")
    def words(self, message: Message) -> str:
        return message.body if len(message.body) <= FIRST_WORDS else f"{message.body[:FIRST_WORDS]}…"

    @display(description="State", label=STATE_COLOURS)
    def state_label(self, message: Message) -> tuple[str, str]:
        if message.needs_person:
            return "blocked", "For a person"
        return message.state, message.get_state_display()

    @display(description="Label", label=LABEL_COLOURS)
    def reply_label(self, message: Message) -> tuple[str, str] | None:
        label = _current(message)
        return (label.label, label.get_label_display()) if label else None

    @display(description="Number")
    def number(self, message: Message) -> str:
        return mask(message.phone.number)

    @display(description="Campaign")
    def campaign(self, message: Message) -> str:
        return message.step.campaign.name if message.step else ""

    @display(description="When")
    def at(self, message: Message) -> Any:
        return message.sent_at or message.due_at

    def get_urls(self) -> list[URLPattern]:
        return conversation.urls(self.admin_site) + super().get_urls()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        message = get_object_or_404(Message.objects.for_page(), pk=object_id)
        if not self.has_view_permission(request, message):
            raise PermissionDenied
        shared = self.admin_site.each_context(request) | {"opts": self.opts, "title": f"Text {message.pk}"}
        return TemplateResponse(request, "admin/outreach/message/page.html", shared | _facts(request, message))


def _facts(request: HttpRequest, message: Message) -> dict[str, Any]:
    return {
        "message": message,
        "number": mask(message.phone.number),
        "state_colour": STATE_COLOURS.get(message.state, ""),
        "label": _current(message),
        "labels": ReplyLabel.Label.choices,
        "decisions": list(message.decisions.all()),
        "attempts": list(message.send_attempts.all()),
        "statuses": list(message.delivery_statuses.all()),
        "meaning": action_for(message.error_code).meaning if message.error_code else "",
        "may_label": request.user.has_perm("outreach.change_message"),
        "back": request.get_full_path(),
    }


def _current(message: Message) -> ReplyLabel | None:
    return next((label for label in message.labels.all() if label.current), None)
