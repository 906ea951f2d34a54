"""How well replies are read, by whom, and how soon: what people corrected, per tier and model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from outreach.models import ReplyLabel
from outreach.querysets.accuracy import Delay, Judged, Week

WEEK = timedelta(days=7)
LABELS = tuple(ReplyLabel.Label.values)
TIERS = dict(ReplyLabel.Tier.choices)


@dataclass(frozen=True)
class Cell:
    count: int
    right: bool


@dataclass(frozen=True)
class Matrix:
    """One tier and model. `rows`: per label it gave the cells of what people said it was, in the order of LABELS."""

    name: str
    read: int
    wrong: int
    rows: list[tuple[str, list[Cell]]]

    @property
    def share(self) -> float:
        """Percent corrected."""
        return percent(self.wrong, self.read)


@dataclass(frozen=True)
class Drift:
    """Percent corrected this week and in the four before it; None where nothing was read."""

    name: str
    read: int
    now: float | None
    before: float | None

    @property
    def worse(self) -> bool:
        return self.now is not None and self.before is not None and self.now > self.before


@dataclass(frozen=True)
class Speed:
    """From the webhook's arrival to the label that everybody sees."""

    today: Delay
    week: Delay | None = None


def matrices(since: datetime, until: datetime) -> list[Matrix]:
    grouped: dict[tuple[str, str], list[Judged]] = {}
    for judged in ReplyLabel.objects.judged(since, until):
        grouped.setdefault((judged.tier, judged.model), []).append(judged)
    return [_matrix(reader, rows) for reader, rows in grouped.items()]


def drift(now: datetime) -> list[Drift]:
    return [_drift(week) for week in ReplyLabel.objects.weeks(now, WEEK)]


def speed_to_lead(now: datetime | None = None) -> Speed:
    """Today, where the clock of the server is, and the last seven days."""
    now = now or timezone.now()
    week, today = ReplyLabel.objects.delays(now - WEEK, _midnight(now))
    return Speed(today, week)


def speed_today(now: datetime) -> Speed:
    """For a page that everybody opens all day: a week of labels takes its time to read."""
    today, _ = ReplyLabel.objects.delays(_midnight(now), now)
    return Speed(today)


def _midnight(now: datetime) -> datetime:
    return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)


def percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 0.0


def _matrix(reader: tuple[str, str], judged: Iterable[Judged]) -> Matrix:
    counts = Counter({(row.label, row.truth): row.number for row in judged})
    wrong = sum(count for (label, truth), count in counts.items() if label != truth)
    given = [label for label in LABELS if any(counts[label, truth] for truth in LABELS)]
    names = dict(ReplyLabel.Label.choices)
    rows = [(names[label], [Cell(counts[label, truth], label == truth) for truth in LABELS]) for label in given]
    return Matrix(_name(*reader), sum(counts.values()), wrong, rows)


def _drift(week: Week) -> Drift:
    now = percent(week.wrong, week.read) if week.read else None
    before = percent(week.wrong_before, week.read_before) if week.read_before else None
    return Drift(_name(week.tier, week.model), week.read, now, before)


def _name(tier: str, model: str, tiers: Mapping[str, str] = TIERS) -> str:
    return f"{tiers.get(tier, tier)} ({model})" if model else tiers.get(tier, tier)
