"""Linear models over the words of a reply: words, their beginnings, pairs and triples. `local.learn_replies` fits them
to labelled replies."""

import math
from itertools import pairwise
from pathlib import Path
from typing import Final

from outreach.reply_words import in_plain_words

BIAS: Final = ""
"""The row of the weights that counts for every text."""
BEGINNING: Final = 5
"""Letters that tell of a longer word, whatever its ending."""


class WordWeights:
    """As many models as the file has columns, one for each label. Its first line is the digest of what it was learnt
    from, its second the labels; then a row for each feature, its weights in tenths."""

    def __init__(self, name: str) -> None:
        self.path = Path(__file__).with_name(name)
        _, labels, *rows = self.path.read_text("utf-8").splitlines()
        self._labels = labels.split()
        self._weights: dict[str, list[int]] = {}
        for row in rows:
            feature, _, weights = row.partition("\t")
            self._weights[feature] = [int(weight) for weight in weights.split()]

    def log_odds(self, text: str) -> dict[str, float]:
        """Label -> above 0 when the text more likely than not deserves it."""
        found = features(text)
        known = (weights for weights in map(self._weights.get, found) if weights)
        sums = map(sum, zip([0] * len(self._labels), *known, strict=True))
        scaled = zip(self._labels, self._weights[BIAS], sums, strict=True)
        return {label: (bias + weight / math.sqrt(len(found))) / 10 for label, bias, weight in scaled}


def features(text: str) -> set[str]:
    """Of the text as plain words, any number as "0"; "^" and "$" stand before and after them."""
    plain = (word for word in in_plain_words(text).line.split() if word not in {",", ".", "?"})
    words = ["^", *("0" if word[0] in "$0123456789" else word for word in plain), "$"]
    beginnings = {f"{word[:BEGINNING]}~" for word in words if len(word) > BEGINNING}
    pairs = map(" ".join, pairwise(words))
    triples = map(" ".join, zip(words, words[1:], words[2:], strict=False))
    return beginnings.union(words, pairs, triples)
