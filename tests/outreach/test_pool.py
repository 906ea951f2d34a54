"""Which of our numbers a text leaves from, and how many may leave from a new one."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from leads.models import PhoneNumber
from local.twilio_simulator import TwilioSimulator
from outreach.campaigns import launch_campaign
from outreach.inbound import receive_text
from outreach.ledger import caps_of
from outreach.models import Message, SenderNumber, WebhookEvent
from outreach.pool import choose_sender
from outreach.sending import send_due
from tests.factories import SenderNumberFactory
from tests.outreach.campaign_setting import MONDAY_MORNING, draft_campaign, open_market, reachable_lead, texts_at

BATON_ROUGE, SHREVEPORT, HOUSTON = (
    SenderNumber(pk=pk, number=number) for pk, number in ((1, "+12255550100"), (2, "+13185550100"), (3, "+17135550100"))
)
SERVICE = "MG" + "0f" * 16


def phone(area_code: str) -> PhoneNumber:
    return PhoneNumber(pk=7, area_code=area_code)


def test_a_text_leaves_from_the_area_code_of_the_person() -> None:
    senders = [BATON_ROUGE, SHREVEPORT, HOUSTON]
    assert choose_sender(senders, phone("318"), {}, 0) == SHREVEPORT
    assert choose_sender(senders, phone("225"), {}, 1) == BATON_ROUGE


def test_else_from_their_state_else_from_any() -> None:
    assert choose_sender([HOUSTON, SHREVEPORT], phone("504"), {}, 0) == SHREVEPORT  # Louisiana too
    assert choose_sender([BATON_ROUGE, HOUSTON], phone("212"), {}, 1) == HOUSTON
    assert choose_sender([BATON_ROUGE], phone(""), {}, 5) == BATON_ROUGE
    assert choose_sender([], phone("225"), {}, 0) is None


def test_a_conversation_stays_at_its_number_while_that_is_in_use() -> None:
    assert choose_sender([BATON_ROUGE, HOUSTON], phone("225"), {7: 3}, 0) == HOUSTON
    assert choose_sender([BATON_ROUGE], phone("225"), {7: 3}, 0) == BATON_ROUGE


@given(st.integers(0, 10_000), st.sampled_from(["225", "318", "504", "713", "212", ""]))
def test_the_same_owner_always_gets_the_same_number(key: int, area_code: str) -> None:
    senders = [BATON_ROUGE, SHREVEPORT, HOUSTON]
    assert choose_sender(senders, phone(area_code), {}, key) == choose_sender(senders, phone(area_code), {}, key)


@time_machine.travel(MONDAY_MORNING, tick=False)
def test_a_number_that_warms_up_is_given_no_more_than_its_part() -> None:
    new = SenderNumber(pk=9, number="+12255550109", warm_up_from=date(2026, 9, 14), warm_up_texts=20)
    soon = SenderNumber(pk=8, number="+12255550108", warm_up_from=date(2026, 9, 15))
    chosen = Counter(choose_sender([BATON_ROUGE, new, soon], phone("225"), {}, key) for key in range(2200))
    assert chosen[soon] == 0
    assert 150 <= chosen[new] <= 250  # 20 of 220
    assert choose_sender([soon], phone("225"), {}, 0) == soon  # it waits for its day


@time_machine.travel(MONDAY_MORNING, tick=False)
def test_old_numbers_are_used_evenly() -> None:
    other = SenderNumber(pk=9, number="+12255550109")
    chosen = Counter(choose_sender([BATON_ROUGE, other], phone("225"), {}, key) for key in range(2000))
    assert 900 <= chosen[other] <= 1100


@pytest.mark.parametrize(("day", "cap"), [(-1, 0), (0, 20), (1, 40), (8, 180), (9, 200), (400, 200)])
def test_a_new_number_warms_up(day: int, cap: int) -> None:
    sender = SenderNumber(daily_cap=200, warm_up_from=date(2026, 9, 14), warm_up_texts=20)
    assert sender.cap_on(date(2026, 9, 14) + timedelta(days=day)) == cap


def test_without_a_warm_up_the_cap_counts_from_the_first_day() -> None:
    assert SenderNumber(daily_cap=200).cap_on(date(2026, 9, 14)) == 200


@pytest.mark.django_db
def test_the_warm_up_is_a_cap_of_the_gate() -> None:
    market = open_market()
    SenderNumber.objects.update(warm_up_from=date(2026, 9, 13), warm_up_texts=3)
    lead = reachable_lead(market)
    campaign = draft_campaign(market)
    text = Message(market=market, sender=SenderNumber.objects.get(), step=campaign.steps.get(), lead=lead,
                   phone=lead.owner.phone_links.get().phone)  # fmt: skip
    limits = {row.name: row.limit for row in caps_of(text, MONDAY_MORNING)}
    assert limits["the sender's texts a day"] == 6


@pytest.mark.django_db
@time_machine.travel(MONDAY_MORNING, tick=False)
def test_a_text_leaves_through_a_messaging_service_and_its_reply_finds_back(twilio_simulator: TwilioSimulator) -> None:
    market = open_market()
    SenderNumber.objects.all().delete()
    service = SenderNumberFactory(market=market, number=SERVICE, segments_per_minute=1000)
    lead = reachable_lead(market)
    assert launch_campaign(draft_campaign(market), by=None)
    assert send_due().sent == 1
    (text,) = texts_at(twilio_simulator)
    assert text["messaging_service_sid"] == SERVICE

    sent = Message.objects.get()
    payload = {"MessageSid": "SM1", "From": sent.phone.number, "To": text["from"], "Body": "Yes",
               "MessagingServiceSid": SERVICE}  # fmt: skip
    event = WebhookEvent.objects.create(
        kind="inbound", key="inbound:SM1", payload=json.dumps(payload), number_hash=sent.phone.number_hash,
        received_at=MONDAY_MORNING,
    )  # fmt: skip
    receive_text(event)
    reply = Message.objects.get(direction="in")
    assert (reply.sender, reply.owner) == (service, lead.owner)
