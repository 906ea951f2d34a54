"""Owners on their way through a campaign: kinds of steps, conditions, one conversation, nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from threading import Event as Signal
from threading import Thread
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from leads.models import Event, Lead
from leads.pipeline import move_lead
from local.twilio_simulator import TwilioSimulator
from outreach import progress
from outreach.campaigns import end_campaign, launch_campaign, pause_campaign, resume_campaign
from outreach.consents import record_consent
from outreach.failures import Failure, settle_failure
from outreach.letters import letter_rows
from outreach.models import (
    CallTask,
    Campaign,
    CampaignOwner,
    CampaignStep,
    Consent,
    Letter,
    LetterExport,
    Message,
    StepRun,
    Suppression,
)
from outreach.replies import correct_label
from outreach.sending import send_due
from outreach.stops import stop_for_owners
from tests.factories import (
    CampaignFactory,
    CampaignStepFactory,
    LeadFactory,
    MessageFactory,
    MessageTemplateFactory,
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
    texts_at,
)

State = Message.State
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(MONDAY_MORNING, tick=False) as clock:
        yield clock


def step(campaign: Campaign, position: int, kind: str, **fields: Any) -> CampaignStep:
    template = None
    if kind == "letter":
        template = MessageTemplateFactory(purpose="letter")
        TemplateVariantFactory(template=template, body="Dear {{first_name|neighbor}}, text {{letter_code}}.")
    if kind == "text":
        return CampaignStepFactory(campaign=campaign, position=position, **fields)
    return CampaignStepFactory(campaign=campaign, position=position, kind=kind, template=template, **fields)


def standing(lead: Lead) -> CampaignOwner:
    return CampaignOwner.objects.get(owner=lead.owner)


def runs(lead: Lead) -> list[tuple[int, str, str]]:
    found = StepRun.objects.filter(owner=lead.owner).order_by("id")
    return [(run.step.position, run.outcome, run.why) for run in found]


def days_later(clock: Any, days: int) -> None:
    clock.shift(timedelta(days=days))
    while progress.follow_unsent() + progress.advance_due():
        pass
    send_due()


# kinds of steps


def test_text_letter_call_and_wait_follow_each_other_by_their_days(
    twilio_simulator: TwilioSimulator, monday_morning: Any
) -> None:
    lead = reachable_lead(open_market())
    campaign = draft_campaign(lead.market)
    step(campaign, 2, "wait", delay_days=1)
    step(campaign, 3, "letter", delay_days=2)
    step(campaign, 4, "call", delay_days=1)
    launch_campaign(campaign, by=None)
    send_due()
    days_later(monday_morning, 1)
    assert (Letter.objects.count(), runs(lead)[-1]) == (0, (2, "done", ""))
    days_later(monday_morning, 2)
    assert (Letter.objects.get().owner, CallTask.objects.count()) == (lead.owner, 0)
    days_later(monday_morning, 1)
    assert (CallTask.objects.get().reason, CallTask.objects.get().phone) == (
        f"Campaign “{campaign.name}”",
        phone_of(lead),
    )
    assert [run[:2] for run in runs(lead)] == [(1, "done"), (2, "done"), (3, "done"), (4, "done")]
    days_later(monday_morning, 3)
    assert (standing(lead).state, standing(lead).ended_at) == ("finished", MONDAY_MORNING + timedelta(days=7))


def test_letters_of_a_step_collect_in_one_file_until_it_is_downloaded() -> None:
    market = open_market()
    first, second = reachable_lead(market), reachable_lead(market)
    campaign = CampaignFactory(market=market)
    step(campaign, 1, "letter")
    launch_campaign(campaign, by=None)
    progress.advance_due(limit=1)
    progress.advance_due(limit=1)
    export = LetterExport.objects.get()
    assert (export.count, {row["owner_name"] for row in letter_rows(export)}) == (
        2,
        {first.owner.name, second.owner.name},
    )
    LetterExport.objects.close(export, MONDAY_MORNING)
    third = reachable_lead(market)
    CampaignOwner.objects.create(
        campaign=campaign, owner=third.owner, lead=third, entered_stage="qualified", due_at=MONDAY_MORNING,
        entered_at=MONDAY_MORNING,
    )  # fmt: skip
    progress.advance_due()
    assert LetterExport.objects.count() == 2
    assert Letter.objects.get(owner=third.owner).export != export


def test_a_letter_needs_a_whole_address_and_a_call_a_number(monday_morning: Any) -> None:
    market = open_market()
    lead = reachable_lead(market, mailing_zip="")
    lead.owner.phone_links.update(do_not_call=True)
    campaign = CampaignFactory(market=market)
    step(campaign, 1, "letter")
    step(campaign, 2, "call")
    launch_campaign(campaign, by=None)
    days_later(monday_morning, 0)
    assert runs(lead) == [
        (1, "skipped", "the mailing address is not complete"),
        (2, "skipped", "no number that may be called"),
    ]
    assert (Letter.objects.count(), CallTask.objects.count()) == (0, 0)


def test_owners_without_a_number_start_with_the_letter_that_follows(monday_morning: Any) -> None:
    market = open_market()
    reachable_lead(market)
    mute = reachable_lead(market)
    mute.owner.phone_links.all().delete()
    campaign = draft_campaign(market)
    step(campaign, 2, "letter")
    assert launch_campaign(campaign, by=None).value == 1
    days_later(monday_morning, 0)
    assert runs(mute) == [(1, "skipped", "no phone number"), (2, "done", "")]


# conditions, asked when the step is due


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({"conditions": ["no_consent"]}, ("skipped", "there is consent for texts")),
        ({"conditions": ["consent"]}, ("done", "")),
        ({"conditions": ["not_delivered"]}, ("skipped", "a text was delivered")),
        ({"conditions": ["delivered", "no_reply"]}, ("done", "")),
        ({"conditions": ["not_texted"]}, ("skipped", "a text has left")),
        ({"only_stages": ["qualified"]}, ("skipped", "the lead is contacted")),
        ({"only_stages": ["contacted"]}, ("done", "")),
    ],
)
def test_a_step_is_done_only_where_its_conditions_hold_when_it_is_due(
    twilio_simulator: TwilioSimulator, monday_morning: Any, fields: Any, outcome: tuple[str, str]
) -> None:
    lead = reachable_lead(open_market())
    campaign = draft_campaign(lead.market)
    step(campaign, 2, "call", delay_days=1, **fields)
    launch_campaign(campaign, by=None)
    send_due()
    Message.objects.update(state=State.DELIVERED)
    days_later(monday_morning, 1)
    assert runs(lead)[-1] == (2, *outcome)
    assert CallTask.objects.count() == (outcome[0] == "done")


def test_whoever_may_not_be_texted_gets_the_letter_meant_for_them(monday_morning: Any) -> None:
    lead = reachable_lead(open_market(), consent=False)
    campaign = draft_campaign(lead.market)
    step(campaign, 2, "letter", conditions=["no_consent"])
    step(campaign, 3, "text", template=TemplateVariantFactory(template__purpose="follow_up").template)
    launch_campaign(campaign, by=None)
    days_later(monday_morning, 0)
    days_later(monday_morning, 1)
    assert [run[:2] for run in runs(lead)] == [(1, "blocked"), (2, "done"), (3, "skipped")]
    assert runs(lead)[-1][2] == "no text has left that it could follow"


# one conversation


def test_an_owner_of_six_parcels_with_four_phones_gets_one_conversation(
    twilio_simulator: TwilioSimulator, monday_morning: Any
) -> None:
    lead = reachable_lead(open_market(), score=50)
    for score in (60, 90, 70, 55, 52):
        more = LeadFactory(market=lead.market, owner=lead.owner, score=score)
        assert move_lead(more, "qualified", by=None, reason="test")
    for rank in (2, 3, 4):
        OwnerPhoneFactory(owner=lead.owner, rank=rank)
    first = lead.owner.phone_links.get(rank=1).phone
    campaign = draft_campaign(lead.market)
    step(campaign, 2, "text", delay_days=3)
    assert launch_campaign(campaign, by=None).value == 1
    send_due()
    days_later(monday_morning, 3)
    assert (standing(lead).lead.score, standing(lead).phone) == (90, first)
    assert [text["to"] for text in texts_at(twilio_simulator)] == [first.number] * 2


def test_the_next_number_is_tried_only_when_the_first_proves_bad(monday_morning: Any) -> None:
    lead = reachable_lead(open_market())
    OwnerPhoneFactory(owner=lead.owner, rank=2)
    first, second = lead.owner.phone_links.order_by("rank")
    campaign = draft_campaign(lead.market)
    launch_campaign(campaign, by=None)
    assert progress.follow_unsent() + progress.advance_due() == 0
    text = Message.objects.get()
    Message.objects.update(state=State.SENDING, claimed_at=MONDAY_MORNING, attempts=1)
    with transaction.atomic():
        settle_failure(Message.objects.lock(text.pk), Failure(21211, "no number", MONDAY_MORNING))
    assert progress.follow_unsent() == 1
    following = Message.objects.exclude(pk=text.pk).get()
    assert (following.phone, following.step, following.state) == (second.phone, text.step, State.QUEUED)
    assert (standing(lead).phone, standing(lead).text) == (second.phone, following)
    assert progress.follow_unsent() == 0
    assert StepRun.objects.count() == 1
    assert Message.objects.get(pk=text.pk).phone == first.phone


def test_a_text_that_failed_for_another_reason_tries_no_other_number(monday_morning: Any) -> None:
    lead = reachable_lead(open_market())
    OwnerPhoneFactory(owner=lead.owner, rank=2)
    launch_campaign(draft_campaign(lead.market), by=None)
    Message.objects.update(state=State.FAILED, error_code=30007)
    assert progress.follow_unsent() == 1
    assert Message.objects.count() == 1
    assert (standing(lead).text, standing(lead).position) == (None, 2)


def test_a_stranger_at_the_first_number_does_not_end_it(twilio_simulator: TwilioSimulator) -> None:
    lead = reachable_lead(open_market())
    second = OwnerPhoneFactory(owner=lead.owner, rank=2).phone
    launch_campaign(draft_campaign(lead.market), by=None)
    send_due()
    first = standing(lead).phone
    reply = MessageFactory(phone=first, owner=lead.owner, lead=lead, body="Wrong number", due_at=MONDAY_MORNING)
    stop_for_owners([lead.owner_id])
    assert standing(lead).stop_reason == "replied"
    correct_label(reply, "wrong_number", by=UserFactory())
    assert (standing(lead).state, standing(lead).stop_reason, standing(lead).phone) == ("active", "", second)
    assert Message.objects.get(state=State.QUEUED).phone == second


def test_two_campaigns_at_once_do_not_share_an_owner() -> None:
    market = open_market()
    lead = reachable_lead(market)
    launch_campaign(draft_campaign(market), by=None)
    reachable_lead(market)
    other = draft_campaign(market)
    assert launch_campaign(other, by=None).value == 1
    assert CampaignOwner.objects.filter(owner=lead.owner).count() == 1


# nothing twice, nothing half done


def test_a_step_is_never_done_twice_for_an_owner(monday_morning: Any) -> None:
    lead = reachable_lead(open_market())
    campaign = CampaignFactory(market=lead.market)
    step(campaign, 1, "call")
    launch_campaign(campaign, by=None)
    progress.advance_due()
    CampaignOwner.objects.update(position=1, due_at=MONDAY_MORNING)  # a row that was put back
    progress.advance_due()
    assert (StepRun.objects.count(), CallTask.objects.count()) == (1, 1)
    assert standing(lead).state == "finished"


def test_a_worker_that_dies_in_a_batch_leaves_it_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    market = open_market()
    for _ in range(3):
        reachable_lead(market)
    campaign = CampaignFactory(market=market)
    step(campaign, 1, "letter")
    step(campaign, 2, "call")
    launch_campaign(campaign, by=None)
    before = list(CampaignOwner.objects.values())
    monkeypatch.setattr(progress, "_write_down", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        progress.advance_due()
    assert list(CampaignOwner.objects.values()) == before
    assert (Letter.objects.count(), StepRun.objects.count(), LetterExport.objects.count()) == (0, 0, 0)
    assert not Event.objects.of_kind(Event.Kind.LETTER_EXPORTED).exists()


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_a_batch_and_wait_for_none() -> None:
    market = open_market()
    for _ in range(4):
        reachable_lead(market)
    campaign = CampaignFactory(market=market)
    step(campaign, 1, "call")
    launch_campaign(campaign, by=None)
    held, done = Signal(), Signal()

    def hold() -> None:
        with transaction.atomic():
            CampaignOwner.objects.lock_due(MONDAY_MORNING, 2)
            held.set()
            done.wait(10)
        connection.close()

    worker = Thread(target=hold)
    worker.start()
    held.wait(10)
    assert progress.advance_due() == 2
    done.set()
    worker.join()
    assert (progress.advance_due(), CallTask.objects.count(), StepRun.objects.count()) == (2, 4, 4)


def test_a_paused_campaign_stands_still_and_goes_on(monday_morning: Any) -> None:
    lead = reachable_lead(open_market())
    campaign = CampaignFactory(market=lead.market)
    step(campaign, 1, "call")
    launch_campaign(campaign, by=None)
    pause_campaign(campaign, by=None, reason="a storm")
    assert progress.advance_due() == 0
    resume_campaign(campaign, by=None)
    assert (progress.advance_due(), CallTask.objects.count()) == (1, 1)


def test_an_ended_campaign_stops_for_everybody() -> None:
    lead = reachable_lead(open_market())
    campaign = draft_campaign(lead.market)
    launch_campaign(campaign, by=None)
    end_campaign(campaign, by=None)
    assert (standing(lead).state, standing(lead).stop_words) == ("stopped", "the campaign was ended")


def test_a_batch_of_many_takes_as_many_queries_as_one_of_few() -> None:
    market, counts = open_market(), []
    for more in (2, 6):
        for _ in range(more):
            reachable_lead(market)
        campaign = CampaignFactory(market=market)
        step(campaign, 1, "wait")
        step(campaign, 2, "text")
        launch_campaign(campaign, by=None)
        progress.advance_due()
        with CaptureQueriesContext(connection) as queries:
            progress.advance_due()
        counts.append(len(queries))
        end_campaign(campaign, by=None)
    assert counts[0] == counts[1]


def test_consent_given_meanwhile_lets_the_text_go(monday_morning: Any, twilio_simulator: TwilioSimulator) -> None:
    lead = reachable_lead(open_market(), consent=False)
    campaign = CampaignFactory(market=lead.market)
    step(campaign, 1, "wait")
    step(campaign, 2, "text", delay_days=1, conditions=["consent"])
    launch_campaign(campaign, by=None)
    days_later(monday_morning, 0)
    record_consent(lead.owner, Consent.Basis.WEB_FORM, evidence="form", by=None)
    days_later(monday_morning, 1)
    assert Message.objects.get().state == State.SENT
    assert not Suppression.objects.exists()
