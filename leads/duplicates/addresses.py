"""Mailing addresses in one spelling, finer than the key kept with the owner: for comparing two of them."""

from __future__ import annotations

import re
from functools import lru_cache

from leads.owner_names import name_key

_SPELLINGS = {
    "STREET": "ST", "AVENUE": "AVE", "AV": "AVE", "ROAD": "RD", "DRIVE": "DR", "LANE": "LN", "BOULEVARD": "BLVD",
    "HIGHWAY": "HWY", "COURT": "CT", "PLACE": "PL", "CIRCLE": "CIR", "PARKWAY": "PKWY", "TERRACE": "TER",
    "TRAIL": "TRL", "NORTH": "N", "SOUTH": "S", "EAST": "E", "WEST": "W", "SAINT": "ST", "APARTMENT": "APT",
    "UNIT": "APT", "SUITE": "APT", "STE": "APT", "LOT": "APT", "BX": "BOX", "DRAWER": "BOX",
}  # fmt: skip
_CARE_OF = re.compile(r"^(?:C O|ATTN) \D*")
_POST_BOX = re.compile(r"\b(?:P O|POST OFFICE|PO)? ?BOX\b")
_NUMBER = re.compile(r"\d+")


@lru_cache(maxsize=20_000)
def address_words(street: str) -> tuple[str, ...]:
    """("100", "MAIN", "ST", "APT", "4"); empty for a blank street. A “C/O” line before the number is left out."""
    text = _POST_BOX.sub("POBOX", _CARE_OF.sub("", name_key(street)))
    return tuple(_SPELLINGS.get(word, word) for word in text.split())


def house_number(street: str) -> str:
    """The first number of the line: of the house or of the post box."""
    found = _NUMBER.search(street)
    return found[0] if found else ""


def without_unit(words: tuple[str, ...]) -> tuple[str, ...]:
    return words[: words.index("APT")] if "APT" in words else words
