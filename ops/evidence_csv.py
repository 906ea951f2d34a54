"""An evidence packet as a spreadsheet: one row per thing that happened, written line by line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from django.utils import timezone

from core.csv_lines import csv_lines
from ops.evidence import DISCLAIMER, Packet
from outreach.models import Consent, GateDecision, Message, SendAttempt, Suppression
from outreach.tracing import Callback, Trace
from outreach.wording import readable


class Row(NamedTuple):
    """`about` names the text a row belongs to by our id; times are in UTC and on the clock of the office."""

    utc: str = ""
    local: str = ""
    kind: str = ""
    about: str = ""
    state: str = ""
    words: str = ""
    owner: str = ""
    who: str = ""
    our_number: str = ""
    provider_id: str = ""
    code: str = ""
    states_considered: str = ""
    local_times: str = ""
    rule_set: str = ""
    verdicts: str = ""


def evidence_csv(packet: Packet) -> Iterator[str]:
    return csv_lines(Row._fields, _rows(packet))


def _rows(packet: Packet) -> Iterator[Row]:
    number = f"{packet.number}, {packet.phone.get_line_type_display()}, area code of {packet.where}"
    yield at(packet.made_at, "packet", words=f"{number}. {DISCLAIMER} Reason: {packet.reason}", who=packet.made_by)
    for link in packet.links:
        source = link.source.replace("_", " ")
        yield at(link.since, "number known", words=f"from {source}", owner=link.owner.name)
        if link.until:
            yield at(link.until, "number ended", words=link.get_end_reason_display(), owner=link.owner.name)
    for consent in packet.consents:
        yield from _of_consent(consent)
    for suppression in packet.suppressions:
        yield from _of_suppression(suppression)
    for found in packet.traces():
        yield from _of_text(found)
    for look in packet.looks:
        yield at(look.at, "seen", state=look.what, words=look.reason, who=str(look.user or ""))


def at(moment: datetime, kind: str, **cells: str) -> Row:
    return Row(_utc(moment), local_time(moment), kind, **cells)


def _of_consent(consent: Consent) -> Iterator[Row]:
    covers = "this number" if consent.phone_id else "any number of the owner"
    cells = {"owner": consent.owner.name, "state": f"{consent.get_basis_display()}, for {covers}"}
    who = str(consent.recorded_by or "")
    yield at(consent.given_at, "consent", words=consent.evidence, who=who, **cells)
    if consent.revoked_at:
        yield at(consent.revoked_at, "consent withdrawn", **cells)


def _of_suppression(stop: Suppression) -> Iterator[Row]:
    whom = stop.owner.name if stop.owner else ""
    yield at(
        stop.created_at,
        "stop",
        state=stop.get_reason_display(),
        words=stop.evidence,
        owner=whom,
        who=str(stop.created_by or ""),
    )
    if stop.lifted_at:
        who = str(stop.lifted_by or "")
        yield at(
            stop.lifted_at, "stop lifted", state=stop.get_reason_display(), words=stop.lift_reason, owner=whom, who=who
        )


def _of_text(found: Trace) -> Iterator[Row]:
    message = found.message
    is_in = message.direction == Message.Direction.IN
    by = message.step.campaign.name if message.step else str(message.created_by or "")
    yield at(
        message.due_at if is_in else message.created_at,
        "text in" if is_in else "text out",
        about=str(message.pk),
        state=message.get_state_display(),
        words=message.words,
        owner=message.owner.name if message.owner else "",
        who=by,
        our_number=readable(message.sender.number) if message.sender else "",
        provider_id=message.sid or "",
        code=str(message.error_code or ""),
    )
    about = str(message.pk)
    yield from (_of_decision(decision, about) for decision in found.decisions)
    for attempt in found.attempts:
        yield _of_attempt(attempt, about)
    for told in found.callbacks:
        yield _of_callback(told, about)


def _of_decision(decision: GateDecision, about: str) -> Row:
    return at(
        decision.decided_at,
        "gate",
        about=about,
        state=decision.outcome,
        words=decision.summary,
        states_considered=" ".join(decision.states),
        local_times="; ".join(f"{zone} {local}" for zone, local in decision.local_times.items()),
        rule_set=decision.rule_set,
        verdicts=json.dumps(decision.verdicts, ensure_ascii=False),
    )


def _of_attempt(attempt: SendAttempt, about: str) -> Row:
    http = f"HTTP {attempt.http_status} " if attempt.http_status else ""
    return at(
        attempt.started_at,
        "attempt",
        about=about,
        state=attempt.outcome,
        words=f"{http}{attempt.detail}".strip(),
        provider_id=attempt.sid,
        code=str(attempt.error_code or ""),
    )


def _of_callback(told: Callback, about: str) -> Row:
    late = "late: changed nothing" if told.late else ""
    carrier = f"carrier's time {told.happened_at}" if told.happened_at else ""
    return at(
        told.received_at,
        "delivery",
        about=about,
        state=told.status,
        words="; ".join(filter(None, (told.meaning, late, carrier, told.problem))),
        code=str(told.error_code or ""),
    )


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def local_time(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%a %Y-%m-%d %H:%M:%S %Z}"
