"""Asking for a market to be scored anew, and thinking better of it; scoring/runs.py does the work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from core.results import Result
from core.waking import wake_on_commit
from leads.models import Lead
from markets.models import Market
from scoring.models import ScoringProfile, ScoringRun

if TYPE_CHECKING:
    from core.models import User

State = ScoringRun.State


@transaction.atomic
def request_run(profile: ScoringProfile, *, by: User | None, cause: ScoringRun.Cause) -> ScoringRun:
    """Lets a worker score the profile's market with the weights in force. An unfinished run of other weights is
    replaced; one of the same weights is returned, for it does the same."""
    market = Market.objects.locked(profile.market)
    profile = ScoringProfile.objects.active_for(market) or profile
    unfinished = ScoringRun.objects.lock_unfinished_of(market)
    if unfinished and unfinished.profile_id == profile.pk:
        return unfinished
    if unfinished:
        ScoringRun.objects.end(unfinished.pk, State.SUPERSEDED, timezone.now())
    return _queue(market, profile, by, cause)


def cancel_run(run: ScoringRun) -> Result[ScoringRun]:
    """Leaves what is scored as it is. Declines with `finished` when there is nothing left to cancel."""
    with transaction.atomic():
        current = ScoringRun.objects.locked(run.pk)
        if current.finished:
            return Result.declined("finished", f"The scoring is over: {current.get_state_display().lower()}.")
        ScoringRun.objects.end(run.pk, State.CANCELLED, timezone.now())
    return Result.ok(current)


def _queue(market: Market, profile: ScoringProfile, by: User | None, cause: ScoringRun.Cause) -> ScoringRun:
    from scoring.tasks import resume_scoring_runs

    total = Lead.objects.in_market(market).live().count()
    run: ScoringRun = ScoringRun.objects.create(
        market=market, profile=profile, cause=cause, asked_by=by, leads_total=total
    )
    wake_on_commit(resume_scoring_runs)
    return run
