"""When an owner is through with a campaign, and free for another one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from local.twilio_simulator import TwilioSimulator
from outreach import progress
from outreach.audience import numbers_in
from outreach.campaigns import launch_campaign
from outreach.dry_running import plan_campaign
from outreach.models import Message
from outreach.querysets.audience import Aim
from outreach.sending import send_due
from tests.factories import CampaignStepFactory
from tests.outreach.campaign_setting import MONDAY_MORNING, draft_campaign, open_market, reachable_lead

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(MONDAY_MORNING, tick=False) as clock:
        yield clock


def test_whoever_no_text_could_be_sent_to_is_free_for_another_campaign_at_once(
    twilio_simulator: TwilioSimulator,
) -> None:
    market = open_market()
    refused, texted = reachable_lead(market, consent=False), reachable_lead(market)
    first = draft_campaign(market)
    launch_campaign(first, by=None)
    assert send_due().sent == 1
    progress.follow_unsent()
    assert dict(first.enrolments.values_list("owner", "state")) == {
        refused.owner_id: "finished", texted.owner_id: "active",
    }  # fmt: skip
    other = draft_campaign(market, stages=["qualified", "contacted"])
    assert plan_campaign(other).by_reason == {
        "no consent good for a text: send a letter or call instead": 1,
        "another campaign has the owner under way": 1,
    }


def test_an_owner_whom_an_earlier_text_reached_is_waited_for(
    twilio_simulator: TwilioSimulator, monday_morning: time_machine.Coordinates
) -> None:
    """The follow-up is refused; the answer to the first text may still come."""
    lead = reachable_lead(open_market())
    campaign = draft_campaign(lead.market)
    CampaignStepFactory(campaign=campaign, position=2, delay_days=1)
    launch_campaign(campaign, by=None)
    assert send_due().sent == 1
    lead.owner.consents.all().delete()
    monday_morning.shift(timedelta(days=1))
    progress.advance_due()
    progress.follow_unsent()
    assert list(Message.objects.order_by("pk").values_list("state", flat=True)) == ["sent", "blocked"]
    assert campaign.enrolments.get().state == "active"


@pytest.mark.parametrize("before", ["wait", "call"])
def test_the_cool_down_holds_for_the_first_text_whatever_step_comes_before_it(
    twilio_simulator: TwilioSimulator, monday_morning: time_machine.Coordinates, before: str
) -> None:
    market = open_market(cooldown_days=30)
    reachable_lead(market)
    first, second = (draft_campaign(market, stages=["qualified", "contacted"]) for _ in range(2))
    for campaign in (first, second):
        campaign.steps.update(position=2)
        CampaignStepFactory(campaign=campaign, position=1, kind=before, template=None)
    launch_campaign(first, by=None)
    progress.advance_due()
    progress.advance_due()
    assert send_due().sent == 1

    monday_morning.shift(timedelta(days=4))
    progress.advance_due()
    aim = Aim(market, ["qualified", "contacted"])
    assert (numbers_in(aim, timezone.now()).lately, numbers_in(aim, timezone.now()).elsewhere) == (1, 0)
    assert plan_campaign(second).first_at == MONDAY_MORNING + timedelta(days=30)
    launch_campaign(second, by=None)
    progress.advance_due()
    progress.advance_due()
    assert send_due().sent == 0
    assert "first touch lately" in Message.objects.get(state="queued").error


def test_the_cool_down_lets_the_campaigns_own_follow_up_go(
    twilio_simulator: TwilioSimulator, monday_morning: time_machine.Coordinates
) -> None:
    market = open_market(cooldown_days=30)
    reachable_lead(market)
    campaign = draft_campaign(market)
    CampaignStepFactory(campaign=campaign, position=2, delay_days=1)
    launch_campaign(campaign, by=None)
    send_due()
    monday_morning.shift(timedelta(days=1))
    progress.advance_due()
    assert send_due().sent == 1
