"""Templates with a declared list of placeholders: `{{first_name}}`, or `{{first_name|there}}` with a fallback."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

PLACEHOLDERS: dict[str, str] = {
    "first_name": "the owner's first name",
    "last_name": "the owner's last name",
    "owner_name": "the owner's full name as on the roll",
    "parcel_number": "the assessor's parcel number",
    "parcel_size": "the size in words, such as 2.5 acres",
    "situs": "where the land is; never the mailing address",
    "parish": "the parish",
    "sender_name": "the person who signs the text",
    "company": "the company that sends it",
    "sender_phone": "the number to answer to",
    "letter_code": "in letters: the code to text back, which records the consent",
    "offer_range": "the offered range, such as $4,000-$5,500",
}

_PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*(?:\|([^{}]*))?\}\}")
_LEFTOVER = re.compile(
    r"\{\{|\}\}|\{\w*\}|%\(\w+\)s|\$\{?[a-z_]{3,}\}?|\[[A-Z][A-Z _]{2,}\]|<[a-z]+[ _]?[a-z]*>|\bnan\b|\bNaN\b"
)
_EMPTY_WORDS = frozenset({"", "nan", "none", "null", "n/a", "nat", "undefined"})
_STOP_WORD = r"[\"'“”‘’]?(?:stop|alto|parar)\b"
_OPT_OUT_WORDING = re.compile(
    rf"\b(?:reply|text|txt|send|respond|answer|responda|responde|env[ií]e|conteste|mande)\s+(?:with\s+|con\s+)?{_STOP_WORD}"
    rf"|\b{_STOP_WORD}[\"'“”‘’]?\s*(?:=|to|2|for|para)\s*(?:opt|end|cancel|unsub|stop|quit|no more|be removed|salir)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Rendered:
    """A missing placeholder stays in `text` as written, so that the gate sees it and nothing like "Hi ," can leave."""

    text: str
    missing: frozenset[str]


def placeholders(text: str) -> set[str]:
    return {match[1] for match in _PLACEHOLDER.finditer(text)}


def unknown_placeholders(text: str) -> set[str]:
    return placeholders(text) - PLACEHOLDERS.keys()


def unresolved(text: str) -> str:
    """The first piece that looks like a placeholder or an empty value gone through ("nan"); empty if there is none."""
    match = _LEFTOVER.search(text)
    return match[0] if match else ""


def render(text: str, values: Mapping[str, str | None]) -> Rendered:
    missing: set[str] = set()

    def fill(match: re.Match[str]) -> str:
        value = _clean(values.get(match[1])) or _clean(match[2])
        if not value:
            missing.add(match[1])
        return value or match[0]

    return Rendered(_PLACEHOLDER.sub(fill, text), frozenset(missing))


def includes_opt_out_wording(text: str) -> bool:
    return bool(_OPT_OUT_WORDING.search(text))


def identifies_sender(text: str, names: Iterable[str]) -> bool:
    """Whether one of the names (person or company) stands in the text as whole words, whatever the case."""
    return any(
        re.search(rf"(?<!\w){re.escape(name.strip())}(?!\w)", text, re.IGNORECASE) for name in names if name.strip()
    )


def _clean(value: str | None) -> str:
    text = " ".join((value or "").split())
    return "" if text.casefold() in _EMPTY_WORDS else text
