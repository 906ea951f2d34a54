"""Bringing archived events back: a wish is a row, a worker fulfils it batch by batch, and it outlives a killed one."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils import timezone

from core.locks import advisory_lock_if_free
from core.results import Result
from leads.archive import ARCHIVE_LOCK, BATCH
from leads.models import EventRestore, Lead

if TYPE_CHECKING:
    from core.models import User

KEPT = timedelta(days=30)
"""How long events that were brought back are left out of the archiving."""


def restore_lead(lead: Lead, *, by: User | None) -> EventRestore:
    """Asks for the archived events of the lead's timeline."""
    return _ask(EventRestore(lead=lead), by)


def restore_period(since: datetime, until: datetime, *, by: User | None) -> Result[EventRestore]:
    """Asks for the archived events from `since` to before `until`. Declines with `empty_period`."""
    if since >= until:
        return Result.declined("empty_period", "The period ends before it starts.")
    return Result.ok(_ask(EventRestore(since=since, until=until), by))


def month_period(month: date) -> tuple[datetime, datetime]:
    """From the first moment of the month to that of the next one."""
    first = month.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    return _midnight(first), _midnight(following)


def fulfil_restores(*, batch: int = BATCH) -> int:
    """Brings back what is asked for; returns how many events. Nothing while the archive is being written."""
    with advisory_lock_if_free(ARCHIVE_LOCK) as free:
        return sum(_fulfil(restore, batch) for restore in EventRestore.objects.queued()) if free else 0


def _ask(restore: EventRestore, by: User | None) -> EventRestore:
    now = timezone.now()
    restore.created_by, restore.created_at, restore.kept_until = by, now, now + KEPT
    restore.save()
    return restore


def _fulfil(restore: EventRestore, batch: int) -> int:
    total = 0
    while count := _bring_back(restore, batch):
        total += count
    EventRestore.objects.finish(restore.pk, timezone.now())
    return total


def _bring_back(restore: EventRestore, batch: int) -> int:
    """One batch: archive, daily counts and the figure of the restore change in one transaction."""
    statement = _OF_LEAD if restore.lead else _OF_PERIOD
    parameters: list[Any] = [restore.since, restore.until]
    if restore.lead:
        parameters = [restore.lead.pk, restore.lead.owner.known_ids()]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [*parameters, batch])
        (count,) = cursor.fetchone()
        EventRestore.objects.count_back(restore.pk, count)
    return int(count)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day), timezone.get_default_timezone())


_BRING_BACK = """
WITH chosen AS MATERIALIZED (
    SELECT id, created_at FROM leads_eventarchive event WHERE {which} AND {known}
    ORDER BY created_at, id LIMIT %s FOR UPDATE
), gone AS (
    DELETE FROM leads_eventarchive event USING chosen
    WHERE event.id = chosen.id AND event.created_at = chosen.created_at
    RETURNING event.*
), uncounted AS (
    UPDATE leads_eventday present SET count = present.count - gone.events
    FROM (SELECT market_id, day, kind, count(*) AS events FROM gone GROUP BY market_id, day, kind) gone
    WHERE present.market_id IS NOT DISTINCT FROM gone.market_id AND present.day = gone.day AND present.kind = gone.kind
), back AS (
    INSERT INTO leads_event (id, kind, lead_id, owner_id, actor_id, data, created_at, handled_at)
    SELECT id, kind, lead_id, owner_id, actor_id, data, created_at, handled_at FROM gone
)
SELECT count(*) FROM gone
"""
_KNOWN = """(lead_id IS NULL OR EXISTS (SELECT FROM leads_lead WHERE id = event.lead_id))
    AND (owner_id IS NULL OR EXISTS (SELECT FROM leads_owner WHERE id = event.owner_id))"""
_OF_PERIOD = _BRING_BACK.format(which="created_at >= %s AND created_at < %s", known=_KNOWN)
_OF_LEAD = _BRING_BACK.format(which="(lead_id = %s OR lead_id IS NULL AND owner_id = ANY(%s))", known=_KNOWN)
