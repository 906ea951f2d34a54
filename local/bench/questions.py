"""The questions the product asks most, each as the product asks it, and whether PostgreSQL answers them from an index.

The plan is that of the very statements that ran, with the settings of the server: nothing is forced.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone

from leads.models import AnyEvent, Event, Lead, LeadSearch, Owner, OwnerPhone, Ownership, Parcel, PhoneNumber
from local.bench.generated import MANAGER, RARE, phone_of
from outreach.models import Message

PAGE = 51
BIG = {
    model._meta.db_table
    for model in (Event, Lead, LeadSearch, Message, Owner, OwnerPhone, Ownership, Parcel, PhoneNumber)
}
"""Tables that nothing may read from end to end."""
Question = Callable[[], object]


@dataclass(frozen=True)
class Answer:
    question: str
    scanned: tuple[str, ...]
    """Big tables that a plan reads from end to end."""
    indexes: tuple[str, ...]

    @property
    def is_good(self) -> bool:
        return not self.scanned and bool(self.indexes)


def answers() -> Iterator[Answer]:
    for name, question in questions().items():
        nodes = nodes_of(question)
        scanned = {node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"} & BIG
        indexes = {node["Index Name"] for node in nodes if "Index Name" in node}
        yield Answer(name, tuple(sorted(scanned)), tuple(sorted(indexes)))


def nodes_of(question: Question) -> list[dict[str, Any]]:
    """Every step of the plans of what is asked."""
    return [node for plan in _plans(question) for node in _nodes(plan)]


def questions() -> dict[str, Question]:
    lead = _some_lead()
    middle = [lead.score, lead.pk]
    leads = Lead.objects.for_list()
    return {
        "leads, best first": lambda: leads.page_after(None, PAGE),
        "leads, a page in the middle": lambda: leads.page_after(middle, PAGE),
        "leads, the last page": lambda: leads.page_before(None, PAGE),
        "leads of a market and stage": lambda: leads.matching(market="LA", stage="qualified").page_after(None, PAGE),
        "leads of a market, from a score on": lambda: leads.matching(market="LA", min_score=70).page_after(None, PAGE),
        "leads of a person, best first": lambda: leads.unarchived().assigned(_manager()).page_after(None, PAGE),
        "leads by a rare name": lambda: leads.matching(search=RARE).page_after(None, PAGE),
        "leads by parcel number": lambda: leads.matching(search=lead.parcel.number).page_after(None, PAGE),
        "leads by phone number": lambda: leads.matching(search=phone_of(7)).page_after(None, PAGE),
        "open lead of a parcel": lambda: list(Lead.objects.open_on(lead.parcel_id)),
        "leads of an owner": lambda: list(Lead.objects.of_owner(lead.owner)),
        "timeline of a lead": lambda: AnyEvent.objects.timeline(lead, PAGE),
        "next leads of a person": lambda: list(leads.next_of(_manager(), timezone.now())[:PAGE]),
        "events nobody has reacted to": lambda: Event.objects.waiting_kinds(PAGE),
        "newest events": lambda: list(AnyEvent.objects.all()[:PAGE]),
        "number by its hash": lambda: PhoneNumber.objects.by_number(phone_of(7)),
        "numbers of an owner": lambda: list(OwnerPhone.objects.of_owner(lead.owner)),
        "owners of a parcel": lambda: list(Ownership.objects.of_parcel(lead.parcel)),
        "texts that are due": lambda: list(Message.objects.due(timezone.now())[:PAGE]),
        "texts with an owner": lambda: Message.objects.conversation(lead.owner, PAGE),
    }


def _some_lead() -> Lead:
    """From the middle, with a score."""
    half = Lead.objects.count() // 2
    return next(lead for lead in Lead.objects.for_list().order_by("pk")[half : half + 100] if lead.score is not None)


def _manager() -> Any:
    from core.models import User

    return User.objects.get(username=MANAGER)


def _plans(question: Question) -> list[dict[str, Any]]:
    asked: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        question()
    return [_plan(sql, params) for sql, params in asked if sql.startswith(("SELECT", "(SELECT"))]


def _plan(sql: str, params: Any) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        found = cursor.fetchone()[0]
    plan: dict[str, Any] = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return plan


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)
