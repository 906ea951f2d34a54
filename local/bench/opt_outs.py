"""How well opt-outs are told from other replies, on phrases never read, and how long one reply takes at most."""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Iterable

from local.bench.measures import Goal, Section, at_least, at_most
from local.environment import PROJECT_DIR

PHRASES = PROJECT_DIR / "tests" / "outreach"
PIECES = (
    "no ", "don't ", "stop by ", "do not want to ", "s t o ", "a", "i can stop ", "remove my name ", "off the ",
    "no more than ", "call me, ", "how much ", "STOP ", "?! ", "que no me ", " ",
)  # fmt: skip
"""Of which the most laborious texts are made: telling words that tell nothing."""
LONGEST = 1600
"""Characters; Twilio takes no longer text."""


def section(times: int) -> Section:
    """`times`: how often each text is timed; the fastest counts."""
    unseen = _read("phrases_opt_out_unseen.tsv")
    answers = Counter((label, _answer(text)) for label, text in unseen)
    asked, others = (sum(n for (label, _), n in answers.items() if label == which) for which in ("opt_out", "no"))
    return Section(
        "opt-outs",
        f"Opt-outs: {asked} of them and {others} other replies, never read while the detector was written",
        goals=[
            at_least("recall", 0.95, answers["opt_out", "opt_out"] / asked, _percent),
            at_most("taken for opt-outs", 0.02, answers["no", "opt_out"] / others, _percent),
            _fast("a reply, p99", [text for _, text in unseen], times),
            _fast("the most laborious texts, p99", hostile_texts(), times),
        ],
        notes=[
            f"Put before a person: {_percent(answers['opt_out', 'doubtful'] / asked)} of the opt-outs, "
            f"{_percent(answers['no', 'doubtful'] / others)} of the others."
        ],
    )


def hostile_texts() -> list[str]:
    pieces = itertools.product(PIECES, PIECES, PIECES[:4])
    return [((first + second * 3 + third) * LONGEST)[:LONGEST] for first, second, third in pieces]


def _fast(what: str, texts: Iterable[str], times: int) -> Goal:
    took = sorted(min(_cpu_ms(text) for _ in range(times)) for text in texts)
    p99 = took[int(len(took) * 0.99)]
    return Goal(what, "< 1 ms", f"{p99:.2f} ms", p99 < 1)


def _cpu_ms(text: str) -> float:
    from outreach.opt_out import decide_opt_out

    began = time.process_time()
    decide_opt_out(text)
    return 1000 * (time.process_time() - began)


def _answer(text: str) -> str:
    from outreach.opt_out import decide_opt_out

    found = decide_opt_out(text)
    return "opt_out" if found.opt_out else "doubtful" if found.doubtful else "no"


def _percent(share: float) -> str:
    return f"{share:.1%}"


def _read(name: str) -> list[list[str]]:
    return [line.split("\t") for line in (PHRASES / name).read_text("utf-8").splitlines()]
