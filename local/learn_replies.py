"""`python -m local.learn_replies`: fits the weights behind opt-outs and labels to the labelled replies of the tests.

Logistic regression by stochastic gradient descent, every weight with a step of its own (AdaGrad), so that what was seen
seldom counts too. Seeded: the same phrases give the same file.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from local.environment import PROJECT_DIR
from outreach.word_weights import BIAS, features

PHRASES = PROJECT_DIR / "tests" / "outreach"
ROUNDS, STEP, SHRINKING, BIAS_STEP = 30, 0.5, 0.001, 0.01
OFTEN_ENOUGH = 2
"""Replies in which a pair or a triple has to stand to be learnt."""
PERHAPS = 0.35
"""How likely the writer of a doubtful opt-out wants no more texts."""

Weights = dict[str, float]
Phrase = tuple[str, str]


@dataclass(frozen=True)
class Lesson:
    """What one file of weights is learnt from; every label has a model of its own against all others."""

    weights: Path
    labels: tuple[str, ...]
    phrases: tuple[str, ...]

    def read(self) -> list[Phrase]:
        """Label, text."""
        lines = (line for name in self.phrases for line in (PHRASES / name).read_text("utf-8").splitlines())
        return [(label, text) for label, text in (line.split("\t") for line in lines)]

    def digest(self) -> str:
        return hashlib.sha256(b"".join((PHRASES / name).read_bytes() for name in self.phrases)).hexdigest()

    def write(self) -> None:
        phrases = self.read()
        models = [fit((_truth(found, label), text) for found, text in phrases) for label in self.labels]
        self.weights.write_text("".join([f"# {self.digest()}\n", *as_lines(self.labels, models)]), encoding="utf-8")


OPT_OUTS = Lesson(
    PROJECT_DIR / "outreach" / "opt_out_weights.tsv",
    ("opt_out",),
    ("phrases_opt_out.tsv", "phrases_opt_out_learnt.tsv", "phrases_labels.tsv", "phrases_labels_learnt.tsv"),
)
LABELS = Lesson(
    PROJECT_DIR / "outreach" / "label_weights.tsv",
    ("interested", "send_offer", "not_interested", "confused", "wrong_number", "deceased", "hostile"),
    ("phrases_labels.tsv", "phrases_labels_learnt.tsv"),
)


def fit(rows: Iterable[tuple[float, str]]) -> Weights:
    """Feature -> weight, from how true something is of some texts."""
    examples = _examples(rows)
    weights: Weights = defaultdict(float)
    squares: Weights = defaultdict(float)
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


def _truth(found: str, label: str) -> float:
    return PERHAPS if found == "doubtful" else float(found == label)


def _examples(rows: Iterable[tuple[float, str]]) -> list[tuple[list[str], float]]:
    found = [(features(text), truth) for truth, text in rows]
    often = Counter(name for names, _ in found for name in names)
    known = {name for name, count in often.items() if " " not in name or count >= OFTEN_ENOUGH}
    return [(sorted(names & known), truth) for names, truth in found]


def as_lines(labels: Sequence[str], models: Sequence[Weights]) -> list[str]:
    """As `WordWeights` reads them, in tenths."""
    rows = {name: [round(10 * model.get(name, 0.0)) for model in models] for name in sorted(models[0])}
    kept = (f"{name}\t{' '.join(map(str, row))}\n" for name, row in rows.items() if any(row) or name == BIAS)
    return [f"{' '.join(labels)}\n", *kept]


if __name__ == "__main__":
    OPT_OUTS.write()
    LABELS.write()
