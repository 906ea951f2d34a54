"""Asking a worker to look now. Work is found in the database by a sweep in any case; a wake-up only makes it sooner.

Many wake-ups in a row become one task: the first sets a flag, the task clears it before it looks, so a row committed
after the look began wakes another task.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
from functools import lru_cache
from typing import Any

from celery import Task
from django.core.cache import cache
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
FLAG_SECONDS = 10
PAUSE = 0.1
"""Seconds between two wake-ups by one process, for whoever has no time for the broker."""


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


def wake_soon(task: Task) -> None:
    """The same for a caller that has no time for the broker: a thread of this process wakes the task, once for however
    many ask within a pause. What is asked for after the thread began is done in its next round."""
    _waker(os.getpid()).ask(task)


def awake(task: Task) -> None:
    """First line of a task that is woken: what commits from here on wakes it again."""
    try:
        cache.delete(_flag(task))
    except RedisError as error:
        logger.warning("could not clear the wake-up of %s: %s", task.name, error)


def _flag(task: Any) -> str:
    return f"wake:{task.name}"


class Waker:
    def __init__(self) -> None:
        self._asked: dict[int, Task] = {}
        self._any, self._busy = threading.Event(), False
        threading.Thread(target=self._work, name="waker", daemon=True).start()
        atexit.register(self.finish)

    def ask(self, task: Task) -> None:
        self._asked[id(task)] = task  # a shared task looks its application up before it tells its name
        if not self._any.is_set():
            self._any.set()

    def finish(self, seconds: float = 2.0) -> None:
        """Waits until what was asked for is done."""
        until = time.monotonic() + seconds
        while (self._asked or self._any.is_set() or self._busy) and time.monotonic() < until:
            time.sleep(0.001)

    def _work(self) -> None:
        while self._any.wait():
            self._busy = True
            self._any.clear()
            self._wake_all()
            self._busy = False
            time.sleep(PAUSE)

    def _wake_all(self) -> None:
        while self._asked:
            _, task = self._asked.popitem()
            try:
                wake(task)
            except Exception:
                logger.exception("could not wake %s", task.name)


@lru_cache(maxsize=1)
def _waker(process: int) -> Waker:
    """Of this process: threads do not live on in a forked one."""
    return Waker()


def finish_waking() -> None:
    _waker(os.getpid()).finish()
