"""Turning templates into the words one owner gets: which variant, which values."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils import timezone

from leads.models import Lead, Owner, PhoneNumber
from leads.owner_names import people_of
from outreach.models import Message
from outreach.rendering import identifies_sender, includes_opt_out_wording, render
from outreach.segments import measure

if TYPE_CHECKING:
    from markets.models import Market
    from outreach.models import CampaignStep, SenderNumber, TemplateVariant

NAMED_BY_A_PERSON = (Owner.Kind.PERSON, Owner.Kind.COUPLE, Owner.Kind.LIFE_ESTATE)


def pick_variant(step: CampaignStep, owner_id: int) -> TemplateVariant | None:
    """By weight, and always the same one for the same owner and step."""
    variants = sorted((v for v in step.template.variants.all() if v.active), key=lambda variant: variant.pk)
    if not variants:
        return None
    draw = hashlib.sha256(f"{step.pk}:{owner_id}".encode()).digest()
    place = int.from_bytes(draw[:8], "big") % sum(variant.weight for variant in variants)
    for variant in variants:
        place -= variant.weight
        if place < 0:
            return variant
    return variants[-1]


def write_step(step: CampaignStep, lead: Lead, phone: PhoneNumber, sender: SenderNumber | None) -> Message | None:
    """The campaign's text to this lead's owner, not saved; None when the template has no active variant."""
    variant = pick_variant(step, lead.owner_id)
    if variant is None:
        return None
    message = Message(
        direction=Message.Direction.OUT,
        origin=Message.Origin.CAMPAIGN,
        state=Message.State.QUEUED,
        phone=phone,
        owner=lead.owner,
        lead=lead,
        market=lead.market,
        sender=sender,
        step=step,
        variant=variant,
        due_at=timezone.now(),
    )
    write_body(message)
    return message


def write_body(message: Message) -> None:
    """Words a campaign's text anew: what was edited since it was queued counts. Other texts keep their words."""
    if message.variant is not None and message.lead is not None:
        values, language = merge_values(message.lead, message.sender), message.variant.template.language
        message.body = render(message.variant.body, values, language).text
    message.segments = measure(message.body).count


def merge_values(lead: Lead, sender: SenderNumber | None) -> dict[str, str]:
    """A value that is not known is empty: the template's fallback or the gate deals with it."""
    owner, parcel, market = lead.owner, lead.parcel, lead.market
    first, last = person_name(owner)
    return {
        "first_name": first,
        "last_name": last,
        "owner_name": owner.name,
        "parcel_number": parcel.number,
        "parcel_size": size_in_words(parcel.acres),
        "situs": parcel.situs_address.title(),
        "parish": parcel.parish.name,
        "sender_name": market.agent_name or market.company_name,
        "company": market.company_name,
        "sender_phone": readable(sender.number) if sender and sender.is_number else "",
    }


def person_name(owner: Owner) -> tuple[str, str]:
    """First and last name of the first person a roll names; both empty for whoever is no living person by the name.

    “SMITH J ROBERT” goes by Robert, and an initial is nobody's first name.
    """
    people = people_of(owner) if owner.kind in NAMED_BY_A_PERSON else ()
    if not people:
        return "", ""
    names = [people[0].first, *people[0].middle.split()]
    return next((name for name in names if len(name) > 1), ""), people[0].last


def size_in_words(acres: Decimal | None) -> str:
    if acres is None:
        return ""
    number = f"{Decimal(acres):.2f}".rstrip("0").rstrip(".")
    return "" if number == "0" else f"{number} {'acre' if number == '1' else 'acres'}"


def readable(number: str) -> str:
    return f"({number[2:5]}) {number[5:8]}-{number[8:]}" if re.fullmatch(r"\+1\d{10}", number) else number


def sign(body: str, market: Market, names: Sequence[str], *, is_first_text: bool) -> str:
    """Adds to a text written by a person what the rules want in it and is missing: who writes, and how to stop it."""
    signed = body.strip()
    if not identifies_sender(signed, names):
        signed += f" - {names[-1] if len(names) > 1 else market.company_name}"
    if is_first_text and not includes_opt_out_wording(signed):
        signed += " Reply STOP to opt out."
    return signed
