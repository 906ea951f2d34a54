"""When an owner is through with a campaign, and free for another one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine

from local.twilio_simulator import TwilioSimulator
from outreach import progress
from outreach.campaigns import launch_campaign
from outreach.dry_running import plan_campaign
from outreach.models import Message
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
