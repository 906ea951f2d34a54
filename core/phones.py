"""Telephone numbers as people write them, brought to E.164, and how they are shown.

Rules settle what nearly every cell of a list holds, ten digits of a US or Canadian number, in a small part of the time
that the phonenumbers library needs; it decides the rest. Both agree on every number (a test compares them).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers

_NUMBER = r"(?:\+?1[\s.\-/]*)?\(?([0-9]{3})\)?[\s.\-/]*([0-9]{3})[\s.\-]*([0-9]{4})(?:\.0)?"
_EXTENSION = r"[\s,.\-(]*(?:extension|extn?|x|#)[\s.:#]*\d{1,8}\)?"
_NANP = re.compile(_NUMBER)
_HAS_EXTENSION = re.compile(rf"(?<=\d){_EXTENSION}\s*$", re.IGNORECASE)
_WHOLE_NUMBER = re.compile(rf"(?<!\d){_NUMBER}(?!\d)")
_SEPARATORS = re.compile(r"[;|\n\r\t&]+|,(?!\s*(?:e?x|#))|(?<=\d{4})\s*/|\s(?:or|and)\s", re.IGNORECASE)
_WORDS = re.compile(r"\(?\b[a-z][a-z ]*\b\)?[:.]?", re.IGNORECASE)
_DO_NOT_CALL = re.compile(r"\b(?:dnc|(?:do[ -]not|don'?t)[ -](?:call|text|contact)|litigator)\b", re.IGNORECASE)
_FAX = re.compile(r"\bfax\b", re.IGNORECASE)
_BLANKS = frozenset({"", "-", "nan", "none", "null", "n/a", "na", "unknown", "0", "0.0"})
_COUNTING = frozenset({"2345678901", "9876543210", "2012345678"})


@dataclass(frozen=True)
class PhoneCell:
    """What one cell holds. The reasons are for people to read and never contain a number."""

    numbers: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """What was dropped from numbers that were kept, and that some are marked."""
    marked: tuple[str, ...] = ()
    """Numbers with a do-not-call mark beside them: kept so that the mark is, never to be called."""


def to_e164(raw: str, region: str = "US") -> str | None:
    """The number as +12255550123, without its extension; None when the numbering plan has no such number."""
    match = _NANP.fullmatch(raw.strip())
    if match and region == "US":
        area, exchange, line = match.groups()
        if _is_wholly_assigned(area, exchange[0]):
            return f"+1{area}{exchange}{line}"
    return _parse_with_library(raw, region)


def split_phones(cell: str) -> list[str]:
    """The usable numbers of a cell, in order, each once; `read_phones` also says why others are not."""
    return list(read_phones(cell).numbers)


def read_phones(cell: str) -> PhoneCell:
    """Reads a list's cell: several numbers in it, labels, extensions, numbers that people invent to fill a field.

    A do-not-call mark of its own ("225-344-1234, DNC") is meant for the whole cell.
    """
    pieces = _pieces(cell)
    if any(_DO_NOT_CALL.search(piece) and not re.search(r"\d", piece) for piece in pieces):
        return _read_marked(cell)
    found = [_read_marked(piece) if _DO_NOT_CALL.search(piece) else _read_usable(piece) for piece in pieces]
    return PhoneCell(
        tuple(dict.fromkeys(number for one in found for number in one.numbers)),
        tuple(reason for one in found for reason in one.refused),
        tuple(note for one in found for note in one.notes),
        tuple(dict.fromkeys(number for one in found for number in one.marked)),
    )


def _read_usable(piece: str) -> PhoneCell:
    number, note = _read_piece(piece)
    notes = (note,) if note else ()
    if reason := _why_refused(piece, number):
        return PhoneCell(refused=(reason,), notes=notes)
    return PhoneCell((number,) if number else (), notes=notes)


def _read_marked(text: str) -> PhoneCell:
    read = read_every_number(text)
    real = tuple(number for number in read.numbers if not _why_fake(number))
    if not real:
        return PhoneCell(refused=("marked do not call",))
    return PhoneCell(refused=read.refused, notes=("marked do not call",), marked=real)


def read_every_number(cell: str) -> PhoneCell:
    """For lists of numbers that must not be contacted: each number that the plan allows, whatever is written beside it.
    An invented one does no harm there, and “225-344-1234, DNC” is exactly what the list is for."""
    numbers: list[str] = []
    unread = False
    for piece in _pieces(_FAX.sub("", _DO_NOT_CALL.sub("", cell))):
        number, _ = _read_piece(piece)
        unread = unread or (number is None and bool(re.search(r"\d", piece)))
        if number and number not in numbers:
            numbers.append(number)
    return PhoneCell(tuple(numbers), ("not a telephone number",) if unread else ())


def to_national(e164: str) -> str:
    """(225) 555-0112, as people read it; a foreign number stays as it is."""
    if e164.startswith("+1") and len(e164) == 12:
        return f"({e164[2:5]}) {e164[5:8]}-{e164[8:]}"
    return e164


def mask(e164: str) -> str:
    """(225) •••-••12: enough to tell two numbers apart, too little to call."""
    if e164.startswith("+1") and len(e164) == 12:
        return f"({e164[2:5]}) •••-••{e164[-2:]}"
    return f"{e164[:3] if len(e164) > 8 else ''}•••{e164[-2:] if len(e164) > 4 else ''}"


def _pieces(cell: str) -> list[str]:
    """One piece per number, as far as separators or blanks between whole numbers tell."""
    if _NANP.fullmatch(cell.strip()):
        return [cell.strip()]
    pieces: list[str] = []
    for part in _SEPARATORS.split(cell):
        part = part.strip(" ,.#")
        if part.lower() not in _BLANKS:
            pieces += _unglue(part)
    return pieces


def _unglue(part: str) -> list[str]:
    """Several numbers that only blanks divide. A foreign number is left whole, as its tail may look like one of ours,
    and so are marked ones, as nobody knows which of them the mark means."""
    if re.match(r"\+(?!1)", part) or _DO_NOT_CALL.search(part) or _FAX.search(part):
        return [part]
    found = [match.group() for match in _WHOLE_NUMBER.finditer(part)]
    return found if len(found) > 1 and not re.search(r"\d", _WHOLE_NUMBER.sub("", part)) else [part]


def _read_piece(piece: str) -> tuple[str | None, str]:
    """The number of a piece, and what was dropped from it."""
    if _NANP.fullmatch(piece):
        return to_e164(piece), ""
    bare = _HAS_EXTENSION.sub("", piece)
    number = to_e164(_WORDS.sub("", bare).strip()) or to_e164(bare)
    return number, "extension dropped" if bare != piece else ""


def _why_refused(piece: str, number: str | None) -> str:
    if _FAX.search(piece):
        return "a fax number"
    if number is None:
        return "not a telephone number"
    return _why_fake(number)


def _why_fake(number: str) -> str:
    """Numbers that the plan allows and nobody has: invented ones, and those set aside for fiction and services."""
    if not number.startswith("+1"):
        return ""
    national = number[2:]
    area, exchange, line = national[:3], national[3:6], national[6:]
    if len(set(national)) == 1 or len(set(exchange + line)) == 1 or national in _COUNTING:
        return "an invented number"
    if exchange == "555" and ("0100" <= line <= "0199" or line == "1212"):
        return "reserved for fiction and directory assistance"
    if exchange.endswith("11"):
        return "a service code, not a subscriber"
    return "a premium-rate number" if area == "900" else ""


@lru_cache(maxsize=8_000)
def _is_wholly_assigned(area: str, exchange_digit: str) -> bool:
    """Whether every number that begins so is valid. The library's plan goes no deeper than this digit for the ordinary
    numbers of the US and Canada; for personal and toll-free codes, and the islands that share +1, it does."""
    sample = phonenumbers.parse(f"+1{area}{exchange_digit}345678")
    ordinary = phonenumbers.number_type(sample) == phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE
    return ordinary and phonenumbers.region_code_for_number(sample) in ("US", "CA")


def _parse_with_library(raw: str, region: str) -> str | None:
    try:
        number = phonenumbers.parse(raw, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    number.extension = None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
