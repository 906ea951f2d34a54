"""Every side effect of every event: read this table to know what happens when something has happened.

A reaction takes the event and may run twice, so it must be idempotent. It runs in a transaction of its own with the
mark that it is handled; one that raises leaves the event to the next sweep.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from leads.models import Event, Lead, PhoneNumber
from ops import alerts
from outreach import following, former_owners, numbers
from scoring.service import score_lead
from scoring.tasks import score_market

Reaction = Callable[[Event], None]
Kind = Event.Kind


def rescore_market(event: Event) -> None:
    score_market.delay(event.data["market_id"])


def rescore_land(event: Event) -> None:
    """A list's market, and the others that work leads on its land."""
    rescore_market(event)
    for market_id in Lead.objects.markets_with_land_of(event.data["market_id"]):
        score_market.delay(market_id)


def alert_when_hot(event: Event) -> None:
    if event.data.get("to") == "hot" and event.actor_id is None and event.lead:
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


def rescore_lead(event: Event) -> None:
    """By the weights of the market it is in now."""
    if event.lead is not None and event.lead.deleted_at is None:
        score_lead(event.lead)


def rescore_chosen(event: Event) -> None:
    """Moved leads go by the weights of their new market; restored ones were left out of the scores meanwhile."""
    if event.data["change"] in (Kind.LEAD_MOVED, Kind.LEAD_RESTORED):
        for market_id in event.data["markets"]:
            score_market.delay(market_id)


def alert_feed(event: Event) -> None:
    alerts.list_feed(event)


REACTIONS: Mapping[str, tuple[Reaction, ...]] = {
    Kind.LIST_IMPORTED: (stop_for_former_owners, rescore_land),
    Kind.LIST_UNDONE: (stop_for_former_owners, rescore_land),
    Kind.OWNER_CHANGED: (stop_for_former_owners, rescore_lead),
    Kind.OWNER_CHANGE_SETTLED: (stop_for_former_owners, rescore_lead),
    Kind.NUMBER_ENDED: (leave_number,),
    Kind.NUMBER_CONFIRMED: (settle_numbers,),
    Kind.WEIGHTS_CHANGED: (rescore_market,),
    Kind.STAGE_CHANGED: (alert_when_hot, follow_leads),
    Kind.LEAD_MOVED: (follow_leads, rescore_lead),
    Kind.LEAD_DELETED: (follow_leads,),
    Kind.LEAD_RESTORED: (rescore_lead,),
    Kind.LEADS_CHANGED: (follow_leads, rescore_chosen),
    Kind.LIST_FEED_WAITING: (alert_feed,),
    Kind.LIST_FEED_FAILED: (alert_feed,),
    Kind.PROVIDER_ALARM: (alert_provider,),
    Kind.CAMPAIGN_PAUSED: (alert_paused,),
}


def react(event: Event) -> None:
    for reaction in REACTIONS.get(event.kind, ()):
        reaction(event)
