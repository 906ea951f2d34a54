"""`python -m local.learn_opt_outs`: fits the weights of `outreach.opt_out_learnt` to the labelled replies of the tests.

Logistic regression by stochastic gradient descent, every weight with a step of its own (AdaGrad), so that what was seen
seldom counts too. Seeded: the same phrases give the same file.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterable

from local.environment import PROJECT_DIR
from outreach.opt_out_learnt import BIAS, WEIGHTS_FILE, features

PHRASES = PROJECT_DIR / "tests" / "outreach"
FILES = ("phrases_opt_out.tsv", "phrases_opt_out_learnt.tsv", "phrases_labels.tsv")
ASKED = {"opt_out": 1.0, "doubtful": 0.35}
"""How likely the writer wants no more texts; any other label is of somebody who does not say so."""
ROUNDS, STEP, SHRINKING, BIAS_STEP = 30, 0.5, 0.001, 0.01
OFTEN_ENOUGH = 2
"""Replies in which a pair or a triple has to stand to be learnt."""

Example = tuple[list[str], float]


def fit(rows: Iterable[tuple[float, str]]) -> dict[str, float]:
    """Feature -> weight, from what is known of some texts."""
    examples = _examples(rows)
    weights: dict[str, float] = defaultdict(float)
    squares: dict[str, float] = defaultdict(float)
    chance = random.Random(1)
    for _ in range(ROUNDS):
        chance.shuffle(examples)
        for names, truth in examples:
            size = math.sqrt(len(names))
            log_odds = weights[BIAS] + sum(weights[name] for name in names) / size
            miss = 1 / (1 + math.exp(-log_odds)) - truth
            weights[BIAS] -= BIAS_STEP * miss
            for name in names:
                slope = miss / size + SHRINKING * weights[name]
                squares[name] += slope * slope
                weights[name] -= STEP * slope / math.sqrt(squares[name] + 1e-6)
    return weights


def _examples(rows: Iterable[tuple[float, str]]) -> list[Example]:
    found = [(features(text), truth) for truth, text in rows]
    often = Counter(name for names, _ in found for name in names)
    known = {name for name, count in often.items() if " " not in name or count >= OFTEN_ENOUGH}
    return [(sorted(names & known), truth) for names, truth in found]


def as_file(weights: dict[str, float]) -> str:
    """The digest of what was learnt, then a row for every weight that is not nothing."""
    kept = {name: f"{weight:.2f}" for name, weight in weights.items()}
    rows = (f"{weight}\t{name}\n" for name, weight in sorted(kept.items()) if float(weight) or name == BIAS)
    return "".join([f"# {digest()}\n", *rows])


def digest() -> str:
    return hashlib.sha256(b"".join((PHRASES / name).read_bytes() for name in FILES)).hexdigest()


def phrases() -> list[tuple[float, str]]:
    lines = (line for name in FILES for line in (PHRASES / name).read_text("utf-8").splitlines())
    return [(ASKED.get(label, 0.0), text) for label, text in (line.split("\t") for line in lines)]


if __name__ == "__main__":
    WEIGHTS_FILE.write_text(as_file(fit(phrases())), encoding="utf-8")
