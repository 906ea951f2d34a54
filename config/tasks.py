from __future__ import annotations

from celery import shared_task

from config import outbox
from core.waking import awake


@shared_task
def deliver_events() -> int:
    awake(deliver_events)
    return outbox.deliver_events()
