"""Who answers what when everybody answers at once: phrases whose meaning is known, in bursts, some of them twice at the
same moment and some again much later."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from local.chaos.numbers import number_of
from local.environment import PROJECT_DIR

PHRASES = PROJECT_DIR / "tests" / "outreach"
BURST, OPT_OUTS = 500, 0.15
DOUBLED, REPLAYED = 0.10, 0.10
NO_LABEL_FITS = "confused"
"""What the model, which decides in the end, calls the replies that none of the labels fits."""
FRAMES = ("{}", "{}", "{}", "Hi. {}", "{}, thanks")


@dataclass(frozen=True)
class Reply:
    """`truth` is what its writer meant; `is_new` where its phrase comes for the first time, word for word."""

    sid: str
    number: str
    body: str
    truth: str
    is_new: bool


def make_replies(count: int, seed: int = 1) -> list[Reply]:
    """The phrases no rule was written for once each, as they are; then all over again in other dress. What may be an
    opt-out and may not is left out: it is held for a person and has no label."""
    chance = random.Random(seed)
    said, stops = _phrases(), _opt_outs()
    rows = [(label, text, True) for label, text in said]
    while len(rows) < count:
        label, text = chance.choice(stops if chance.random() < OPT_OUTS else said)
        body = text if label == "opt_out" else chance.choice(FRAMES).format(text)
        if label == "opt_out" or not _is_held(body):
            rows.append((label, body, False))
    rows = rows[:count]
    return [
        Reply(f"SM{place:032x}", number_of(place), text, NO_LABEL_FITS if label == "none" else label, is_new)
        for place, (label, text, is_new) in enumerate(rows)
    ]


def make_bursts(replies: list[Reply], seed: int = 1, size: int = BURST) -> list[list[Reply]]:
    chance = random.Random(seed)
    bursts = []
    for start in range(0, len(replies), size):
        burst = replies[start : start + size]
        again = chance.sample(burst, int(len(burst) * DOUBLED))
        again += chance.sample(replies[:start], min(int(size * REPLAYED), start))
        bursts.append([*burst, *again])
        chance.shuffle(bursts[-1])
    return bursts


def _is_held(body: str) -> bool:
    from outreach.opt_out import decide_opt_out

    decision = decide_opt_out(body)
    return decision.opt_out or decision.doubtful


def _phrases() -> list[tuple[str, str]]:
    from outreach.opt_out import decide_opt_out

    rows = _read(PHRASES / "phrases_labels_unseen.tsv")
    decided = ((row, decide_opt_out(row[1])) for row in rows)
    return [row for row, decision in decided if not (decision.opt_out or decision.start or decision.doubtful)]


def _opt_outs() -> list[tuple[str, str]]:
    from outreach.opt_out import decide_opt_out

    rows = _read(PHRASES / "phrases_opt_out_unseen.tsv")
    return [("opt_out", text) for _, text in rows if decide_opt_out(text).opt_out]


def _read(path: Path) -> list[tuple[str, str]]:
    rows = (line.split("\t") for line in path.read_text("utf-8").splitlines())
    return [(label, text) for label, text in rows]
