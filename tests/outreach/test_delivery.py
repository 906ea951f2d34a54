from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings

from leads.models import Event, Lead, PhoneNumber
from leads.stages import Stage
from local.twilio_simulator import TwilioSimulator
from outreach.campaigns import end_campaign, launch_campaign
from outreach.delivery import accept, apply_status
from outreach.inbound import process_waiting
from outreach.models import Campaign, CampaignOwner, DeliveryStatus, Message, SendAttempt, Suppression
from outreach.sending import send_due
from tests.outreach.campaign_setting import (
    MONDAY_MORNING,
    draft_campaign,
    open_market,
    phone_of,
    reachable_lead,
    text_of,
    texts_at,
)

State = Message.State
SID = "SM" + "1" * 32
NOW = MONDAY_MORNING
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(MONDAY_MORNING, tick=False) as clock:
        yield clock


@pytest.fixture
def text() -> Message:
    """A text the provider is being asked to send."""
    lead = reachable_lead(open_market())
    launch_campaign(draft_campaign(lead.market), by=None)
    Message.objects.update(state=State.SENDING, claimed_at=NOW, attempts=1)
    SendAttempt.objects.create(message=text_of(lead), number=1, started_at=NOW, outcome="started")
    return text_of(lead)


def now_of(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


def test_a_late_sent_never_overwrites_delivered(text: Message) -> None:
    accept(text, SID, NOW)
    assert apply_status(text, "delivered", None, NOW, sid=SID)
    assert not apply_status(text, "sent", None, NOW + timedelta(seconds=2), sid=SID)
    assert now_of(text).state == State.DELIVERED
    assert list(DeliveryStatus.objects.values_list("status", flat=True)) == ["delivered", "sent"]


def test_the_first_final_status_stands(text: Message) -> None:
    accept(text, SID, NOW)
    apply_status(text, "delivered", None, NOW, sid=SID)
    assert not apply_status(text, "undelivered", 30003, NOW, sid=SID)
    assert now_of(text).state == State.DELIVERED
    assert Event.objects.of_kind(Event.Kind.MESSAGE_FAILED).count() == 0


def test_a_status_told_twice_counts_once(text: Message) -> None:
    accept(text, SID, NOW)
    assert apply_status(text, "undelivered", 30004, NOW, sid=SID)
    assert not apply_status(text, "undelivered", 30004, NOW, sid=SID)
    assert DeliveryStatus.objects.count() == 1
    assert Event.objects.of_kind(Event.Kind.MESSAGE_FAILED).count() == 1


def test_a_callback_before_the_answer_settles_the_text_and_the_answer_changes_nothing(text: Message) -> None:
    apply_status(text, "delivered", None, NOW, sid=SID)
    accept(text, SID, NOW)
    message = now_of(text)
    assert (message.state, message.sid) == (State.DELIVERED, SID)
    assert Event.objects.of_kind(Event.Kind.MESSAGE_SENT).count() == 1
    assert Lead.objects.get().stage == Stage.CONTACTED


def test_a_callback_gives_an_uncertain_text_its_lost_sid(text: Message) -> None:
    Message.objects.mark_uncertain(text.pk, "time-out")
    assert apply_status(text, "sent", None, NOW, sid=SID)
    message = now_of(text)
    assert (message.state, message.sid, message.error) == (State.SENT, SID, "")


def test_a_status_without_any_sid_waits_for_the_reconciler(text: Message) -> None:
    assert not apply_status(text, "delivered", None, NOW)
    assert now_of(text).state == State.SENDING


def test_a_status_of_an_earlier_attempt_is_ignored(text: Message) -> None:
    accept(text, SID, NOW)
    apply_status(text, "undelivered", 30003, NOW, sid=SID)
    assert (now_of(text).state, now_of(text).sid) == (State.QUEUED, None)
    Message.objects.update(state=State.SENDING, claimed_at=NOW, attempts=2)
    assert not apply_status(text, "delivered", None, NOW, sid=SID)
    assert now_of(text).state == State.SENDING


def test_attempts_that_were_put_off_do_not_use_up_the_one_retry(text: Message) -> None:
    Message.objects.update(attempts=3)
    SendAttempt.objects.update(number=3)
    for number in (1, 2):
        SendAttempt.objects.create(message=text, number=number, started_at=NOW, outcome="refused", error_code=20429)
    accept(text, SID, NOW)
    apply_status(text, "undelivered", 30003, NOW, sid=SID)
    assert (now_of(text).state, now_of(text).due_at) == (State.QUEUED, NOW + timedelta(hours=24))


def test_a_second_attempt_may_report_the_same_statuses_again(text: Message) -> None:
    accept(text, SID, NOW)
    apply_status(text, "undelivered", 30003, NOW, sid=SID)
    Message.objects.update(state=State.SENDING, claimed_at=NOW, attempts=2)
    other = "SM" + "2" * 32
    accept(text, other, NOW)
    assert apply_status(text, "undelivered", 30003, NOW, sid=other)
    assert now_of(text).state == State.UNDELIVERED


@pytest.mark.parametrize("code", [30003, 30008, 30001, 30034])
@pytest.mark.parametrize("over", ["stopped", "ended"])
def test_a_text_is_not_tried_again_once_its_campaign_is_over_for_the_owner(text: Message, code: int, over: str) -> None:
    accept(text, SID, NOW)
    if over == "ended":
        assert end_campaign(Campaign.objects.get(), by=None)
    else:
        CampaignOwner.objects.update(state="stopped", stop_reason="replied", ended_at=NOW, due_at=None)
    apply_status(text, "undelivered", code, NOW, sid=SID)
    assert now_of(text).state == State.UNDELIVERED


def test_an_unknown_status_changes_nothing(text: Message) -> None:
    assert not apply_status(text, "pondering", None, NOW, sid=SID)
    assert now_of(text).state == State.SENDING
    assert DeliveryStatus.objects.count() == 0


def test_our_own_no_trace_is_corrected_by_the_providers_word(text: Message) -> None:
    Message.objects.update(state=State.FAILED, error="no trace")
    assert apply_status(text, "delivered", None, NOW, sid=SID)
    assert now_of(text).state == State.DELIVERED


@pytest.mark.parametrize(
    ("code", "state", "phone", "suppressed"),
    [
        (30003, State.QUEUED, ("mobile", "active"), False),
        (30004, State.UNDELIVERED, ("mobile", "active"), False),
        (30005, State.UNDELIVERED, ("mobile", "active"), False),
        (30006, State.UNDELIVERED, ("landline", "active"), False),
        (30007, State.UNDELIVERED, ("mobile", "active"), False),
        (30008, State.QUEUED, ("mobile", "active"), False),
        (30022, State.QUEUED, ("mobile", "active"), False),
        (30023, State.QUEUED, ("mobile", "active"), False),
        (30640, State.UNDELIVERED, ("mobile", "active"), True),
        (21610, State.UNDELIVERED, ("mobile", "active"), True),
        (21614, State.UNDELIVERED, ("mobile", "bad"), False),
        (99999, State.UNDELIVERED, ("mobile", "active"), False),
    ],
)
def test_what_an_error_code_leads_to(
    text: Message, code: int, state: str, phone: tuple[str, str], suppressed: bool
) -> None:
    accept(text, SID, NOW)
    apply_status(text, "undelivered", code, NOW, sid=SID)
    message, number = now_of(text), PhoneNumber.objects.get()
    assert (message.state, message.error_code) == (state, code)
    assert (number.line_type, number.status) == phone
    assert Suppression.objects.of_number(number.number_hash).exists() is suppressed


def test_the_carriers_day_starts_again_at_pacific_midnight(text: Message) -> None:
    accept(text, SID, NOW)
    apply_status(text, "undelivered", 30023, NOW, sid=SID)
    assert now_of(text).due_at.isoformat() == "2026-09-15T07:00:00+00:00"


def test_an_unknown_code_and_a_configuration_error_raise_one_alarm(text: Message) -> None:
    accept(text, SID, NOW)
    apply_status(text, "undelivered", 21408, NOW, sid=SID)
    assert Event.objects.of_kind(Event.Kind.PROVIDER_ALARM).get().data["code"] == 21408


def test_the_second_30005_marks_the_number_bad(text: Message) -> None:
    Message.objects.create(
        direction="out", origin="reply", state=State.UNDELIVERED, sid="SM3", phone=text.phone, body="x",
        error_code=30005, due_at=NOW,
    )  # fmt: skip
    accept(text, SID, NOW)
    apply_status(text, "undelivered", 30005, NOW, sid=SID)
    assert PhoneNumber.objects.get(pk=text.phone_id).status == "bad"


def test_five_filtered_texts_pause_the_campaign_and_keep_it_paused(text: Message) -> None:
    from outreach.campaigns import resume_campaign

    campaign = Campaign.objects.get()
    for number in range(4):
        lead = reachable_lead(text.market)
        Message.objects.create(
            direction="out", origin="campaign", state=State.UNDELIVERED, sid=f"SM{number}", phone=phone_of(lead),
            owner=lead.owner, step=text.step, body="x", error_code=30007, claimed_at=NOW, due_at=NOW,
        )  # fmt: skip
    accept(text, SID, NOW)
    apply_status(text, "undelivered", 30007, NOW, sid=SID)
    campaign.refresh_from_db()
    assert campaign.status == "paused"
    assert campaign.pause_reason == "5 of 5 texts filtered by carriers within 24 hours"
    assert resume_campaign(campaign, by=None).code == "breaker_open"


# through the real webhook


@pytest.fixture
def called_back(twilio_simulator: TwilioSimulator, settings: LazySettings, live_server: Any) -> TwilioSimulator:
    settings.PUBLIC_BASE_URL = live_server.url
    settings.ALLOWED_HOSTS = ["*"]
    return twilio_simulator


def deliver(twilio: TwilioSimulator, ending: str) -> Message:
    lead = reachable_lead(open_market(), number=f"+1225578{ending}")
    launch_campaign(draft_campaign(lead.market), by=None)
    send_due()
    twilio.wait_until_quiet()
    process_waiting()
    return text_of(lead)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("ending", "state", "code"),
    [
        ("1234", State.DELIVERED, None),
        ("0005", State.DELIVERED, None),
        ("0006", State.QUEUED, 30003),
        ("0007", State.UNDELIVERED, 30007),
        ("0008", State.UNDELIVERED, 30006),
        ("0009", State.DELIVERED, None),
        ("0010", State.SENT, None),
    ],
)
def test_what_callbacks_make_of_a_text(called_back: TwilioSimulator, ending: str, state: str, code: int | None) -> None:
    message = deliver(called_back, ending)
    assert (message.state, message.error_code) == (state, code)
    assert len(texts_at(called_back)) == 1
    assert send_due().sent == 0


@pytest.mark.django_db(transaction=True)
def test_an_unreachable_handset_is_tried_once_more_a_day_later(
    called_back: TwilioSimulator, monday_morning: time_machine.Coordinates
) -> None:
    message = deliver(called_back, "0006")
    monday_morning.move_to(message.due_at)
    assert message.due_at == NOW + timedelta(hours=24)
    send_due()
    called_back.wait_until_quiet()
    process_waiting()
    assert now_of(message).state == State.UNDELIVERED
    assert len(texts_at(called_back)) == 2
    assert {len(texts_at(called_back)), now_of(message).attempts} == {2}
    monday_morning.shift(timedelta(days=2))
    assert send_due().sent == 0
