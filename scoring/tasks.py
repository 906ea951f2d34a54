from __future__ import annotations

from celery import shared_task

from core.locks import advisory_lock
from leads.qualification import qualify_leads
from markets.models import Market
from scoring import service


@shared_task
def score_market(market_id: int) -> int:
    """Scores a market, then qualifies its leads; two runs over one market wait for each other."""
    market = Market.objects.get(pk=market_id)
    with advisory_lock(f"score market {market_id}"):
        scored = service.score_market(market)
        qualify_leads(market)
    return scored.changed
