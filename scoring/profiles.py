"""Versions of a market's weights: every change is a new version, and going back is one too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction

from leads.events import record_event
from leads.models import Event
from scoring.models import ScoringProfile, ScoringRun
from scoring.run_requests import request_run
from scoring.weights import Weights, check_weights, default_weights

if TYPE_CHECKING:
    from core.models import User
    from markets.models import Market


def active_profile(market: Market) -> ScoringProfile:
    """The weights in force; a market that never had any gets version 1 with the defaults."""
    return ScoringProfile.objects.active_for(market) or _first_version(market)


def profile_in_force(market: Market) -> ScoringProfile:
    """The same, and until the transaction ends nobody puts another in force: when new weights are saved, no score of
    the old ones is still on its way."""
    return ScoringProfile.objects.in_force(market) or _first_version(market)


@transaction.atomic
def save_weights(
    market: Market, weights: Weights, *, by: User | None, note: str, seen: int | None = None
) -> ScoringProfile:
    """Makes these weights the market's next version, puts them in force, and has the market scored anew.

    `seen` is the version they were changed from, if a person saw one. Raises ValidationError on wrong weights, and when
    another version was saved since.
    """
    check_weights(weights)
    before = ScoringProfile.objects.lock_versions(market)
    if seen is not None and seen != before:
        raise ValidationError(f"Version {before} was saved while you looked at version {seen}. Open the page anew.")
    ScoringProfile.objects.retire(market)
    profile = ScoringProfile.objects.create(
        market=market, version=before + 1, weights=weights, active=True, note=note, created_by=by
    )
    request_run(profile, by=by, cause=ScoringRun.Cause.WEIGHTS)
    record_event(Event.Kind.WEIGHTS_CHANGED, actor=by, market_id=market.pk, market=market.code, version=profile.version)
    return profile


def weights_in_words(market: Market) -> tuple[str, str]:
    """For a comparison of markets: what a factor can bring at most, by the weights in force."""
    profile = ScoringProfile.objects.active_for(market)
    weights = profile.weights if profile else default_weights()
    most = {factor: max(weights.get(factor, {}).values(), default=0) for factor in default_weights()}
    shown = ", ".join(f"{factor.replace('_', ' ')} {points}" for factor, points in most.items() if points)
    return "Score weights", f"version {profile.version if profile else 1}: {shown}"


def put_back(profile: ScoringProfile, *, by: User | None) -> ScoringProfile:
    """The old weights as a new version."""
    return save_weights(profile.market, profile.weights, by=by, note=f"Back to version {profile.version}")


@transaction.atomic
def _first_version(market: Market) -> ScoringProfile:
    ScoringProfile.objects.lock_versions(market)
    return ScoringProfile.objects.active_for(market) or ScoringProfile.objects.create(
        market=market, version=1, weights=default_weights(), active=True, note="Original figures"
    )
