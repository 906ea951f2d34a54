from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leads.models import Event, Lead, Owner, PhoneNumber
from leads.pipeline import move_lead
from local.twilio_simulator import TwilioSimulator
from outreach.campaigns import end_campaign, launch_campaign, pause_campaign, resume_campaign
from outreach.choosing import Chooser
from outreach.dry_running import plan_campaign
from outreach.models import Campaign, Message, SenderNumber
from outreach.sending import send_due
from tests.factories import (
    CampaignFactory,
    LeadFactory,
    OwnerPhoneFactory,
    ParcelFactory,
    TemplateVariantFactory,
    UserFactory,
)
from tests.outreach.campaign_setting import (
    MONDAY_MORNING,
    draft_campaign,
    open_market,
    phone_of,
    reachable_lead,
    text_of,
)

State = Message.State
NO_CONSENT = "no consent good for a text: send a letter or call instead"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(MONDAY_MORNING, tick=False) as clock:
        yield clock


def another_lead(lead: Lead, **fields: object) -> Lead:
    """A second parcel of the same owner, just as qualified."""
    more = LeadFactory(market=lead.market, owner=lead.owner, **fields)
    assert move_lead(more, "qualified", by=None, reason="test")
    return more


# the dry run


def test_a_dry_run_leaks_nothing(twilio_simulator: TwilioSimulator) -> None:
    lead = reachable_lead(open_market())
    PhoneNumber.objects.update(line_type="unknown")
    campaign = draft_campaign(lead.market)
    plan_campaign(campaign)
    send_due()
    assert Message.objects.count() == 0
    assert Event.objects.of_kind(Event.Kind.MESSAGE_SENT).count() == 0
    assert twilio_simulator.log()["messages"] == twilio_simulator.log()["refused"] == []
    assert PhoneNumber.objects.get().checked_at is None  # not even a look-up
    assert Campaign.objects.get().status == "draft"


def test_a_dry_run_counts_unknown_lines_as_mobile_and_says_how_many_will_be_looked_up() -> None:
    lead = reachable_lead(open_market())
    PhoneNumber.objects.update(line_type="unknown")
    plan = plan_campaign(draft_campaign(lead.market))
    assert (plan.to_send, plan.to_look_up, plan.waiting) == (1, 1, 0)
    assert PhoneNumber.objects.get().line_type == "unknown"


def test_a_dry_run_says_who_gets_a_text_when_at_what_cost_and_who_does_not_and_why() -> None:
    market = open_market(daily_text_cap=2)
    for _ in range(3):
        reachable_lead(market)
    reachable_lead(market, consent=False)
    reachable_lead(market, kind="government")
    reachable_lead(market).owner.phone_links.get().delete()
    plan = plan_campaign(draft_campaign(market))
    assert (plan.owners, plan.to_send, plan.blocked, plan.without_number, plan.today) == (6, 3, 3, 1, 2)
    assert plan.by_reason == {NO_CONSENT: 1, "a government owner is never contacted": 1, "no phone number": 1}
    assert (plan.segments, plan.cost) == (3, Decimal("0.03"))
    assert (plan.first_at, plan.last_at) == (MONDAY_MORNING, MONDAY_MORNING + timedelta(hours=22))  # Tuesday at nine
    assert plan.caps["the market's texts a day"] == (2, 2)


def test_the_dry_runs_result_is_kept_without_names_and_numbers() -> None:
    lead = reachable_lead(open_market(), name="SMITH JOHN A")
    campaign = draft_campaign(lead.market)
    plan_campaign(campaign)
    kept = Campaign.objects.get().dry_run
    assert kept["to_send"] == 1
    assert kept["sample"][0]["lead"] == lead.pk
    assert phone_of(lead).number not in str(kept)


def test_the_dry_run_tells_what_the_launch_then_does() -> None:
    market = open_market()
    for number in range(6):
        reachable_lead(market, consent=number % 2 == 0)
    campaign = draft_campaign(market)
    plan = plan_campaign(campaign)
    launched = launch_campaign(campaign, by=None)
    assert launched.value == plan.to_send == 3
    assert Message.objects.filter(state=State.BLOCKED).count() == plan.blocked == 3


def test_what_caps_have_used_up_today_counts_in_the_dry_run(twilio_simulator: TwilioSimulator) -> None:
    market = open_market(daily_text_cap=2)
    reachable_lead(market)
    launch_campaign(draft_campaign(market), by=None)
    send_due()
    reachable_lead(market)
    reachable_lead(market)
    plan = plan_campaign(draft_campaign(market))
    assert (plan.to_send, plan.today) == (2, 1)


def test_a_dry_run_of_many_owners_takes_few_queries() -> None:
    market = open_market()
    campaign = draft_campaign(market)
    counts = []
    for more in (1, 9):
        for _ in range(more):
            reachable_lead(market)
        with CaptureQueriesContext(connection) as queries:
            plan_campaign(campaign)
        counts.append(len(queries))
    assert counts[0] == counts[1]


# the audience


def test_an_owner_with_several_parcels_and_phones_gets_one_text_about_the_best_at_the_best() -> None:
    lead = reachable_lead(open_market(), score=50)
    best = another_lead(lead, score=90)
    another_lead(lead, score=60)
    lead.owner.phone_links.update(rank=3)
    OwnerPhoneFactory(owner=lead.owner, phone__line_type="landline", rank=1)
    OwnerPhoneFactory(owner=lead.owner, phone__status="bad", rank=1)
    mobile = OwnerPhoneFactory(owner=lead.owner, rank=2).phone
    assert launch_campaign(draft_campaign(lead.market), by=None).value == 1
    assert (text_of(lead).lead, text_of(lead).phone) == (best, mobile)


def test_only_open_leads_of_the_market_stage_score_and_parish_are_meant() -> None:
    market = open_market()
    meant = reachable_lead(market, score=80)
    reachable_lead(market, score=44)
    reachable_lead(open_market(), score=80)
    deleted = reachable_lead(market, score=80)
    Lead.objects.filter(pk=deleted.pk).update(deleted_at=MONDAY_MORNING)
    LeadFactory(market=market, score=80)  # ingested
    campaign = draft_campaign(market)
    assert [text.lead_id for text in plan_campaign(campaign).texts] == [meant.pk]
    campaign.parishes.add(ParcelFactory(parish__market=market).parish)
    assert plan_campaign(campaign).owners == 0


def test_max_owners_counts_those_who_get_a_text() -> None:
    market = open_market()
    for score in (90, 80, 70, 60):
        reachable_lead(market, score=score, consent=score != 90)
    campaign = draft_campaign(market, max_owners=2)
    assert plan_campaign(campaign).to_send == 2
    assert launch_campaign(campaign, by=None).value == 2
    assert set(Message.objects.values_list("lead__score", "state")) == {
        (90, State.BLOCKED),
        (80, State.QUEUED),
        (70, State.QUEUED),
    }


# the launch


def test_a_launch_accounts_for_every_owner_and_records_itself() -> None:
    market = open_market()
    texted, blocked = reachable_lead(market), reachable_lead(market, consent=False)
    by = UserFactory()
    campaign = draft_campaign(market)
    assert launch_campaign(campaign, by=by)
    assert (text_of(texted).state, text_of(blocked).state) == (State.QUEUED, State.BLOCKED)
    assert NO_CONSENT in text_of(blocked).error
    assert text_of(blocked).decisions.get().outcome == "blocked"
    assert (campaign.status, campaign.launched_at) == ("running", MONDAY_MORNING)
    assert campaign.history.first().history_user == by
    event = Event.objects.of_kind(Event.Kind.CAMPAIGN_LAUNCHED).get()
    assert (event.actor, event.data["queued"]) == (by, 1)


def test_a_second_launch_is_refused_and_doubles_nothing() -> None:
    lead = reachable_lead(open_market())
    campaign = draft_campaign(lead.market)
    launch_campaign(campaign, by=None)
    assert launch_campaign(campaign, by=None).code == "not_draft"
    assert Message.objects.count() == 1


def _without_steps(campaign: Campaign) -> None:
    campaign.steps.all().delete()


def _without_words(campaign: Campaign) -> None:
    campaign.steps.get().template.variants.update(active=False)


def _without_sender(campaign: Campaign) -> None:
    SenderNumber.objects.update(active=False)


def _market_off(campaign: Campaign) -> None:
    campaign.market.active = False
    campaign.market.save()


def _without_owners(campaign: Campaign) -> None:
    campaign.min_score = 100
    campaign.save()


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (_without_steps, "no_steps"),
        (_without_words, "no_variants"),
        (_without_sender, "no_sender"),
        (_market_off, "market_inactive"),
        (_without_owners, "no_audience"),
    ],
)
def test_a_launch_that_cannot_work_is_refused_and_nothing_is_written(spoil: Any, code: str) -> None:
    campaign = draft_campaign(reachable_lead(open_market()).market)
    spoil(campaign)
    assert launch_campaign(campaign, by=None).code == code
    assert Message.objects.count() == 0
    assert Campaign.objects.get().status == "draft"
    assert Event.objects.of_kind(Event.Kind.CAMPAIGN_LAUNCHED).count() == 0


def test_a_dry_run_of_a_campaign_without_steps_says_nothing_would_be_sent() -> None:
    assert plan_campaign(CampaignFactory(market=reachable_lead(open_market()).market)).owners == 0


def test_variants_are_drawn_by_weight_and_stay_with_the_owner() -> None:
    step = draft_campaign(open_market()).steps.get()
    TemplateVariantFactory(template=step.template, name="B", weight=3, body="{{company}} here. Reply STOP to opt out.")
    owners = [Owner(pk=number) for number in range(1, 4001)]
    chooser, again = (Chooser([step.template], MONDAY_MORNING) for _ in range(2))
    drawn = [chooser.choose(step, owner, None) for owner in owners]
    assert 850 <= sum(variant.weight == 1 for variant in drawn if variant) <= 1150
    assert drawn == [again.choose(step, owner, None) for owner in owners]


# pause, resume, end


def test_pause_and_resume(twilio_simulator: TwilioSimulator) -> None:
    lead = reachable_lead(open_market())
    campaign = draft_campaign(lead.market)
    launch_campaign(campaign, by=None)
    assert pause_campaign(campaign, by=None, reason="").code == "no_reason"
    assert pause_campaign(campaign, by=None, reason="wrong wording")
    assert Event.objects.of_kind(Event.Kind.CAMPAIGN_PAUSED).get().data["reason"] == "wrong wording"
    assert send_due().sent == 0
    assert resume_campaign(campaign, by=None)
    assert send_due().sent == 1


def test_an_ended_campaign_cancels_what_waits_and_stays_ended(twilio_simulator: TwilioSimulator) -> None:
    lead = reachable_lead(open_market())
    campaign = draft_campaign(lead.market)
    launch_campaign(campaign, by=None)
    assert end_campaign(campaign, by=None)
    assert text_of(lead).state == State.CANCELLED
    assert resume_campaign(campaign, by=None).code == "not_paused"
    assert launch_campaign(campaign, by=None).code == "not_draft"
    assert send_due().sent == 0
    assert twilio_simulator.counts()["accepted"] == 0


@pytest.mark.parametrize("move", [lambda c: pause_campaign(c, by=None, reason="x"), lambda c: end_campaign(c, by=None)])
def test_a_draft_can_be_neither_paused_nor_ended(move: Any) -> None:
    assert move(draft_campaign(open_market())).code == "not_running"
    assert Campaign.objects.get().status == "draft"


# texts without consent


def test_a_market_texts_without_consent_only_by_a_named_persons_decision() -> None:
    market = open_market()
    reachable_lead(market, consent=False)
    campaign = draft_campaign(market)
    market.allows_texts_without_consent, market.texts_without_consent_reason = True, "counsel's letter of 3 May"
    market.save()
    assert plan_campaign(campaign).to_send == 0
    market.allows_texts_without_consent = False
    market.save()
    market.allows_texts_without_consent = True
    market._history_user = UserFactory(username="ann")
    market.save()
    assert plan_campaign(campaign).to_send == 1
