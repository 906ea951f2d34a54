"""The people behind the simulated phones. Who answers, and what, follows from the number and the seed alone."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

REAL_REPLY_SHARE = 0.02  # what a list yields in life: 0.5-4 %
DEMO_REPLY_SHARE = 0.45  # so that a small demo shows something of everything


@dataclass(frozen=True)
class PersonaReply:
    """`delay` counts in the simulator's reply delays: 1 is the quickest person, 6 the slowest. `media`: pictures."""

    text: str
    kind: str
    delay: float
    media: int = 0


@dataclass(frozen=True)
class Kind:
    """`weight` among those who answer. `later` is what they say to our second and third text; empty: no more."""

    name: str
    weight: int
    first: tuple[str, ...]
    later: tuple[str, ...] = ()


AMBIGUOUS: Mapping[str, str] = MappingProxyType(
    {
        "Depends. My brother handles that stuff now": "confused",
        "We've talked about letting it go for years": "interested",
        "Been sitting there doing nothing since daddy left it to us, might be time": "interested",
        "I could be persuaded": "interested",
        "Everything has its price I reckon": "interested",
        "If the numbers make sense we can talk": "interested",
        "Taxes are killing us on that place": "interested",
        "Call me after 5 and we'll see": "interested",
        "Is this about the one out on Hwy 61 or the other piece": "confused",
        "We own several, you'll have to be more specific": "confused",
        "My cousin told me yall gave him a fair shake": "interested",
        "Are you a realtor or the actual buyer": "confused",
        "Ask me again after hurricane season": "not_interested",
        "That land has been in our family since 1912": "not_interested",
        "Over my dead body lol": "not_interested",
        "My kids would never forgive me": "not_interested",
        "Get in line, you're the fifth one this week": "not_interested",
        "Lord willing we'll build on it some day": "not_interested",
        "There's a succession still open on that one": "interested",
        "It's in probate, talk to the lawyer": "interested",
        "That belonged to my grandmother, we lost her in the spring": "deceased",
        "You are looking for my late husband": "deceased",
        "Used to be ours, bank took it back": "wrong_number",
        "That was my ex's, nothing to do with me anymore": "wrong_number",
        "I just got this phone last month": "wrong_number",
        "Put something on paper and mail it, then we'll see": "send_offer",
        "Well what kind of money are we talking": "send_offer",
        "Ballpark it for me": "send_offer",
        "You people need to get a real job": "hostile",
        "I know where to find you": "hostile",
        "Do you pay cash and how fast do you close": "interested",
        "Would you take the back half and leave me the road frontage": "interested",
    }
)
"""Text -> what a person who reads it would call it. Key words alone do not decide these."""

KINDS: tuple[Kind, ...] = (
    Kind(
        "interested",
        20,
        (
            "Yes I'm interested",
            "I'd like to sell, tell me more",
            "yes it's still for sale",
            "We would like to sell it. Call me",
            "I'd take 25k for it",
            "Interested. How does this work?",
            "Sí, me interesa",
        ),
        ("What would you pay?", "How much are you offering?", "When can you close?"),
    ),
    Kind(
        "send_offer",
        16,
        (
            "What would you pay?",
            "Please send me an offer",
            "send me an offer",
            "How much?",
            "What's your best offer",
            "I can't stop by today, how much?",
            "Make me an offer",
        ),
        ("That's too low", "Can you do better than that?", "Let me talk to my wife and get back to you"),
    ),
    Kind("ambiguous", 20, tuple(AMBIGUOUS), ("ok", "let me think about it")),
    Kind(
        "not_interested",
        14,
        (
            "Not interested",
            "No thanks",
            "not for sale",
            "We are not selling",
            "no thank you",
            "Already sold it in 2019",
        ),
    ),
    Kind(
        "stop",
        10,
        (
            "STOP",
            "Stop.",
            "stop",
            "take me off your list",
            "quit",
            "Don't text me again",
            "Unsubscribe",
            "END",
            "remove my number please",
            "Lose my number",
            "Please stop texting me",
            "cancel",
            "no me mande mas mensajes",
        ),
    ),
    Kind(
        "confused",
        8,
        ("who is this?", "What property?", "how did you get my number", "new phone who dis"),
        ("Oh ok. Which lot?", "I'd have to ask my sister"),
    ),
    Kind(
        "wrong_number",
        6,
        ("wrong number", "You have the wrong person", "I don't own any land", "Nobody by that name here"),
    ),
    Kind(
        "deceased",
        3,
        ("my father passed away", "He passed away last year", "My husband is deceased, please be respectful"),
    ),
    Kind("hostile", 3, ("Go to hell", "I will report you to the FCC", "This is harassment", "I will sue you")),
)
_TOTAL = sum(kind.weight for kind in KINDS)
_FIGURE = re.compile(r"\$ ?\d")
_ON_A_FIGURE = ("That's lower than I hoped", "Send me something in writing", "Deal. What's next?", "You can do better")


def reply_for(
    number: str, body: str, nth: int, seed: int, *, reply_share: float = DEMO_REPLY_SHARE
) -> PersonaReply | None:
    """`nth` counts our texts to that number from 1. Whoever answers at a small share answers at a bigger one too."""
    draws = _draws(number, seed)
    if draws[0] / 2**32 >= reply_share:
        return None
    kind = _kind(draws[1])
    texts = _texts(kind, body, nth)
    if not texts:
        return None
    delay = 1 + draws[3] % 51 / 10
    return PersonaReply(texts[(draws[2] + nth - 1) % len(texts)], kind.name, delay)


def kind_of(number: str, seed: int) -> str:
    """What the person at that number would be, should they answer at all."""
    return _kind(_draws(number, seed)[1]).name


def _texts(kind: Kind, body: str, nth: int) -> tuple[str, ...]:
    if nth == 1:
        return kind.first
    if kind.later and _FIGURE.search(body):
        return _ON_A_FIGURE
    return kind.later if nth <= 3 else ()


def _kind(draw: int) -> Kind:
    left = draw % _TOTAL
    for kind in KINDS:
        left -= kind.weight
        if left < 0:
            return kind
    raise AssertionError("the weights do not add up")


def _draws(number: str, seed: int) -> tuple[int, ...]:
    digest = hashlib.sha256(f"{seed}:{number}".encode()).digest()
    return tuple(int.from_bytes(digest[start : start + 4]) for start in range(0, 16, 4))
