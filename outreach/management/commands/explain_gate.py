"""manage.py explain_gate [--lead ID | --phone E164] [--at ISO-TIME] [--reply] [--json]; without either from stdin"""

from __future__ import annotations

import json
import re
from argparse import ArgumentParser
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from core.input_lines import input_lines, is_id, shortened
from core.line_command import LineCommand
from core.phones import mask, to_e164
from core.results import Result
from leads.models import Lead
from outreach.explaining import Explanation, explain_lead, explain_number
from outreach.gate import Verdict
from outreach.hours import in_words

EXAMPLE = "2026-11-30T09:00-06:00"
NUMBERS = ("+", "(")
"""How a line begins that names a telephone number and no lead."""
_BEFORE_TIME = re.compile(r"\s+(?=[0-9]{4}-[0-9]{2}-[0-9]{2})")


class Command(LineCommand):
    help = (
        "Asks the gate, as for sending, whether a lead or a number may be texted at a moment, by the records as they "
        "are now: the decision, each rule's verdict, and the next instant allowed by time alone. Judges the text that "
        "waits, else a sample. Without --lead and --phone reads one lead id or number per line from standard input, "
        "each with a time behind it if wanted. Writes no record."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        whom = parser.add_mutually_exclusive_group()
        whom.add_argument("--lead", metavar="ID")
        whom.add_argument("--phone", metavar="E164", help="such as +12255550123")
        parser.add_argument("--at", metavar="ISO-TIME", help=f"with its time zone, such as {EXAMPLE}; default: now")
        parser.add_argument("--reply", action="store_true", help="judge a person's answer instead of a campaign's text")
        parser.add_argument("--json", action="store_true", help="one JSON object per item instead of words")

    def handle(self, *args: Any, **options: Any) -> None:
        at = _moment(options["at"]) if options["at"] else Result.ok(timezone.now())
        if at.value is None:
            raise CommandError(f"--at: {at.message}", returncode=2)
        if options["lead"] is None and options["phone"] is None:
            self._answer_lines(at.value, options)
            return
        question = _Question(options["lead"], options["phone"], at.value, options["reply"])
        found = question.answer()
        if found.value is None:
            raise CommandError(found.message, returncode=2)
        self._say(found.value, options["json"])

    def _answer_lines(self, at: datetime, options: dict[str, Any]) -> None:
        for line in input_lines():
            found = _answer_line(line, at, options["reply"])
            if found.value is not None:
                self._say(found.value, options["json"])
            elif options["json"]:
                self.say(json.dumps({"error": found.message, "input": line}))
            else:
                self.say(f"error: {found.message}")

    def _say(self, found: Explanation, as_json: bool) -> None:
        self.say(json.dumps(explanation_as_json(found)) if as_json else explanation_in_words(found))


@dataclass(frozen=True)
class _Question:
    lead: str | None
    phone: str | None
    at: datetime
    as_reply: bool

    def answer(self) -> Result[Explanation]:
        return self._of_lead(self.lead) if self.lead is not None else self._of_phone(self.phone or "")

    def _of_lead(self, text: str) -> Result[Explanation]:
        text = text.strip()
        if not (text.isascii() and text.isdigit()):
            return Result.declined("lead", f"“{shortened(text)}” is no lead id: give a whole number, such as 12")
        lead = Lead.objects.with_page().by_id(text) if is_id(text) else None
        if lead is None:
            return Result.declined("lead", f"there is no lead {shortened(text)}: look its id up in the list of leads")
        return explain_lead(lead, self.at, as_reply=self.as_reply)

    def _of_phone(self, text: str) -> Result[Explanation]:
        number = to_e164(text)
        if number is None:
            return Result.declined("phone", "this is no telephone number: give it as +1 and ten digits")
        return explain_number(number, self.at, as_reply=self.as_reply)


def _answer_line(line: str, at: datetime, as_reply: bool) -> Result[Explanation]:
    """`12` or `+12255550123`, perhaps with a blank or tab and a time behind it; a number may be written with blanks."""
    item, *when = _BEFORE_TIME.split(line.strip(), maxsplit=1)
    is_number = item.startswith(NUMBERS)
    if not when and not (is_number and to_e164(item)):
        item, *when = item.split(None, 1) or [""]
    if not item:
        return Result.declined("empty", "the line is empty: give a lead id or a number")
    moment = _moment(when[0]) if when else Result.ok(at)
    if moment.value is None:
        return Result.declined(moment.code, moment.message)
    lead, phone = (None, item) if is_number else (item, None)
    return _Question(lead, phone, moment.value, as_reply).answer()


def _moment(text: str) -> Result[datetime]:
    said = f"“{shortened(text)}”"
    try:
        moment = datetime.fromisoformat(text)
        offset = moment.utcoffset()
        moment = moment if offset is None else moment.astimezone(timezone.get_current_timezone())
    except (ValueError, OverflowError):
        return Result.declined("time", f"{said} is no time: write it like {EXAMPLE}")
    if offset is None:
        return Result.declined("time", f"{said} has no time zone: write it like {EXAMPLE}, or with Z for UTC")
    if not 2000 <= moment.year <= 2100:
        return Result.declined("time", f"{said} is too far away: give a year from 2000 to 2100")
    return Result.ok(moment)


def explanation_as_json(found: Explanation) -> dict[str, Any]:
    decision, message = found.decision, found.message
    return {
        "decision": str(decision.outcome),
        "until": _iso(decision.until),
        "reason": decision.reason,
        "next_allowed": _iso(found.next_allowed),
        "at": _iso(found.at),
        "lead": message.lead_id,
        "owner": message.owner_id,
        "phone": mask(message.phone.number),
        "known": message.phone_id is not None,
        "market": message.market.code if message.market else None,
        "text": "sample" if found.is_sample else message.pk,
        "verdicts": [_verdict_as_json(verdict) for verdict in decision.verdicts],
        "states": {state: list(why) for state, why in found.states.items()},
        "local_times": decision.local_times,
        "rule_set": found.rule_set,
    }


def explanation_in_words(found: Explanation) -> str:
    decision = found.decision
    lines = [
        _about(found),
        decision.reason,
        f"next allowed by time alone: {_next_in_words(found)}",
        *map(_verdict_in_words, decision.verdicts),
        "states: " + "; ".join(f"{state} ({', '.join(why)})" for state, why in found.states.items()),
        "clocks: " + "; ".join(f"{zone} {local}" for zone, local in decision.local_times.items()),
        f"rules: {found.rule_set}",
    ]
    return "\n".join(lines) + "\n"


def _about(found: Explanation) -> str:
    message = found.message
    whom = f"lead {message.lead_id}, " if message.lead_id else ""
    unknown = "" if message.phone_id else " (unknown to us)"
    text = "a sample text" if found.is_sample else f"queued text {message.pk}"
    return f"{whom}{mask(message.phone.number)}{unknown}, {text}, at {_iso(found.at)}"


def _next_in_words(found: Explanation) -> str:
    if found.next_allowed is None:
        return "nobody knows when"
    if found.next_allowed == found.at:
        return "now"
    zone = next(iter(found.decision.local_times), "America/Chicago")
    return f"{in_words(found.next_allowed, found.at, zone)} ({_iso(found.next_allowed)})"


def _verdict_as_json(verdict: Verdict) -> dict[str, Any]:
    return {
        "rule": verdict.rule,
        "outcome": str(verdict.outcome),
        "reason": verdict.reason,
        "until": _iso(verdict.until),
    }


def _verdict_in_words(verdict: Verdict) -> str:
    words = str(verdict.outcome).replace("_", " ")
    return f"  {verdict.rule.replace('_', ' '):<13} {words}{': ' + verdict.reason if verdict.reason else ''}"


def _iso(moment: datetime | None) -> str | None:
    return timezone.localtime(moment).isoformat() if moment else None
