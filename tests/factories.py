"""Dull, real records: each factory gives the smallest valid one."""

from __future__ import annotations

from datetime import UTC, datetime

import factory
from factory.django import DjangoModelFactory

from core.models import User
from leads.models import Lead, Owner, OwnerPhone, Ownership, Parcel, PhoneNumber
from leads.owner_names import name_key
from markets.models import Market, Parish
from outreach.models import Campaign, CampaignStep, Message, MessageTemplate, SenderNumber, TemplateVariant

SINCE = datetime(2026, 1, 5, 15, tzinfo=UTC)


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user{n}")
    is_staff = True


class MarketFactory(DjangoModelFactory):
    class Meta:
        model = Market

    code = factory.Sequence(lambda n: f"M{n}")
    name = factory.Sequence(lambda n: f"Market {n}")
    state = "LA"
    timezone = "America/Chicago"
    company_name = "LA Land Wholesale"
    agent_name = "Sam"


class ParishFactory(DjangoModelFactory):
    class Meta:
        model = Parish

    market = factory.SubFactory(MarketFactory)
    name = factory.Sequence(lambda n: f"Parish {n}")


class OwnerFactory(DjangoModelFactory):
    class Meta:
        model = Owner

    name = factory.Sequence(lambda n: f"BOUDREAUX JEAN {n}")
    name_key = factory.LazyAttribute(lambda owner: name_key(owner.name))
    kind = Owner.Kind.PERSON
    mailing_street = "100 MAIN ST"
    mailing_city = "BATON ROUGE"
    mailing_state = "LA"
    mailing_zip = "70810"


class PhoneNumberFactory(DjangoModelFactory):
    class Meta:
        model = PhoneNumber

    number = factory.Sequence(lambda n: f"+1225555{1000 + n:04d}")
    area_code = "225"
    line_type = PhoneNumber.LineType.MOBILE
    status = PhoneNumber.Status.ACTIVE


class OwnerPhoneFactory(DjangoModelFactory):
    class Meta:
        model = OwnerPhone

    owner = factory.SubFactory(OwnerFactory)
    phone = factory.SubFactory(PhoneNumberFactory)
    source = "skip_trace"
    since = SINCE


class ParcelFactory(DjangoModelFactory):
    class Meta:
        model = Parcel

    parish = factory.SubFactory(ParishFactory)
    number = factory.Sequence(lambda n: f"{n:03d}-0001-0")
    situs_address = "0 HIGHLAND RD"
    acres = "2.5"
    land_value = "12000"


class OwnershipFactory(DjangoModelFactory):
    class Meta:
        model = Ownership

    parcel = factory.SubFactory(ParcelFactory)
    owner = factory.SubFactory(OwnerFactory)
    since = SINCE
    source = "tax_roll"


class LeadFactory(DjangoModelFactory):
    """A lead whose parcel lies in its market and is owned by its owner; it is born ingested."""

    class Meta:
        model = Lead

    market = factory.SubFactory(MarketFactory)
    owner = factory.SubFactory(OwnerFactory)
    parcel = factory.LazyAttribute(lambda lead: ParcelFactory(parish__market=lead.market))


class SenderNumberFactory(DjangoModelFactory):
    class Meta:
        model = SenderNumber

    number = factory.Sequence(lambda n: f"+1225777{n:04d}")


class MessageTemplateFactory(DjangoModelFactory):
    class Meta:
        model = MessageTemplate

    name = factory.Sequence(lambda n: f"Template {n}")
    purpose = MessageTemplate.Purpose.FIRST_TEXT


class TemplateVariantFactory(DjangoModelFactory):
    class Meta:
        model = TemplateVariant

    template = factory.SubFactory(MessageTemplateFactory)
    body = (
        "Hi {{first_name|there}}, {{sender_name}} with {{company}}. Would you sell your land in {{parish}}? "
        "Reply STOP to opt out."
    )


class CampaignFactory(DjangoModelFactory):
    class Meta:
        model = Campaign

    name = factory.Sequence(lambda n: f"Campaign {n}")
    market = factory.SubFactory(MarketFactory)


class CampaignStepFactory(DjangoModelFactory):
    class Meta:
        model = CampaignStep

    campaign = factory.SubFactory(CampaignFactory)
    template = factory.LazyAttribute(lambda step: TemplateVariantFactory().template)


class MessageFactory(DjangoModelFactory):
    """A reply that came in."""

    class Meta:
        model = Message

    direction = Message.Direction.IN
    origin = Message.Origin.INBOUND
    state = Message.State.RECEIVED
    phone = factory.SubFactory(PhoneNumberFactory)
    body = "Who is this?"
    due_at = SINCE
