"""Asking a worker to look now. Work is found in the database by a sweep in any case; a wake-up only makes it sooner.

Many wake-ups in a row become one task: the first sets a flag, the task clears it before it looks, so a row committed
after the look began wakes another task.
"""

from __future__ import annotations

import logging
from typing import Any

from celery import Task
from django.core.cache import cache
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
FLAG_SECONDS = 10


def wake(task: Task) -> None:
    """Queues the task unless it is queued already; a broker that is down is only logged, the sweep comes anyway."""
    try:
        if cache.add(_flag(task), 1, timeout=FLAG_SECONDS):
            _queue(task)
    except (OperationalError, RedisError) as error:
        logger.warning("could not wake %s: %s", task.name, error)


def _queue(task: Task) -> None:
    """A task that could not be queued leaves no flag behind, so that the next wake-up tries again."""
    try:
        task.apply_async(ignore_result=True, retry=False)
    except OperationalError:
        cache.delete(_flag(task))
        raise


def wake_on_commit(task: Task) -> None:
    transaction.on_commit(lambda: wake(task))


def awake(task: Task) -> None:
    """First line of a task that is woken: what commits from here on wakes it again."""
    try:
        cache.delete(_flag(task))
    except RedisError as error:
        logger.warning("could not clear the wake-up of %s: %s", task.name, error)


def _flag(task: Any) -> str:
    return f"wake:{task.name}"
