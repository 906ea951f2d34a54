"""What stands beside a conversation: the owner's land and leads, the score and its reasons, numbers, notes."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from core.models import User
from leads.admin.badges import STAGE_COLOURS
from leads.admin.lead_page import NoteForm, moves_of
from leads.admin.numbers import number_lines
from leads.admin.timeline import timeline
from leads.models import Lead, Owner
from outreach.models import Thread

LEADS_SHOWN = 10
LINES_SHOWN = 8


def lead_of(thread: Thread, asked: str) -> Lead | None:
    """The one that was asked for, else the one last written about, else the owner's best."""
    if thread.owner is None:
        return None
    leads = Lead.objects.all_of_owner(thread.owner).with_page()
    wanted: Lead | None = leads.by_id(asked) or leads.by_id(str(thread.last_message.lead_id or ""))
    return wanted or Lead.objects.best_of_owner(thread.owner)


def facts_of(request: HttpRequest, owner: Owner, lead: Lead | None) -> dict[str, Any]:
    """What `admin/outreach/thread/facts.html` shows."""
    assert isinstance(request.user, User)
    facts = {
        "numbers": number_lines(request, owner),
        "may_reveal": request.user.has_perm("leads.reveal_phonenumber"),
        "leads": list(Lead.objects.of_owner(owner)[:LEADS_SHOWN]),
        "stage_colours": STAGE_COLOURS,
    }
    if lead is None:
        return facts
    return facts | {
        "moves": moves_of(lead, request.user),
        "may_note": request.user.has_perm("leads.change_lead") and lead.deleted_at is None,
        "note_form": NoteForm(auto_id=False),
        "timeline": timeline(lead)[:LINES_SHOWN],
    }
