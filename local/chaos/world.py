"""The records a seed starts from: a market that is open at any time, owners who agreed, and a launched campaign.

Made once, in an empty database; the seeds start from copies of it.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from leads.models import Lead, Owner, OwnerPhone, Parcel, PhoneNumber
from leads.owner_names import name_key
from local.chaos.numbers import SHARED, number_of
from local.demo_data import words
from markets.models import ContactRule, Market, Parish
from outreach.campaigns import launch_campaign
from outreach.enrolling import take_in_due
from outreach.models import BreakerRule, Campaign, CampaignStep, Consent, MessageTemplate, SenderNumber, TemplateVariant

SENDERS = ("+12255550140", "+12255550141")
PLENTY, MOST = 1_000_000, 30_000
SWEEP_SECONDS = 3
SWEEPS = (
    "send due messages",
    "process stored webhooks",
    "label waiting replies",
    "reconcile with the provider",
    "deliver events",
)
BODY = "Hi {{first_name|there}}, {{sender_name}} with {{company}}. Would you sell your land? Reply STOP to opt out."


@transaction.atomic
def make_world(messages: int) -> None:
    get_user_model().objects.create_user("sam")
    market = _open_market()
    owners = _owners(messages)
    _reach(owners)
    _leads(owners, market)
    step = _campaign(market)
    _hurry()
    done = launch_campaign(step.campaign, by=None)
    queued = done.value or take_in_due()
    assert queued == messages, done


def _open_market() -> Market:
    """Open by its data: no hour, day, cap or breaker holds a text back."""
    day: dict[str, Any] = {"start": time(0), "end": time(23, 59, 59, 999999), "saturday": True, "sunday": True}
    ContactRule.objects.update(**day, sunday_start=None, closed_on_holidays=False, max_texts_per_24h=None)
    BreakerRule.objects.update(least=MOST, percent=100)
    market: Market = Market.objects.get(code="LA")
    market.contact_start, market.contact_end = day["start"], day["end"]
    market.contacts_saturday = market.contacts_sunday = True
    market.daily_text_cap, market.cooldown_days, market.agent_name = PLENTY, 0, "Sam"
    market.save()
    for number in SENDERS:
        SenderNumber.objects.create(
            number=number, market=market, label=number, daily_cap=PLENTY, segments_per_minute=PLENTY
        )
    return market


def _hurry() -> None:
    """The sweeps' times are data as well: what comes every few minutes comes every few seconds."""
    every, _ = IntervalSchedule.objects.get_or_create(every=SWEEP_SECONDS, period=IntervalSchedule.SECONDS)
    for name in SWEEPS:
        task = settings.CELERY_BEAT_SCHEDULE[name]["task"]
        PeriodicTask.objects.create(name=name, task=task, interval=every)


def _owners(count: int) -> list[Owner]:
    """People with first names that are read."""
    names = [
        f"{words.SURNAMES[place % len(words.SURNAMES)]} {words.FIRST_NAMES[place % len(words.FIRST_NAMES)]}"
        for place in range(count)
    ]
    return Owner.objects.bulk_create(
        Owner(
            name=name,
            name_key=name_key(name),
            kind=Owner.Kind.PERSON,
            mailing_street=f"{100 + place} MAIN ST",
            mailing_city="BATON ROUGE",
            mailing_state="LA",
            mailing_zip="70810",
        )
        for place, name in enumerate(names)
    )


def _reach(owners: list[Owner]) -> None:
    """A mobile number and a consent for everybody; some have the number of another owner beside their own."""
    now = timezone.now()
    numbers = sorted({number_of(place) for place in range(len(owners))})
    phones = PhoneNumber.objects.bulk_create(
        PhoneNumber(number=number, area_code="225", line_type="mobile", status="active", checked_at=now)
        for number in numbers
    )
    by_number = {phone.number: phone for phone in phones}
    links = [(owner, place, 1) for place, owner in enumerate(owners)]
    links += [(owner, place - 1, 2) for place, owner in enumerate(owners) if place % SHARED == SHARED - 1]
    OwnerPhone.objects.bulk_create(
        OwnerPhone(owner=owner, phone=by_number[number_of(place)], rank=rank, source="skip_trace", since=now)
        for owner, place, rank in links
    )
    Consent.objects.bulk_create(
        Consent(owner=owner, basis=Consent.Basis.WEB_FORM, evidence="form", given_at=_yesterday(now))
        for owner in owners
    )


def _leads(owners: list[Owner], market: Market) -> None:
    parish = Parish.objects.get(market=market, name="East Baton Rouge")
    parcels = Parcel.objects.bulk_create(
        Parcel(parish=parish, number=f"{place:06d}-1", acres="2.5", land_value="12000") for place in range(len(owners))
    )
    Lead.objects.bulk_create(
        Lead(market=market, owner=owner, parcel=parcel, score=80) for owner, parcel in zip(owners, parcels, strict=True)
    )


def _campaign(market: Market) -> CampaignStep:
    template = MessageTemplate.objects.create(name="Chaos", purpose=MessageTemplate.Purpose.FIRST_TEXT)
    TemplateVariant.objects.create(template=template, name="A", body=BODY)
    campaign = Campaign.objects.create(name="Chaos", market=market, stages=["ingested"], min_score=0, daily_cap=PLENTY)
    step: CampaignStep = CampaignStep.objects.create(campaign=campaign, template=template)
    return step


def _yesterday(now: datetime) -> datetime:
    return now - timedelta(days=1)
