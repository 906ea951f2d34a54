from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from core.locks import advisory_lock_if_free
from core.waking import awake, wake
from leads.models import Lead
from leads.qualification import qualify_leads
from markets.models import Market
from scoring import runs
from scoring.models import ScoringRun
from scoring.profiles import active_profile
from scoring.run_requests import request_run
from scoring.waiting import score_waiting

AT_ONCE = 25_000
"""Leads that wait which one task scores; a longer queue is several tasks, so that others get their turn."""


@shared_task
def score_waiting_leads() -> int:
    awake(score_waiting_leads)
    with advisory_lock_if_free("score waiting leads") as free:
        if not free:
            return 0
        looked_at = score_waiting(AT_ONCE)
    if looked_at == AT_ONCE:
        wake(score_waiting_leads)
    return looked_at


@shared_task
def follow_list(market_id: int) -> None:
    """What a list, or its undoing, leaves to do: leads of its owners in other parishes, and qualifying, also in the
    markets that work leads on its land."""
    score_waiting()
    for pk in (market_id, *Lead.objects.markets_with_land_of(market_id)):
        qualify_leads(Market.objects.get(pk=pk))


@shared_task
def run_scoring(run_id: int) -> None:
    run = runs.run_scoring(run_id)
    if run and run.state == ScoringRun.State.DONE:
        qualify_leads(run.market)


@shared_task
def resume_scoring_runs() -> int:
    """Hands queued and abandoned runs to workers; a worker claims before it runs, so one too many does no harm."""
    awake(resume_scoring_runs)
    due = ScoringRun.objects.due_ids(timezone.now() - runs.STALE)
    for run_id in due:
        run_scoring.delay(run_id)
    return len(due)


@shared_task
def score_markets_at_night() -> int:
    """Years pass without anybody changing anything, and yardsticks move. Only what differs is written."""
    markets = list(Market.objects.all())
    for market in markets:
        request_run(active_profile(market), by=None, cause=ScoringRun.Cause.NIGHT)
    return len(markets)
