"""Which of an owner's numbers a campaign texts, and that the counts and the dry run say the same before the launch."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from core.crypto import blind_index
from leads.models import Lead, PhoneNumber
from local.twilio_simulator import TwilioSimulator
from markets.models import Market
from outreach import progress
from outreach.audience import numbers_in, textable_of_owners, with_numbers
from outreach.campaigns import launch_campaign
from outreach.dry_running import plan_campaign
from outreach.models import Consent, Message, SenderNumber, StepRun
from outreach.opt_outs import opt_out
from outreach.querysets.audience import Aim
from outreach.sending import send_due
from outreach.suppressions import suppress_number
from tests.factories import (
    CampaignStepFactory,
    OwnerPhoneFactory,
    SenderNumberFactory,
    TemplateVariantFactory,
    UserFactory,
)
from tests.outreach.campaign_setting import MONDAY_MORNING, draft_campaign, open_market, phone_of, reachable_lead

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(MONDAY_MORNING, tick=False) as clock:
        yield clock


@pytest.fixture
def two_numbers() -> tuple[Lead, PhoneNumber, PhoneNumber]:
    lead = reachable_lead(open_market())
    first = phone_of(lead)
    return lead, first, OwnerPhoneFactory(owner=lead.owner, rank=5).phone


def cold(market: Market) -> Market:
    """Texts without consent are allowed here, by a person's decision."""
    market.allows_texts_without_consent, market.texts_without_consent_reason = True, "counsel's letter of 3 May"
    market._history_user = UserFactory()
    market.save()
    return market


def numbers_told(market: Market) -> tuple[int, int, int]:
    """Reached, without a number to text, suppressed: as the form counts."""
    numbers = numbers_in(Aim(market, ["qualified"]), timezone.now())
    return numbers.reached, numbers.no_number, numbers.suppressed


def send_all() -> list[tuple[int, str]]:
    """What left, by number, once the campaign has had the time to try others."""
    for _ in range(3):
        progress.follow_unsent()
        progress.advance_due()
        send_due()
    return list(Message.objects.filter(state="sent").values_list("phone", "error"))


@pytest.mark.parametrize("reason", ["wrong_number", "provider", "national_dnc", "state_dnc"])
def test_a_number_that_is_no_good_gives_way_to_the_next_as_the_dry_run_says(
    two_numbers: tuple[Lead, PhoneNumber, PhoneNumber], twilio_simulator: TwilioSimulator, reason: str
) -> None:
    lead, first, second = two_numbers
    suppress_number(first, reason, evidence="")
    assert numbers_told(lead.market) == (1, 0, 0)
    campaign = draft_campaign(lead.market)
    plan = plan_campaign(campaign)
    assert (plan.to_send, [text.phone_id for text in plan.texts]) == (1, [second.pk])
    assert launch_campaign(campaign, by=None).value == 1
    assert send_all() == [(second.pk, "")]


@pytest.mark.parametrize("reason", ["opt_out", "deceased", "litigator", "manual"])
@pytest.mark.parametrize("rank", [0, 9])
def test_who_said_stop_at_one_number_is_not_tried_at_another(
    two_numbers: tuple[Lead, PhoneNumber, PhoneNumber], twilio_simulator: TwilioSimulator, reason: str, rank: int
) -> None:
    lead, first, _ = two_numbers
    lead.owner.phone_links.filter(phone=first).update(rank=rank)
    cold(lead.market)
    Consent.objects.all().delete()
    suppress_number(first, reason, evidence="")
    assert numbers_told(lead.market) == (0, 0, 1)
    campaign = draft_campaign(lead.market)
    assert plan_campaign(campaign).by_reason == {f"the number is suppressed: {reason.replace('_', ' ')}": 1}
    launch_campaign(campaign, by=None)
    assert send_all() == []
    assert textable_of_owners([lead.owner_id])[lead.owner_id] == []


def test_save_where_they_agreed_to_it_afterwards(
    two_numbers: tuple[Lead, PhoneNumber, PhoneNumber], twilio_simulator: TwilioSimulator
) -> None:
    lead, first, second = two_numbers
    opt_out(first, evidence="STOP")
    agreed = {"basis": Consent.Basis.LETTER_REPLY, "evidence": "ABCD2345", "given_at": MONDAY_MORNING}
    Consent.objects.create(owner=lead.owner, phone=second, **agreed)
    assert numbers_told(lead.market) == (1, 0, 0)
    campaign = draft_campaign(lead.market)
    assert plan_campaign(campaign).to_send == 1
    launch_campaign(campaign, by=None)
    assert send_all() == [(second.pk, "")]


def test_an_owner_with_a_landline_alone_has_no_number_to_text() -> None:
    lead = reachable_lead(open_market())
    PhoneNumber.objects.update(line_type="landline")
    assert numbers_told(lead.market) == (0, 1, 0)
    assert with_numbers([lead])[0].phone == phone_of(lead)  # a call may follow


def test_an_owner_all_of_whose_numbers_are_no_good_counts_as_suppressed(
    two_numbers: tuple[Lead, PhoneNumber, PhoneNumber],
) -> None:
    lead, first, second = two_numbers
    for phone in (first, second):
        suppress_number(phone, "wrong_number", evidence="")
    assert numbers_told(lead.market) == (0, 0, 1)


@pytest.mark.parametrize("kind", ["wait", "text"])
def test_a_follow_up_that_nothing_comes_before_is_told_by_the_dry_run(kind: str) -> None:
    """The step passes such owners over when it is due."""
    lead = reachable_lead(open_market())
    words = "{{company}} again about your land. Reply STOP to opt out."
    campaign = draft_campaign(lead.market)
    campaign.steps.update(position=2, delay_days=1)
    follow_up = TemplateVariantFactory(template__purpose="follow_up", body=words).template
    campaign.steps.update(template=follow_up)
    if kind == "wait":
        CampaignStepFactory(campaign=campaign, position=1, kind="wait", template=None)
    assert plan_campaign(campaign).by_reason == {"no text has left that it could follow": 1}
    launch_campaign(campaign, by=None)
    for days in (2, 4):
        with time_machine.travel(MONDAY_MORNING + timedelta(days=days), tick=False):
            progress.advance_due()
    assert StepRun.objects.get(step__template=follow_up).why == "no text has left that it could follow"


def test_the_dry_run_names_owner_number_sender_wording_and_minute_of_every_text_that_then_leaves(
    twilio_simulator: TwilioSimulator,
) -> None:
    market = open_market()
    first, second = reachable_lead(market, score=95), reachable_lead(market, score=90)
    second.owner.phone_links.update(phone=phone_of(first))  # a couple
    reachable_lead(market, consent=False)
    reachable_lead(market).owner.phone_links.all().delete()
    PhoneNumber.objects.filter(pk=phone_of(reachable_lead(market)).pk).update(line_type="landline")
    wrong = reachable_lead(market)
    suppress_number(phone_of(wrong), "wrong_number", evidence="")
    OwnerPhoneFactory(owner=wrong.owner, rank=5)
    opt_out(phone_of(reachable_lead(market)), evidence="STOP")
    reachable_lead(market, kind="company", name="ACME LAND LLC")
    campaign = draft_campaign(market)
    planned = plan_campaign(campaign)
    told = {
        (text.lead_id, text.phone_id, text.sender_id, text.variant, text.segments, text.at, text.body)
        for text in planned.texts
        if text.outcome == "allowed"
    }
    assert launch_campaign(campaign, by=None).value == planned.to_send == 3
    send_all()
    sent = Message.objects.filter(state="sent").values_list(
        "lead", "phone", "sender", "variant__name", "segments", "claimed_at", "body"
    )
    assert set(sent) == told


def test_the_dry_run_counts_whom_another_campaign_has_under_way() -> None:
    """The form's count and the dry run speak of the same owners."""
    market = open_market()
    busy, free = reachable_lead(market, score=90), reachable_lead(market, score=50)
    launch_campaign(draft_campaign(market, min_score=80), by=None)
    campaign = draft_campaign(market)
    plan = plan_campaign(campaign)
    assert (plan.owners, plan.to_send, plan.blocked) == (2, 1, 1)
    assert plan.by_reason == {"another campaign has the owner under way": 1}
    numbers = numbers_in(Aim(market, ["qualified"]), timezone.now(), campaign)
    assert (numbers.owners, numbers.elsewhere) == (plan.owners, plan.blocked)
    assert launch_campaign(campaign, by=None).value == 1
    assert not campaign.enrolments.filter(owner=busy.owner).exists()
    assert campaign.enrolments.get().owner == free.owner


def test_the_dry_run_names_the_share_of_each_of_our_numbers() -> None:
    market = open_market()
    SenderNumber.objects.update(number="+12255550140", label="Main", daily_cap=10)
    SenderNumberFactory(market=market, number="+13185550141", daily_cap=20)
    for number in ("+12255551001", "+12255551002", "+13185551003"):
        reachable_lead(market, number=number)
    PhoneNumber.objects.filter(number_hash__in=[blind_index("+13185551003")]).update(area_code="318")
    caps = plan_campaign(draft_campaign(market)).caps
    assert caps == {
        "the market's texts a day": (3, 1000),
        "the campaign's texts a day": (3, 1000),
        "texts a day from Main": (2, 10),
        "texts a day from (318) •••-••41": (1, 20),
    }
