"""Delivering events to their reactions: soon after their commit by a wake-up, for certain by the sweep."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from config.reactions import is_heard, react
from leads.models import Event
from ops import alerts

logger = logging.getLogger(__name__)
GIVE_UP_AFTER = timedelta(hours=24)


def deliver_events(limit: int = 500) -> int:
    """Delivers up to `limit` waiting events, each in its own transaction, but those nobody listens to all at once;
    returns how many were handled.

    An event whose reaction fails stays waiting and does not hold up the others; after a day it is given up with a
    critical alert.
    """
    waiting = Event.objects.waiting_kinds(limit)
    unheard = [event_id for event_id, kind in waiting.items() if not is_heard(kind)]
    with transaction.atomic():
        handled = Event.objects.mark_unheard(unheard, timezone.now()) if unheard else 0
    return handled + sum(_deliver(event_id) for event_id, kind in waiting.items() if is_heard(kind))


def is_more_waiting() -> bool:
    return bool(Event.objects.waiting_kinds(1))


def _deliver(event_id: int) -> bool:
    try:
        with transaction.atomic():
            event = Event.objects.claim(event_id)
            if event is None:
                return False
            react(event)
            Event.objects.mark_handled([event_id], timezone.now())
    except Exception:
        logger.exception("event %s: a reaction failed", event_id)
        _give_up_if_old(event_id)
        return False
    return True


def _give_up_if_old(event_id: int) -> None:
    event = Event.objects.get(pk=event_id)
    if timezone.now() - event.created_at < GIVE_UP_AFTER:
        return
    with transaction.atomic():
        alerts.undelivered_event(event)
        Event.objects.mark_handled([event_id], timezone.now())
