"""What the bench has measured, what was hoped for, and how both are shown."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Measure:
    """Seconds of each run. `beside`: what it is compared with, in words."""

    what: str
    rows: int
    seconds: list[float] = field(default_factory=list)
    memory_mb: int | None = None
    """The most that the job's own processes ever held, without PostgreSQL."""
    beside: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def rate(self) -> float:
        """Rows per second; what is over within a millisecond counts as a millisecond."""
        return self.rows / max(self.median, 0.001)

    def joined(self, others: Iterable[Measure]) -> Measure:
        """All runs of one job."""
        same = [self, *others]
        held = [measure.memory_mb for measure in same if measure.memory_mb is not None]
        seconds = [second for measure in same for second in measure.seconds]
        return Measure(self.what, self.rows, seconds, max(held, default=None))

    def cells(self) -> list[str]:
        times = (f"{second:,.2f}" for second in (min(self.seconds), self.median, max(self.seconds)))
        memory = "" if self.memory_mb is None else f"{self.memory_mb:,}"
        return [self.what, f"{self.rows:,}", *times, f"{self.rate:,.0f}", memory, self.beside]


@dataclass
class Request:
    """Milliseconds of each time that a page was asked for."""

    what: str
    ms: list[float]
    goal_ms: int
    queries: int = 0
    cpu_ms: float = 0
    """Of our process and of PostgreSQL's for it, each time: what a busy machine does not blur."""

    @property
    def median(self) -> float:
        return statistics.median(self.ms)

    @property
    def met(self) -> bool:
        return self.median < self.goal_ms

    def cells(self) -> list[str]:
        times = (f"{value:,.0f}" for value in (min(self.ms), self.median, max(self.ms)))
        return [self.what, *times, f"{self.cpu_ms:,.0f}", str(self.queries), f"< {self.goal_ms}", _verdict(self.met)]


@dataclass
class Goal:
    what: str
    wanted: str
    measured: str
    met: bool

    def cells(self) -> list[str]:
        return [self.what, self.wanted, self.measured, _verdict(self.met)]


@dataclass
class Section:
    """What one job of the bench found. `facts`: in JSON only; `notes`: lines below the tables."""

    name: str
    title: str
    measures: list[Measure] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        measures = [asdict(measure) | {"rows_per_second": round(measure.rate)} for measure in self.measures]
        requests = [asdict(request) | {"median": request.median, "met": request.met} for request in self.requests]
        goals = [asdict(goal) for goal in self.goals]
        return {"name": self.name, "measures": measures, "requests": requests, "goals": goals, "facts": self.facts}

    def tables(self) -> list[str]:
        """In Markdown, which reads well on a terminal too."""
        found = [
            _table(("", "rows", "min s", "median", "max", "rows/s", "MB", "beside"), self.measures),
            _table(("server time, ms", "min", "median", "max", "CPU", "queries", "goal", ""), self.requests),
            _table(("goal", "wanted", "measured", ""), self.goals),
        ]
        return [*filter(None, found), *self.notes]


def at_least(what: str, wanted: float, measured: float, shown: Callable[[float], str]) -> Goal:
    return Goal(what, f"≥ {shown(wanted)}", shown(measured), measured >= wanted)


def at_most(what: str, wanted: float, measured: float, shown: Callable[[float], str]) -> Goal:
    return Goal(what, f"≤ {shown(wanted)}", shown(measured), measured <= wanted)


def _verdict(met: bool) -> str:
    return "met" if met else "MISSED"


def _table(head: Sequence[str], rows: Sequence[Measure | Request | Goal]) -> str:
    if not rows:
        return ""
    cells = [list(head), *(row.cells() for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    lines = [_line(row, widths) for row in cells]
    rule = "|" + "|".join(f"{'-' * (width + 1)}{':' if number else '-'}" for number, width in enumerate(widths)) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    padded = [f"{first[0]:<{first[1]}}", *(f"{cell:>{width}}" for cell, width in others)]
    return f"| {' | '.join(padded)} |"
