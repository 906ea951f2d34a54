from __future__ import annotations

import time

from celery import shared_task
from django.utils import timezone

from core.waking import awake, wake
from outreach import (
    breakers,
    dry_running,
    enrolling,
    former_owners,
    inbound,
    looking_again,
    missed_replies,
    progress,
    reconciling,
    retention,
    sending,
    waiting_replies,
)
from outreach.models import CachedAnswer

SEND_FOR_SECONDS = 20
SHORT_PAUSE = 2.0
"""Seconds that a worker waits for the provider itself; after longer ones the sweep goes on."""
CLEAN_UP_FOR_SECONDS = 3600


@shared_task
def process_webhooks() -> int:
    """As long as it gets on it asks for another one, so that a flood is worked off without waiting for the sweep. How
    full the batch was says nothing: two workers share one."""
    awake(process_webhooks)
    done = inbound.process_waiting()
    if done:
        wake(label_waiting_replies)
    if done and inbound.is_more_waiting():
        wake(process_webhooks)
    return done


@shared_task
def label_waiting_replies() -> int:
    """Until nothing more can be settled, so that a flood is read without waiting for the sweep."""
    awake(label_waiting_replies)
    settled = waiting_replies.label_waiting()
    if settled:
        wake(label_waiting_replies)
    return settled


@shared_task
def send_due_messages() -> int:
    """Batch after batch until nothing is due or the time is up; then the rest gets a task of its own."""
    awake(send_due_messages)
    looking_again.judge_held_again()
    started, claimed = time.monotonic(), 0
    while time.monotonic() - started < SEND_FOR_SECONDS:
        report = sending.send_due()
        claimed += report.claimed
        pause = report.pause.total_seconds()
        if not report.looked_at or pause > SHORT_PAUSE:
            return claimed
        time.sleep(pause)
    wake(send_due_messages)
    return claimed


@shared_task
def advance_campaigns() -> int:
    """Takes owners in where that is due, then step after step until nothing is due or the time is up."""
    awake(advance_campaigns)
    started, done = time.monotonic(), enrolling.take_in_due()
    while time.monotonic() - started < SEND_FOR_SECONDS:
        looked_at = progress.follow_unsent() + progress.advance_due()
        done += looked_at
        if not looked_at:
            break
    else:
        wake(advance_campaigns)
    if done:
        wake(send_due_messages)
    return done


@shared_task
def run_dry_runs() -> int:
    awake(run_dry_runs)
    done = dry_running.run_due()
    if done:
        wake(run_dry_runs)
    return done


@shared_task
def check_breakers() -> int:
    awake(check_breakers)
    return breakers.check_breakers()


@shared_task
def clean_up_deleted_leads() -> int:
    """Nothing where no market has a retention; the rest waits for tomorrow night."""
    return retention.clean_up_leads(seconds=CLEAN_UP_FOR_SECONDS).removed


@shared_task
def forget_old_answers() -> int:
    return CachedAnswer.objects.remove_expired(timezone.now())


@shared_task
def reconcile_messages() -> dict[str, int]:
    missed = missed_replies.fetch_missed_replies()
    if missed:
        wake(process_webhooks)
    return dict(reconciling.reconcile()) | {"missed replies": missed}


@shared_task
def fetch_prices() -> int:
    """And what became of texts that are on their way for long."""
    reconciling.fetch_late_statuses()
    return reconciling.fetch_prices()


@shared_task
def stop_for_former_owners() -> int:
    """For what no event tells of: lists that were cancelled or gave up halfway."""
    return former_owners.stop_for_former_owners()
