"""One line of a terminal that says how far a list has got, written over itself."""

from __future__ import annotations

import time

from django.core.management.base import OutputWrapper

from leads.imports.progress import pace, time_text

_WIDTH = 72


class ProgressLine:
    def __init__(self, output: OutputWrapper, noun: str = "rows") -> None:
        self._output = output
        self._noun = noun
        self._started: float | None = None
        self._first = 0
        self._is_written = False

    def begin_at(self, done: int) -> None:
        """The pace is that of what follows."""
        self._started, self._first = time.monotonic(), done

    def counting(self, counted: int) -> None:
        self._write(f"counting its rows: {counted:,} so far")

    def done(self, done: int, total: int) -> None:
        since = self._started if self._started is not None else time.monotonic()
        at_work = pace(done - self._first, total - done, time.monotonic() - since)
        left = f", {time_text(at_work.seconds_left)} left" if at_work.seconds_left and done < total else ""
        self._write(f"{done:,} of {total:,} {self._noun}, {at_work.rate:,} {self._noun}/s{left}")

    def end(self) -> None:
        if self._is_written:
            self._output.write("")

    def _write(self, text: str) -> None:
        self._is_written = True
        self._output.write(f"\r{text:<{_WIDTH}}", ending="")
