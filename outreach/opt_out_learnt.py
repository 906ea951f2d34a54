"""What no wording foresaw: how far a reply, or a sentence of it, reads like those of people who asked us to stop."""

import math
import re
from typing import Final

from outreach.word_weights import WordWeights

WEIGHTS: Final = WordWeights("opt_out_weights.tsv")
CLEARER: Final = 0.75
"""So much more a sentence has to say than a whole text, of which it may be the smaller part."""
LONGEST_READ, MOST_SENTENCES = 200, 6
"""From either end of a text, so that none, however hostile, takes a millisecond."""

_SENTENCE = re.compile(r"[^.!?;\n]{1,160}[.!?;\n]*")


def likeliest(text: str) -> tuple[float, str]:
    """Log-odds, above 0 when its writer more likely than not wants no more texts, and the words that say so."""
    parts = [(_likeness(sentence) - CLEARER, sentence) for sentence in _sentences(text)]
    whole = [(_likeness(text), text)] if len(text) <= LONGEST_READ else []
    return max(parts + whole, default=(-math.inf, ""))


def unread_middle(text: str) -> str:
    """Of a long text: what it says there is known by its telling words alone."""
    return text[LONGEST_READ:-LONGEST_READ]


def _likeness(text: str) -> float:
    return WEIGHTS.log_odds(text)["opt_out"]


def _sentences(text: str) -> list[str]:
    ends = [text] if len(text) <= 2 * LONGEST_READ else [text[:LONGEST_READ], text[-LONGEST_READ:]]
    found = list(dict.fromkeys(sentence for end in ends for sentence in _SENTENCE.findall(end)))
    return found if len(found) <= 2 * MOST_SENTENCES else found[:MOST_SENTENCES] + found[-MOST_SENTENCES:]
