"""A wording before it is used: what is wrong with it, and how it reads and costs for one lead."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from outreach.models import MessageTemplate
from outreach.rendering import identifies_sender, includes_opt_out_wording, placeholders, render, unknown_placeholders
from outreach.segments import Segments, measure, plain
from outreach.wording import merge_values

if TYPE_CHECKING:
    from leads.models import Lead
    from markets.models import Market
    from outreach.models import SenderNumber

Purpose = MessageTemplate.Purpose
CAMPAIGN_TEXTS = (Purpose.FIRST_TEXT, Purpose.FOLLOW_UP)
NAMES_SENDER = frozenset({"sender_name", "company"})
WITHOUT_VALUE = {
    Purpose.FIRST_TEXT: frozenset({"letter_code", "offer_range"}),
    Purpose.FOLLOW_UP: frozenset({"letter_code", "offer_range"}),
    Purpose.LETTER: frozenset({"offer_range"}),
}
"""Placeholders that nothing fills in such a wording yet: the gate would stop every text."""


@dataclass(frozen=True)
class Offender:
    """A character that makes a text dearer; `plain` empty when there is no plain form."""

    char: str
    name: str
    plain: str


@dataclass(frozen=True)
class Preview:
    """`missing`: placeholders this lead has no value for. `cost` in dollars.

    `plain_body`: the wording in plain characters; `plain_count`: the segments of the text it makes.
    """

    text: str
    segments: Segments
    cost: Decimal
    most_segments: int
    missing: tuple[str, ...]
    offenders: tuple[Offender, ...]
    plain_body: str
    plain_count: int


def preview(body: str, purpose: str, lead: Lead, sender: SenderNumber | None) -> Preview:
    market = lead.market
    values = merge_values(lead, sender) | ({"letter_code": "ABCD2345"} if purpose == Purpose.LETTER else {})
    rendered = render(body, values)
    segments = measure(rendered.text)
    return Preview(
        text=rendered.text,
        segments=segments,
        cost=market.segment_cost * segments.count,
        most_segments=market.max_segments,
        missing=tuple(sorted(rendered.missing)),
        offenders=tuple(_offender(char) for char in segments.offending),
        plain_body=plain(body),
        plain_count=measure(plain(rendered.text)).count,
    )


def wording_faults(body: str, purpose: str, market: Market | None) -> Iterator[str]:
    """What the gate would refuse in every text made from this wording, in words for the one who writes it."""
    unknown = sorted(unknown_placeholders(body))
    if unknown:
        yield f"Unknown placeholder: {', '.join(unknown)}."
    unfilled = sorted(placeholders(body) & WITHOUT_VALUE.get(Purpose(purpose), frozenset()))
    if unfilled:
        yield f"Nothing fills this placeholder here: {', '.join(unfilled)}."
    if purpose in CAMPAIGN_TEXTS and not _names_sender(body, market):
        yield "Say who writes: put {{company}} or {{sender_name}} into the text."
    if purpose == Purpose.FIRST_TEXT and not includes_opt_out_wording(body):
        yield "A first text says how to stop, such as “Reply STOP to opt out.”"


def _names_sender(body: str, market: Market | None) -> bool:
    names = (market.company_name, market.agent_name) if market else ()
    return bool(placeholders(body) & NAMES_SENDER) or identifies_sender(body, names)


def _offender(char: str) -> Offender:
    replacement = plain(char)
    name = unicodedata.name(char, "a control character").lower()
    return Offender(char, name, "" if replacement == char else replacement or "nothing")
