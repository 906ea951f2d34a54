"""Did this reply ask us to stop? Decided from the words alone, apart from any label: no network, no language model, no
state.

Three answers: opted out, doubtful (a person decides, and sending is held meanwhile), or no. What a reasonable person
would understand as "stop" counts, in English and Spanish, with typos and beside any other meaning. First the wordings
that somebody wrote down are looked for; then what was learnt from labelled replies adds those that nobody foresaw, and
doubts what does not read like one. A language model may add an opt-out to these, never take one away.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from outreach.opt_out_exceptions import KEEPS, UNCLEAR, may_want_more
from outreach.opt_out_learnt import likeliest, unread_middle
from outreach.opt_out_phrases import (
    ALMOST_STOP,
    AMOUNTS,
    ASKS,
    CUES,
    DOUBTS,
    ENDS_SOMETHING,
    FILLERS,
    PER_SE,
    RESEMBLES_STOP,
    STARTS,
)
from outreach.opt_out_vocabulary import Named
from outreach.plain_words import flatten, one_letter_off

LONGEST_EXAMINED, MOST_PARTS, PART_BEFORE, PART_AFTER = 160, 2, 24, 44
"""Characters: what is longer is examined in parts, so that no text, however hostile, takes a millisecond."""

_STOP_SIGN = re.compile(r"\W*[\U0001F6D1\u26D4\U0001F6AB]\W*")
_SOME_THING = re.compile(r"\b(?:it|that|everything|all of it)\b")
_CLAUSE = re.compile(r"(?:[^.,;:!?\n()\[\]/|&*~\u2026-]|(?<=\w)-(?=\w))+")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_REPEATED = re.compile(r"(.)\1{2,}")
_SHOUTED = re.compile(r"\b(?:STOP(?:ALL)?|UNSUBSCRIBE|OPT[ -]?OUT)\b")
_NOT_ASKING = tuple(pattern for _, pattern in UNCLEAR)

CLEARLY, SURE, UNSURE, FAR_FROM = 0.5, 0.0, -1.0, -2.5
"""Log-odds of what was learnt. Above the first somebody asked to stop though a wording doubts it, above the second even
where none says so; above the third perhaps, and below it a wording that says so is doubtful; below the last a doubtful
one is none. Chosen on phrases left out of the learning, so that at most 2 % of ordinary replies are taken for opt-outs.
"""
UNDOUBTED = frozenset({"stop sign", "stop sign somewhere", "word", "misspelt word", "word in a clause"})
"""Nothing but the word or the sign: no law lets anybody weigh it."""

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
    short = len(flat) <= LONGEST_EXAMINED
    if short and "".join(_WORD.findall(flat)) in STARTS:
        return OptOutDecision(start=True, evidence=text.strip(), rule="start")
    found = _whole_message(text, flat) or _within(text, flat) if short else _in_parts(text, flat)
    return _weighed(text, found or NO, short=short)


def _weighed(text: str, found: OptOutDecision, *, short: bool) -> OptOutDecision:
    """What the wordings say together with what was learnt, which does not overrule a part of a long text."""
    if found.opt_out and (found.rule in UNDOUBTED or not short):
        return found
    likely, words = likeliest(text)
    if found.opt_out:
        return found if likely > UNSURE else _doubtful(found.evidence, found.rule)
    if likely > (CLEARLY if found.doubtful else SURE):
        return (_doubtful if may_want_more(flatten(words)) else _opted_out)(words, "reads like one")
    if found.doubtful:
        return NO if short and likely <= FAR_FROM and found.rule not in UNDOUBTED else found
    if likely > UNSURE:
        return _doubtful(words, "reads a little like one")
    middle = unread_middle(text)[:LONGEST_EXAMINED]
    return _doubtful(middle, "too long to be sure") if _WORD.search(middle) else NO


def _in_parts(text: str, flat: str) -> OptOutDecision | None:
    """The parts of a long text around its telling words; when it has more of them than time, a person reads it."""
    doubt, reach, seen = None, 0, set[str]()
    for cue in _WORD.finditer(flat):
        if cue.start() < reach or cue[0][:4] not in CUES or flat[cue.start() : cue.start() + PART_AFTER] in seen:
            continue
        if len(seen) == MOST_PARTS:
            return doubt or _doubtful(text[cue.start() : cue.end()], "too long to be sure")
        start, reach = max(0, cue.start() - PART_BEFORE), cue.start() + PART_AFTER
        seen.add(flat[cue.start() : reach])
        found = _within(text[start:reach], flat[start:reach])
        if found and found.opt_out:
            return found
        doubt = doubt or found
    return doubt


def _within(text: str, flat: str) -> OptOutDecision | None:
    kept = _Kept(flat, KEEPS)
    return _word_in_a_clause(text, flat) or _phrase(text, flat, kept) or _doubt(text, flat, kept)


def _opted_out(evidence: str, rule: str) -> OptOutDecision:
    return OptOutDecision(opt_out=True, evidence=evidence.strip(), rule=rule)


def _doubtful(evidence: str, rule: str) -> OptOutDecision:
    return OptOutDecision(doubtful=True, evidence=evidence.strip(), rule=rule)


def _whole_message(text: str, flat: str) -> OptOutDecision | None:
    """The message is nothing but a word such as STOP, however it is spaced, padded or misspelt, or a stop sign."""
    if _STOP_SIGN.fullmatch(flat):
        return _opted_out(text, "stop sign")
    bare = _bare(flat)
    if bare in ENDS_SOMETHING and _SOME_THING.search(flat):
        return _doubtful(text, "end what")
    if bare in PER_SE:
        return _opted_out(text, "word")
    if bare in RESEMBLES_STOP:
        return _doubtful(text, "almost a word")
    return _opted_out(text, "misspelt word") if any(one_letter_off(bare, word) for word in ALMOST_STOP) else None


def _word_in_a_clause(text: str, flat: str) -> OptOutDecision | None:
    """One clause of the message is such a word, as in "Not interested. Stop."."""
    for match in _CLAUSE.finditer(flat):
        bare = _bare(match[0])
        if bare in PER_SE:
            rule = "amount in a clause" if bare in AMOUNTS else "word in a clause"
            return _opted_out(text[match.start() : match.end()], rule)
    return None


def _phrase(text: str, flat: str, kept: "_Kept") -> OptOutDecision | None:
    kept = _Kept(flat, _NOT_ASKING, kept)
    if found := _first(ASKS, flat, kept):
        rule, (start, end) = found
        return _opted_out(text[start:end], rule)
    if text.isupper():
        return None
    shouted = (match for match in _SHOUTED.finditer(text) if match.span() not in kept)
    return next((_opted_out(match[0], "shouted word") for match in shouted), None)


def _doubt(text: str, flat: str, kept: "_Kept") -> OptOutDecision | None:
    found = _first(DOUBTS, flat, kept)
    if not found:
        return None
    rule, (start, end) = found
    return _doubtful(text[start:end], rule)


def _first(rows: Named, flat: str, kept: "_Kept") -> tuple[str, Span] | None:
    for rule, pattern in rows:
        for match in pattern.finditer(flat):
            if match.span() not in kept:
                return rule, match.span()
    return None


class _Kept:
    """The spans of wordings that mean something else, such as "stop by"; looked for once, when first asked about.

    What begins or ends inside one of them is `in` it.
    """

    def __init__(self, flat: str, keeps: Iterable[re.Pattern[str]], others: "_Kept | None" = None) -> None:
        self._flat, self._keeps, self._others = flat, keeps, others
        self._spans: list[Span] | None = None

    def __contains__(self, span: Span) -> bool:
        if self._spans is None:
            self._spans = [match.span() for keep in self._keeps for match in keep.finditer(self._flat)]
        inside = any(start <= span[0] < end or start < span[1] <= end for start, end in self._spans)
        return inside or (self._others is not None and span in self._others)


def _bare(flat: str) -> str:
    """The letters left when politeness is taken away: "s.t.o.p  please!!" -> "stop"."""
    words = [word for word in _WORD.findall(flat.translate(_DIGITS_AS_LETTERS)) if word not in FILLERS]
    letters = "".join(dict.fromkeys(words) if all(len(word) > 1 for word in words) else words)
    return _REPEATED.sub(r"\1", letters)
