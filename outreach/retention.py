"""Removing deleted leads for good, once their market's retention has passed.

Never what must be kept by law: whatever shows that somebody was contacted, agreed, said stop or signed keeps its lead,
deleted as it is. Owners and parcels stay.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils import timezone

from core.locks import advisory_lock_if_free
from leads.events import record_event
from leads.models import Event
from markets.models import Market
from outreach import retention_sql

if TYPE_CHECKING:
    from core.models import User

BATCH = 500
"""Leads removed in one short transaction."""
CLEAN_UP_LOCK = "clean up leads"

Progress = Callable[[int], None]
"""Called with the number of leads removed so far, after each batch."""


@dataclass(frozen=True)
class Retention:
    """What a run now would do in one market. `days` None: nothing, deleted leads are kept for ever.

    `waiting`: deleted less than so many days ago; `kept`: reason in words -> leads that are kept by law.
    """

    market: Market
    days: int | None
    deleted: int
    waiting: int
    due: int
    kept: dict[str, int]

    def as_json(self) -> dict[str, Any]:
        plain = {name: value for name, value in vars(self).items() if name != "market"}
        return plain | {"market": self.market.code}


@dataclass(frozen=True)
class CleanedUp:
    """`complete` unless another run was at work or the time was up. `markets`: code -> leads removed."""

    removed: int
    seconds: float
    markets: dict[str, int]
    complete: bool = True


def plan_clean_up(*, suppose_days: int | None = None) -> list[Retention]:
    """Market by market, nothing is written. `suppose_days`: as if every market without a retention had this one."""
    now = timezone.now()
    return [_plan(market, market.deleted_leads_kept_days or suppose_days, now) for market in Market.objects.by_name()]


def clean_up_leads(
    *, by: User | None = None, batch: int = BATCH, seconds: float | None = None, progress: Progress | None = None
) -> CleanedUp:
    """Removes what is due in every market that has a retention; a killed run is taken up by the next one.

    `seconds`: stops after so many. One LeadsCleanedUp event tells what the run did.
    """
    run = _Run(seconds, progress)
    with advisory_lock_if_free(CLEAN_UP_LOCK) as free:
        markets = list(Market.objects.with_retention()) if free else []
        for market in markets:
            run.clean(market, batch)
        done = CleanedUp(sum(run.removed.values()), run.elapsed, run.removed, complete=free and not run.is_late)
        if markets:
            _tell(done, by)
    return done


class _Run:
    def __init__(self, seconds: float | None, progress: Progress | None) -> None:
        self.removed: dict[str, int] = {}
        self._started, self._seconds, self._progress = time.monotonic(), seconds, progress

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self._started

    @property
    def is_late(self) -> bool:
        return self._seconds is not None and self.elapsed > self._seconds

    def clean(self, market: Market, batch: int) -> None:
        assert market.deleted_leads_kept_days is not None
        before = timezone.now() - timedelta(days=market.deleted_leads_kept_days)
        after = 0
        while not self.is_late:
            chosen = _remove_batch(market, before, after, batch)
            if chosen:
                self.removed[market.code] = self.removed.get(market.code, 0) + len(chosen)
                if self._progress:
                    self._progress(sum(self.removed.values()))
            if len(chosen) < batch:
                return
            after = chosen[-1]


def _remove_batch(market: Market, before: datetime, after: int, size: int) -> list[int]:
    """Removes the next leads that are due and not kept by law; their ids. A lead somebody holds locked is left out."""
    values: dict[str, Any] = {
        "market": market.pk,
        "before": before,
        "after": after,
        "size": size,
        "now": timezone.now(),
        "reason": f"deleted more than {market.deleted_leads_kept_days} days ago",
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS going")
        cursor.execute(retention_sql.CHOOSE, values)
        cursor.execute("SELECT id FROM going ORDER BY id")
        chosen = [lead_id for (lead_id,) in cursor.fetchall()]
        for statement in retention_sql.remove() if chosen else ():
            cursor.execute(statement, values)
    return chosen


def _plan(market: Market, days: int | None, now: datetime) -> Retention:
    before = now - timedelta(days=days) if days else None
    with connection.cursor() as cursor:
        cursor.execute(retention_sql.COUNT, {"market": market.pk, "before": before})
        counts = dict(cursor.fetchall())
    waiting, due = counts.pop(retention_sql.WAITING, 0), counts.pop(retention_sql.DUE, 0)
    kept = {why: counts[why] for why in retention_sql.KEPT if why in counts}
    return Retention(market, days, waiting + due + sum(kept.values()), waiting, due, kept)


def _tell(done: CleanedUp, by: User | None) -> None:
    kept: dict[str, int] = {}
    for plan in plan_clean_up():
        for why, number in plan.kept.items():
            kept[why] = kept.get(why, 0) + number
    record_event(
        Event.Kind.LEADS_CLEANED_UP,
        actor=by,
        removed=done.removed,
        markets=done.markets,
        kept=sum(kept.values()),
        reasons=kept,
        seconds=round(done.seconds, 1),
        complete=done.complete,
    )
