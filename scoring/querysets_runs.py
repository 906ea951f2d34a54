"""Queries about what is to be scored: leads that wait, runs over whole markets, the yardsticks of parishes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from markets.models import Market
from scoring.factors import ParishFigures

if TYPE_CHECKING:
    from scoring.models import LeadToScore, ParishYardstick, ScoringRun


class ParishYardstickQuerySet(models.QuerySet["ParishYardstick"]):
    def of(self, parish_id: int) -> ParishFigures | None:
        found = self.filter(parish_id=parish_id).first()
        return found.figures if found else None

    def missing(self, parish_ids: Sequence[int]) -> list[int]:
        """Those of the parishes that have none."""
        there = set(self.filter(parish_id__in=parish_ids).values_list("parish_id", flat=True))
        return [parish_id for parish_id in parish_ids if parish_id not in there]

    def put(self, parish_id: int, figures: ParishFigures, now: datetime) -> None:
        values = {"median": figures.median, "counted": figures.counted, "zips": sorted(figures.zips), "taken_at": now}
        self.update_or_create(parish_id=parish_id, defaults=values)


class LeadToScoreQuerySet(models.QuerySet["LeadToScore"]):
    def take(self, most: int, *, after: int = 0) -> list[tuple[int, int]]:
        """(id, lead id) of so many that nobody else has taken, the longest waiting first; held until the transaction
        ends."""
        waiting = self.select_for_update(skip_locked=True).filter(pk__gt=after).order_by("pk")
        return list(waiting.values_list("pk", "lead_id")[:most])

    def take_newest(self, most: int) -> list[tuple[int, int]]:
        waiting = self.select_for_update(skip_locked=True).order_by("-pk")
        return list(waiting.values_list("pk", "lead_id")[:most])

    def scored(self, ids: Iterable[int]) -> None:
        self.filter(pk__in=list(ids)).delete()


class ScoringRunQuerySet(models.QuerySet["ScoringRun"]):
    def unfinished_of(self, market: Market) -> ScoringRun | None:
        return self.filter(market=market, state__in=self.model.UNFINISHED).first()

    def latest_of(self, market: Market) -> ScoringRun | None:
        return self.for_page().filter(market=market).order_by("-pk").first()

    def for_page(self) -> ScoringRunQuerySet:
        return self.select_related("profile", "asked_by")

    def locked(self, run_id: int) -> ScoringRun:
        return self.select_for_update(of=("self",)).select_related("market", "profile").get(pk=run_id)

    def lock_unfinished_of(self, market: Market) -> ScoringRun | None:
        return self.select_for_update().filter(market=market, state__in=self.model.UNFINISHED).first()

    def due(self, stale_since: datetime) -> ScoringRunQuerySet:
        """Queued, or running without a sign of life since then."""
        return self.filter(Q(state="queued") | Q(state="running", heartbeat_at__lt=stale_since)).order_by("pk")

    def due_ids(self, stale_since: datetime) -> list[int]:
        return list(self.due(stale_since).values_list("pk", flat=True))

    def add_progress(self, run: ScoringRun, now: datetime, *, done: int, changed: int, last: int) -> None:
        self.filter(pk=run.pk).update(
            leads_done=F("leads_done") + done,
            leads_changed=F("leads_changed") + changed,
            last_lead_id=last,
            heartbeat_at=now,
            attempts=0,
        )

    def end(self, run_id: int, state: str, now: datetime, error: str = "") -> None:
        self.filter(pk=run_id).update(state=state, finished_at=now, error=error[:300])
