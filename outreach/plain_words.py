"""Replies as people type them, made comparable without moving a single character."""

import unicodedata
from functools import lru_cache

_LOOK_ALIKES = str.maketrans("‘’‚`´ʼ“”–—―аеорсхуіѕтВЕКМНОРСТХ", "''''''\"\"---aeopcxyistbekmhopctx")


def flatten(text: str) -> str:
    """Lower case, no accents, plain quotes and dashes; character n stays character n, so spans fit the original."""
    return text.lower() if text.isascii() else "".join(map(_base, text.translate(_LOOK_ALIKES)))


@lru_cache(maxsize=4096)
def _base(char: str) -> str:
    return unicodedata.normalize("NFKD", char)[:1].lower()[:1] or char


def one_letter_off(word: str, wanted: str) -> bool:
    """Whether one letter too many, too few, wrong, or two swapped turn `word` into `wanted`."""
    if len(word) > len(wanted):
        return one_letter_off(wanted, word)
    at = next((i for i, (a, b) in enumerate(zip(word, wanted, strict=False)) if a != b), len(word))
    if len(word) < len(wanted):
        return word[at:] == wanted[at + 1 :]
    swapped = word[at : at + 2] == wanted[at : at + 2][::-1] and word[at + 2 :] == wanted[at + 2 :]
    return swapped or word[at + 1 :] == wanted[at + 1 :]
