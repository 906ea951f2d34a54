"""Templates with a declared list of placeholders: `{{first_name}}`, or `{{first_name|there}}` with a fallback.

Single braces are read the same. A placeholder without a value takes the fallback written beside it, else the declared
one of the template's language; where there is neither, the text does not leave.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

MOST_CHARACTERS = 1600
"""What the provider takes in one text."""


@dataclass(frozen=True)
class Placeholder:
    """`fallbacks`: language -> what stands there when nothing is known; none: the text is not sent to such owners.

    Only where the words fit any sentence: “Hi there” is right, “Is this there?” is not, so a first name has none.
    """

    meaning: str
    example: str
    fallbacks: Mapping[str, str] = field(default_factory=dict)


PLACEHOLDERS: dict[str, Placeholder] = {
    "first_name": Placeholder("the owner's first name", "John"),
    "last_name": Placeholder("the owner's last name", "Boudreaux"),
    "owner_name": Placeholder("the owner's full name as on the roll", "BOUDREAUX JOHN A"),
    "parcel_number": Placeholder("the assessor's parcel number", "012-3456-7"),
    "parcel_size": Placeholder("the size in words", "2.5 acres", {"en": "land"}),
    "situs": Placeholder("where the land is; never the mailing address", "0 Highland Rd"),
    "parish": Placeholder("the parish", "East Baton Rouge"),
    "sender_name": Placeholder("the person who signs the text, else the company", "Sam"),
    "company": Placeholder("the company that sends it", "LA Land Wholesale"),
    "sender_phone": Placeholder("the number to answer to", "(225) 555-0140"),
    "letter_code": Placeholder("in letters: the code to text back, which records the consent", "ABCD2345"),
    "offer_range": Placeholder("the offered range", "$4,000-$5,500"),
}

_NAME = r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*(?:\|([^{}]*))?"
_PLACEHOLDER = re.compile(rf"\{{\{{{_NAME}\}}\}}|\{{{_NAME}\}}")
_LEFTOVER = re.compile(
    r"\{\{|\}\}|\{\s*\w*\s*(?:\|[^{}]*)?\}|%\(\w+\)s|\$\{?[a-z_]{3,}\}?|\[[A-Z][A-Z _]{2,}\]"
    r"|<[a-z]+[ _]?[a-z]*>|\bnan\b|\bNaN\b"
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
    return {_name(match) for match in _PLACEHOLDER.finditer(text)}


def unknown_placeholders(text: str) -> set[str]:
    return placeholders(text) - PLACEHOLDERS.keys()


def syntax_faults(text: str) -> Iterator[str]:
    """What is wrong with a wording whatever it is for, in words for the one who writes it."""
    if not text.strip():
        yield "The text is empty: write what the owner shall read."
    if len(text) > MOST_CHARACTERS:
        yield f"A text has at most {MOST_CHARACTERS:,} characters; this one has {len(text):,}."
    unknown = sorted(unknown_placeholders(text))
    if unknown:
        yield f"Unknown placeholder: {', '.join(map(_with_guess, unknown))}."
    for match in _PLACEHOLDER.finditer(text):
        if _fallback(match) is not None and not _clean(_fallback(match)):
            yield f"The fallback in {match[0]} is empty: say what stands there, as in {{{{{_name(match)}|there}}}}."
    yield from _brace_faults(text)


def _brace_faults(text: str) -> Iterator[str]:
    rest = _PLACEHOLDER.sub(lambda match: "." * len(match[0]), text)
    at = re.search(r"[{}]", rest)
    if at:
        near = text[max(at.start() - 10, 0) : at.start() + 20].strip()
        yield f"A brace stands alone at “{near}”: a placeholder is written {{{{first_name}}}}, with its own braces."


def _with_guess(name: str) -> str:
    guess = get_close_matches(name.lower(), PLACEHOLDERS, 1, cutoff=0.75)
    return f"{name} (did you mean {guess[0]}?)" if guess else name


def unresolved(text: str) -> str:
    """The first piece that looks like a placeholder or an empty value gone through ("nan"); empty if there is none."""
    match = _LEFTOVER.search(text)
    return match[0] if match else ""


def render(text: str, values: Mapping[str, str | None], language: str = "en") -> Rendered:
    missing: set[str] = set()

    def fill(match: re.Match[str]) -> str:
        name = _name(match)
        declared = PLACEHOLDERS[name].fallbacks.get(language) if name in PLACEHOLDERS else None
        value = _clean(values.get(name)) or _clean(_fallback(match)) or _clean(declared)
        if not value:
            missing.add(name)
        return value or match[0]

    return Rendered(_PLACEHOLDER.sub(fill, text), frozenset(missing))


def includes_opt_out_wording(text: str) -> bool:
    return bool(_OPT_OUT_WORDING.search(text))


def identifies_sender(text: str, names: Iterable[str]) -> bool:
    """Whether one of the names (person or company) stands in the text as whole words, whatever the case."""
    return any(
        re.search(rf"(?<!\w){re.escape(name.strip())}(?!\w)", text, re.IGNORECASE) for name in names if name.strip()
    )


def _name(match: re.Match[str]) -> str:
    return str(match[1] or match[3])


def _fallback(match: re.Match[str]) -> str | None:
    """What is written after the bar; None without one."""
    written: str | None = match[2] if match[1] else match[4]
    return written


def _clean(value: str | None) -> str:
    text = " ".join((value or "").split())
    return "" if text.casefold() in _EMPTY_WORDS else text
