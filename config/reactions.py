"""Every side effect of every event: read this table to know what happens when something has happened.

A reaction takes the event and may run twice, so it must be idempotent. It runs in a transaction of its own with the
mark that it is handled; one that raises leaves the event to the next sweep.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from core.waking import wake_on_commit
from leads.models import Event, PhoneNumber
from ops import alerts
from outreach import following, former_owners, numbers, stops
from outreach.tasks import check_breakers
from scoring.tasks import follow_list, resume_scoring_runs, score_waiting_leads

Reaction = Callable[[Event], None]
Kind = Event.Kind


def finish_scores(event: Event) -> None:
    """The list's own leads are scored as they come in (ADR 15)."""
    follow_list.delay(event.data["market_id"])


def start_scoring(event: Event) -> None:
    """The run was written down with the weights."""
    wake_on_commit(resume_scoring_runs)


def score_marked(event: Event) -> None:
    """Database triggers have marked the leads that have another owner or market now, or are back."""
    wake_on_commit(score_waiting_leads)


def alert_when_hot(event: Event) -> None:
    """Also about a lead that is hot, or further, since long."""
    hot = event.kind == Kind.OWNER_ASKED_AGAIN or event.data.get("to") == "hot"
    if hot and event.actor_id is None and event.lead:
        alerts.hot_lead(event.lead, event.data.get("reason", ""), event.created_at)


def alert_provider(event: Event) -> None:
    alerts.provider_alarm(event)


def alert_paused(event: Event) -> None:
    if event.actor_id is None:
        alerts.campaign_paused(event)


def leave_number(event: Event) -> None:
    if event.owner is not None:
        numbers.leave_number(event.owner, PhoneNumber.objects.get(pk=event.data["phone"]), why=event.data["why"])


def settle_numbers(event: Event) -> None:
    if event.owner is not None:
        numbers.settle_numbers(event.owner)


def stop_for_former_owners(event: Event) -> None:
    former_owners.stop_for_former_owners()


def follow_leads(event: Event) -> None:
    """Cancels what waits for leads that were put away or moved."""
    if event.kind != Kind.STAGE_CHANGED or event.data.get("to") == "archived":
        following.follow_leads()


def stop_campaigns(event: Event) -> None:
    """For owners whose lead changed stage or hands, was put away or moved."""
    if event.lead is not None:
        stops.stop_for_lead(event.lead)
    else:
        stops.stop_for_all()


def count_opt_out(event: Event) -> None:
    """Too many of them stop the campaign that asked for them."""
    wake_on_commit(check_breakers)


def alert_feed(event: Event) -> None:
    alerts.list_feed(event)


REACTIONS: Mapping[str, tuple[Reaction, ...]] = {
    Kind.LIST_IMPORTED: (stop_for_former_owners, stop_campaigns, finish_scores),
    Kind.LIST_UNDONE: (stop_for_former_owners, stop_campaigns, finish_scores),
    Kind.OWNER_CHANGED: (stop_for_former_owners, stop_campaigns, score_marked),
    Kind.OWNER_CHANGE_SETTLED: (stop_for_former_owners, stop_campaigns, score_marked),
    Kind.NUMBER_ENDED: (leave_number,),
    Kind.NUMBER_CONFIRMED: (settle_numbers,),
    Kind.OWNERS_MERGED: (stop_campaigns, score_marked),
    Kind.OWNERS_PARTED: (stop_campaigns, score_marked),
    Kind.WEIGHTS_CHANGED: (start_scoring,),
    Kind.STAGE_CHANGED: (alert_when_hot, follow_leads, stop_campaigns),
    Kind.OWNER_ASKED_AGAIN: (alert_when_hot,),
    Kind.LEAD_MOVED: (follow_leads, stop_campaigns, score_marked),
    Kind.LEAD_DELETED: (follow_leads, stop_campaigns),
    Kind.LEAD_RESTORED: (score_marked,),
    Kind.LEADS_CHANGED: (follow_leads, stop_campaigns, score_marked),
    Kind.LIST_FEED_WAITING: (alert_feed,),
    Kind.LIST_FEED_FAILED: (alert_feed,),
    Kind.OWNER_OPTED_OUT: (count_opt_out,),
    Kind.PROVIDER_ALARM: (alert_provider,),
    Kind.CAMPAIGN_PAUSED: (alert_paused,),
}


def is_heard(kind: str) -> bool:
    return bool(REACTIONS.get(kind))


def react(event: Event) -> None:
    for reaction in REACTIONS.get(event.kind, ()):
        reaction(event)
