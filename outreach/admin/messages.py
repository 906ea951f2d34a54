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
from django.utils.html import format_html

from core.admin import MachineWrittenKeysetAdmin, display
from core.phones import mask, to_e164
from outreach.admin import conversation, reply_box
from outreach.admin.conversation import LABEL_COLOURS
from outreach.admin.message_filters import CampaignFilter, ErrorFilter, LabelFilter, WriterFilter
from outreach.admin.message_page import current_label, page_facts
from outreach.admin.states import STATE_COLOURS, shown_state
from outreach.models import Message

FIRST_WORDS = 70


@admin.register(Message)
class MessageAdmin(MachineWrittenKeysetAdmin):
    list_display = ("who", "words", "state_label", "reply_label", "number", "campaign", "at")
    list_display_links = ("who", "words")
    list_filter = (
        "direction",
        "state",
        "needs_person",
        LabelFilter,
        WriterFilter,
        "origin",
        CampaignFilter,
        ErrorFilter,
    )
    list_filter_sheet = True
    search_fields = ("owner__name", "=sid")
    search_help_text = "Owner, campaign, a whole phone number, the provider's id (SM…) or its error code"

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
        """With the reason where it did not simply go."""
        words = message.words if len(message.words) <= FIRST_WORDS else f"{message.words[:FIRST_WORDS]}…"
        return format_html('{}<span class="row-why">{}</span>', words, message.error) if message.error else words

    @display(description="State", label=STATE_COLOURS)
    def state_label(self, message: Message) -> tuple[str, str]:
        return shown_state(message)

    @display(description="Label", label=LABEL_COLOURS)
    def reply_label(self, message: Message) -> tuple[str, str] | None:
        label = current_label(message)
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
        return [*conversation.urls(self.admin_site), *reply_box.urls(self.admin_site), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        message = get_object_or_404(Message.objects.for_page(), pk=object_id)
        if not self.has_view_permission(request, message):
            raise PermissionDenied
        shared = self.admin_site.each_context(request) | {"opts": self.opts, "title": f"Text {message.pk}"}
        return TemplateResponse(request, "admin/outreach/message/page.html", shared | page_facts(request, message))
