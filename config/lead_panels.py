"""What other rooms show on the pages of leads and owners, in order."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from leads.admin.deed_page import add_market_fact, add_waiting
from leads.admin.owner_sides import add_contact_facts
from leads.admin.panels import Panel, add_panel
from leads.models import Lead
from outreach.admin.campaign_owners import campaigns_of
from outreach.admin.contact_facts import contact_facts
from outreach.admin.conversation import conversation_context
from outreach.admin.waiting import waiting_about
from scoring.profiles import weights_in_words


def add_lead_panels() -> None:
    add_panel(Panel("admin/outreach/conversation.html", _conversation))
    add_panel(Panel("admin/outreach/campaigns_of_owner.html", _campaigns))
    add_contact_facts(contact_facts)
    add_market_fact(weights_in_words)
    add_waiting(waiting_about)


def _conversation(request: HttpRequest, lead: Lead) -> dict[str, Any]:
    if not request.user.has_perm("outreach.view_message"):
        return {"bubbles": []}
    return conversation_context(lead.owner, request=request, lead=lead)


def _campaigns(request: HttpRequest, lead: Lead) -> dict[str, Any]:
    return {"lead": lead, "campaigns": campaigns_of(lead) if request.user.has_perm("outreach.view_campaign") else []}
