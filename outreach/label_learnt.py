"""What a reply reads like, by the labels of those it resembles: what no wording foresaw, and what a wording mistook."""

import math
from typing import Final, get_args

from outreach.label_wordings import Label
from outreach.word_weights import WordWeights

WEIGHTS: Final = WordWeights("label_weights.tsv")
SURE, APART, FORESEEN = -0.5, 2.0, 1.0
"""Log-odds: of the likeliest label at least, more than of the next, and what a wording adds to its own. Chosen on
phrases left out of the learning, so that at least 97 % of what is decided is right."""


def read_by_words(text: str, foreseen: Label | None) -> tuple[Label | None, float]:
    """The label that stands out, and how sure it is (0 to 1); None where none does."""
    log_odds = WEIGHTS.log_odds(text)
    if foreseen:
        log_odds[foreseen] += FORESEEN
    likeliest, second = sorted(get_args(Label), key=log_odds.__getitem__, reverse=True)[:2]
    stands_out = log_odds[likeliest] > SURE and log_odds[likeliest] - log_odds[second] > APART
    return (likeliest, 1 / (1 + math.exp(-log_odds[likeliest]))) if stands_out else (None, 0.0)
