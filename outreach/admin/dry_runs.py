"""A campaign's stored dry run, with the names and masked numbers it was stored without."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate
from typing import Any

from core.phones import mask
from leads.models import Lead, PhoneNumber
from outreach.admin.senders import sender_name
from outreach.models import Campaign, SenderNumber

MOST_DAYS = 31
COUNTS = {
    "owners": "Owners looked at",
    "to_send": "Would get a text",
    "blocked": "Blocked",
    "waiting": "No date yet",
    "today": "Leave today",
    "segments": "Segments",
}


@dataclass(frozen=True)
class PlannedLine:
    """One owner's text; `lead` None: deleted since."""

    lead: Lead | None
    phone: str
    sender: str
    at: datetime | None
    segments: int
    body: str
    reason: str
    variant: str


@dataclass(frozen=True)
class StoredPlan:
    """`caps`: name, used with this campaign's texts, limit. `days`: date, texts, texts so far. `touches`: letter or
    call, owners it could reach, why not the others."""

    at: datetime
    first_at: datetime | None
    last_at: datetime | None
    cost: str
    to_send: int
    to_look_up: int
    without_number: int
    counts: list[tuple[str, int]]
    reasons: list[tuple[str, int]]
    caps: list[tuple[str, int, int]]
    days: list[tuple[date, int, int]]
    more_days: int
    touches: list[tuple[str, int, list[tuple[str, int]]]]
    variants: list[tuple[str, int]]
    sample: list[PlannedLine]
    kept_back: list[PlannedLine]


def stored_plan(campaign: Campaign) -> StoredPlan | None:
    stored = campaign.dry_run
    if not stored:
        return None
    texts = [*stored["sample"], *stored.get("kept_back", [])]
    lines = _lines(texts)
    leaving = len(stored["sample"])
    return StoredPlan(
        at=datetime.fromisoformat(stored["at"]),
        first_at=_moment(stored["first_at"]),
        last_at=_moment(stored["last_at"]),
        cost=stored["cost"],
        to_send=stored["to_send"],
        to_look_up=stored.get("to_look_up", 0),
        without_number=stored["without_number"],
        counts=[(label, stored[name]) for name, label in COUNTS.items()],
        reasons=single_reasons(stored["by_reason"].items()),
        caps=[(name, used, limit) for name, (used, limit) in stored["caps"].items()],
        days=_days(stored.get("days", {}))[:MOST_DAYS],
        more_days=max(0, len(stored.get("days", {})) - MOST_DAYS),
        touches=[(one["step"], one["at_most"], list(one["reasons"].items())) for one in stored.get("touches", [])],
        variants=list(stored.get("variants", {}).items()),
        sample=lines[:leaving],
        kept_back=lines[leaving:],
    )


def _days(stored: Mapping[str, int]) -> list[tuple[date, int, int]]:
    days = sorted((date.fromisoformat(day), count) for day, count in stored.items())
    sums = accumulate(count for _, count in days)
    return [(day, count, so_far) for (day, count), so_far in zip(days, sums, strict=True)]


def single_reasons(counted: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """Owners for each reason, the commonest first; one who is kept back for several counts at each of them."""
    totals: Counter[str] = Counter()
    for together, count in counted:
        for reason in together.removeprefix("blocked: ").split("; "):
            totals[reason] += count
    return sorted(totals.items(), key=lambda item: (-item[1], item[0]))


def _lines(texts: list[Mapping[str, Any]]) -> list[PlannedLine]:
    leads = Lead.objects.for_list().in_bulk(_ids(texts, "lead"))
    phones = PhoneNumber.objects.in_bulk(_ids(texts, "phone_id"))
    senders = SenderNumber.objects.in_bulk(_ids(texts, "sender_id"))
    return [
        PlannedLine(
            lead=leads.get(text["lead"]),
            phone=mask(phones[text["phone_id"]].number) if text.get("phone_id") in phones else "—",
            sender=sender_name(senders.get(text.get("sender_id"))),
            at=_moment(text.get("at")),
            segments=text.get("segments", 0),
            body=text["body"],
            reason=text["reason"],
            variant=text.get("variant", ""),
        )
        for text in texts
    ]


def _ids(texts: Iterable[Mapping[str, Any]], name: str) -> set[int]:
    return {text[name] for text in texts if text.get(name)}


def _moment(stored: str | None) -> datetime | None:
    return datetime.fromisoformat(stored) if stored else None
