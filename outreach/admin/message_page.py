"""One text's page: everything that happened to it, in the order in which it did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from core.phones import mask
from outreach.admin.states import STATE_COLOURS, shown_state, why
from outreach.models import GateDecision, Message, ReplyLabel, SendAttempt, TemplateVariant
from outreach.tracing import NOT_KNOWN, NOTHING, Callback, Cost, Trace, meaning_of, trace

SHOWN_DECISIONS = 6
"""A text that waits for a person is judged every ten minutes: of many decisions the first and the last are shown."""


@dataclass(frozen=True)
class Step:
    """`after` is the time since the step before, in words."""

    at: datetime
    icon: str
    title: str
    detail: str = ""
    bad: bool = False
    after: str = ""


def page_facts(request: HttpRequest, message: Message) -> dict[str, Any]:
    found = trace(message)
    state, words = shown_state(message)
    return {
        "message": message,
        "number": mask(message.phone.number),
        "state": words,
        "state_colour": STATE_COLOURS.get(state, ""),
        "why": why(message, found.decisions[-1] if found.decisions else None),
        "version": version_of_words(message),
        "label": current_label(message),
        "labels": ReplyLabel.Label.choices,
        "decisions": found.decisions[::-1][:SHOWN_DECISIONS],
        "more_decisions": max(len(found.decisions) - SHOWN_DECISIONS, 0),
        "steps": _in_order(found),
        "meaning": found.meaning,
        "cost": _cost_in_words(found.cost) if message.direction == Message.Direction.OUT else "",
        "delivered_in": duration(found.delivered_in_ms),
        "may_label": request.user.has_perm("outreach.change_message"),
        "back": request.get_full_path(),
    }


def current_label(message: Message) -> ReplyLabel | None:
    return next((label for label in message.labels.all() if label.current), None)


def version_of_words(message: Message) -> int | None:
    """Which version of its wording the text was written from, counted as on the page of the versions."""
    if message.variant_id is None or message.wording_version is None:
        return None
    return TemplateVariant.objects.version_number(message.variant_id, message.wording_version)


def duration(milliseconds: int | None) -> str:
    if milliseconds is None:
        return ""
    sizes = ((86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s"))
    for size, name in sizes:
        if abs(milliseconds) >= size:
            return f"{milliseconds / size:.1f} {name}"
    return f"{milliseconds} ms"


def _in_order(found: Trace) -> list[Step]:
    steps = sorted(_steps(found), key=lambda step: step.at)
    timed = []
    for before, step in zip([None, *steps], steps, strict=False):
        passed = round((step.at - before.at).total_seconds() * 1000) if before else None
        timed.append(Step(step.at, step.icon, step.title, step.detail, step.bad, duration(passed)))
    return timed


def _steps(found: Trace) -> Iterator[Step]:
    message = found.message
    if message.direction == Message.Direction.IN:
        yield from _of_reply(found)
        return
    by = message.step.campaign.name if message.step else (str(message.created_by) if message.created_by else "")
    yield Step(message.created_at, "edit_note", "Written", by)
    shown = found.decisions if len(found.decisions) <= SHOWN_DECISIONS else found.decisions[:1] + found.decisions[-5:]
    yield from map(_of_decision, shown)
    for attempt in found.attempts:
        yield from _of_attempt(attempt)
    yield from map(_of_callback, found.callbacks)


def _of_reply(found: Trace) -> Iterator[Step]:
    message = found.message
    arrived = found.arrival.received_at if found.arrival else message.due_at
    note = "posted by the provider" if found.arrival else "from the provider's list: its post never came"
    if message.pictures:
        note += f" · its pictures are kept by the provider under {message.sid}"
    yield Step(arrived, "inbox", "Arrived", note)
    for label in message.labels.all():
        detail = f"{label.get_label_display()}, {label.get_tier_display().lower()}"
        yield Step(label.created_at, "label", "Labelled", detail)
    if message.processed_at:
        yield Step(message.processed_at, "done", "Dealt with", "waits for a person" if message.needs_person else "")


def _of_decision(decision: GateDecision) -> Step:
    outcome, _, reason = decision.summary.partition(": ")
    return Step(
        decision.decided_at, "gavel", f"The gate: {outcome}", reason, bad=decision.outcome in ("held", "blocked")
    )


def _of_attempt(attempt: SendAttempt) -> Iterator[Step]:
    yield Step(attempt.started_at, "outbound", f"Attempt {attempt.number}: handed to the provider")
    if attempt.outcome == "started":
        return
    parts = [
        f"after {duration(attempt.latency_ms)}" if attempt.latency_ms is not None else "",
        f"HTTP {attempt.http_status}" if attempt.http_status else "",
        f"{attempt.error_code}: {meaning_of(attempt.error_code)}" if attempt.error_code else "",
        attempt.detail,
        attempt.sid,
        f"request {attempt.request_id}" if attempt.request_id else "",
    ]
    at = attempt.answered_at or attempt.started_at
    bad = attempt.outcome != "accepted"
    yield Step(at, "reply", f"Attempt {attempt.number}: {attempt.outcome}", " · ".join(filter(None, parts)), bad)


def _of_callback(told: Callback) -> Step:
    parts = [
        f"{duration(told.latency_ms)} after attempt {told.attempt}" if told.latency_ms is not None else "",
        f"rank {told.rank}" if told.rank is not None else "",
        "late: changed nothing" if told.late else "",
        "" if told.posted else "asked for, never posted",
        f"{told.error_code}: {told.meaning}" if told.error_code else "",
        f"carrier's time {_carrier_time(told.happened_at)}" if told.happened_at else "",
        f"waited {duration(told.waited_ms)} here" if (told.waited_ms or 0) >= 1000 else "",
        told.problem,
    ]
    bad = told.status in ("undelivered", "failed", "canceled")
    return Step(told.received_at, "call_received", f"Callback: {told.status}", " · ".join(filter(None, parts)), bad)


def _carrier_time(raw: str) -> str:
    """yymmddhhmm, perhaps with seconds; in which zone is the carrier's secret."""
    day, clock = f"20{raw[:2]}-{raw[2:4]}-{raw[4:6]}", f"{raw[6:8]}:{raw[8:10]}"
    return f"{day} {clock}"


def _cost_in_words(cost: Cost) -> str:
    if cost.amount is None:
        return NOT_KNOWN if cost.open else NOTHING
    money = f"${cost.amount:.4f}" if cost.unit == "USD" else f"{cost.amount:.4f} {cost.unit}"
    return f"{money}, as charged" if cost.exact else f"about {money}; no price named yet"
