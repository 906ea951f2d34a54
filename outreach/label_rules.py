"""The first tier of labels, from the words alone: wordings that somebody wrote down, together with what was learnt from
labelled replies. Whether the person opted out is decided elsewhere."""

import re
from dataclasses import dataclass
from typing import Final

from outreach.label_learnt import read_by_words
from outreach.label_wordings import TABLE, Label
from outreach.reply_words import Words, in_plain_words

LONGEST_READ = 320
"""Characters; a story longer than that is not obvious."""


@dataclass(frozen=True)
class RuleLabel:
    """`label` None means undecided. `evidence` stands literally in the text."""

    label: Label | None = None
    confidence: float = 0.0
    evidence: str = ""
    rule: str = ""


UNDECIDED = RuleLabel()
WELCOME: Final = frozenset({"send_offer", "interested"})
FINAL: Final = frozenset({"deceased", "wrong_number", "not_interested"})
"""They end a lead or close a number."""
REFUSING: Final = FINAL | {"hostile"}
GRAVEST_FIRST: Final = (
    "hostile", "deceased", "wrong_number", "not_interested", "send_offer", "interested", "confused",
)  # fmt: skip

_HEDGES = re.compile(
    r"\b(?:if|unless|maybe|however|until|except|depends|although|wish)\b|\bpero (?!no\b)"
    r"|\bbut (?!thanks|thank|no\b|(?:i am|we are|it is|they are) not\b|(?:you|this|that|he|she|they)\b)"
)
_NEGATED = re.compile(r"\b(?:not|no|never|nor|neither|stop|quit|without|nobody|hardly|refuse)\b(?: [^\s.,?]+){0,5} $")
_SMELLS_OF_REFUSAL = re.compile(
    r"\bno\b(?! (?:problem|worries|rush|doubt|hurry|trouble|sooner|less|matter))|\b(?:pass|passed|died|dead|sold"
    r"|wrong)\b"
    r"|\bnot (?:me|him|her|now|right now|at (?:this|the)|today|sell\w*|interested|mine|xname|the owner)\b|\b(?:scam"
    r"|f+u+c+k)\w*"
    r"|\b(?:am|are|all|is) (?:good|set|fine)\b|\b(?:shove|screw|eat shit|bitch)\b|\b(?:absolutely|definitely"
    r"|certainly) not\b|\b(?:live|build|building|keep|keeping)\b|\bnever\b"
)
_SOMEBODY_ELSE = re.compile(
    r"\b(?:dog|cat|cows?|horse|neighbou?rs?|phone|battery|truck|car|grass|trees?|engine|signal|internet|deal|sale|offer"
    r"|buyer|renter|tenant|realtor|agent|drop)\b"
)
_OWNS_A_PART = re.compile(
    r"\b(?:alone|outright|only (?:one|owner|heir)|sole|half|by myself|all of it|part of it|mine is|ours is|co ?owners?"
    r"|free and clear|ask (?:him|her|them))\b"
    r"|\bmy (?:mother|father|wife|husband|brother|sister|son|daughter|uncle|aunt|cousin|grand\w+)"
    r" (?:is(?! (?:dead|deceased|gone|passed))|owns|does)\b"
)
_NOT_FINAL = re.compile(
    r"\b(?:almost|nearly|right number|nothing holding|get it sold|selling all|in (?:leas|rent)\w*)\b"
    r"|\bno (?:rush|hurry|objections?|mortgage|liens?|better|reason to keep)\b"
    r"|\bnot (?:a bad|doing me|(?:a |the )?wrong)\b|\b(?:not|never)(?: (?!be\b)\w+)? sold\b"
    r"|\bstill (?:have|got) (?:one|the|some|my|two)\b|\bdead (?:set|serious|end|broke|tired|wrong)\b"
    r"|\bwrong (?:parish|lot|acreage|price|address|size)\b|\b(?:acreage|price|address|size|my name) wrong\b"
    r"|\b(?:good|fine|ok|set) (?:with|to)\b|\bpass (?:it|this|that) (?:along|on|up|to)\b"
)
"""Beside words that would end a lead or close a number."""
_ASKS = re.compile(r"[^.,?]*\? ")
_NOT_THAT = re.compile(
    r"\bbut not\b|\bnot (?:that|this) (?:one|lot|piece)\b|\bnot (?:until|till|before)\b"
    r"|\bchanged my mind\b|\b(?:was|were) going to\b|\b(?:was|were) interested\b|\bused to\b|\balmost\b|\bwhy"
    r" would\b|\b(?:somebody|someone|another) else\b"
)
_ASKED_IN_TURN = re.compile(
    r"\bdo you want to (?:sell|buy)\b|\b(?:would|will|could) you (?:\w+ ){0,3}sell\b|\b(?:brother|sister|cousin"
    r"|neighbou?r|friend|uncle|aunt|someone|somebody|anyone|one) (?:\w+ ){0,3}interested\b"
    r"|(?<!if )\b(?:are )?you (?:still |really |even |not )*(?:interested|selling|willing to sell)\b"
)


def label_by_rules(text: str) -> RuleLabel:
    """The label the wordings agree on. A refusal beside any interest, or under a condition, is left to a person."""
    if len(text) > LONGEST_READ:
        return UNDECIDED
    words = in_plain_words(text)
    found = _found(words)
    said = _weighed(text, next((found[label] for label in GRAVEST_FIRST if label in found), UNDECIDED))
    if said.label:
        found[said.label] = said
    return UNDECIDED if _contradicts_itself(words, found) else said


def _weighed(text: str, foreseen: RuleLabel) -> RuleLabel:
    """What the wordings say together with what was learnt."""
    label, sure = read_by_words(text, foreseen.label)
    if label is None or label == foreseen.label:
        return foreseen if label else UNDECIDED
    return RuleLabel(label, sure, text.strip(), "reads like one")


def _found(words: Words) -> dict[str, RuleLabel]:
    """The first wording of each label, but for endings that are only asked about ("Is it sold?"). Interest that a word
    before it denies counts as "denied", unless the denial is a refusal found already."""
    found: dict[str, RuleLabel] = {}
    refused: list[tuple[int, int]] = []
    for label, rule, confidence, pattern in TABLE:
        for match in pattern.finditer(words.line):
            if label in WELCOME and any(start < match.end() and match.start() < end for start, end in refused):
                continue
            if label in FINAL and _ASKS.match(words.line, match.end() - 1):
                continue
            if label in WELCOME and _NEGATED.search(words.line, 0, match.start()):
                found["denied"] = UNDECIDED
                continue
            if label in REFUSING:
                refused.append(match.span())
            found.setdefault(label, RuleLabel(label, confidence, words.original(*_trimmed(match)), rule))
    return found


def _trimmed(match: re.Match[str]) -> tuple[int, int]:
    said = match[0]
    return match.start() + len(said) - len(said.lstrip()), match.end() - len(said) + len(said.rstrip())


def _contradicts_itself(words: Words, found: dict[str, RuleLabel]) -> bool:
    welcome, refusing = not WELCOME.isdisjoint(found), not REFUSING.isdisjoint(found)
    if not FINAL.isdisjoint(found) and (_ASKS.fullmatch(words.line) or _NOT_FINAL.search(words.line)):
        return True
    if "wrong_number" in found and _OWNS_A_PART.search(words.line):
        return True
    if welcome:
        denied = "denied" in found or any(
            doubt.search(words.line) for doubt in (_SMELLS_OF_REFUSAL, _ASKED_IN_TURN, _NOT_THAT)
        )
        return refusing or denied or ("died" in words.line and bool(_SOMEBODY_ELSE.search(words.line)))
    if "deceased" in found and _SOMEBODY_ELSE.search(words.line):
        return True
    return refusing and "hostile" not in found and bool(_HEDGES.search(words.line))
