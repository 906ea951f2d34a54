"""How many segments a carrier will bill for a text, and what makes it cost more than it needs to."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENSION = frozenset("\f^{}\\[~]|€")
GSM_SINGLE, GSM_PART = 160, 153
UCS2_SINGLE, UCS2_PART = 70, 67

_PLAIN = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′´`ʼ＇", "'"),
        **dict.fromkeys("“”„‟″«»＂", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u3000\t", " "),
        **dict.fromkeys("\u200b\u200c\u2060\ufeff\u00ad\u20e3", None),
        **dict.fromkeys(map(chr, range(0x300, 0x334)), None),  # accents, written apart from their letter
        **dict.fromkeys("\u2028\u2029", "\n"),
        **dict.fromkeys("‹›", "'"),
        **dict.fromkeys("→⇒➔➜", "->"),
        **dict.fromkeys("←⇐", "<-"),
        "\x85": "\n",
        "…": "...",
        "•": "-",
        "·": "-",
        "™": "(TM)",
        "®": "(R)",
        "©": "(C)",
        "×": "x",
        "÷": "/",
        "±": "+/-",
        "≤": "<=",
        "≥": ">=",
        "⁄": "/",
        "œ": "oe",
        "Œ": "OE",
        "ł": "l",
        "Ł": "L",
        "đ": "d",
        "ı": "i",
        "¢": "c",
        "°": " deg",
    }
)

_ACCENTED = re.compile(".[\u0300-\u0333]+", re.DOTALL)
_JOINER = "[\u200d\ufe0e\ufe0f]"
_AFTER_PLAIN = re.compile(f"(?<![^{re.escape(''.join(sorted(GSM_BASIC | GSM_EXTENSION)))}]){_JOINER}+")
"""Joiners and variation selectors mean something behind an emoji only: without them a family falls apart."""
_AFTER_DIGIT = re.compile("(?<=[0-9])[²³¹⁰⁴-⁹¼-¾⅐-⅞]")
"""Written plainly these would run into the digits before them: “2½ acres” is not 21/2 acres."""


@dataclass(frozen=True)
class Segments:
    """`units` are septets in GSM-7, UTF-16 units in UCS-2; `offending` the characters that forced UCS-2, once each."""

    encoding: Literal["GSM-7", "UCS-2"]
    units: int
    count: int
    offending: tuple[str, ...]


def measure(text: str) -> Segments:
    offending = tuple(dict.fromkeys(char for char in text if not _in_gsm(char)))
    if offending:
        widths = [2 if ord(char) > 0xFFFF else 1 for char in text]
        return Segments("UCS-2", sum(widths), _parts(widths, UCS2_SINGLE, UCS2_PART), offending)
    widths = [2 if char in GSM_EXTENSION else 1 for char in text]
    return Segments("GSM-7", sum(widths), _parts(widths, GSM_SINGLE, GSM_PART), ())


@dataclass(frozen=True)
class Offender:
    """A character that GSM-7 has not, where it stands (counted in characters, from 1), and what would do instead."""

    character: str
    code: str
    name: str
    positions: tuple[int, ...]
    plain: str | None
    """None: there is no plain form, only leaving it out."""


def offenders(text: str) -> tuple[Offender, ...]:
    """In the order in which they first come; empty for a text in GSM-7."""
    places: dict[str, list[int]] = {}
    for position, char in enumerate(text, start=1):
        if not _in_gsm(char):
            places.setdefault(char, []).append(position)
    left = set(plain(text)) if places else set()
    return tuple(
        _offender(char, tuple(positions), None if char in left else plain(char)) for char, positions in places.items()
    )


def plain(text: str) -> str:
    """The same words in GSM-7 as far as that is possible; characters with no plain form (emoji) stay."""
    text = _ACCENTED.sub(_composed, text).translate(_PLAIN)
    text = _AFTER_DIGIT.sub(_apart, text)
    return _AFTER_PLAIN.sub("", "".join(char if _in_gsm(char) else _without_accent(char) for char in text))


def _in_gsm(char: str) -> bool:
    return char in GSM_BASIC or char in GSM_EXTENSION


def _offender(char: str, positions: tuple[int, ...], written: str | None) -> Offender:
    name = unicodedata.name(char, "") or ("CONTROL CHARACTER" if ord(char) < 0xA0 else "UNNAMED CHARACTER")
    return Offender(char, f"U+{ord(char):04X}", name, positions, written)


def _composed(match: re.Match[str]) -> str:
    """“é” in two characters is one that GSM-7 has."""
    written = unicodedata.normalize("NFC", match[0])
    return written if all(map(_in_gsm, written)) else match[0]


def _apart(match: re.Match[str]) -> str:
    return (" " if unicodedata.numeric(match[0]) % 1 else "^") + match[0]


def _without_accent(char: str) -> str:
    """Its base letters: an accent may go, the stroke of ≠ may not."""
    if not char.isalpha() and unicodedata.combining(unicodedata.normalize("NFKD", char)[-1]):
        return char
    parts = unicodedata.normalize("NFKD", char).translate(_PLAIN)
    letters = "".join(c for c in parts if not unicodedata.combining(c))
    return letters if all(map(_in_gsm, letters)) else char


def _parts(widths: list[int], single: int, part: int) -> int:
    """A two-unit character never straddles two parts: it moves to the next one whole."""
    if sum(widths) <= single:
        return 1 if widths else 0
    count, used = 1, 0
    for width in widths:
        if used + width > part:
            count, used = count + 1, 0
        used += width
    return count
