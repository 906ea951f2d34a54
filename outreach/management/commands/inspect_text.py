"""manage.py inspect_text [--json] < texts"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from core.input_lines import REPLACEMENT, input_lines
from core.line_command import LineCommand
from outreach.segments import Offender, Segments, measure, offenders, plain

MOST_PLACES = 8
"""Positions of one character that the words name; --json has them all."""


class Command(LineCommand):
    help = (
        "Reads one text per line from standard input and says of each, on one line, in which encoding it would go, how "
        "many segments would be billed, which characters cost more than they need to, and how to write it plainly. "
        "Needs no database and no network."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object per line instead of words")

    def handle(self, *args: Any, **options: Any) -> None:
        for text in input_lines():
            found = inspect_text(text)
            self.say(json.dumps(found) if options["json"] else in_words(found))


def inspect_text(text: str) -> dict[str, Any]:
    """`units` are septets in GSM-7 and UTF-16 units in UCS-2; positions count characters from 1."""
    written = plain(text)
    return {
        **_size(measure(text)),
        "characters": len(text),
        "offending": [_as_json(offender) for offender in offenders(text)],
        "plain": written,
        **{f"plain_{name}": value for name, value in _size(measure(written)).items()},
        "readable": REPLACEMENT not in text,
    }


def in_words(found: dict[str, Any]) -> str:
    parts = [_size_in_words(found), *map(_offender_in_words, found["offending"])]
    if found["offending"]:
        parts.append(f"plain ({_size_in_words(found, 'plain_')}): “{visible(found['plain'])}”")
    if not found["readable"]:
        parts.append("some bytes are not UTF-8 and were read as U+FFFD")
    return "; ".join(parts)


def _size(found: Segments) -> dict[str, Any]:
    return {"encoding": found.encoding, "segments": found.count, "units": found.units}


def _as_json(offender: Offender) -> dict[str, Any]:
    return {
        "character": offender.character,
        "code": offender.code,
        "name": offender.name,
        "position": offender.positions[0],
        "positions": list(offender.positions),
        "plain": offender.plain,
    }


def _size_in_words(found: dict[str, Any], of: str = "") -> str:
    segments, units = found[f"{of}segments"], found[f"{of}units"]
    return f"{found[f'{of}encoding']}, {_count(segments, 'segment')}, {_count(units, 'unit')}"


def _offender_in_words(offender: dict[str, Any]) -> str:
    places = offender["positions"]
    at = ", ".join(map(str, places[:MOST_PLACES]))
    more = f" and {len(places) - MOST_PLACES} more" if len(places) > MOST_PLACES else ""
    plainly = {None: "no plain form", "": "can be left out"}.get(offender["plain"], f"“{visible(offender['plain'])}”")
    return f"{visible(offender['character'])} {offender['code']} {offender['name']} at {at}{more}: {plainly}"


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def visible(text: str | None) -> str:
    """On one line and without anything that a terminal would obey."""
    shown = (char if char.isprintable() else char.encode("unicode_escape").decode() for char in text or "")
    return "".join(shown)
