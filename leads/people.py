"""The people in an owner column: “SMITH JOHN A & MARY B” is John A. Smith and Mary B. Smith. Pure text, no records.

Rolls write the surname first; a comma settles it, and a few hundred given names settle most of the rest. What stays in
doubt is read as a roll would mean it. No library is asked: the best of them takes 160 us a name and expects names
as they are spoken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from leads.given_names import DOUBTFUL, GIVEN, MIDDLE


def _words_of(text: str) -> frozenset[str]:
    return frozenset(text.split())


MOST_PEOPLE = 8
_SUFFIXES = {
    "JR": "Jr.", "SR": "Sr.", "II": "II", "III": "III", "IV": "IV", "2ND": "2nd", "3RD": "3rd", "JUNIOR": "Jr.",
}  # fmt: skip
_PREFIXES = _words_of(
    """
    ST STE SAINT DE DEL DELA LA LE LOS VAN VON DER DEN DI DU DA DOS MC MAC O SAN EL AL BEN
    """
)
_DROPPED = _words_of(
    """
    MR MRS MS MISS DR REV HON PROF ESQ MD PHD DDS CPA RN ATTY CAPT COL MAJ SGT FATHER SISTER DECD DECEASED
    ESTATE EST HEIRS HEIR HRS SUCCESSION SUCC SUCCN UNOPENED OF THE TRUSTEE TRUSTEES TTEE TTEES TRS CO-TRUSTEE
    CO-TRUSTEES EXECUTOR EXECUTRIX EXEC ADMINISTRATOR ADMINISTRATRIX ADMR ADMX CURATOR CURATRIX TUTOR TUTRIX
    AGENT MINOR MINORS INDIVIDUALLY INDV WIDOW WIDOWER WID HUSBAND WIFE H/W W/H JTWROS JTRS JT TEN TIC TENANTS
    COMMON OTHERS INT INTEREST UND UNDIVIDED LIFE TENANT USUFRUCT USUFRUCTUARY USUF USU NAKED BARE OWNER OWNERS
    REMAINDER REM ETAL UNKNOWN SURVIVOR SURVIVORSHIP L/E LF ALS
    """
)
_ALIAS = re.compile(r"\b(?:A/K/A|AKA|F/K/A|FKA|N/K/A|NKA|D/B/A|DBA|NEE)\b[^&;+]*")
_BETWEEN = re.compile(r"\s*(?:&|\+|;|/|\bAND\b|\bOR\b|\bET ?UX\b|\bET ?VIR\b|\bREM(?:AINDER)?\b|\bNAKED OWNERS?\b)\s*")
_NOT_IN_WORD = re.compile(r"[^\w'’`,\- ]|_")
_DIGIT = re.compile(r"\d")


class Person(NamedTuple):
    """Parts as they are written in a letter; "" for what the roll does not say."""

    last: str
    first: str = ""
    middle: str = ""
    suffix: str = ""

    def __str__(self) -> str:
        middle = " ".join(f"{word}." if len(word) == 1 else word for word in self.middle.split())
        first = f"{self.first}." if len(self.first) == 1 else self.first
        return " ".join(part for part in (first, middle, self.last, self.suffix) if part)


class _Read(NamedTuple):
    """A person's words, still in capitals; `last` is empty where another person's surname is meant."""

    last: tuple[str, ...]
    given: tuple[str, ...]
    suffix: str


def read_people(text: str, *, spoken: bool = False) -> tuple[Person, ...]:
    """The people named in `text` (upper case). `spoken`: the words before it (“ESTATE OF”) ask for first names."""
    return _read(list(_parts(text)), spoken=spoken)


def read_words(parts: Iterable[Iterable[str]]) -> tuple[Person, ...]:
    """The same of text that is nothing but letters and “&”, already taken apart: most of a roll, so made quick."""
    return _read([part for words in parts for part in _split(_Part((), *_without_suffix(words)))], spoken=False)


def _read(parts: list[_Part], *, spoken: bool) -> tuple[Person, ...]:
    surname: tuple[str, ...] = ()
    found: list[_Read] = []
    for part in parts[:MOST_PEOPLE]:
        read = _next_person(part, surname) if found else _first_person(part, spoken, alone=len(parts) == 1)
        surname = surname or read.last
        found.append(read)
    return tuple(dict.fromkeys(_person(read, surname) for read in found))


class _Part(NamedTuple):
    before_comma: tuple[str, ...]
    words: tuple[str, ...]
    suffix: str


def _parts(text: str) -> Iterator[_Part]:
    for part in _BETWEEN.split(_ALIAS.sub(" ", text)):
        yield from _split(_words(part))


def _split(part: _Part) -> Iterator[_Part]:
    """“FISHER GEORGE A HELEN M” has lost its “&”."""
    words = part.words
    if len(words) > 3 and len(words[2]) == 1 and words[3] in GIVEN and not part.before_comma:
        yield _Part((), words[:3], "")
        yield _Part((), words[3:], part.suffix)
    elif words:
        yield part


def _words(text: str) -> _Part:
    """“SMITH, JOHN A, JR”: what stands before the first comma is the surname, unless only a suffix follows."""
    head, comma, tail = _NOT_IN_WORD.sub(" ", text).partition(",")
    if not comma:
        words, suffix = _without_suffix(head.split())
        return _Part((), words, suffix)
    before, first_suffix = _without_suffix(head.split())
    after, suffix = _without_suffix(tail.replace(",", " ").split())
    suffix = suffix or first_suffix
    return _Part(before, after, suffix) if after and before else _Part((), before or after, suffix)


def _without_suffix(words: Iterable[str]) -> tuple[tuple[str, ...], str]:
    kept, suffix = [], ""
    for word in words:
        word = word.strip("-'’`")
        if word in _SUFFIXES:
            suffix = _SUFFIXES[word]
        elif word and word not in _DROPPED and not _DIGIT.search(word):
            kept.append(word)
    return tuple(kept), suffix


def _first_person(part: _Part, spoken: bool, *, alone: bool) -> _Read:
    if part.before_comma:
        return _Read(part.before_comma, part.words, part.suffix)
    words = part.words
    if len(words) == 1:
        is_given = words[0] in GIVEN and not alone
        return _Read((), words, part.suffix) if is_given else _Read(words, (), part.suffix)
    if _is_spoken(words) or (spoken and not _ends_like_a_roll(words)):
        return _Read(*_spoken(words), part.suffix)
    return _Read(*_listed(words), part.suffix)


def _next_person(part: _Part, surname: tuple[str, ...]) -> _Read:
    """Of the first one's name, unless the words bring a surname of their own."""
    words, size = part.words, len(part.words)
    if part.before_comma:
        return _Read(part.before_comma, words, part.suffix)
    if surname and size > len(surname) and words[: len(surname)] == surname:
        return _Read(surname, words[len(surname) :], part.suffix)
    if surname and size > len(surname) and words[-len(surname) :] == surname:
        return _Read(surname, words[: -len(surname)], part.suffix)
    if size < 2 or (size == 2 and len(words[1]) == 1) or (words[0] in GIVEN and _is_given(words[-1])):
        return _Read((), words, part.suffix)
    if words[0] in GIVEN or (len(words[-1]) > 1 and len(words[-2]) == 1):
        return _Read((), words, part.suffix) if len(words[-1]) == 1 else _Read(*_spoken(words), part.suffix)
    if words[0] in DOUBTFUL and not _is_given(words[-1]):
        return _Read(*_spoken(words), part.suffix)
    if size == 2 and (not _is_given(words[1]) or words[1] in MIDDLE):
        return _Read((), words, part.suffix)
    return _Read(*_listed(words), part.suffix)


def _is_given(word: str) -> bool:
    return word in GIVEN or word in DOUBTFUL or word in MIDDLE


def _is_spoken(words: tuple[str, ...]) -> bool:
    """JOHN A SMITH, MARY JONES: a given name first, and last a word that is none."""
    return words[0] in GIVEN and len(words[-1]) > 1 and not _is_given(words[-1])


def _ends_like_a_roll(words: tuple[str, ...]) -> bool:
    """SMITH JOHN A: an initial last, or a given name behind a word that is none."""
    return len(words[-1]) == 1 or (_is_given(words[-1]) and not _is_given(words[0]))


def _listed(words: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Surname first: ST PIERRE ANN, VAN DER MEER JAN. A prefix is one only if a surname and a given name follow."""
    size = 1
    while words[size - 1] in _PREFIXES and len(words) - size >= 2:
        size += 1
    return words[:size], words[size:]


def _spoken(words: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    start = len(words) - 1
    while start > 1 and words[start - 1] in _PREFIXES:
        start -= 1
    return words[start:], words[:start]


def _person(read: _Read, surname: tuple[str, ...]) -> Person:
    given = [_proper(word) for word in read.given]
    last = read.last or surname
    return Person(" ".join(map(_proper_surname, last)), given[0] if given else "", " ".join(given[1:]), read.suffix)


def _proper_surname(word: str) -> str:
    return "St." if word == "ST" else "Ste." if word == "STE" else _proper(word)


@lru_cache(maxsize=20_000)
def _proper(word: str) -> str:
    if word.isalpha():
        if len(word) > 3 and word.startswith("MC"):
            return "Mc" + word[2:].capitalize()
        return word.capitalize()
    return "-".join("'".join(map(str.capitalize, re.split("['’`]", half))) for half in word.split("-"))
