"""Jobs with a due time, run by a few threads. Whatever needs an order lets each job plan the next."""

from __future__ import annotations

import heapq
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

Job = Callable[[], object]


@dataclass(order=True)
class _Entry:
    due: float
    number: int
    job: Job = field(compare=False)


class Timetable:
    def __init__(self, workers: int) -> None:
        self._entries: list[_Entry] = []
        self._numbers = count()
        self._running = 0
        self._closed = False
        lock = threading.Lock()
        self._due = threading.Condition(lock)  # workers wait here
        self._quiet = threading.Condition(lock)
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(workers)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def plan(self, delay: float, job: Job) -> None:
        with self._due:
            heapq.heappush(self._entries, _Entry(time.monotonic() + delay, next(self._numbers), job))
            self._due.notify()

    def pending(self) -> int:
        """Waiting and running. A job's successor is counted before the job itself is not."""
        with self._due:
            return len(self._entries) + self._running

    def wait_until_quiet(self, timeout: float) -> bool:
        with self._due:
            return self._quiet.wait_for(lambda: not self._entries and not self._running, timeout)

    def clear(self) -> None:
        with self._due:
            self._entries.clear()
            self._announce_quiet()

    def close(self) -> None:
        with self._due:
            self._closed = True
            self._entries.clear()
            self._due.notify_all()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while (job := self._next()) is not None:
            try:
                job()
            except Exception:  # noqa: BLE001 - the edge of the thread: one bad job must not end the others
                traceback.print_exc()
            with self._due:
                self._running -= 1
                self._announce_quiet()

    def _announce_quiet(self) -> None:
        if not self._entries and not self._running:
            self._quiet.notify_all()

    def _next(self) -> Job | None:
        with self._due:
            while not self._closed:
                wait = self._entries[0].due - time.monotonic() if self._entries else None
                if wait is not None and wait <= 0:
                    self._running += 1
                    return heapq.heappop(self._entries).job
                self._due.wait(wait)
        return None
