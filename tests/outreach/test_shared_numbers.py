"""A couple, or a person and their trust, are two owners with one telephone: it gets one conversation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from leads.models import Lead
from local.twilio_simulator import TwilioSimulator
from outreach import progress
from outreach.campaigns import launch_campaign
from outreach.dry_running import plan_campaign
from outreach.inbound import process_waiting
from outreach.models import Campaign, CampaignOwner, CampaignStep, Message, ReplyLabel, StepRun, WebhookEvent
from outreach.opt_outs import opt_out
from outreach.replies import correct_label
from outreach.sending import queue_reply, send_due
from outreach.shared_numbers import TALKING, SharedNumbers
from tests.factories import (
    CampaignStepFactory,
    OwnerPhoneFactory,
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
    texts_at,
)

pytestmark = pytest.mark.django_db
State = Message.State


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(MONDAY_MORNING, tick=False) as clock:
        yield clock


@pytest.fixture
def couple() -> tuple[Lead, Lead]:
    """Two leads of owners who share their only number; the first is the better one."""
    market = open_market()
    first, second = reachable_lead(market, score=90), reachable_lead(market, score=80)
    share_number(first, second)
    return first, second


def share_number(lead: Lead, other: Lead) -> None:
    other.owner.phone_links.update(phone=phone_of(lead))


def reply(lead: Lead, body: str = "Maybe. What do you pay?") -> Message:
    phone = phone_of(lead)
    posted = {"MessageSid": "SM" + "5" * 32, "From": phone.number, "To": "+12257770000", "Body": body}
    WebhookEvent.objects.create(
        kind="inbound", key="inbound:SM5", payload=json.dumps(posted), received_at=MONDAY_MORNING,
        number_hash=phone.number_hash,
    )  # fmt: skip
    assert process_waiting() == 1
    return Message.objects.get(direction="in")


def follow_up(campaign: Campaign, **fields: Any) -> CampaignStep:
    words = {"template__purpose": "follow_up", "body": "{{company}} again about your land in {{parish}}."}
    values = {"position": 2, "delay_days": 2, "template": TemplateVariantFactory(**words).template}
    step: CampaignStep = CampaignStepFactory(campaign=campaign, **values | fields)
    return step


def both_in(*leads: Lead, **fields: Any) -> list[CampaignOwner]:
    """Owners whom campaigns spoke to before one conversation to a number was a rule."""
    campaign = draft_campaign(leads[0].market, status="running", launched_at=MONDAY_MORNING)
    return [
        CampaignOwner.objects.create(
            campaign=campaign, owner=lead.owner, lead=lead, phone=phone_of(lead), entered_stage="qualified",
            entered_at=MONDAY_MORNING, **fields,
        )
        for lead in leads
    ]  # fmt: skip


# one text to a number


def test_a_number_that_two_owners_share_gets_one_text(
    couple: tuple[Lead, Lead], twilio_simulator: TwilioSimulator
) -> None:
    first, second = couple
    launch_campaign(draft_campaign(first.market), by=None)
    assert send_due().sent == 1
    assert [text["to"] for text in texts_at(twilio_simulator)] == [phone_of(first).number]
    assert text_of(first).state == State.SENT
    assert (text_of(second).state, text_of(second).error) == (State.BLOCKED, f"blocked: {TALKING}")
    decision = text_of(second).decisions.get()
    assert decision.verdicts[-1] == {"rule": "shared_number", "outcome": "blocked", "reason": TALKING}


def test_the_dry_run_says_so_also_where_they_are_looked_at_apart(
    couple: tuple[Lead, Lead], monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = draft_campaign(couple[0].market)
    for chunk in (500, 1):
        monkeypatch.setattr("outreach.audience.CHUNK", chunk)
        plan = plan_campaign(campaign)
        assert (plan.to_send, plan.by_reason) == (1, {TALKING: 1})
        assert Message.objects.count() == 0
    assert launch_campaign(campaign, by=None).value == 1


def test_who_may_not_be_texted_stands_in_nobodys_way(couple: tuple[Lead, Lead]) -> None:
    first, second = couple
    first.owner.consents.all().delete()
    campaign = draft_campaign(first.market)
    assert plan_campaign(campaign).to_send == 1
    launch_campaign(campaign, by=None)
    assert (text_of(first).state, text_of(second).state) == (State.BLOCKED, State.QUEUED)


def test_a_later_campaign_leaves_a_number_alone_while_there_is_a_conversation(
    couple: tuple[Lead, Lead], twilio_simulator: TwilioSimulator, monday_morning: time_machine.Coordinates
) -> None:
    first, _ = couple
    assert queue_reply(first.owner, phone_of(first), "Good morning", lead=first, by=UserFactory())
    assert send_due().sent == 1
    campaign = draft_campaign(first.market, min_score=75, max_owners=None)
    Lead.objects.filter(pk=first.pk).update(score=10)
    assert plan_campaign(campaign).by_reason == {TALKING: 1}
    monday_morning.shift(timedelta(days=31))
    assert plan_campaign(campaign).to_send == 1


def test_a_step_that_comes_later_passes_the_other_owner_over(couple: tuple[Lead, Lead]) -> None:
    first, second = couple
    campaign = draft_campaign(first.market)
    campaign.steps.update(position=2)
    CampaignStepFactory(campaign=campaign, position=1, kind="wait", template=None)
    launch_campaign(campaign, by=None)
    progress.advance_due()
    progress.advance_due()
    assert (text_of(first).state, text_of(second).state) == (State.QUEUED, State.BLOCKED)
    assert StepRun.objects.get(owner=second.owner, step__position=2).why == TALKING


def test_many_owners_are_asked_about_in_one_query(django_assert_num_queries: Any) -> None:
    texts = [Message(phone=OwnerPhoneFactory().phone, owner_id=n) for n in range(3)]
    with django_assert_num_queries(1):
        shared = SharedNumbers(MONDAY_MORNING)
        shared.look_up(texts)


# a reply from the number


def test_a_reply_from_the_number_stops_the_campaign_for_all_who_share_it(couple: tuple[Lead, Lead]) -> None:
    both_in(*couple, due_at=MONDAY_MORNING)
    message = reply(couple[0])
    rows = CampaignOwner.objects.values_list("state", "stop_reason")
    assert list(rows) == [("stopped", "replied")] * 2
    assert message.owner in (couple[0].owner, couple[1].owner)


def test_what_waits_for_the_others_at_the_number_is_taken_back(couple: tuple[Lead, Lead]) -> None:
    first, second = couple
    launch_campaign(draft_campaign(first.market), by=None)
    Message.objects.filter(owner=second.owner).update(state="queued")
    reply(first)
    assert {text_of(first).state, text_of(second).state} == {State.CANCELLED}


def test_it_stops_at_the_next_step_even_when_nobody_heard_of_it(couple: tuple[Lead, Lead]) -> None:
    message = reply(couple[0])
    filed = couple[0] if message.owner == couple[0].owner else couple[1]
    other = couple[1] if filed is couple[0] else couple[0]
    both_in(other, due_at=MONDAY_MORNING)
    progress.advance_due()
    assert CampaignOwner.objects.get().stop_reason == "replied"


def test_after_a_wrong_number_each_goes_on_at_a_number_of_their_own(couple: tuple[Lead, Lead]) -> None:
    rows = both_in(*couple, due_at=MONDAY_MORNING)
    message = reply(couple[0], "Who is this?")
    assert Lead.objects.filter(stage="engaged").count() == 1  # by the stranger's words
    assert correct_label(message, "wrong_number", by=UserFactory())
    for row in rows:
        row.refresh_from_db()
        assert (row.state, row.stop_reason) == ("active", "")


def test_after_a_wrong_number_who_replied_elsewhere_stays_stopped(couple: tuple[Lead, Lead]) -> None:
    first, second = couple
    rows = both_in(first, second, due_at=MONDAY_MORNING)
    elsewhere = OwnerPhoneFactory(owner=second.owner).phone
    Message.objects.create(
        direction="in", origin="inbound", state="received", phone=elsewhere, owner=second.owner, body="Yes?",
        due_at=MONDAY_MORNING, processed_at=MONDAY_MORNING,
    )  # fmt: skip
    message = Message.objects.create(
        direction="in", origin="inbound", state="received", phone=rows[0].phone, owner=first.owner, body="Who?",
        due_at=MONDAY_MORNING,
    )  # fmt: skip
    progress.advance_due()
    assert correct_label(message, "wrong_number", by=UserFactory())
    assert dict(CampaignOwner.objects.values_list("owner", "state")) == {
        first.owner_id: "active", second.owner_id: "stopped",
    }  # fmt: skip


def test_a_wrong_number_that_was_corrected_to_interest_stops_it_again(couple: tuple[Lead, Lead]) -> None:
    """Only the label that holds now counts."""
    (row,) = both_in(couple[0], due_at=MONDAY_MORNING)
    message = Message.objects.create(
        direction="in", origin="inbound", state="received", phone=row.phone, owner=row.owner, body="Who?",
        due_at=MONDAY_MORNING, processed_at=MONDAY_MORNING,
    )  # fmt: skip
    for label, current in (("wrong_number", False), ("not_interested", True)):
        ReplyLabel.objects.create(message=message, label=label, tier="rules", confidence=1, current=current)
    progress.advance_due()
    row.refresh_from_db()
    assert row.stop_reason == "replied"


def test_a_stop_from_the_number_stops_both(couple: tuple[Lead, Lead]) -> None:
    both_in(*couple, due_at=MONDAY_MORNING)
    opt_out(phone_of(couple[0]), evidence="STOP")
    assert set(CampaignOwner.objects.values_list("stop_reason", flat=True)) == {"opt_out"}
