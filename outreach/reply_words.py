"""A reply as plain words: contractions written out, text-message spelling and the commonest misspellings put right, so
that one wording stands for many. Every word remembers where it stood."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from outreach.plain_words import flatten, one_letter_off

NAME = "xname"
"""Stands for a word that only its capital letter tells to be a name."""

_TOKEN = re.compile(r"\$?\d[\d,.]*\d|\d|[^\W\d_]+(?:'[^\W\d_]+)*|[^\W_]+|[?]+|[.!;:,\n]+|#")
_WRITTEN_OUT: Final = {
    "dont": "do not", "dnt": "do not", "doesnt": "does not", "didnt": "did not", "wont": "will not", "cant": "can not",
    "cannot": "can not", "couldnt": "could not", "wouldnt": "would not", "shouldnt": "should not", "isnt": "is not",
    "aint": "is not", "arent": "are not", "wasnt": "was not", "havent": "have not", "hasnt": "has not", "im": "i am",
    "ive": "i have", "id": "i would", "ill": "i will", "youre": "you are", "theyre": "they are", "its": "it is",
    "thats": "that is", "whats": "what is", "wats": "what is", "whos": "who is", "hes": "he is", "shes": "she is",
    "theres": "there is", "lets": "let us", "u": "you", "r": "are", "ur": "your", "yall": "you",
    "pls": "please", "plz": "please", "thx": "thanks", "ty": "thank you", "gonna": "going to", "wanna": "want to",
    "gotta": "have to", "tryna": "trying to", "dis": "this", "dat": "that", "num": "number",
    "nbr": "number", "#": "number", "nope": "no", "nah": "no", "naw": "no", "yea": "yes", "yeah": "yes", "yep": "yes",
    "yup": "yes", "yess": "yes", "hw": "how", "wut": "what", "wat": "what", "info": "information", "kinda": "kind of",
    "rong": "wrong", "giv": "give", "past": "passed", "mom": "mother", "mama": "mother", "momma": "mother",
    "mum": "mother", "dad": "father", "daddy": "father", "papa": "papa", "sellin": "selling", "offerin": "offering",
    "payin": "paying", "givin": "giving", "howd": "how did", "whered": "where did", "bout": "about",
    "cuz": "because", "tho": "though", "abt": "about",
}  # fmt: skip
_ENDINGS: Final = {
    "n't": " not", "'m": " am", "'re": " are", "'ve": " have", "'ll": " will", "'d": " would",
}  # fmt: skip
_IRREGULAR: Final = {
    "won't": "will not", "can't": "can not", "ain't": "is not", "let's": "let us",
    "how'd": "how did", "where'd": "where did", "who'd": "who did", "why'd": "why did",
}  # fmt: skip
_IS: Final = frozenset({"it", "that", "what", "who", "he", "she", "there", "here", "where", "how", "this"})
_OFTEN_MISSPELT: Final = ("interested", "property", "number", "selling", "deceased", "offering", "available")
_ALIKE: Final = frozenset(("lumber", "numbers", "telling", "spelling", "buffering", "suffering", "disinterested"))
_CAPITALISED = (
    "i yes no ok hi hello mr mrs ms sir maam january february march april may june july august september october "
    "november december interested selling sell sale land property lot offer offers price thanks thank please call text "
    "never nobody absolutely scam fuck screw eat shit shove hell do does come send give make want need wrong number "
    "person sorry not the is this who what how much deceased passed sold available lord cash monday tuesday wednesday "
    "thursday friday saturday sunday si"
)
_NO_NAMES: Final = frozenset(_CAPITALISED.split())


@dataclass(frozen=True)
class Words:
    """`line` is the words with one blank around each; commas, full stops and question marks are words too."""

    text: str
    line: str
    starts: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]

    def original(self, start: int, end: int) -> str:
        """What stood where `line[start:end]` stands now."""
        first = max(bisect_right(self.starts, start) - 1, 0)
        last = max(bisect_right(self.starts, max(end - 1, start)) - 1, first)
        return self.text[self.spans[first][0] : self.spans[last][1]].strip()


def in_plain_words(text: str) -> Words:
    flat, line, starts, spans, begins = flatten(text), [" "], [], [], True
    at = 1
    shouted = text.isupper()
    for token in _TOKEN.finditer(flat):
        word = _plain(token[0])
        if not (begins or shouted) and _is_name(text[token.start() : token.end()], token[0]):
            word = NAME + " s" if token[0].endswith("'s") else NAME
        begins = word in {".", "?", ","}
        starts.append(at)
        spans.append(token.span())
        line.append(word + " ")
        at += len(word) + 1
    return Words(text, "".join(line), tuple(starts), tuple(spans))


def _is_name(written: str, flat: str) -> bool:
    return (
        len(written) > 2
        and written.removesuffix("'s").istitle()
        and _plain(flat) not in _NO_NAMES
        and flat not in _WRITTEN_OUT
    )


@lru_cache(maxsize=8192)
def _plain(word: str) -> str:
    if word[0] in ".!;:,\n":
        return "," if set(word) == {","} else "."
    if word[0] == "?":
        return "?"
    return _contracted(word) or _WRITTEN_OUT.get(word.replace("'", "")) or _spelt_right(word.replace("'", ""))


def _contracted(word: str) -> str:
    """ "it's" -> "it is"; "" for any other word."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("'s") and word[:-2] in _IS:
        return f"{word[:-2]} is"
    ending = next((ending for ending in _ENDINGS if word.endswith(ending) and len(word) > len(ending)), "")
    return _plain(word.removesuffix(ending)) + _ENDINGS[ending] if ending else ""


def _spelt_right(word: str) -> str:
    if len(word) < 5 or word in _ALIKE:
        return word
    return next((known for known in _OFTEN_MISSPELT if one_letter_off(word, known)), word)
