"""Did this reply ask us to stop? Decided from the words alone, apart from any label: no network, no model, no state.

Three answers: opted out, doubtful (a person decides, and sending is held meanwhile), or no. What a reasonable person
would understand as "stop" counts, in English and Spanish, with typos and beside any other meaning. A model may add an
opt-out to this one, never take one away.
"""

import re
from dataclasses import dataclass

from outreach.opt_out_phrases import (
    ALMOST_STOP,
    ASKS,
    DOUBTS,
    FILLERS,
    KEEPS,
    PER_SE,
    RESEMBLES_STOP,
    STARTS,
    UNCLEAR,
    Named,
)
from outreach.plain_words import flatten, one_letter_off

_CLAUSE = re.compile(r"[^.,;:!?\n()\[\]/|&*~\u2026-]+")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_REPEATED = re.compile(r"(.)\1{2,}")
_SHOUTED = re.compile(r"\b(?:STOP(?:ALL)?|UNSUBSCRIBE|OPT[ -]?OUT)\b")
_NOT_ASKING = (*KEEPS, *(pattern for _, pattern in UNCLEAR))

Span = tuple[int, int]
_DIGITS_AS_LETTERS = str.maketrans("05$137", "osseit")


@dataclass(frozen=True)
class OptOutDecision:
    """`start`: a plain START or UNSTOP, which alone lifts an opt-out. `evidence` stands literally in the text."""

    opt_out: bool = False
    doubtful: bool = False
    start: bool = False
    evidence: str = ""
    rule: str = ""


NO = OptOutDecision()


def decide_opt_out(text: str) -> OptOutDecision:
    flat = flatten(text)
    if "".join(_WORD.findall(flat)) in STARTS:
        return OptOutDecision(start=True, evidence=text.strip(), rule="start")
    return (
        _whole_message(text, flat) or _word_in_a_clause(text, flat) or _phrase(text, flat) or _doubt(text, flat) or NO
    )


def _opted_out(evidence: str, rule: str) -> OptOutDecision:
    return OptOutDecision(opt_out=True, evidence=evidence.strip(), rule=rule)


def _doubtful(evidence: str, rule: str) -> OptOutDecision:
    return OptOutDecision(doubtful=True, evidence=evidence.strip(), rule=rule)


def _whole_message(text: str, flat: str) -> OptOutDecision | None:
    """The message is nothing but a word such as STOP, however it is spaced, padded or misspelt."""
    bare = _bare(flat)
    if bare in PER_SE:
        return _opted_out(text, "word")
    if bare in RESEMBLES_STOP:
        return _doubtful(text, "almost a word")
    return _opted_out(text, "misspelt word") if any(one_letter_off(bare, word) for word in ALMOST_STOP) else None


def _word_in_a_clause(text: str, flat: str) -> OptOutDecision | None:
    """One clause of the message is such a word, as in "Not interested. Stop."."""
    for match in _CLAUSE.finditer(flat):
        if _bare(match[0]) in PER_SE:
            return _opted_out(text[match.start() : match.end()], "word in a clause")
    return None


def _phrase(text: str, flat: str) -> OptOutDecision | None:
    if found := _first(ASKS, flat, _NOT_ASKING):
        rule, (start, end) = found
        return _opted_out(text[start:end], rule)
    if text.isupper():
        return None
    shouted = (match for match in _SHOUTED.finditer(text) if not _means_something_else(match.span(), flat, _NOT_ASKING))
    return next((_opted_out(match[0], "shouted word") for match in shouted), None)


def _doubt(text: str, flat: str) -> OptOutDecision | None:
    found = _first(DOUBTS, flat, KEEPS)
    if not found:
        return None
    rule, (start, end) = found
    return _doubtful(text[start:end], rule)


def _first(rows: Named, flat: str, keeps: tuple[re.Pattern[str], ...]) -> tuple[str, Span] | None:
    for rule, pattern in rows:
        for match in pattern.finditer(flat):
            if not _means_something_else(match.span(), flat, keeps):
                return rule, match.span()
    return None


def _means_something_else(span: Span, flat: str, keeps: tuple[re.Pattern[str], ...]) -> bool:
    """Whether a wording such as "stop by" covers the beginning or the end of what was found."""
    kept = (match.span() for keep in keeps for match in keep.finditer(flat))
    return any(start <= span[0] < end or start < span[1] <= end for start, end in kept)


def _bare(flat: str) -> str:
    """The letters left when politeness is taken away: "s.t.o.p  please!!" -> "stop"."""
    words = [word for word in _WORD.findall(flat.translate(_DIGITS_AS_LETTERS)) if word not in FILLERS]
    letters = "".join(dict.fromkeys(words) if all(len(word) > 1 for word in words) else words)
    return _REPEATED.sub(r"\1", letters)
