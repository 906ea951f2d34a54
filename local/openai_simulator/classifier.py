"""Reads one reply by key words: good enough to stand in for a model in a demo, and always the same."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Reading:
    """`evidence` stands literally in the reply."""

    label: str
    confidence: float
    evidence: str
    asking_price: int | None

    @property
    def opt_out(self) -> bool:
        return self.label == "opt_out"


# A clue's weight is the confidence it gives alone. Of equal ones the first counts.
_CLUES: tuple[tuple[str, float, tuple[str, ...]], ...] = (
    ("opt_out", 0.97, (r"^\W*(?:stop|stopall|quit|end|cancel|unsubscribe|revoke|opt ?out)\W*$",)),
    (
        "opt_out",
        0.94,
        (
            r"\b(?:take|remove) (?:me|us|my number)\b(?: off| from)?",
            r"\blose (?:my|this) number",
            r"\b(?:don'?t|do not|stop|quit) (?:text|contact|messag|call|bother)\w*(?: me| us)?",
            r"\bleave (?:me|us) alone",
            r"\bno me (?:mande|escrib|llam)\w*",
        ),
    ),
    (
        "deceased",
        0.93,
        (
            r"\bpassed(?: away)?\b",
            r"\bdeceased\b",
            r"\bdied\b",
            r"\b(?:is|he'?s|she'?s) dead\b",
            r"\blate (?:husband|wife|father|mother|brother|sister)",
            r"\blost (?:him|her|dad|mom|daddy|mama)\b",
            r"\bfalleci\w+",
            r"\bmuri[oó]\b",
        ),
    ),
    (
        "wrong_number",
        0.9,
        (
            r"\bwrong (?:number|person|guy|lady|#)",
            r"\b(?:nobody|no one) by that name",
            r"\b(?:don'?t|do not|never) own(?:ed)?\b",
            r"\bused to be (?:ours|mine)",
            r"\b(?:was|is) my ex'?s?\b",
            r"\bjust got this (?:phone|number)",
            r"\bequivocad\w+",
        ),
    ),
    (
        "hostile",
        0.88,
        (
            r"\bgo to hell",
            r"\bf+u+c+k\w*",
            r"\bharass\w*",
            r"\b(?:sue|report) you\b",
            r"\b(?:scumbag|vulture)s?",
            r"\bget a real job",
            r"\bwhere to find you",
        ),
    ),
    (
        "send_offer",
        0.87,
        (
            r"\b(?:send|make|give|mail)\b.{0,25}\b(?:offer|number|figure)",
            r"\bput something (?:on paper|in writing)",
            r"\bhow much\b",
            r"\bwhat (?:would|will|can) (?:you|y'?all)\b.{0,12}\b(?:pay|give|offer)",
            r"\bwhat kind of money",
            r"\bballpark",
            r"\bbest offer",
            r"\bcu[aá]nto\b",
        ),
    ),
    (
        "not_interested",
        0.85,
        (
            r"\bnot (?:interested|for sale|selling)",
            r"\bno,? (?:thanks|thank you)",
            r"^\W*(?:no|nope|nah)\W*$",
            r"\b(?:don'?t|won'?t|never)\b.{0,20}\b(?:sell|forgive)",
            r"\balready sold",
            r"\bover my dead body",
            r"\bin (?:our|my|the) family\b",
            r"\bget in line",
            r"\bask me again",
            r"\bbuild on it",
            r"\bno me interesa",
        ),
    ),
    (
        "interested",
        0.82,
        (
            r"\binterested\b",
            r"\bfor sale",
            r"\b(?:like|love|want|ready|willing|open) to (?:sell|offers?|talk)",
            r"\btell me more",
            r"\b(?:i|we)(?:'d| would) take",
            r"\b(?:letting it go|might be time|be persuaded|has its price|numbers make sense|killing us|fair shake)",
            r"\bcall me\b",
            r"\b(?:succession|probate)\b",
            r"\b(?:pay cash|how fast|would you take)\b",
            r"\bme interesa",
            r"\bquiero vender",
        ),
    ),
    (
        "confused",
        0.78,
        (
            r"\bwho (?:is|are|dis)\b(?: this| you)?",
            r"\b(?:what|which) (?:property|land|lot|one|is this)",
            r"\bhow did you get",
            r"\bmore specific",
            r"\bis this about",
            r"\bare you a\b",
            r"\bdepends\b",
            r"\bdon'?t understand",
            r"\bqui[eé]n es",
        ),
    ),
)
_PATTERNS = tuple((label, weight, re.compile("|".join(clues), re.IGNORECASE)) for label, weight, clues in _CLUES)
_REFUSED = re.compile(r"\b(not|no longer|never|ain'?t|isn'?t|don'?t)\b.{0,15}$", re.IGNORECASE)
_PRICE = re.compile(r"\$ ?(\d[\d,]*)( ?k\b)?|\b(\d[\d,]*) ?(k|thousand|grand)\b", re.IGNORECASE)


def read_reply(text: str) -> Reading:
    best: tuple[float, str, str] | None = None
    for label, weight, pattern in _PATTERNS:
        match = pattern.search(text)
        if match is None or (label == "interested" and _REFUSED.search(text[: match.start()])):
            continue
        if best is None or weight > best[0]:
            best = (weight, label, match.group().strip())
    weight, label, evidence = best or (0.35, "confused", text.strip()[:60])
    return Reading(label, weight, evidence, _asking_price(text))


def _asking_price(text: str) -> int | None:
    match = _PRICE.search(text)
    if match is None:
        return None
    digits, in_thousands = match[1] or match[3], match[2] or match[4]
    return int(digits.replace(",", "")) * (1000 if in_thousands else 1)
