"""A market in which texts are lawful on Monday morning, and owners to text."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from leads.models import Lead, Owner, PhoneNumber
from leads.pipeline import move_lead
from leads.stages import Stage
from local.twilio_simulator import TwilioSimulator
from markets.models import Market
from outreach.models import Campaign, CampaignStep, Consent, Message
from tests.factories import (
    CampaignFactory,
    CampaignStepFactory,
    LeadFactory,
    MarketFactory,
    OwnerFactory,
    OwnerPhoneFactory,
    PhoneNumberFactory,
    SenderNumberFactory,
)
from tests.reference_data import copy_reference_data

MONDAY_MORNING = datetime(2026, 9, 14, 16, tzinfo=UTC)  # 11:00 in Louisiana
SUNDAY_MORNING = datetime(2026, 9, 13, 16, tzinfo=UTC)


def open_market(**fields: object) -> Market:
    """A market with a sender, under the seeded contact rules."""
    copy_reference_data()
    market = MarketFactory(**{"daily_text_cap": 1000} | fields)
    SenderNumberFactory(market=market, segments_per_minute=1000)
    return market


def reachable_lead(market: Market, *, number: str = "", score: int = 70, consent: bool = True, **owner: object) -> Lead:
    """A qualified lead whose owner agreed to texts at a mobile number."""
    lead = LeadFactory(market=market, owner=OwnerFactory(**owner), score=score)
    phone = PhoneNumberFactory(number=number) if number else PhoneNumberFactory()
    OwnerPhoneFactory(owner=lead.owner, phone=phone)
    if consent:
        agree(lead.owner)
    assert move_lead(lead, Stage.QUALIFIED, by=None, reason="test")
    return Lead.objects.get(pk=lead.pk)


def agree(owner: Owner) -> Consent:
    return Consent.objects.create(
        owner=owner, basis=Consent.Basis.WEB_FORM, evidence="form of 5 Jan", given_at=datetime(2026, 1, 5, tzinfo=UTC)
    )


def phone_of(lead: Lead) -> PhoneNumber:
    return lead.owner.phone_links.get().phone


def draft_campaign(market: Market, **fields: object) -> Campaign:
    """One text to all qualified leads; the daily cap is out of the way."""
    step: CampaignStep = CampaignStepFactory(campaign=CampaignFactory(market=market, **{"daily_cap": 1000} | fields))
    return step.campaign


def text_of(lead: Lead) -> Message:
    return Message.objects.get(owner=lead.owner, direction=Message.Direction.OUT)


def texts_at(twilio: TwilioSimulator) -> list[dict[str, Any]]:
    """What the provider accepted from us, oldest first."""
    return [message for message in twilio.log()["messages"] if message["direction"] == "outbound-api"]
