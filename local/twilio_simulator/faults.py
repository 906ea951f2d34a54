"""What goes wrong with a text, in shares. The fate of one follows from the seed, its number and how manieth it is."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from local.twilio_simulator.errors import REFUSALS, Refusal


@dataclass(frozen=True)
class TextFaults:
    """Shares of the texts, from 0 to 1. `refused` and `undelivered` go by error code and exclude each other.

    `cut_off`: the connection breaks and nothing was accepted. `no_answer`: accepted, but the answer never comes.
    `failed_answer`: accepted, but the answer is a 500. `slow_insert`: accepted only after a while.
    """

    refused: Mapping[int, float] = field(default_factory=dict)
    undelivered: Mapping[int, float] = field(default_factory=dict)
    cut_off: float = 0.0
    no_answer: float = 0.0
    failed_answer: float = 0.0
    slow_insert: float = 0.0


@dataclass(frozen=True)
class WebhookFaults:
    """`dropped` and `late` are shares of the webhooks; `twice` and `reordered` of the texts whose callbacks come so."""

    dropped: float = 0.0
    late: float = 0.0
    twice: float = 0.0
    reordered: float = 0.0


@dataclass(frozen=True)
class Faults:
    texts: TextFaults = field(default_factory=TextFaults)
    callbacks: WebhookFaults = field(default_factory=WebhookFaults)


@dataclass(frozen=True)
class Step:
    """A status, and what becomes of the callback that reports it."""

    status: str
    dropped: bool = False
    late: bool = False


@dataclass(frozen=True)
class Course:
    """What becomes of one text. The record itself never goes backwards, in whatever order callbacks report.

    `answer` is given, never or failed. `words` name the faults for people.
    """

    refusal: Refusal | None = None
    cut_off: bool = False
    answer: str = "given"
    slow: bool = False
    error: Refusal | None = None
    steps: tuple[Step, ...] = ()
    words: tuple[str, ...] = ()


class Draws:
    """Numbers in [0, 1), each a hash of the seed and what is asked: the order of requests does not change them."""

    def __init__(self, seed: int | str, *key: object) -> None:
        self._key = ":".join(map(str, (seed, *key)))

    def number(self, what: str) -> float:
        digest = hashlib.sha256(f"{self._key}:{what}".encode()).digest()
        return int.from_bytes(digest[:6]) / 2**48

    def hits(self, share: float, what: str) -> bool:
        return share > 0 and self.number(what) < share

    def one_of(self, shares: Mapping[int, float], what: str) -> int | None:
        left = self.number(what) if shares else 1.0
        for code, share in shares.items():
            left -= share
            if left < 0:
                return code
        return None


ALWAYS = 1.0
BUILT_IN: dict[str, Faults] = {
    "0001": Faults(TextFaults(refused={21211: ALWAYS})),
    "0002": Faults(TextFaults(refused={21610: ALWAYS})),
    "0003": Faults(TextFaults(refused={20429: ALWAYS})),
    "0004": Faults(TextFaults(refused={20500: ALWAYS})),
    "0005": Faults(TextFaults(no_answer=ALWAYS)),
    "0006": Faults(TextFaults(undelivered={30003: ALWAYS})),
    "0007": Faults(TextFaults(undelivered={30007: ALWAYS})),
    "0008": Faults(TextFaults(undelivered={30006: ALWAYS})),
    "0009": Faults(callbacks=WebhookFaults(twice=ALWAYS, reordered=ALWAYS)),
    "0010": Faults(callbacks=WebhookFaults(dropped=ALWAYS)),
    "0011": Faults(callbacks=WebhookFaults(late=ALWAYS)),
    "0012": Faults(TextFaults(slow_insert=ALWAYS)),
    "0013": Faults(TextFaults(failed_answer=ALWAYS)),
    "0014": Faults(TextFaults(cut_off=ALWAYS)),
}
"""By the last four digits of a destination; a scenario's own endings go before."""


def draw_course(faults: Faults, draws: Draws) -> Course:
    texts = faults.texts
    refused = draws.one_of(texts.refused, "refused")
    if refused is not None:
        return Course(refusal=REFUSALS[refused], words=(f"refused {refused}",))
    if draws.hits(texts.cut_off, "cut off"):
        return Course(cut_off=True, words=("cut off",))
    undelivered = draws.one_of(texts.undelivered, "undelivered")
    steps = _steps(faults.callbacks, undelivered is not None, draws)
    slow, answer = draws.hits(texts.slow_insert, "slow"), _answer(texts, draws)
    words = ("slow insert",) * slow + {"given": (), "never": ("no answer",), "failed": ("answered 500",)}[answer]
    return Course(
        answer=answer,
        slow=slow,
        error=REFUSALS[undelivered] if undelivered is not None else None,
        steps=steps,
        words=words,
    )


def _answer(texts: TextFaults, draws: Draws) -> str:
    if draws.hits(texts.no_answer, "no answer"):
        return "never"
    return "failed" if draws.hits(texts.failed_answer, "failed answer") else "given"


def _steps(callbacks: WebhookFaults, fails: bool, draws: Draws) -> tuple[Step, ...]:
    statuses = ["sent", "undelivered" if fails else "delivered"]
    if draws.hits(callbacks.reordered, "reordered"):
        statuses.reverse()
    if draws.hits(callbacks.twice, "twice"):
        statuses *= 2
    return tuple(
        Step(
            status,
            dropped=draws.hits(callbacks.dropped, f"dropped {place}"),
            late=draws.hits(callbacks.late, f"late {place}"),
        )
        for place, status in enumerate(statuses)
    )
