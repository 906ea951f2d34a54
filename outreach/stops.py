"""Stopping campaigns for owners: asks the table of reasons, writes down which one holds, takes back what waits.

The gate judges each text by the same facts all the same; this ends the conversation and says why. Doing it twice, or
late, does nothing more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from leads.models import Event
from outreach.models import CampaignOwner, Message
from outreach.querysets.stops import STOPS, StopReason

if TYPE_CHECKING:
    from leads.models import Lead
    from outreach.models import Campaign
    from outreach.querysets.enrolments import CampaignOwnerQuerySet

State = CampaignOwner.State


def stop_for_owners(owner_ids: Iterable[int]) -> int:
    return _stop_where(CampaignOwner.objects.of_owners(owner_ids))


def stop_for_reply(message: Message) -> int:
    """Also for those who share the number: whoever holds the telephone has answered for them."""
    return _stop_where(CampaignOwner.objects.spoken_to(message))


def stop_for_lead(lead: Lead) -> int:
    return _stop_where(CampaignOwner.objects.of_leads([lead.pk]))


def stop_for_all() -> int:
    """For what concerns any number of leads at once."""
    return _stop_where(CampaignOwner.objects.all())


def keep_going(rows: list[CampaignOwner], now: datetime) -> list[CampaignOwner]:
    """Stops those of these locked rows that have to; returns the others."""
    judged = CampaignOwner.objects.among(row.pk for row in rows).judged()
    _stop(judged, now)
    stopped = {row.pk for row, _ in judged}
    return [row for row in rows if row.pk not in stopped]


def end_for_all(campaign: Campaign, now: datetime) -> int:
    """Nobody's timeline needs a line for it: the campaign's page says that it has ended."""
    return CampaignOwner.objects.of(campaign).end_all(str(StopReason.ENDED), now)


@transaction.atomic
def _stop_where(rows: CampaignOwnerQuerySet) -> int:
    judged = rows.judged()
    _stop(judged, timezone.now())
    return len(judged)


def _stop(judged: list[tuple[CampaignOwner, StopReason]], now: datetime) -> None:
    together: dict[tuple[int, StopReason], list[int]] = defaultdict(list)
    for row, reason in judged:
        row.state, row.stop_reason, row.ended_at, row.due_at = State.STOPPED, str(reason), now, None
        together[row.campaign_id, reason].append(row.owner_id)
    CampaignOwner.objects.bulk_update([row for row, _ in judged], ["state", "stop_reason", "ended_at", "due_at"])
    for (campaign_id, reason), owners in together.items():
        Message.objects.cancel_campaign_for(campaign_id, owners, f"{STOPS[reason].words.capitalize()}.")
    Event.objects.bulk_create(_event(row, reason, now) for row, reason in judged)


def _event(row: CampaignOwner, reason: StopReason, now: datetime) -> Event:
    """Written handled: nothing reacts to it."""
    told = {"campaign": row.campaign.name, "campaign_id": row.campaign_id, "reason": STOPS[reason].words}
    kind = Event.Kind.CAMPAIGN_STOPPED
    return Event(kind=kind, lead=row.lead, owner=row.owner, data=told, created_at=now, handled_at=now)
