"""A parcel's new owner stops what was still to go to the former one about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from config.outbox import deliver_events
from leads.models import Lead
from leads.pipeline import move_lead
from leads.transfers import transfer_parcel
from local.twilio_simulator import TwilioSimulator
from outreach import progress, sending
from outreach.calls import fill_call_list
from outreach.campaigns import launch_campaign
from outreach.delivery import accept
from outreach.dry_running import plan_campaign
from outreach.former_owners import stop_for_former_owners
from outreach.inbound import find_writer
from outreach.models import CallTask, Message
from outreach.sending import SendReport, send_due
from tests.factories import CampaignStepFactory, LeadFactory, OwnerFactory, OwnershipFactory, UserFactory
from tests.outreach.campaign_setting import MONDAY_MORNING, agree, draft_campaign, open_market, reachable_lead, text_of
from tests.outreach.conversations import contact, queued, state_of, texted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(MONDAY_MORNING, tick=False) as clock:
        yield clock


def sold(lead: Lead) -> Lead:
    OwnershipFactory(parcel=lead.parcel, owner=lead.owner)
    result = transfer_parcel(
        lead.parcel, OwnerFactory(), on=timezone.localdate(), by=UserFactory(), reason="The owner said so on the phone"
    )
    assert result, result.message
    return Lead.objects.get(pk=lead.pk)


def test_texts_and_calls_about_the_land_are_cancelled_and_others_stay() -> None:
    former = contact(stage="qualified")
    other_lead = LeadFactory(owner=former.owner, market=former.lead.market)
    about_this, about_other = queued(former), queued(former)
    Message.objects.filter(pk=about_other.pk).update(lead=other_lead)
    calls = [
        CallTask.objects.create(lead=lead, owner=former.owner, reason="First call", due_at=timezone.now())
        for lead in (former.lead, other_lead)
    ]

    sold(former.lead)
    deliver_events()

    assert [state_of(about_this), state_of(about_other)] == ["cancelled", "queued"]
    assert [CallTask.objects.get(pk=call.pk).outcome for call in calls] == ["cancelled", ""]
    assert CallTask.objects.get(pk=calls[0].pk).note == "The parcel has a new owner."
    assert stop_for_former_owners() == 0


def test_a_closed_leads_texts_and_calls_are_cancelled_and_no_call_was_made() -> None:
    former = contact(stage="qualified")
    type(former.lead.market).objects.update(on_owner_change="close")
    text = queued(former)
    call = CallTask.objects.create(lead=former.lead, owner=former.owner, reason="First call", due_at=timezone.now())

    assert sold(former.lead).stage == "dead"
    deliver_events()

    assert state_of(text) == "cancelled"
    assert CallTask.objects.get(pk=call.pk).outcome == "cancelled"
    other = LeadFactory(owner=former.owner, market=former.lead.market, score=90)
    assert move_lead(other, "qualified", by=None, reason="test")
    assert fill_call_list(other.market, 10) == 1


def test_what_waits_about_a_lead_that_ended_for_another_reason_stays() -> None:
    owner = contact(stage="dead")
    text = queued(owner)
    OwnershipFactory(parcel=owner.lead.parcel, owner=owner.owner)

    assert stop_for_former_owners() == 0

    assert state_of(text) == "queued"


def test_the_gate_blocks_a_text_to_the_former_owner_before_the_event_is_delivered(
    twilio_simulator: TwilioSimulator,
) -> None:
    lead = reachable_lead(open_market())
    launch_campaign(draft_campaign(lead.market), by=None)
    text = text_of(lead)

    sold(lead)
    assert send_due().sent == 0

    assert (state_of(text), "the parcel has a new owner" in Message.objects.get(pk=text.pk).error) == ("blocked", True)


def test_a_lead_that_waits_for_a_decision_is_no_audience_and_its_texts_are_held(
    twilio_simulator: TwilioSimulator,
) -> None:
    market = open_market(on_owner_change="decide")
    lead = reachable_lead(market)
    launch_campaign(draft_campaign(market), by=None)
    text = text_of(lead)

    lead = sold(lead)
    deliver_events()

    assert lead.owner_changed_at == MONDAY_MORNING
    assert send_due().sent == 0
    assert (state_of(text), "a person has to decide" in Message.objects.get(pk=text.pk).error) == ("queued", True)
    assert plan_campaign(draft_campaign(market)).owners == 0


def test_no_next_step_is_written_to_the_new_owner_at_the_former_owners_number(
    twilio_simulator: TwilioSimulator,
) -> None:
    lead = reachable_lead(open_market())
    campaign = draft_campaign(lead.market)
    CampaignStepFactory(campaign=campaign, position=2, delay_days=3)
    launch_campaign(campaign, by=None)
    (claimed,) = sending._claim(10, MONDAY_MORNING, SendReport())

    agree(sold(lead).owner)  # while the first text is on its way
    accept(claimed, "SM" + "1" * 32, MONDAY_MORNING)
    progress.advance_due(MONDAY_MORNING + timedelta(days=3))

    assert not Message.objects.filter(step__position=2).exists()


def test_a_former_owners_answer_says_nothing_about_the_new_owners_lead() -> None:
    former = contact(stage="contacted")
    texted(former)
    sold(former.lead)

    writer = find_writer(former.phone, None, "I sold it, not interested")

    assert (writer.owner, writer.lead) == (former.owner, None)


def test_a_lead_of_a_former_owner_that_was_closed_is_still_theirs() -> None:
    former = contact(stage="contacted")
    texted(former)
    assert move_lead(former.lead, "dead", by=None, reason="sold")

    assert find_writer(former.phone, None, "Hello").lead == former.lead
