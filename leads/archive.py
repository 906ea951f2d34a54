"""Moving events past their market's age to the archive: small batches, each complete in a short transaction.

An event that waits for its reactions never moves. Events of no lead belong to no market: they go by the longest age of
all markets, and stay while one of them keeps its events for ever.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from core.locks import advisory_lock_if_free
from markets.models import Market

BATCH = 2_000
"""Events moved in one transaction, measured at about 0.1 s."""
ARCHIVE_LOCK = "event archive"

Progress = Callable[[int], None]
"""Called with the number of events moved so far, after each batch."""


@dataclass(frozen=True)
class Archived:
    """`complete` unless another run was at work or the time was up."""

    moved: int
    seconds: float
    complete: bool = True


@dataclass(frozen=True)
class DueEvents:
    """Events of a month (YYYY-MM) that the next run would move; `market` is empty for those of no lead."""

    market: str
    month: str
    events: int


def archive_events(
    *, batch: int = BATCH, rest: float = 0.0, seconds: float | None = None, progress: Progress | None = None
) -> Archived:
    """Moves every event that is due. `rest`: pause after a batch, as a share of its time; `seconds`: at most."""
    started, moved = time.monotonic(), 0
    with advisory_lock_if_free(ARCHIVE_LOCK) as free:
        for count in _batches(batch, rest) if free else ():
            moved += count
            worked = time.monotonic() - started
            if progress:
                progress(moved)
            if seconds is not None and worked > seconds:
                return Archived(moved, worked, complete=False)
    return Archived(moved, time.monotonic() - started, complete=free)


def due_events() -> list[DueEvents]:
    """What a run would move now, by market and month; nothing is written."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_DUE, _ages(timezone.now()))
        return [DueEvents(*row) for row in cursor.fetchall()]


def _ages(now: datetime) -> dict[str, Any]:
    """Parameters: the moment before which each market's events are due, and the one for events of no lead."""
    days = Market.objects.event_ages()
    before = {pk: now - timedelta(days=age) for pk, age in days.items() if age is not None}
    shared = min(before.values()) if before and len(before) == len(days) else None
    return {
        "ages": json.dumps([{"market": pk, "before": moment.isoformat()} for pk, moment in before.items()]),
        "latest": max(before.values(), default=None),
        "shared": shared,
        "now": now,
    }


Position = tuple[datetime, int]
"""Time and id of the last event of a batch."""
_START: Position = (datetime.min.replace(tzinfo=UTC), 0)


def _batches(size: int, rest: float) -> Iterator[int]:
    """Moves a batch for each number of events it yields."""
    ages = _ages(timezone.now())
    position: Position | None = _START
    while position is not None:
        started = time.monotonic()
        count, position = _move_batch(ages, position, size)
        if count:
            yield count
        time.sleep(rest * (time.monotonic() - started))


def _move_batch(ages: dict[str, Any], after: Position, size: int) -> tuple[int, Position | None]:
    """Events moved, and where the next batch starts; None after the last. Events somebody holds locked are left out."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CHOOSE, ages | {"at": after[0], "id": after[1], "size": size})
        chosen = cursor.fetchall()
        if not chosen:
            return 0, None
        for month in {(at.year, at.month): at for _, at in chosen}.values():
            cursor.execute("SELECT leads_archive_month(%s)", [month])
        cursor.execute(_MOVE, {"ids": [event_id for event_id, _ in chosen], "zone": settings.TIME_ZONE})
        (moved,) = cursor.fetchone()
    last_id, last_at = chosen[-1]
    return moved, (last_at, last_id) if len(chosen) == size else None


_DUE = """
FROM leads_event event
LEFT JOIN leads_lead lead ON lead.id = event.lead_id
LEFT JOIN jsonb_to_recordset(%(ages)s::jsonb) AS age(market bigint, before timestamptz) ON age.market = lead.market_id
WHERE event.created_at < %(latest)s::timestamptz AND event.handled_at IS NOT NULL
  AND event.created_at < CASE WHEN event.lead_id IS NULL THEN %(shared)s::timestamptz ELSE age.before END
  AND NOT EXISTS (
      SELECT FROM leads_eventrestore restore LEFT JOIN leads_lead held ON held.id = restore.lead_id
      WHERE restore.kept_until > %(now)s AND (
          event.created_at >= restore.since AND event.created_at < restore.until OR event.lead_id = held.id
          OR event.lead_id IS NULL AND event.owner_id IN (
              SELECT owner.id FROM leads_owner owner
              WHERE owner.id = held.owner_id OR owner.merged_into_id = held.owner_id
          )
      )
  )
"""
_CHOOSE = f"""
SELECT event.id, event.created_at {_DUE} AND (event.created_at, event.id) > (%(at)s, %(id)s)
ORDER BY event.created_at, event.id LIMIT %(size)s FOR UPDATE OF event SKIP LOCKED
"""
_COUNT_DUE = f"""
SELECT coalesce(max(market.code), ''), to_char(event.created_at, 'YYYY-MM'), count(*)
{_DUE.replace("WHERE", "LEFT JOIN markets_market market ON market.id = lead.market_id WHERE", 1)}
GROUP BY lead.market_id, 2 ORDER BY 1, 2
"""
_MOVE = """
WITH gone AS (
    DELETE FROM leads_event WHERE id = ANY(%(ids)s)
    RETURNING id, kind, lead_id, owner_id, actor_id, data, created_at, handled_at
), marked AS (
    SELECT gone.*, lead.market_id, (gone.created_at AT TIME ZONE %(zone)s)::date AS day
    FROM gone LEFT JOIN leads_lead lead ON lead.id = gone.lead_id
), kept AS (
    INSERT INTO leads_eventarchive
        (id, kind, lead_id, owner_id, actor_id, data, created_at, handled_at, market_id, day)
    SELECT id, kind, lead_id, owner_id, actor_id, data, created_at, handled_at, market_id, day FROM marked
), counted AS (
    INSERT INTO leads_eventday AS present (market_id, day, kind, count)
    SELECT market_id, day, kind, count(*) FROM marked GROUP BY market_id, day, kind
    ON CONFLICT (market_id, day, kind) DO UPDATE SET count = present.count + excluded.count
)
SELECT count(*) FROM marked
"""
