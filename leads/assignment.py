"""Whose lead it is, and when it is to be looked at next."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from leads.changes import Change, change_leads
from leads.events import record_event
from leads.models import Event, Lead

if TYPE_CHECKING:
    from core.models import User
    from leads.querysets import LeadQuerySet


def assign_leads(leads: LeadQuerySet, *, to: User | None, by: User) -> int:
    """Gives leads to a person, or to nobody; returns how many changed hands."""
    changed = change_leads(leads, _assignment(to), by=by, reason="").value
    return changed.count if changed else 0


def _assignment(to: User | None) -> Change:
    name = to.get_username() if to else "nobody"
    return Change(
        kind=Event.Kind.LEAD_ASSIGNED,
        done=f"given to {name}",
        sets="assigned_to_id = %(person)s",
        data="jsonb_build_object('to', %(name)s::text)",
        refusals={
            "deleted": "lead.deleted_at IS NOT NULL",
            "theirs already": "lead.assigned_to_id IS NOT DISTINCT FROM %(person)s",
        },
        values={"person": to.pk if to else None, "name": name},
        is_told=False,
    )


@transaction.atomic
def plan_lead(lead: Lead, *, assigned_to: User | None, next_action_at: datetime | None, by: User) -> bool:
    """True when the lead has another owner on our side than before; an event then says so."""
    locked: Lead = Lead.objects.select_for_update(of=("self",)).get(pk=lead.pk)
    changed_hands = locked.assigned_to_id != (assigned_to.pk if assigned_to else None)
    if not changed_hands and locked.next_action_at == next_action_at:
        return False
    locked.assigned_to, locked.next_action_at = assigned_to, next_action_at
    locked._history_user = by  # type: ignore[attr-defined]  # read by simple-history
    locked.save(update_fields=["assigned_to", "next_action_at", "updated_at"])
    if changed_hands:
        name = assigned_to.get_username() if assigned_to else "nobody"
        record_event(Event.Kind.LEAD_ASSIGNED, lead=locked, actor=by, to=name)
    return changed_hands


def add_note(lead: Lead, text: str, *, by: User) -> Event:
    return record_event(Event.Kind.NOTE_ADDED, lead=lead, actor=by, text=text)
