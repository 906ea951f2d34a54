"""manage.py trace_message [ID|SID ...] [--json]; without any, from standard input"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from core.input_lines import input_lines, shortened
from core.line_command import LineCommand
from core.phones import mask
from outreach.models import GateDecision, Message, SendAttempt
from outreach.tracing import NOT_KNOWN, NOTHING, Callback, Cost, Trace, meaning_of, trace


class Command(LineCommand):
    help = (
        "The whole history of texts by our id or the provider's: decisions with verdicts, attempts, callbacks with "
        "latency, error code with its meaning, cost, final status. Without ids reads one per line from standard input."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("ids", nargs="*", metavar="ID|SID")
        parser.add_argument("--json", action="store_true", help="one JSON object per text instead of words")

    def handle(self, *args: Any, **options: Any) -> None:
        asked = options["ids"]
        unknown = [key for key in asked or input_lines() if not self._say(key.strip(), options["json"], bool(asked))]
        if asked and unknown:
            raise CommandError("; ".join(map(no_such_text, unknown)), returncode=2)

    def _say(self, key: str, as_json: bool, quiet: bool) -> bool:
        """Whether there is such a text. `quiet`: an unknown one is told at the end, not in its place."""
        message = Message.objects.traced(key) if key else None
        if message is not None:
            found = trace(message)
            self.say(json.dumps(trace_as_json(found)) if as_json else trace_in_words(found))
        elif not quiet:
            error = no_such_text(key)
            self.say(json.dumps({"error": error, "input": key}) if as_json else f"error: {error}")
        return message is not None


def no_such_text(key: str) -> str:
    if not key:
        return "the line is empty: give our id of a text or the provider's"
    return f"there is no text {shortened(key)}: give our id (a number) or the provider's (SM…)"


def trace_as_json(found: Trace) -> dict[str, Any]:
    message = found.message
    return {
        "id": message.pk,
        "sid": message.sid,
        "direction": message.direction,
        "origin": message.origin,
        "state": message.state,
        "state_in_words": message.get_state_display(),
        "phone": mask(message.phone.number),
        "owner": message.owner_id,
        "lead": message.lead_id,
        "market": message.market.code if message.market else None,
        "campaign": message.step.campaign.name if message.step else None,
        "sender": mask(message.sender.number) if message.sender else None,
        "created_at": iso(message.created_at),
        "due_at": iso(message.due_at),
        "claimed_at": iso(message.claimed_at),
        "sent_at": iso(message.sent_at),
        "arrived_at": iso(found.arrival.received_at) if found.arrival else None,
        "processed_at": iso(message.processed_at),
        "segments": message.segments,
        "error_code": message.error_code,
        "meaning": found.meaning,
        "error": message.error,
        "cost": _cost(found.cost),
        "delivered_in_ms": found.delivered_in_ms,
        "decisions": list(map(_decision, found.decisions)),
        "attempts": list(map(_attempt, found.attempts)),
        "callbacks": list(map(_callback, found.callbacks)),
        "labels": [_label(label) for label in message.labels.all()],
    }


def _decision(decision: GateDecision) -> dict[str, Any]:
    return {
        "at": iso(decision.decided_at),
        "outcome": decision.outcome,
        "until": iso(decision.until),
        "summary": decision.summary,
        "verdicts": decision.verdicts,
        "states": decision.states,
        "local_times": decision.local_times,
        "rule_set": decision.rule_set,
    }


def _attempt(attempt: SendAttempt) -> dict[str, Any]:
    return {
        "number": attempt.number,
        "started_at": iso(attempt.started_at),
        "answered_at": iso(attempt.answered_at),
        "latency_ms": attempt.latency_ms,
        "outcome": attempt.outcome,
        "sid": attempt.sid or None,
        "http_status": attempt.http_status,
        "request_id": attempt.request_id or None,
        "error_code": attempt.error_code,
        "meaning": meaning_of(attempt.error_code),
        "detail": attempt.detail,
        "price": str(attempt.price) if attempt.price is not None else None,
        "price_unit": attempt.price_unit or None,
    }


def _callback(told: Callback) -> dict[str, Any]:
    return {
        "status": told.status,
        "rank": told.rank,
        "attempt": told.attempt,
        "received_at": iso(told.received_at),
        "processed_at": iso(told.processed_at),
        "carrier_time": told.happened_at or None,
        "latency_ms": told.latency_ms,
        "late": told.late,
        "posted": told.posted,
        "error_code": told.error_code,
        "meaning": told.meaning,
        "problem": told.problem,
    }


def _label(label: Any) -> dict[str, Any]:
    return {"label": label.label, "tier": label.tier, "current": label.current, "at": iso(label.created_at)}


def _cost(cost: Cost) -> dict[str, Any]:
    amount = None if cost.amount is None else str(cost.amount)
    return {
        "amount": amount,
        "unit": cost.unit or None,
        "exact": cost.exact,
        "open": cost.open,
        "segments": cost.segments,
    }


def trace_in_words(found: Trace) -> str:
    return "\n".join(_lines(found)) + "\n"


def _lines(found: Trace) -> Iterator[str]:
    message = found.message
    campaign = f", campaign {message.step.campaign.name}" if message.step else ""
    yield f"text {message.pk} {message.direction} {mask(message.phone.number)}{campaign}: {message.get_state_display()}"
    if message.error or message.error_code:
        code = f"{message.error_code} ({found.meaning}): " if message.error_code else ""
        yield f"  why       {code}{message.error}"
    if found.arrival:
        yield f"  arrived   {iso(found.arrival.received_at)}"
    for decision in found.decisions:
        yield f"  decision  {iso(decision.decided_at)} {decision.summary} [{decision.rule_set}]"
        yield from map(_verdict_in_words, decision.verdicts)
    for attempt in found.attempts:
        yield f"  attempt {attempt.number} {iso(attempt.started_at)} {attempt_in_words(attempt)}"
    for told in found.callbacks:
        yield f"  callback  {iso(told.received_at)} {callback_in_words(told)}"
    yield f"  cost      {cost_in_words(found.cost)}"


def _verdict_in_words(verdict: dict[str, str]) -> str:
    return f"{'':<12}{verdict['rule']}: {verdict['outcome']} {verdict['reason']}".rstrip()


def attempt_in_words(attempt: SendAttempt) -> str:
    parts = [
        attempt.outcome,
        f"after {attempt.latency_ms} ms" if attempt.latency_ms is not None else "",
        f"HTTP {attempt.http_status}" if attempt.http_status else "",
        attempt.sid,
        f"{attempt.error_code} ({meaning_of(attempt.error_code)})" if attempt.error_code else "",
        attempt.detail,
        f"request {attempt.request_id}" if attempt.request_id else "",
    ]
    return ", ".join(filter(None, parts))


def callback_in_words(told: Callback) -> str:
    parts = [
        told.status,
        f"rank {told.rank}" if told.rank is not None else "",
        f"{told.latency_ms} ms after the attempt" if told.latency_ms is not None else "",
        "late: changed nothing" if told.late else "",
        "" if told.posted else "asked for, not posted",
        f"{told.error_code} ({told.meaning})" if told.error_code else "",
        f"carrier's time {told.happened_at}" if told.happened_at else "",
        told.problem,
    ]
    return ", ".join(filter(None, parts))


def cost_in_words(cost: Cost) -> str:
    if cost.amount is None:
        return NOT_KNOWN if cost.open else NOTHING
    about = "" if cost.exact else "about "
    counted = "as the provider charged" if cost.exact else "our count; the provider has named no price yet"
    plural = "" if cost.segments == 1 else "s"
    return f"{about}{cost.amount.normalize():f} {cost.unit} for {cost.segments} segment{plural}, {counted}"


def iso(moment: datetime | None) -> str | None:
    return timezone.localtime(moment).isoformat(timespec="milliseconds") if moment else None
