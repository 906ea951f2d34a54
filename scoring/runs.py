"""Scoring a whole market in the background: batch after batch by lead id, each committed with its progress.

Whoever runs it may be killed at any moment: the next runner goes on after the last committed batch. Newer weights
replace a run, and a person may cancel it; it then stops at its next batch, and what is scored stays scored.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import DatabaseError, OperationalError, connection, transaction
from django.utils import timezone

from leads.events import record_event
from leads.imports.runner import lock_parishes_of
from leads.models import Event
from markets.models import Parish
from scoring.models import ScoringRun
from scoring.parish_figures import renew_figures
from scoring.statements import parameters_of, rescore_sql

logger = logging.getLogger(__name__)
BATCH = 10_000
STALE = timedelta(minutes=3)
"""A running run without a heartbeat for so long has lost its worker."""
BATCH_ATTEMPTS = 3
MAX_ATTEMPTS = 5
"""Starts without progress after which a run is given up."""
State = ScoringRun.State
Progress = Callable[[int, int], None]
"""Called with the leads done and the leads in all after each batch."""

_NEXT = """
    SELECT id, parcel_id, owner_id, score AS old_score, score_reasons AS old_reasons FROM leads_lead
    WHERE market_id = %(market)s AND deleted_at IS NULL AND id > %(after)s ORDER BY id LIMIT %(size)s
"""


class RunStopped(Exception):  # noqa: N818  - it is not an error
    """Somebody cancelled or replaced the run, or another worker has taken it over."""


@dataclass(frozen=True)
class Batch:
    done: int
    changed: int
    last: int | None
    """Highest id; None when there was no lead left."""


def run_scoring(run_id: int, *, progress: Progress | None = None, size: int = BATCH) -> ScoringRun | None:
    """Runs a queued or abandoned run to its end; None when it is not to be run now."""
    run = _claim(run_id)
    if run is None:
        return None
    try:
        _work(run, progress or (lambda done, total: None), size)
    except RunStopped as stopped:
        logger.info("scoring run %s: %s", run_id, stopped)
    except DatabaseError as error:
        logger.exception("scoring run %s", run_id)
        _end(run_id, State.FAILED, f"The database refused it ({type(error).__name__}).")
    return ScoringRun.objects.get(pk=run_id)


def _claim(run_id: int) -> ScoringRun | None:
    now = timezone.now()
    with transaction.atomic():
        run = ScoringRun.objects.locked(run_id)
        if not ScoringRun.objects.due(now - STALE).contains(run):
            return None
        run.attempts += 1
        if run.attempts > MAX_ATTEMPTS:
            ScoringRun.objects.end(run_id, State.FAILED, now, f"Given up after {MAX_ATTEMPTS} starts.")
            return None
        run.state, run.started_at, run.heartbeat_at = State.RUNNING, run.started_at or now, now
        run.save(update_fields=["state", "started_at", "heartbeat_at", "attempts"])
    return run


def _work(run: ScoringRun, progress: Progress, size: int) -> None:
    if not run.last_lead_id:
        _renew_yardsticks(run)
    done, last = run.leads_done, run.last_lead_id
    while True:
        batch = _score_batch(run, last, size, tries=BATCH_ATTEMPTS)
        if batch.last is None:
            break
        done, last = done + batch.done, batch.last
        progress(done, max(done, run.leads_total))
    _end(run.pk, State.DONE)


def _renew_yardsticks(run: ScoringRun) -> None:
    """First, and without marking leads: the run looks at all of them."""
    for parish_id in Parish.objects.ids_in(run.market):
        renew_figures(parish_id, timezone.now(), mark=False)
        ScoringRun.objects.add_progress(run, timezone.now(), done=0, changed=0, last=0)


def _score_batch(run: ScoringRun, after: int, size: int, *, tries: int) -> Batch:
    """Again where it has crossed a list: leads that came from another market lie in parishes that are not locked."""
    try:
        return _score_batch_once(run, after, size)
    except OperationalError:
        if tries <= 1 or connection.in_atomic_block:
            raise
        return _score_batch(run, after, size, tries=tries - 1)


def _score_batch_once(run: ScoringRun, after: int, size: int) -> Batch:
    now = timezone.now()
    with transaction.atomic(), connection.cursor() as cursor:
        lock_parishes_of(run.market_id)
        current = ScoringRun.objects.locked(run.pk)
        if current.state != State.RUNNING:
            raise RunStopped(f"it is {current.state}")
        if current.last_lead_id != after:
            raise RunStopped("another worker has taken it over")
        parameters = parameters_of(run.market, run.profile.version, now)
        place = {"market": run.market_id, "after": after, "size": size}
        cursor.execute(rescore_sql(run.profile.weights, _NEXT), parameters | place)
        batch = Batch(*cursor.fetchone())
        if batch.last is not None:
            ScoringRun.objects.add_progress(run, now, done=batch.done, changed=batch.changed, last=batch.last)
    return batch


def _end(run_id: int, state: State, error: str = "") -> None:
    with transaction.atomic():
        run = ScoringRun.objects.locked(run_id)
        if run.state != State.RUNNING:
            return
        ScoringRun.objects.end(run_id, state, timezone.now(), error)
        if state == State.DONE:
            record_event(
                Event.Kind.MARKET_SCORED,
                actor=run.asked_by,
                market_id=run.market_id,
                market=run.market.code,
                version=run.profile.version,
                changed=run.leads_changed,
            )
