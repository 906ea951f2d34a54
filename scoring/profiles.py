"""Versions of a market's weights: every change is a new version, and going back is one too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from scoring.models import ScoringProfile
from scoring.weights import Weights, check_weights, default_weights

if TYPE_CHECKING:
    from core.models import User
    from markets.models import Market


def active_profile(market: Market) -> ScoringProfile:
    """The weights in force; a market that never had any gets version 1 with the defaults."""
    return ScoringProfile.objects.active_for(market) or save_weights(
        market, default_weights(), by=None, note="Original figures"
    )


def save_weights(market: Market, weights: Weights, *, by: User | None, note: str) -> ScoringProfile:
    """Makes these weights the market's next version and puts them in force. Raises ValidationError on wrong weights."""
    check_weights(weights)
    with transaction.atomic():
        before = ScoringProfile.objects.lock_versions(market)
        ScoringProfile.objects.retire(market)
        return ScoringProfile.objects.create(
            market=market, version=before + 1, weights=weights, active=True, note=note, created_by=by
        )


def put_back(profile: ScoringProfile, *, by: User | None) -> ScoringProfile:
    """The old weights as a new version."""
    return save_weights(profile.market, profile.weights, by=by, note=f"Back to version {profile.version}")
