"""What a simulated day is like: how often what goes wrong, for whom, and what people answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local.personas import PersonaReply
from local.twilio_simulator.faults import BUILT_IN, Course, Draws, Faults, WebhookFaults, draw_course


@dataclass(frozen=True)
class Saying:
    """Something a person may answer; `weight` among all of them, `media` pictures go with it."""

    text: str
    weight: float = 1.0
    media: int = 0


@dataclass(frozen=True)
class People:
    """`share` of those who got a text answer it, each to our first `answers` texts."""

    share: float
    says: tuple[Saying, ...]
    answers: int = 1


@dataclass(frozen=True)
class Stranger:
    """Somebody we never wrote to texts us, so many seconds after our first text of the day."""

    number: str
    text: str
    after: float = 0.0
    media: int = 0


@dataclass(frozen=True)
class Scenario:
    """`numbers` are endings of destinations, of any length, with faults of their own; the longest that fits counts.

    `delays` are in seconds, by the names of `Settings`; `clock_skew` is how far Twilio's clock is ahead.
    """

    name: str = "none"
    about: str = ""
    seed: int = 1
    clock_skew: float = 0.0
    delays: Mapping[str, float] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)
    replies: WebhookFaults = field(default_factory=WebhookFaults)
    numbers: Mapping[str, Faults] = field(default_factory=dict)
    people: People | None = None
    strangers: tuple[Stranger, ...] = ()

    def as_options(self) -> dict[str, Any]:
        """For `TwilioSimulator(..., **scenario.as_options())`."""
        persona = {"persona": self.answer} if self.people else {}
        return {"scenario": self, **self.delays, **persona}

    def course_of(self, number: str, nth: int) -> Course:
        """`nth` counts the requests for that number from 1."""
        return draw_course(self.faults_of(number), Draws(self.seed, number, nth))

    def faults_of(self, number: str) -> Faults:
        endings = {**BUILT_IN, **self.numbers}
        fitting = [ending for ending in endings if number.endswith(ending)]
        return endings[max(fitting, key=len)] if fitting else self.faults

    def answer(self, number: str, body: str, nth: int) -> PersonaReply | None:
        """What the person at that number says to our nth text."""
        people = self.people
        if people is None or nth > people.answers:
            return None
        if not Draws(self.seed, number).hits(people.share, "answers"):
            return None
        weights = {place: saying.weight for place, saying in enumerate(people.says)}
        total, draws = sum(weights.values()), Draws(self.seed, number, nth)
        place = draws.one_of({key: weight / total for key, weight in weights.items()}, "saying")
        said = people.says[-1 if place is None else place]
        return PersonaReply(said.text, "scenario", 1 + 2 * draws.number("delay"), said.media)


NONE = Scenario(about="Nothing goes wrong except by the last digits of a number.")
