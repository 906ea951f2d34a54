"""How the better wording of a template wins: pure arithmetic on what became of the texts of each.

Thompson sampling: each wording is used as often as it is likely to be the best one, given what is known so far. A text
has one of three outcomes, good (the goal), bad (an opt-out) or neither, so what is known of a wording is a Dirichlet
distribution; its worth is the rate of good texts less the rate of bad ones.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

Z_95, Z_99 = 1.959964, 2.575829
FLOOR = 0.5
"""Part of an even share that a wording keeps, however badly it does, until it was sent often enough to judge."""
DRAWS = 2000
"""Imagined futures from which the chances are counted: exact to about one per cent."""
LEAST_TO_STOP, LEAST_EVENTS = 30, 3
"""Nothing is stopped over fewer texts than this, or fewer bad ones."""


class Goal(StrEnum):
    REPLIED = "replied"
    INTERESTED = "interested"


@dataclass(frozen=True)
class Tally:
    """What became of the texts of one wording. `replied` counts opt-outs too: they are replies."""

    sent: int = 0
    delivered: int = 0
    replied: int = 0
    interested: int = 0
    opted_out: int = 0
    filtered: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(mine + theirs for mine, theirs in zip(self.counts, other.counts, strict=True)))

    @property
    def counts(self) -> tuple[int, ...]:
        return (self.sent, self.delivered, self.replied, self.interested, self.opted_out, self.filtered)

    def good(self, goal: Goal) -> int:
        wanted = self.interested if goal == Goal.INTERESTED else self.replied - self.opted_out
        return max(0, min(wanted, self.sent - self.opted_out))


class Interval(NamedTuple):
    low: float
    high: float


def wilson(events: int, of: int, z: float = Z_95) -> Interval:
    """Within which the true rate lies with 95 % confidence; everything is possible when nothing was seen."""
    if of <= 0:
        return Interval(0.0, 1.0)
    rate, spread = min(events, of) / of, z * z / of
    middle = (rate + spread / 2) / (1 + spread)
    half = z * math.sqrt(rate * (1 - rate) / of + spread / of / 4) / (1 + spread)
    return Interval(max(0.0, middle - half), min(1.0, middle + half))


def shares(tallies: Mapping[int, Tally], goal: Goal, least: int) -> dict[int, float]:
    """Which part of the next texts each wording gets; 0 for stopped ones, 1 in all (nothing for no wordings)."""
    stopped = stops(tallies)
    running = {key: tally for key, tally in tallies.items() if key not in stopped}
    if not running:
        return {}
    floors = {key: FLOOR / len(running) if tally.sent < least else 0.0 for key, tally in running.items()}
    spare = 1.0 - sum(floors.values())
    best = chances_of_best(running, goal)
    return dict.fromkeys(stopped, 0.0) | {key: floors[key] + spare * best[key] for key in running}


def chances_of_best(tallies: Mapping[int, Tally], goal: Goal) -> dict[int, float]:
    """How likely each wording is the best, by dice that the counts themselves seed: the same for the same counts."""
    dice = random.Random(repr([(key, tally.counts) for key, tally in sorted(tallies.items())]))
    keys = sorted(tallies)
    wins = dict.fromkeys(keys, 0)
    for _ in range(DRAWS):
        wins[max(keys, key=lambda key: _imagined_worth(tallies[key], goal, dice))] += 1
    return {key: won / DRAWS for key, won in wins.items()}


def stops(tallies: Mapping[int, Tally]) -> dict[int, str]:
    """Wordings that carriers filter, or that make people opt out, clearly more than the others do; why, in words.

    Clearly: the 99 % intervals do not touch. The worst goes first and the rest is judged without it; one always stays.
    """
    left, found = dict(tallies), dict[int, str]()
    while len(left) > 1:
        reasons = {key: reason for key in left if (reason := _why_stopped(key, left))}
        if not reasons:
            break
        worst = max(reasons, key=lambda key: (_badness(left[key]), key))
        found[worst] = reasons[worst]
        del left[worst]
    return found


def draw(weights: Mapping[int, float], seed: str) -> int | None:
    """One of the keys by weight, always the same one for the same seed and weights; None without any weight."""
    total = sum(weights.values())
    if total <= 0:
        return None
    place = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big") / 2**64 * total
    chosen = None
    for key, weight in sorted(weights.items()):
        chosen = key if weight > 0 else chosen
        place -= weight
        if place < 0:
            break
    return chosen


def _imagined_worth(tally: Tally, goal: Goal, dice: random.Random) -> float:
    """A worth the wording may well have. Starts from one text of each outcome, so that nothing is ruled out."""
    good, bad = tally.good(goal), min(tally.opted_out, tally.sent)
    parts = [dice.gammavariate(1 + count, 1.0) for count in (good, bad, tally.sent - good - bad)]
    return (parts[0] - parts[1]) / sum(parts)


def _why_stopped(key: int, tallies: Mapping[int, Tally]) -> str:
    mine = tallies[key]
    others = sum((tally for other, tally in tallies.items() if other != key), Tally())
    for events, of_others, words in (
        (mine.filtered, others.filtered, "carriers filter it clearly more"),
        (mine.opted_out, others.opted_out, "people opt out of it clearly more"),
    ):
        if _clearly_more((events, mine.sent), (of_others, others.sent)):
            return f"{words}: {events} of {mine.sent} texts, of the other wordings {of_others} of {others.sent}"
    return ""


def _clearly_more(mine: Sequence[int], others: Sequence[int]) -> bool:
    enough = mine[0] >= LEAST_EVENTS and min(mine[1], others[1]) >= LEAST_TO_STOP
    return enough and wilson(mine[0], mine[1], Z_99).low > wilson(others[0], others[1], Z_99).high


def _badness(tally: Tally) -> float:
    return (tally.filtered + tally.opted_out) / max(tally.sent, 1)
