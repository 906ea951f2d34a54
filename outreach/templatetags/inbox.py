"""What a row of the inbox shows. The skin looks for these before the pages of the admin can be imported."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django import template

from core.phones import mask

if TYPE_CHECKING:
    from outreach.models import Thread

register = template.Library()


@register.filter
def who(thread: Thread) -> str:
    return thread.owner.name if thread.owner else mask(thread.last_message.phone.number)


@register.filter
def colour(label: str) -> str:
    from outreach.admin.conversation import LABEL_COLOURS

    return LABEL_COLOURS.get(label, "")


@register.filter
def stage_colour(stage: str) -> str:
    from leads.admin.badges import STAGE_COLOURS

    return STAGE_COLOURS.get(stage, "")


@register.filter
def shorter(words: str) -> str:
    """“3 hours, 2 minutes ago” -> “3 hours ago”."""
    first, _, rest = words.partition(",")
    return f"{first} ago" if rest else words


@register.filter
def seconds(took: timedelta | None) -> str:
    """“0.8 s”, “3 min”, “5 h”."""
    if took is None:
        return "—"
    whole = took.total_seconds()
    if whole < 90:
        return f"{whole:.1f} s"
    return f"{whole / 60:.0f} min" if whole < 5400 else f"{whole / 3600:.0f} h"


@register.filter
def and_lead(query: str, lead_id: int) -> str:
    return f"{query}{'&' if query else '?'}lead={lead_id}"
