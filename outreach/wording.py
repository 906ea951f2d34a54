"""Turning templates into the words one owner gets: which variant, which values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils import timezone

from leads.languages import Language
from leads.models import Lead, Owner, PhoneNumber
from leads.owner_names import people_of
from outreach.choosing import Chooser
from outreach.models import Message
from outreach.rendering import identifies_sender, includes_opt_out_wording, render
from outreach.segments import measure

if TYPE_CHECKING:
    from markets.models import Market
    from outreach.models import CampaignStep, SenderNumber

OPT_OUT_WORDING = {
    Language.ENGLISH: "Reply STOP to opt out.",
    Language.SPANISH: "Responda STOP para no recibir más.",
}
NAMED_BY_A_PERSON = (Owner.Kind.PERSON, Owner.Kind.COUPLE, Owner.Kind.LIFE_ESTATE)


def write_step(
    step: CampaignStep, lead: Lead, phone: PhoneNumber, sender: SenderNumber | None, chooser: Chooser | None = None
) -> Message | None:
    """The campaign's text to this lead's owner, not saved; None when no template has a wording in use.

    `chooser`: of the batch the text belongs to."""
    chooser = chooser or Chooser([step.template], timezone.now())
    variant = chooser.choose(step, lead.owner, lead.market_id)
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


def choose_anew(messages: Iterable[Message], now: datetime) -> None:
    """Gives campaign texts that are about to be judged the wording they have by now, in its present words."""
    of_steps = [message for message in messages if message.step is not None and message.variant is not None]
    if of_steps:
        chooser = Chooser({message.step.template for message in of_steps if message.step}, now)
        for message in of_steps:
            message.variant = chooser.keep_or_choose(message)


def write_body(message: Message) -> None:
    """Words a campaign's text anew: what was edited since it was queued counts. Other texts keep their words."""
    variant = message.variant
    if variant is not None and message.lead is not None:
        values = merge_values(message.lead, message.sender)
        message.body = render(variant.body, values, variant.template.language).text
        message.wording_version = getattr(variant, "version", message.wording_version)
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


def sign(
    body: str, market: Market, names: Sequence[str], *, is_first_text: bool, language: str = Language.ENGLISH
) -> str:
    """Adds to a text written by a person what the rules want in it and is missing: who writes, and how to stop it."""
    signed = body.strip()
    if not identifies_sender(signed, names):
        signed += f" - {names[-1] if len(names) > 1 else market.company_name}"
    if is_first_text and not includes_opt_out_wording(signed):
        signed += f" {OPT_OUT_WORDING[Language(language)]}"
    return signed
