"""What no wording foresaw: how far a reply reads like those of people who asked us to stop.

A linear model over words, word beginnings, pairs and triples, fitted to labelled replies by `local.learn_opt_outs`.
"""

import math
import re
from itertools import pairwise
from pathlib import Path
from typing import Final

from outreach.reply_words import in_plain_words

WEIGHTS_FILE: Final = Path(__file__).with_name("opt_out_weights.tsv")
BIAS: Final = ""
"""The row of the weights that counts for every text."""
BEGINNING: Final = 5
"""Letters that tell of a longer word, whatever its ending."""
CLEARER: Final = 0.75
"""So much more a sentence has to say than a whole text, of which it may be the smaller part."""
LONGEST_READ, MOST_SENTENCES = 200, 6
"""From either end of a text, so that none, however hostile, takes a millisecond."""

_SENTENCE = re.compile(r"[^.!?;\n]{1,160}[.!?;\n]*")


def likeliest(text: str) -> tuple[float, str]:
    """Log-odds, above 0 when its writer more likely than not wants no more texts, and the words that say so."""
    parts = [(likeness(sentence) - CLEARER, sentence) for sentence in _sentences(text)]
    whole = [(likeness(text), text)] if len(text) <= LONGEST_READ else []
    return max(parts + whole, default=(-math.inf, ""))


def likeness(text: str) -> float:
    found = features(text)
    return _WEIGHTS[BIAS] + sum(_WEIGHTS.get(name, 0.0) for name in found) / math.sqrt(len(found))


def features(text: str) -> set[str]:
    """Of the text as plain words, any number as "0"; "^" and "$" stand before and after them."""
    plain = (word for word in in_plain_words(text).line.split() if word not in {",", ".", "?"})
    words = ["^", *("0" if word[0] in "$0123456789" else word for word in plain), "$"]
    beginnings = {f"{word[:BEGINNING]}~" for word in words if len(word) > BEGINNING}
    pairs = map(" ".join, pairwise(words))
    triples = map(" ".join, zip(words, words[1:], words[2:], strict=False))
    return beginnings.union(words, pairs, triples)


def _sentences(text: str) -> list[str]:
    ends = [text] if len(text) <= 2 * LONGEST_READ else [text[:LONGEST_READ], text[-LONGEST_READ:]]
    found = list(dict.fromkeys(sentence for end in ends for sentence in _SENTENCE.findall(end)))
    return found if len(found) <= 2 * MOST_SENTENCES else found[:MOST_SENTENCES] + found[-MOST_SENTENCES:]


def _read_weights() -> dict[str, float]:
    rows = (line.split("\t") for line in WEIGHTS_FILE.read_text("utf-8").splitlines()[1:])
    return {name: float(weight) for weight, name in rows}


_WEIGHTS: Final = _read_weights()
