"""A whole address in one cell, taken apart: by commas and line ends where there are some, else by usaddress.

usaddress is a trained model: it costs about 0.1 ms an address and says how sure it is. Below `SURE` the street keeps
the city, and only state and ZIP code, which stand at the end beyond doubt, are taken out.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import usaddress

from leads.imports import cleaning
from leads.imports.cleaning import MOST_ADDRESS, MOST_CITY, BadValueError

SURE = 0.6
_LINE_END = re.compile(r"\s*[\r\n|]+\s*")
_STATE = r"(?P<state>[A-Z]{2}|[A-Z]{4,}|(?:New|North|South|West|Rhode) [A-Z]+)"
_STATE_AND_ZIP = re.compile(
    rf"(?P<rest>.*?)[,\s]+{_STATE}[.,\s]+(?P<zip>\d{{5}}(?:-?\d{{4}})?)(?:\.0+)?", re.IGNORECASE
)
_BOX = re.compile(r"(?P<street>P\.?\s?O\.?\s?(?:BOX|DRAWER)\s+#?\w+),?\s+(?P<city>[^\d,]+)", re.IGNORECASE)
_STREET_AND_CITY = re.compile(r"(?P<street>.+\S)\s*,\s*(?P<city>[^\d,]+)")


class Address(NamedTuple):
    street: str | None
    city: str | None
    """None where it cannot be told from the street, which then holds it."""
    state: str
    zip_code: str | None


@lru_cache(cleaning.CACHE)
def split_address(cell: str) -> Address | None:
    """None for a street alone, and for what does not end in a state and a ZIP code."""
    written = " ".join(_LINE_END.sub(", ", cell.strip()).split())
    if len(written) > MOST_ADDRESS:
        return None
    end = _STATE_AND_ZIP.fullmatch(written)
    state = _state(end["state"]) if end else None
    if end is None or state is None:
        return None
    street, city = _street_and_city(end["rest"].rstrip(" ,"), written)
    if len(city or "") > MOST_CITY:
        return None
    return Address(street, city, state, cleaning.zip_code(end["zip"]))


def _street_and_city(rest: str, written: str) -> tuple[str | None, str | None]:
    for rule in (_BOX, _STREET_AND_CITY):
        if found := rule.fullmatch(rest):
            return found["street"], found["city"].strip()
    return _by_model(written) or (rest, None)


def _by_model(written: str) -> tuple[str | None, str] | None:
    """What stands before the city, and the city; None when the model is unsure or says something odd."""
    tokens: list[str] = usaddress.tokenize(written)
    labels: list[str] = usaddress.TAGGER.tag(usaddress.tokens2features(tokens))
    if "PlaceName" not in labels or usaddress.TAGGER.probability(labels) < SURE:
        return None
    start = labels.index("PlaceName")
    city = [token for token, label in zip(tokens, labels, strict=True) if label == "PlaceName"]
    if not set(labels[start:]) <= {"PlaceName", "StateName", "ZipCode"} or labels[start : start + len(city)] != [
        "PlaceName"
    ] * len(city):
        return None
    return " ".join(tokens[:start]).rstrip(" ,") or None, " ".join(city).rstrip(" ,.")


def _state(word: str) -> str | None:
    try:
        return cleaning.state(word)
    except BadValueError:
        return None
