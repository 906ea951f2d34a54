"""Writing events: in the transaction of the change they report, never after it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from leads.announcements import announce
from leads.models import Event

if TYPE_CHECKING:
    from core.models import User
    from leads.models import Lead, Owner


def record_event(
    kind: Event.Kind,
    *,
    lead: Lead | None = None,
    owner: Owner | None = None,
    actor: User | None = None,
    **data: Any,
) -> Event:
    """`data` must be JSON-ready. Reactions run on commit, or by the sweep (see config/reactions.py)."""
    transaction.on_commit(announce)
    return Event.objects.create(
        kind=kind,
        lead=lead,
        owner_id=owner.pk if owner else lead and lead.owner_id,
        actor=actor,
        data=data,
        created_at=timezone.now(),
    )


def record_events(kind: Event.Kind, told: Mapping[Lead, dict[str, Any]], *, actor: User | None = None) -> None:
    """One event for each of these leads, in one statement."""
    transaction.on_commit(announce)
    now = timezone.now()
    Event.objects.bulk_create(
        Event(kind=kind, lead=lead, owner_id=lead.owner_id, actor=actor, data=data, created_at=now)
        for lead, data in told.items()
    )
