"""Leads that were archived or deleted are never contacted, and moved ones only in the name of their new market: each
test tries another way around it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time, timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from config.outbox import deliver_events
from leads.archiving import archive_leads, reactivate_leads
from leads.deleting import delete_leads, restore_leads
from leads.models import Event, Lead
from leads.moving import move_to_market
from local.twilio_simulator import TwilioSimulator
from markets.models import Market
from outreach import progress, sending
from outreach.calls import fill_call_list, log_call
from outreach.campaigns import launch_campaign
from outreach.dry_running import plan_campaign
from outreach.following import follow_leads
from outreach.gatekeeper import judge
from outreach.letters import export_letters, letter_rows
from outreach.models import CallTask, Letter, Message, ReplyLabel
from outreach.replies import apply_label
from outreach.sending import SendReport, queue_reply, send_due
from scoring.waiting import score_waiting
from tests.factories import CampaignStepFactory, LeadFactory, SenderNumberFactory, UserFactory
from tests.outreach.campaign_setting import (
    MONDAY_MORNING,
    agree,
    draft_campaign,
    open_market,
    phone_of,
    reachable_lead,
    text_of,
    texts_at,
)
from tests.outreach.conversations import contact, queued, state_of
from tests.outreach.test_letters import letter_template

State = Message.State
pytestmark = pytest.mark.django_db
AWAY = {"archived": archive_leads, "deleted": delete_leads}
BACK = {"archived": reactivate_leads, "deleted": restore_leads}
ways = pytest.mark.parametrize("way", AWAY)


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(MONDAY_MORNING, tick=False) as clock:
        yield clock


@pytest.fixture
def market() -> Market:
    return open_market(mailing_address="PO Box 1, Baton Rouge, LA 70801")


def put_away(lead: Lead, way: str) -> Lead:
    assert AWAY[way](Lead.objects.just(lead), by=None, reason="test")
    return Lead.objects.get(pk=lead.pk)


def launched(lead: Lead) -> Message:
    assert launch_campaign(draft_campaign(lead.market), by=None)
    return text_of(lead)


# campaigns


@ways
def test_a_campaign_neither_plans_nor_queues_for_it(market: Market, way: str) -> None:
    put_away(reachable_lead(market), way)
    campaign = draft_campaign(market)

    assert plan_campaign(campaign).owners == 0
    assert launch_campaign(campaign, by=None).code == "no_audience"
    assert not Message.objects.exists()


@ways
def test_a_queued_text_is_blocked_at_its_claim(market: Market, way: str, twilio_simulator: TwilioSimulator) -> None:
    lead = reachable_lead(market)
    message = launched(lead)
    put_away(lead, way)

    assert send_due().counts == {"blocked": 1}

    message.refresh_from_db()
    assert (message.state, way in message.error) == (State.BLOCKED, True)
    assert message.decisions.get().outcome == "blocked"
    assert twilio_simulator.counts()["accepted"] == 0


@ways
def test_a_queued_text_is_cancelled_when_the_event_is_delivered(
    market: Market, way: str, twilio_simulator: TwilioSimulator
) -> None:
    lead, other = reachable_lead(market), reachable_lead(market)
    message = launched(lead)
    put_away(lead, way)

    deliver_events()

    assert (state_of(message), text_of(other).state) == ("cancelled", State.QUEUED)
    assert send_due().sent == 1
    assert [text["to"] for text in texts_at(twilio_simulator)] == [phone_of(other).number]


@ways
def test_a_selection_put_away_together_cancels_all_its_texts(market: Market, way: str) -> None:
    leads = [reachable_lead(market), reachable_lead(market)]
    launched(leads[0])
    AWAY[way](Lead.objects.filter(market=market), by=None, reason="all")

    deliver_events()

    assert {text_of(lead).state for lead in leads} == {State.CANCELLED}


@ways
def test_a_text_claimed_already_is_not_handed_over(
    market: Market, way: str, twilio_simulator: TwilioSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Put away between the claim and the call of the provider."""
    lead = reachable_lead(market)
    message = launched(lead)
    claim = sending._claim

    def claim_then_put_away(*arguments: Any) -> list[Message]:
        claimed = claim(*arguments)
        put_away(lead, way)
        return claimed

    monkeypatch.setattr(sending, "_claim", claim_then_put_away)
    report = send_due()

    assert report.counts == {"cancelled": 1}
    assert twilio_simulator.counts()["accepted"] == 0
    follow_leads()
    assert state_of(message) == "cancelled"


def test_what_is_handed_over_is_not_called_cancelled(market: Market) -> None:
    lead = reachable_lead(market)
    message = launched(lead)
    Message.objects.filter(pk=message.pk).update(state="sending", claimed_at=MONDAY_MORNING, attempts=1)
    message.send_attempts.create(number=1, started_at=MONDAY_MORNING, outcome="started")
    put_away(lead, "deleted")

    follow_leads()

    assert state_of(message) == "sending"


@ways
def test_no_follow_up_is_queued_after_a_text_that_was_on_its_way(
    market: Market, way: str, twilio_simulator: TwilioSimulator
) -> None:
    from outreach import delivery

    lead = reachable_lead(market)
    message = launched(lead)
    assert message.step
    CampaignStepFactory(campaign=message.step.campaign, position=2, delay_days=3)
    Message.objects.filter(pk=message.pk).update(state="sending", claimed_at=MONDAY_MORNING, attempts=1)
    put_away(lead, way)

    delivery.accept(message, "SM" + "1" * 32, MONDAY_MORNING)
    progress.advance_due(MONDAY_MORNING + timedelta(days=3))

    assert Message.objects.count() == 1
    assert state_of(message) == "sent"


@ways
def test_what_was_cancelled_stays_so_when_the_lead_comes_back(
    market: Market, way: str, twilio_simulator: TwilioSimulator
) -> None:
    lead = reachable_lead(market)
    message = launched(lead)
    put_away(lead, way)
    deliver_events()

    assert BACK[way](Lead.objects.just(lead), by=None, reason="again")
    deliver_events()

    assert (state_of(message), send_due()) == ("cancelled", SendReport())
    score_waiting()
    assert Lead.objects.get(pk=lead.pk).score_version is not None or way == "archived"


# a person's text


@ways
def test_a_person_s_answer_is_blocked(market: Market, way: str, twilio_simulator: TwilioSimulator) -> None:
    lead = put_away(reachable_lead(market), way)

    result = queue_reply(lead.owner, phone_of(lead), "Still there?", lead=lead, by=None)

    assert result.code == "blocked"
    assert way in result.message
    assert send_due() == SendReport()
    assert twilio_simulator.counts()["accepted"] == 0


@ways
def test_leaving_the_lead_out_does_not_help(market: Market, way: str, twilio_simulator: TwilioSimulator) -> None:
    lead = reachable_lead(market)
    queue_reply(lead.owner, phone_of(lead), "Hello", lead=lead, by=None)
    put_away(lead, way)
    deliver_events()

    result = queue_reply(lead.owner, phone_of(lead), "Still there?", by=None)

    assert result.message == "blocked: every lead of the owner is archived or deleted"
    send_due()
    assert twilio_simulator.counts()["accepted"] == 0


def test_an_owner_with_another_lead_in_work_may_be_answered(market: Market) -> None:
    lead = reachable_lead(market)
    queue_reply(lead.owner, phone_of(lead), "Hello", lead=lead, by=None)
    LeadFactory(owner=lead.owner, market=market)
    put_away(lead, "deleted")

    assert not Lead.objects.owners_put_away({lead.owner_id})


@ways
@pytest.mark.parametrize("names_lead", [True, False])
def test_the_reply_box_sends_nothing(
    client: Any, person: Any, market: Market, way: str, names_lead: bool, twilio_simulator: TwilioSimulator
) -> None:
    person("manager")
    lead = put_away(reachable_lead(market), way)
    url = reverse("admin:outreach_message_reply", args=[lead.owner_id])
    Message.objects.create(
        direction="in", origin="inbound", state="received", phone=phone_of(lead), owner=lead.owner, lead=lead,
        market=market, body="Hi", due_at=MONDAY_MORNING, processed_at=MONDAY_MORNING,
    )  # fmt: skip

    client.post(
        url, {"phone": phone_of(lead).pk, "body": "Still there?", "lead": lead.pk if names_lead else "", "back": "/"}
    )

    assert Message.objects.get(direction="out").state == State.BLOCKED
    send_due()
    assert twilio_simulator.counts()["accepted"] == 0


# letters


@ways
def test_no_letter_is_made_for_it(market: Market, way: str) -> None:
    put_away(reachable_lead(market, consent=False), way)

    assert export_letters(market, letter_template(), by=None).code == "no_audience"
    assert not Letter.objects.exists()


@ways
def test_a_letter_made_before_is_left_out_of_the_file(client: Any, person: Any, market: Market, way: str) -> None:
    person("manager")
    lead, other = (reachable_lead(market, consent=False, name=name) for name in ("GONE AMY", "STAYS BEN"))
    export = export_letters(market, letter_template(), by=None).value
    assert export
    put_away(lead, way)

    assert [row["owner_name"] for row in letter_rows(export)] == [other.owner.name]
    response = client.get(reverse("admin:outreach_letterexport_download", args=[export.pk]))
    assert b"GONE AMY" not in b"".join(response.streaming_content)
    page = client.get(reverse("admin:outreach_letterexport_change", args=[export.pk])).content.decode()
    assert "1 of them is left out of the file" in page


# calls


@ways
def test_no_call_is_put_on_the_list(market: Market, way: str) -> None:
    put_away(reachable_lead(market, consent=False), way)

    assert fill_call_list(market, 10) == 0


@ways
def test_an_open_call_is_off_the_list_at_once_and_closed_as_not_made(
    client: Any, person: Any, market: Market, way: str
) -> None:
    person("rep")
    lead = reachable_lead(market, consent=False)
    fill_call_list(market, 10)
    put_away(lead, way)

    assert not CallTask.objects.open().exists()
    page = client.get(reverse("admin:outreach_calltask_change", args=[CallTask.objects.get().pk])).content.decode()
    assert 'name="outcome"' not in page
    assert f"{way}: do not call" in page
    deliver_events()

    task = CallTask.objects.get()
    assert (task.outcome, task.done_at) == ("cancelled", MONDAY_MORNING)
    assert task.history.first().outcome == "cancelled"


@ways
def test_a_call_made_all_the_same_plans_no_other(market: Market, way: str) -> None:
    lead, rep = reachable_lead(market, consent=False), UserFactory(is_superuser=True)
    fill_call_list(market, 10)
    put_away(lead, way)
    task = CallTask.objects.get()

    assert log_call(task, "no_answer", note="", by=rep)

    assert CallTask.objects.count() == 1


def test_nobody_logs_a_call_as_not_made(market: Market) -> None:
    reachable_lead(market, consent=False)
    fill_call_list(market, 10)

    assert log_call(CallTask.objects.get(), "cancelled", note="", by=UserFactory()).code == "unknown_outcome"
    assert CallTask.objects.get().done_at is None


def test_a_call_that_was_cancelled_does_not_count_as_made(market: Market) -> None:
    lead = reachable_lead(market, consent=False)
    fill_call_list(market, 10)
    put_away(lead, "deleted")
    deliver_events()
    assert restore_leads(Lead.objects.just(lead), by=None, reason="again")

    assert fill_call_list(market, 10) == 1
    assert CallTask.objects.unanswered_in_a_row(lead) == 0


# what the owner writes


@ways
def test_an_answer_about_it_asks_a_person_and_moves_nothing(way: str) -> None:
    someone = contact()
    lead = put_away(someone.lead, way)
    reply = Message.objects.create(
        direction="in", origin="inbound", state="received", phone=someone.phone, owner=someone.owner, lead=lead,
        market=lead.market, body="What would you pay?", due_at=MONDAY_MORNING,
    )  # fmt: skip

    apply_label(reply, ReplyLabel(label="send_offer", tier="rules", confidence=1))

    reply.refresh_from_db()
    assert (reply.needs_person, someone.stage()) == (True, lead.stage)


@ways
def test_a_death_told_about_it_plans_no_call(way: str) -> None:
    someone = contact()
    lead = put_away(someone.lead, way)
    reply = Message.objects.create(
        direction="in", origin="inbound", state="received", phone=someone.phone, owner=someone.owner, lead=lead,
        market=lead.market, body="He died", due_at=MONDAY_MORNING,
    )  # fmt: skip

    apply_label(reply, ReplyLabel(label="deceased", tier="rules", confidence=1))

    reply.refresh_from_db()
    assert (reply.needs_person, CallTask.objects.count()) == (True, 0)


# moved to another market


@pytest.fixture
def elsewhere(market: Market) -> Market:
    """A market that opens at one o'clock, on each clock that counts; it is eleven in Louisiana."""
    return open_market(
        code="NY", name="Late market", timezone="America/New_York", contact_start=time(13), company_name="Late Land",
        agent_name="Lou",
    )  # fmt: skip


def moved(lead: Lead, to: Market) -> Lead:
    assert move_to_market(Lead.objects.just(lead), to, by=None, reason="test")
    return Lead.objects.select_related("market").get(pk=lead.pk)


def test_the_old_market_s_campaign_does_not_text_it(
    market: Market, elsewhere: Market, twilio_simulator: TwilioSimulator
) -> None:
    lead = reachable_lead(market)
    message = launched(lead)
    moved(lead, elsewhere)

    assert send_due().counts == {"blocked": 1}

    assert "moved to another market" in Message.objects.get(pk=message.pk).error
    assert twilio_simulator.counts()["accepted"] == 0


def test_its_queued_campaign_text_is_cancelled_and_others_stay(market: Market, elsewhere: Market) -> None:
    lead, other = reachable_lead(market), reachable_lead(market)
    launched(lead)
    moved(lead, elsewhere)

    deliver_events()

    assert (text_of(lead).state, text_of(other).state) == (State.CANCELLED, State.QUEUED)
    assert text_of(lead).error == "The lead has moved to another market."


def test_no_follow_up_of_the_old_campaign_is_queued(market: Market, elsewhere: Market) -> None:
    from outreach import delivery

    lead = reachable_lead(market)
    message = launched(lead)
    assert message.step
    CampaignStepFactory(campaign=message.step.campaign, position=2, delay_days=3)
    Message.objects.filter(pk=message.pk).update(state="sending", claimed_at=MONDAY_MORNING, attempts=1)
    moved(lead, elsewhere)

    delivery.accept(message, "SM" + "1" * 32, MONDAY_MORNING)
    progress.advance_due(MONDAY_MORNING + timedelta(days=3))

    assert Message.objects.count() == 1


def test_only_the_new_market_s_campaigns_letters_and_calls_choose_it(market: Market, elsewhere: Market) -> None:
    texted, written = reachable_lead(market), reachable_lead(market, consent=False)
    for lead in (texted, written):
        moved(lead, elsewhere)

    assert launch_campaign(draft_campaign(market), by=None).code == "no_audience"
    assert launch_campaign(draft_campaign(elsewhere), by=None).value == 1
    assert text_of(texted).body.startswith("Hi there, Lou with Late Land.")
    assert fill_call_list(market, 10) == 0
    assert fill_call_list(elsewhere, 10) == 1
    assert export_letters(market, letter_template(), by=None).code == "no_audience"
    assert export_letters(elsewhere, letter_template(), by=None)


def test_the_new_market_s_hours_hold_its_texts(
    market: Market, elsewhere: Market, twilio_simulator: TwilioSimulator
) -> None:
    lead = moved(reachable_lead(market), elsewhere)
    message = launched(lead)

    assert send_due().counts == {"held": 1}

    due = Message.objects.get(pk=message.pk).due_at
    assert due == MONDAY_MORNING + timedelta(hours=2)  # one o'clock in Louisiana, two in New York


def test_a_waiting_answer_goes_on_in_the_new_market(
    market: Market, elsewhere: Market, twilio_simulator: TwilioSimulator, monday_morning: time_machine.Coordinates
) -> None:
    monday_morning.move_to(MONDAY_MORNING - timedelta(hours=4))
    lead = reachable_lead(market)
    result = queue_reply(lead.owner, phone_of(lead), "Lou with Late Land here", lead=lead, by=None)
    assert result.code == "held"
    moved(lead, elsewhere)

    deliver_events()
    message = Message.objects.get()
    assert (message.market, message.due_at) == (elsewhere, MONDAY_MORNING - timedelta(hours=4))

    monday_morning.move_to(MONDAY_MORNING)
    assert send_due().counts == {"held": 1}
    monday_morning.move_to(MONDAY_MORNING + timedelta(hours=2))
    assert send_due().sent == 1
    sent = Message.objects.get()
    assert sent.sender is not None
    assert sent.sender.market == elsewhere


def test_an_answer_is_judged_by_the_new_market_even_before_the_event_is_delivered(
    market: Market, elsewhere: Market, twilio_simulator: TwilioSimulator
) -> None:
    someone = contact()
    Lead.objects.filter(pk=someone.lead.pk).update(market=market)
    agree(someone.owner)
    message = queued(someone, "Sam with LA Land Wholesale: hello. Reply STOP to opt out.", origin="reply")
    Message.objects.filter(pk=message.pk).update(market=market, due_at=MONDAY_MORNING)
    moved(someone.lead, elsewhere)

    send_due()

    message.refresh_from_db()
    assert message.market == elsewhere
    assert "does not say who sends it" in message.error
    assert twilio_simulator.counts()["accepted"] == 0


def test_an_answer_without_a_lead_goes_in_the_name_of_the_lead_s_market_now(market: Market, elsewhere: Market) -> None:
    lead = reachable_lead(market)
    queue_reply(lead.owner, phone_of(lead), "Hello", lead=lead, by=None)
    moved(lead, elsewhere)

    queue_reply(lead.owner, phone_of(lead), "Hello again", by=None)

    assert Message.objects.latest("id").market == elsewhere


def test_the_land_s_own_state_counts_beside_the_new_market_s(market: Market) -> None:
    texas = open_market(code="TX", name="Texas", state="TX", timezone="America/Chicago")
    lead = moved(reachable_lead(market), texas)
    message = launched(lead)

    assert set(judge(message, MONDAY_MORNING).states) >= {"LA", "TX"}


def test_it_is_scored_by_the_new_market_s_weights_and_its_own_parish(market: Market, elsewhere: Market) -> None:
    from scoring.profiles import save_weights
    from scoring.service import score_lead, score_market
    from scoring.weights import default_weights

    weights = default_weights()
    save_weights(elsewhere, weights | {"size": dict.fromkeys(weights["size"], 1)}, by=None, note="less for size")
    lead = reachable_lead(market)
    stay = score_lead(Lead.objects.get(pk=lead.pk)).total
    moved(lead, elsewhere)

    deliver_events()
    score_waiting()

    now = Lead.objects.get(pk=lead.pk)
    assert now.score == stay - 14
    assert now.score_version == 1
    one_by_one = (now.score, now.score_reasons)
    Lead.objects.filter(pk=lead.pk).update(score=None)
    score_market(elsewhere)
    assert (Lead.objects.get(pk=lead.pk).score, Lead.objects.get(pk=lead.pk).score_reasons) == one_by_one


def test_a_reply_belongs_to_the_new_market(market: Market, elsewhere: Market) -> None:
    from outreach.inbound import process_waiting
    from tests.outreach.twilio_requests import stored_text

    lead = moved(reachable_lead(market), elsewhere)
    SenderNumberFactory(number="+12255550100", market=market)
    stored_text(phone_of(lead).number, "Who is this?")

    process_waiting()

    assert Message.objects.get().market == elsewhere
    assert Event.objects.of_kind("ReplyReceived").get().lead == lead


def test_a_selection_that_moves_is_scored_with_its_new_market(market: Market, elsewhere: Market) -> None:
    from scoring.profiles import save_weights
    from scoring.weights import default_weights

    weights = default_weights()
    save_weights(elsewhere, weights | {"size": dict.fromkeys(weights["size"], 1)}, by=None, note="less for size")
    leads = [reachable_lead(market) for _ in range(2)]
    score_waiting()
    before = [Lead.objects.get(pk=lead.pk).score or 0 for lead in leads]
    move_to_market(Lead.objects.filter(market=market), elsewhere, by=None, reason="all")

    deliver_events()
    score_waiting()

    assert [(Lead.objects.get(pk=lead.pk).score or 0) + 14 for lead in leads] == before


def test_a_list_of_its_parish_scores_it_in_its_new_market(market: Market, elsewhere: Market) -> None:
    from scoring.tasks import follow_list

    lead = moved(reachable_lead(market), elsewhere)
    score_waiting()
    stage_before = Lead.objects.get(pk=lead.pk).stage
    before = Lead.objects.get(pk=lead.pk).score or 0
    type(lead.parcel).objects.filter(pk=lead.parcel_id).update(adjudicated=True)

    follow_list(market.pk)

    now = Lead.objects.get(pk=lead.pk)
    assert (now.score, now.stage) == (before + 35, stage_before)
