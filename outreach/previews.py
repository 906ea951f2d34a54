"""A wording before it is used: what is wrong with it, and how it reads and costs for one lead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from leads.languages import Language
from outreach.models import MessageTemplate
from outreach.rendering import (
    PLACEHOLDERS,
    identifies_sender,
    includes_opt_out_wording,
    placeholders,
    render,
    syntax_faults,
)
from outreach.segments import Offender, Segments, measure, offenders, plain
from outreach.wording import OPT_OUT_WORDING, merge_values

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
class Wording:
    """A body and what it is for, as typed or as stored."""

    body: str
    purpose: str
    language: str = "en"


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


def preview(wording: Wording, lead: Lead, sender: SenderNumber | None) -> Preview:
    market = lead.market
    rendered = render(wording.body, values_for(wording.purpose, lead, sender), wording.language)
    segments = measure(rendered.text)
    return Preview(
        text=rendered.text,
        segments=segments,
        cost=market.segment_cost * segments.count,
        most_segments=market.max_segments,
        missing=tuple(sorted(rendered.missing)),
        offenders=offenders(rendered.text),
        plain_body=plain(wording.body),
        plain_count=measure(plain(rendered.text)).count,
    )


def values_for(purpose: str, lead: Lead, sender: SenderNumber | None) -> Mapping[str, str]:
    """What the placeholders become; a letter's code is drawn with the letter, so here it is the example."""
    code = {"letter_code": PLACEHOLDERS["letter_code"].example} if purpose == Purpose.LETTER else {}
    return merge_values(lead, sender) | code


def wording_faults(wording: Wording, market: Market | None) -> Iterator[str]:
    """What the gate would refuse in every text made from this wording, in words for the one who writes it."""
    body, purpose = wording.body, wording.purpose
    yield from syntax_faults(body)
    unfilled = sorted(placeholders(body) & WITHOUT_VALUE.get(Purpose(purpose), frozenset()))
    if unfilled:
        yield f"Nothing fills this placeholder here: {', '.join(unfilled)}."
    if purpose in CAMPAIGN_TEXTS and not _names_sender(body, market):
        yield "Say who writes: put {{company}} or {{sender_name}} into the text."
    if purpose == Purpose.FIRST_TEXT and not includes_opt_out_wording(body):
        yield f"A first text says how to stop, such as “{OPT_OUT_WORDING[Language(wording.language)]}”"


def _names_sender(body: str, market: Market | None) -> bool:
    names = (market.company_name, market.agent_name) if market else ()
    return bool(placeholders(body) & NAMES_SENDER) or identifies_sender(body, names)
