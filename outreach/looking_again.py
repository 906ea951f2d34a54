"""Held texts wait for the time that the gate has named. When people change a setting meanwhile they are judged again at
once: a cap that was raised or an emergency that ended early lets them go today, not tomorrow."""

from __future__ import annotations

import logging
from datetime import datetime

from django.core.cache import cache
from django.db.models import Max
from django.utils import timezone
from redis.exceptions import RedisError

from markets.models import ContactRule, EmergencyHold, Holiday, Market
from outreach.models import Breaker, Campaign, Message, SenderNumber

logger = logging.getLogger(__name__)
SETTINGS = (ContactRule, Holiday, EmergencyHold, Market, SenderNumber, Campaign)
SEEN = "gate:settings-seen"


def judge_held_again(now: datetime | None = None) -> int:
    """How many texts are due now that were not. What is forgotten of the changes seen costs one more judgment."""
    newest = _newest_change()
    try:
        if cache.get(SEEN) == newest:
            return 0
        judged = Message.objects.judge_again(now or timezone.now())
        cache.set(SEEN, newest, timeout=None)
    except RedisError as error:
        logger.warning("nobody knows whether settings have changed: %s", error)
        return 0
    return judged


def _newest_change() -> str:
    changes = [model.history.aggregate(newest=Max("history_id"))["newest"] for model in SETTINGS]
    closed = Breaker.objects.aggregate(newest=Max("closed_at"))["newest"]
    return " ".join(map(str, [*changes, closed]))
