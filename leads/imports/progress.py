"""How far a list has got: rows, rows a second and the time left, for the page and the terminal alike.

A list is counted before its first row is stored. That happens inside a transaction, so how far the counting has got is
told through the cache; without a cache nobody sees it, and nothing else is different.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.utils import timezone
from redis.exceptions import RedisError

from leads.models import ListImport

logger = logging.getLogger(__name__)
Status = ListImport.Status
TOLD_EVERY = 0.5
"""Seconds between two words about the counting."""
_TOLD_FOR = 300


@dataclass(frozen=True)
class Pace:
    rate: int
    """Rows a second of the present run; what was done before it, and the time it rested, do not count."""
    seconds_left: int | None


def pace(done: int, left: int, seconds: float) -> Pace:
    rate = done / seconds if seconds > 0 else 0
    return Pace(round(rate), round(left / rate) if rate > 0 else None)


def time_text(seconds: int) -> str:
    """“40 s”, “12 min”, “1 h 5 min”."""
    if seconds < 90:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def progress_of(list_import: ListImport) -> dict[str, Any]:
    """What the page shows; `percent` is 0-100, the rate in rows a second, the time left in seconds. `counting`: rows
    counted so far while the list is being counted, else None."""
    total, read = list_import.rows_total or 0, list_import.rows_read
    if list_import.status == Status.UNDOING:
        read = min(max(list_import.undone_to - 1, 0), total)  # the header is line 1
    at_work = _pace_of(list_import, read, total)
    return {
        "status": list_import.status,
        "label": list_import.get_status_display(),
        "finished": list_import.status not in (Status.QUEUED, Status.RUNNING, Status.UNDOING),
        "counting": counted_so_far(list_import) if list_import.status == Status.RUNNING else None,
        "read": read,
        "total": total,
        "percent": round(100 * read / total) if total else 0,
        "rate": at_work.rate,
        "seconds_left": at_work.seconds_left if total else None,
        "created": list_import.rows_created,
        "updated": list_import.rows_updated,
        "unchanged": list_import.rows_unchanged,
        "rejected": list_import.rows_rejected,
    }


def _pace_of(list_import: ListImport, read: int, total: int) -> Pace:
    until = list_import.finished_at or list_import.heartbeat_at or timezone.now()
    since = list_import.paced_from or list_import.started_at
    if list_import.status == Status.UNDOING:
        until = list_import.heartbeat_at or timezone.now()
    seconds = (until - since).total_seconds() if since else 0
    return pace(max(read - list_import.paced_row, 0), total - read, seconds)


class CountingTold:
    """Called with the rows counted so far; tells the page, and whoever else listens, now and then."""

    def __init__(
        self,
        list_import_id: int,
        listener: Callable[[int], None] | None = None,
        counted: Callable[[int], None] | None = None,
    ) -> None:
        self._key = _key(list_import_id)
        self._listener = listener
        self.counted = counted or (lambda done: None)
        """To be called with the rows that earlier runs have done, once the list is counted."""
        self._next = 0.0
        self._is_told = False

    def __call__(self, rows: int) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + TOLD_EVERY
        self._is_told = _quietly(lambda: cache.set(self._key, rows, _TOLD_FOR)) or self._is_told
        if self._listener:
            self._listener(rows)

    def end(self) -> None:
        if self._is_told:
            _quietly(lambda: cache.delete(self._key))


def counted_so_far(list_import: ListImport) -> int | None:
    found: list[Any] = []
    _quietly(lambda: found.append(cache.get(_key(list_import.pk))))
    if found and found[0] is not None:
        return int(found[0])
    return 0 if list_import.rows_total is None else None


def _quietly(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except RedisError as error:
        logger.warning("no cache to tell how far a list is counted: %s", error)
        return False
    return True


def _key(list_import_id: int) -> str:
    return f"list_import:{list_import_id}:counting"
