"""Scores for lists as they come in: what `leads.imports.scorer` asks for (registered in config/apps.py)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from leads.imports.runner import lock_parish
from leads.imports.scorer import LandSample
from markets.models import Market
from scoring.models import ParishYardstick, ScoringProfile
from scoring.parish_figures import MOST_GROWTH, SMALL, figures_from, put_figures, renew_figures
from scoring.profiles import active_profile, profile_in_force
from scoring.statements import parameters_of, scores_sql
from scoring.waiting import score_all_waiting_in, score_waiting_in


@dataclass(frozen=True)
class ChunkScores:
    profile: ScoringProfile
    parish_id: int
    now: datetime

    @property
    def parameters(self) -> Mapping[str, Any]:
        return parameters_of(self.profile.market, self.profile.version, self.now)

    def scores_of(self, relation: str, columns: Sequence[str]) -> str:
        return scores_sql(self.profile.weights, relation, columns=("id", *columns))

    def score_changed(self) -> None:
        score_waiting_in(self.parish_id, self.now)


class ImportScorer:
    def begin(self, market: Market, parish_id: int, sample: LandSample) -> None:
        """A parish of which far more is listed than was known is measured by the list; else the end of its first roll
        would have to score every lead of it again."""
        active_profile(market)
        fresh = figures_from(sample.median, sample.counted, sample.zips)
        with transaction.atomic():
            lock_parish(parish_id)
            kept = ParishYardstick.objects.of(parish_id)
            if kept is None or fresh.counted > max(SMALL, kept.counted * (1 + MOST_GROWTH)):
                zips = fresh.zips | (kept.zips if kept else frozenset())
                put_figures(parish_id, replace(fresh, zips=zips), timezone.now())

    def open_chunk(self, market_id: int, parish_id: int, now: datetime) -> ChunkScores:
        return ChunkScores(profile_in_force(Market.objects.get(pk=market_id)), parish_id, now)

    def conclude(self, parish_id: int, alive: Callable[[], None]) -> None:
        renew_figures(parish_id, timezone.now())
        score_all_waiting_in(parish_id, alive)
