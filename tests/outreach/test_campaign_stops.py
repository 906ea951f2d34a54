"""Each reason for which a campaign stops for an owner: at once, with the reason kept, told and shown."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
import time_machine

from config.tasks import deliver_events
from leads.deleting import delete_leads
from leads.events import record_event
from leads.merging import merge_owners
from leads.models import Event, Lead
from leads.moving import move_to_market
from leads.pipeline import move_lead
from outreach import progress
from outreach.campaigns import end_campaign, launch_campaign
from outreach.inbound import process_waiting
from outreach.models import CampaignOwner, Message, WebhookEvent
from outreach.opt_outs import opt_out
from outreach.querysets.stops import STOPS, StopReason
from outreach.suppressions import suppress_owner
from tests.factories import OwnerFactory
from tests.outreach.campaign_setting import MONDAY_MORNING, draft_campaign, open_market, phone_of, reachable_lead

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(MONDAY_MORNING, tick=False) as clock:
        yield clock


@pytest.fixture
def lead() -> Lead:
    return reachable_lead(open_market())


def says_stop(lead: Lead) -> None:
    opt_out(phone_of(lead), evidence="STOP")


def is_suppressed(lead: Lead) -> None:
    suppress_owner(lead.owner, "litigator", evidence="list")


def replies(lead: Lead, body: str = "Who is this?") -> None:
    phone = phone_of(lead)
    posted = {"MessageSid": "SM" + "5" * 32, "From": phone.number, "To": "+12257770000", "Body": body}
    WebhookEvent.objects.create(
        kind="inbound", key="inbound:SM5", payload=json.dumps(posted), received_at=MONDAY_MORNING,
        number_hash=phone.number_hash,
    )  # fmt: skip
    assert process_waiting() == 1


def is_merged(lead: Lead) -> None:
    """Into somebody who is in the campaign already: of the two rows one stays with the absorbed owner."""
    other = reachable_lead(lead.market)
    campaign = CampaignOwner.objects.get(owner=lead.owner).campaign
    CampaignOwner.objects.create(
        campaign=campaign, owner=other.owner, lead=other, entered_stage="qualified", entered_at=MONDAY_MORNING
    )
    assert merge_owners(other.owner, lead.owner, by=None, reason="same")


def is_sold(lead: Lead) -> None:
    Lead.objects.filter(pk=lead.pk).update(owner=OwnerFactory())


def is_deleted(lead: Lead) -> None:
    assert delete_leads(Lead.objects.filter(pk=lead.pk), by=None, reason="gone")


def is_moved(lead: Lead) -> None:
    assert move_to_market(Lead.objects.filter(pk=lead.pk), open_market(), by=None, reason="theirs")


def changes_stage(lead: Lead) -> None:
    assert move_lead(lead, "dead", by=None, reason="no")


def is_ended(lead: Lead) -> None:
    assert end_campaign(CampaignOwner.objects.get().campaign, by=None)


HAPPENINGS: list[tuple[StopReason, Callable[[Lead], None]]] = [
    (StopReason.OPT_OUT, says_stop),
    (StopReason.OPT_OUT, is_suppressed),
    (StopReason.REPLIED, replies),
    (StopReason.MERGED, is_merged),
    (StopReason.OWNER_CHANGED, is_sold),
    (StopReason.PUT_AWAY, is_deleted),
    (StopReason.MOVED, is_moved),
    (StopReason.STAGE_CHANGED, changes_stage),
    (StopReason.ENDED, is_ended),
]


def test_each_reason_has_a_test() -> None:
    assert {reason for reason, _ in HAPPENINGS} == set(STOPS)


@pytest.mark.parametrize(("reason", "happens"), HAPPENINGS)
def test_it_stops_at_the_next_step_even_when_nobody_heard_of_it(
    lead: Lead, reason: StopReason, happens: Callable[[Lead], None]
) -> None:
    campaign = draft_campaign(lead.market)
    launch_campaign(campaign, by=None)
    row = CampaignOwner.objects.get()
    happens(lead)
    CampaignOwner.objects.filter(pk=row.pk, state="active").update(due_at=MONDAY_MORNING)

    progress.advance_due()

    row.refresh_from_db()
    assert (row.state, row.stop_reason, row.ended_at) == ("stopped", str(reason), MONDAY_MORNING)
    assert row.stop_words == STOPS[reason].words
    assert not Message.objects.filter(owner=row.owner, direction="out", state="queued").exists()


@pytest.mark.parametrize("happens", [says_stop, replies, is_deleted, is_moved, changes_stage])
def test_it_stops_at_once_and_the_timeline_says_why(lead: Lead, happens: Callable[[Lead], None]) -> None:
    launch_campaign(draft_campaign(lead.market, name="Autumn"), by=None)

    happens(lead)
    deliver_events()

    row = CampaignOwner.objects.get()
    assert row.state == "stopped"
    told = Event.objects.of_kind(Event.Kind.CAMPAIGN_STOPPED).get()
    assert (told.lead, told.data["campaign"], told.data["reason"]) == (lead, "Autumn", row.stop_words)


def test_the_news_of_a_new_owner_stops_it_at_once(lead: Lead) -> None:
    launch_campaign(draft_campaign(lead.market), by=None)
    Lead.objects.filter(pk=lead.pk).update(owner=OwnerFactory())
    record_event(Event.Kind.OWNER_CHANGED, lead=lead)
    deliver_events()
    assert CampaignOwner.objects.get().stop_reason == "new_owner"


@pytest.mark.parametrize("body", ["START", "unstop", " Start. "])
def test_a_plain_start_does_not_stop_it(lead: Lead, body: str) -> None:
    launch_campaign(draft_campaign(lead.market), by=None)
    replies(lead, body)
    assert CampaignOwner.objects.get().state == "active"


def test_a_reply_from_before_it_began_does_not_stop_it(lead: Lead) -> None:
    replies(lead)
    Message.objects.update(due_at="2026-01-05T15:00Z", processed_at=MONDAY_MORNING)
    campaign = draft_campaign(lead.market, stages=["qualified", "engaged"])
    launch_campaign(campaign, by=None)
    progress.advance_due()
    assert CampaignOwner.objects.get().state == "active"


def test_contacted_is_what_the_campaign_makes_of_a_lead_and_stops_nothing(lead: Lead) -> None:
    launch_campaign(draft_campaign(lead.market), by=None)
    assert move_lead(lead, "contacted", by=None, reason="First text sent")
    deliver_events()
    assert CampaignOwner.objects.get().state == "active"


def test_stopping_twice_tells_once(lead: Lead) -> None:
    launch_campaign(draft_campaign(lead.market), by=None)
    says_stop(lead)
    says_stop(lead)
    deliver_events()
    assert Event.objects.of_kind(Event.Kind.CAMPAIGN_STOPPED).count() == 1


def test_another_owner_s_campaign_goes_on(lead: Lead) -> None:
    other = reachable_lead(lead.market)
    launch_campaign(draft_campaign(lead.market), by=None)
    says_stop(lead)
    assert CampaignOwner.objects.get(owner=other.owner).state == "active"
    assert Message.objects.get(owner=other.owner).state == "queued"
