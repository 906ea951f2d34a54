from __future__ import annotations

from celery import shared_task

from config import outbox
from core.waking import awake, wake


@shared_task
def deliver_events() -> int:
    """As long as it gets on it asks for the next one."""
    awake(deliver_events)
    handled = outbox.deliver_events()
    if handled and outbox.is_more_waiting():
        wake(deliver_events)
    return handled
