"""Scoring leads: one by one from plain values, or a whole market in SQL, with the same result."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from core.results import Result
from leads.models import Lead, ParcelList
from scoring.factors import ParcelFacts, ParishFigures, Score, score
from scoring.models import ParishYardstick, ScoringRun
from scoring.profiles import active_profile
from scoring.run_requests import request_run
from scoring.runs import Progress, run_scoring
from scoring.weights import Weights, used_factors

if TYPE_CHECKING:
    from markets.models import Market


Cause = ScoringRun.Cause


@dataclass(frozen=True)
class ScoredMarket:
    total: int
    changed: int
    seconds: float
    """Since the run began, which may have been with another worker."""


def score_lead(lead: Lead) -> Score:
    """Scores one lead and stores the result if it differs."""
    now = timezone.now()
    profile = active_profile(lead.market)
    found = score(_facts(lead, now, profile.weights), profile.weights)
    if (lead.score, lead.score_reasons) != (found.total, found.stored):
        Lead.objects.store_score(lead, found.total, found.stored, profile.version, now)
    return found


def score_market(market: Market, *, progress: Progress | None = None) -> Result[ScoredMarket]:
    """Scores every lead of the market that is not deleted, or goes on with a run that was abandoned; only what differs
    is written. Declines with `at_work` while a worker is at it, and with `stopped` when the run did not end well.

    A lead whose score changes gets a LeadScored event; the run gets one MarketScored event.
    """
    run = run_scoring(request_run(active_profile(market), by=None, cause=Cause.BY_HAND).pk, progress=progress)
    if run is None:
        return Result.declined("at_work", f"{market} is being scored by a worker; see its weights page.")
    if run.state != ScoringRun.State.DONE or run.started_at is None or run.finished_at is None:
        return Result.declined("stopped", f"The scoring of {market} is over: {run.get_state_display().lower()}.")
    seconds = (run.finished_at - run.started_at).total_seconds()
    return Result.ok(ScoredMarket(run.leads_done, run.leads_changed, seconds))


def _facts(lead: Lead, now: datetime, weights: Weights) -> ParcelFacts:
    parcel, owner = lead.parcel, lead.owner
    return ParcelFacts(
        state=parcel.parish.market.state,
        as_of=timezone.localtime(now, lead.market.zone).date(),
        mailing_state=owner.mailing_state,
        mailing_zip=owner.mailing_zip,
        adjudicated=parcel.adjudicated,
        years_delinquent=parcel.years_delinquent,
        acres=parcel.acres,
        land_value=parcel.land_value,
        last_sale_on=parcel.last_sale_on,
        distress_lists=ParcelList.objects.distress_of(parcel) if "stacking" in used_factors(weights) else 0,
        parish=ParishYardstick.objects.of(parcel.parish_id) or ParishFigures(),
    )
