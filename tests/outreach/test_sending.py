from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.db import connection, transaction

from leads.models import Event, Lead, PhoneNumber
from leads.stages import Stage
from local.twilio_simulator import TwilioSimulator
from markets.pausing import resume_market
from outreach import lookups, progress, sending
from outreach.campaigns import launch_campaign, pause_campaign
from outreach.failures import ALL_PAUSED, MANY_ATTEMPTS
from outreach.handing_over import hand_over
from outreach.inbound import process_waiting
from outreach.models import CampaignOwner, Consent, Message, SendAttempt, Suppression, WebhookEvent
from outreach.sending import SendReport, cancel_queued, queue_confirmation, queue_reply, send_due
from tests.factories import CampaignStepFactory, MessageFactory, OwnerPhoneFactory, PhoneNumberFactory, UserFactory
from tests.outreach.campaign_setting import (
    MONDAY_MORNING,
    SUNDAY_MORNING,
    draft_campaign,
    open_market,
    phone_of,
    reachable_lead,
    text_of,
    texts_at,
)

State = Message.State
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(MONDAY_MORNING, tick=False) as clock:
        yield clock


def launched(*leads: Lead) -> None:
    assert launch_campaign(draft_campaign(leads[0].market), by=None)


def sent_to(twilio: TwilioSimulator) -> list[str]:
    return [text["to"] for text in texts_at(twilio)]


def test_a_due_text_is_sent_once_and_everything_is_written_down(twilio_simulator: TwilioSimulator) -> None:
    lead = reachable_lead(open_market(), name="SMITH JOHN A")
    launched(lead)

    report = send_due()
    again = send_due()

    message = text_of(lead)
    assert (report.sent, again) == (1, SendReport())
    assert message.state == State.SENT
    assert message.sid == texts_at(twilio_simulator)[0]["sid"]
    assert texts_at(twilio_simulator)[0]["body"].startswith("Hi John, Sam with LA Land Wholesale.")
    assert message.decisions.get().outcome == "allowed"
    assert SendAttempt.objects.get().outcome == "accepted"
    assert Lead.objects.get(pk=lead.pk).stage == Stage.CONTACTED
    assert Event.objects.of_kind(Event.Kind.MESSAGE_SENT).get().lead == lead


def test_the_callback_address_carries_our_token(twilio_simulator: TwilioSimulator) -> None:
    lead = reachable_lead(open_market())
    launched(lead)
    send_due()
    twilio_simulator.wait_until_quiet()
    urls = {post["url"] for post in twilio_simulator.log()["callbacks"]}
    assert urls == {f"http://127.0.0.1:9/twilio/status/{text_of(lead).token}/#rc=5&rp=all"}


def test_nothing_leaves_while_the_live_switch_is_off(twilio_simulator: TwilioSimulator, settings: LazySettings) -> None:
    settings.LIVE_SENDING = False
    lead = reachable_lead(open_market())
    launched(lead)
    send_due()
    assert text_of(lead).state == State.DRY_RUN
    assert text_of(lead).decisions.get().outcome == "dry_run"
    assert twilio_simulator.counts()["accepted"] == 0


def test_nothing_leaves_without_credentials(twilio_simulator: TwilioSimulator, settings: LazySettings) -> None:
    settings.TWILIO_AUTH_TOKEN = ""
    lead = reachable_lead(open_market())
    launched(lead)
    send_due()
    assert text_of(lead).state == State.DRY_RUN
    assert texts_at(twilio_simulator) == twilio_simulator.log()["refused"] == []


def test_a_sunday_text_is_held_until_monday_eight(
    twilio_simulator: TwilioSimulator, monday_morning: time_machine.Coordinates
) -> None:
    monday_morning.move_to(SUNDAY_MORNING)
    lead = reachable_lead(open_market())
    launched(lead)
    assert send_due().counts == {"held": 1}
    message = text_of(lead)
    assert message.state == State.QUEUED
    assert message.due_at.isoformat() == "2026-09-14T14:00:00+00:00"  # the market opens at nine
    assert twilio_simulator.counts()["accepted"] == 0


def test_the_clock_is_read_after_the_look_ups(
    twilio_simulator: TwilioSimulator, monday_morning: time_machine.Coordinates, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A provider that takes its time to say whose line a number is carries the batch past closing time, 19:00."""
    launched(reachable_lead(open_market()))
    monday_morning.move_to(MONDAY_MORNING + timedelta(hours=7, minutes=55))
    monkeypatch.setattr(lookups, "check_due_lines", lambda *arguments: monday_morning.shift(timedelta(minutes=5)))
    assert send_due().counts == {"held": 1}
    assert twilio_simulator.counts()["accepted"] == 0


def test_what_might_arrive_after_closing_time_is_not_handed_over(
    twilio_simulator: TwilioSimulator, monday_morning: time_machine.Coordinates
) -> None:
    lead = reachable_lead(open_market())
    launched(lead)
    monday_morning.move_to(MONDAY_MORNING + timedelta(hours=7, minutes=59))
    assert send_due().counts == {"held": 1}
    late = "it might arrive too late: after 19:00 by the market's own hours (Central)"
    assert text_of(lead).error == f"held until Tue 9:00 Central: {late}"
    assert twilio_simulator.counts()["accepted"] == 0


def test_a_paused_campaign_sends_nothing(twilio_simulator: TwilioSimulator) -> None:
    lead = reachable_lead(open_market())
    campaign = draft_campaign(lead.market)
    launch_campaign(campaign, by=None)
    pause_campaign(campaign, by=None, reason="wording")
    assert send_due() == SendReport()
    assert text_of(lead).state == State.QUEUED
    assert twilio_simulator.counts()["accepted"] == 0


def test_a_consent_revoked_after_the_launch_blocks(twilio_simulator: TwilioSimulator) -> None:
    lead = reachable_lead(open_market())
    launched(lead)
    Consent.objects.update(revoked_at=MONDAY_MORNING)
    assert send_due().counts == {"blocked": 1}
    assert text_of(lead).state == State.BLOCKED
    assert "no consent" in text_of(lead).error
    assert twilio_simulator.counts()["accepted"] == 0


def test_a_deleted_lead_is_never_texted(twilio_simulator: TwilioSimulator) -> None:
    lead = reachable_lead(open_market())
    launched(lead)
    Lead.objects.update(deleted_at=MONDAY_MORNING)
    send_due()
    assert text_of(lead).state == State.BLOCKED
    assert twilio_simulator.counts()["accepted"] == 0


def test_two_owners_of_one_number_are_both_stopped_by_its_suppression(twilio_simulator: TwilioSimulator) -> None:
    market = open_market()
    lead, other = reachable_lead(market), reachable_lead(market)
    other.owner.phone_links.update(phone=phone_of(lead))
    launched(lead)
    Suppression.objects.create(
        number_hash=phone_of(lead).number_hash, reason=Suppression.Reason.OPT_OUT, created_at=MONDAY_MORNING
    )
    send_due()
    assert {text_of(lead).state, text_of(other).state} == {State.BLOCKED}
    assert twilio_simulator.counts()["accepted"] == 0


def test_a_number_a_list_calls_do_not_call_is_not_texted(twilio_simulator: TwilioSimulator) -> None:
    lead = reachable_lead(open_market())
    launched(lead)
    OwnerPhoneFactory(phone=phone_of(lead), do_not_call=True)
    send_due()
    assert "national do-not-call list" in text_of(lead).error
    assert twilio_simulator.counts()["accepted"] == 0


def test_an_unread_reply_holds_the_next_text(twilio_simulator: TwilioSimulator) -> None:
    lead = reachable_lead(open_market())
    launched(lead)
    MessageFactory(phone=phone_of(lead), owner=lead.owner, body="take me off")
    assert send_due().counts == {"held": 1}
    assert text_of(lead).due_at == MONDAY_MORNING + sending.LOOK_AGAIN
    assert twilio_simulator.counts()["accepted"] == 0


def test_the_days_cap_holds_the_rest_until_tomorrow(twilio_simulator: TwilioSimulator) -> None:
    market = open_market(daily_text_cap=2)
    leads = [reachable_lead(market) for _ in range(3)]
    launched(*leads)
    assert send_due().counts == {"sent": 2, "held": 1}
    waiting = Message.objects.get(state=State.QUEUED)
    assert waiting.due_at.isoformat() == "2026-09-15T14:00:00+00:00"
    assert twilio_simulator.counts()["accepted"] == 2


@pytest.mark.parametrize("fields", [{"daily_cap": 2}, {"segments_per_minute": 2}], ids=str)
def test_the_senders_caps_hold(twilio_simulator: TwilioSimulator, fields: dict[str, int]) -> None:
    market = open_market()
    market.sender_numbers.update(**fields)
    launched(*[reachable_lead(market) for _ in range(3)])
    assert send_due().counts == {"sent": 2, "held": 1}


def test_what_is_edited_while_it_waits_is_what_leaves(twilio_simulator: TwilioSimulator) -> None:
    lead = reachable_lead(open_market())
    campaign = draft_campaign(lead.market)
    launch_campaign(campaign, by=None)
    campaign.steps.get().template.variants.update(body="{{company}}: still selling? Reply STOP to opt out.")
    send_due()
    assert texts_at(twilio_simulator)[0]["body"] == "LA Land Wholesale: still selling? Reply STOP to opt out."


def test_an_unfilled_placeholder_never_leaves(twilio_simulator: TwilioSimulator) -> None:
    lead = reachable_lead(open_market())
    campaign = draft_campaign(lead.market)
    launch_campaign(campaign, by=None)
    campaign.steps.get().template.variants.update(body="{{company}}: {{offer_range}}? Reply STOP to opt out.")
    send_due()
    assert text_of(lead).state == State.BLOCKED
    assert twilio_simulator.counts()["accepted"] == 0


def test_an_unknown_line_is_looked_up_before_it_is_judged(twilio_simulator: TwilioSimulator) -> None:
    market = open_market()
    leads = [reachable_lead(market, number=f"+1225555{number}") for number in range(1200, 1212)]
    PhoneNumber.objects.update(line_type=PhoneNumber.LineType.UNKNOWN, status=PhoneNumber.Status.UNCHECKED)
    launched(*leads)
    send_due()
    phones = PhoneNumber.objects.all()
    mobiles = {phone.number for phone in phones if phone.line_type in ("mobile", "voip")}
    assert {phone.checked_at for phone in phones} == {MONDAY_MORNING}
    assert len({phone.line_type for phone in phones}) > 1
    assert set(sent_to(twilio_simulator)) == mobiles


def test_without_the_live_switch_not_even_a_line_is_looked_up(
    twilio_simulator: TwilioSimulator, settings: LazySettings
) -> None:
    settings.LIVE_SENDING = False
    lead = reachable_lead(open_market())
    PhoneNumber.objects.update(line_type=PhoneNumber.LineType.UNKNOWN)
    launched(lead)
    assert send_due().counts == {"held": 1}
    assert PhoneNumber.objects.get().checked_at is None


def test_a_text_cancelled_between_claim_and_call_does_not_leave(twilio_simulator: TwilioSimulator) -> None:
    lead = reachable_lead(open_market())
    launched(lead)
    claimed = sending._claim(10, MONDAY_MORNING, SendReport())
    assert cancel_queued(phone=phone_of(lead), reason="stop") == 1
    assert hand_over(claimed, MONDAY_MORNING) == {"cancelled": 1}
    assert text_of(lead).state == State.CANCELLED
    assert twilio_simulator.counts()["accepted"] == 0


def test_a_text_that_came_in_between_claim_and_call_is_read_first(twilio_simulator: TwilioSimulator) -> None:
    lead = reachable_lead(open_market())
    launched(lead)
    (claimed,) = sending._claim(10, MONDAY_MORNING, SendReport())
    reply = {"MessageSid": "SM1", "From": phone_of(lead).number, "To": claimed.sender.number, "Body": "STOP"}
    WebhookEvent.objects.create(
        kind="inbound",
        key="inbound:SM1",
        payload=json.dumps(reply),
        number_hash=phone_of(lead).number_hash,
        received_at=MONDAY_MORNING,
    )
    assert hand_over([claimed], MONDAY_MORNING) == {"held": 1}
    assert (text_of(lead).state, text_of(lead).attempts) == (State.QUEUED, 0)
    assert not SendAttempt.objects.exists()
    assert process_waiting() == 1
    assert (send_due(), text_of(lead).state) == (SendReport(), State.CANCELLED)
    assert twilio_simulator.counts()["accepted"] == 0


@pytest.mark.parametrize(
    ("ending", "state", "attempts_again", "effect"),
    [
        ("0001", State.FAILED, False, lambda phone: phone.status == "bad"),
        ("0002", State.FAILED, False, lambda phone: Suppression.objects.of_number(phone.number_hash).exists()),
        ("0003", State.QUEUED, True, lambda phone: phone.status == "active"),
        ("0004", State.UNCERTAIN, False, lambda phone: phone.status == "active"),
        ("0005", State.UNCERTAIN, False, lambda phone: phone.status == "active"),
    ],
)
def test_what_each_answer_to_a_create_leads_to(
    twilio_simulator: TwilioSimulator, ending: str, state: str, attempts_again: bool, effect: object
) -> None:
    lead = reachable_lead(open_market(), number=f"+1225578{ending}")
    launched(lead)
    send_due()
    message = text_of(lead)
    assert message.state == state
    assert (message.due_at > MONDAY_MORNING) == attempts_again
    assert message.attempts == 1
    assert effect(PhoneNumber.objects.get())  # type: ignore[operator]
    assert SendAttempt.objects.get().outcome in ("refused", "unknown")


def test_it_opts_the_owner_out_on_21610(twilio_simulator: TwilioSimulator) -> None:
    lead = reachable_lead(open_market(), number="+12255780002")
    launched(lead)
    send_due()
    assert Event.objects.of_kind(Event.Kind.OWNER_OPTED_OUT).get().owner == lead.owner
    assert Event.objects.of_kind(Event.Kind.MESSAGE_FAILED).get().data["code"] == 21610


def test_a_text_that_is_put_off_is_kept_and_people_are_told(
    twilio_simulator: TwilioSimulator, monday_morning: time_machine.Coordinates
) -> None:
    lead = reachable_lead(open_market(contact_end="20:00"), number="+12255780003")
    launched(lead)
    waits = []
    for _ in range(20):
        message = Message.objects.get()
        monday_morning.move_to(message.due_at)
        waits.append(message.due_at)
        send_due()
    message.refresh_from_db()
    assert message.state == State.QUEUED
    assert len(twilio_simulator.log()["refused"]) == message.attempts > MANY_ATTEMPTS
    assert twilio_simulator.counts()["accepted"] == 0
    assert waits == sorted(set(waits))
    assert Event.objects.of_kind(Event.Kind.PROVIDER_ALARM).get().data["code"] == 20429


def test_wrong_credentials_stop_everything_until_somebody_resumes_the_markets(
    twilio_simulator: TwilioSimulator, settings: LazySettings
) -> None:
    right, settings.TWILIO_AUTH_TOKEN = settings.TWILIO_AUTH_TOKEN, "wrong"
    market = open_market()
    leads = [reachable_lead(market) for _ in range(3)]
    launched(*leads)
    report = send_due()
    assert report.counts == {"stop": 1, "released": 2}
    assert {message.state for message in Message.objects.all()} == {State.QUEUED}
    market.refresh_from_db()
    assert market.pause_reason == "Provider: the credentials were refused"
    alarm = Event.objects.of_kind(Event.Kind.PROVIDER_ALARM).get().data
    assert (alarm["code"], ALL_PAUSED in alarm["detail"]) == (20003, True)
    lead = Lead.objects.get(pk=leads[0].pk)
    answer = queue_reply(lead.owner, phone_of(lead), "How many acres is it?", lead=lead, by=UserFactory())
    assert (answer.code, send_due().sent) == ("held", 0)

    settings.TWILIO_AUTH_TOKEN = right
    assert resume_market(market, by=None)
    Message.objects.judge_again(MONDAY_MORNING)
    assert [send_due().sent for _ in range(3)] == [3, 1, 0]
    assert twilio_simulator.counts()["accepted"] == 4


def test_a_provider_that_is_down_is_tried_again(
    twilio_simulator: TwilioSimulator, settings: LazySettings, monday_morning: time_machine.Coordinates
) -> None:
    lead = reachable_lead(open_market())
    launched(lead)
    settings.TWILIO_BASE_URL = "http://127.0.0.1:9"
    assert send_due().counts == {"retried": 1}
    settings.TWILIO_BASE_URL = twilio_simulator.base_url
    monday_morning.shift(timedelta(minutes=5))
    assert send_due().sent == 1
    assert sent_to(twilio_simulator) == [phone_of(lead).number]


def test_the_next_step_follows_days_after_the_first_really_went(
    twilio_simulator: TwilioSimulator, monday_morning: time_machine.Coordinates
) -> None:
    lead = reachable_lead(open_market())
    campaign = draft_campaign(lead.market)
    CampaignStepFactory(campaign=campaign, position=2, delay_days=3)
    launch_campaign(campaign, by=None)
    monday_morning.shift(timedelta(hours=2))
    send_due()
    assert CampaignOwner.objects.get().due_at == MONDAY_MORNING + timedelta(days=3, hours=2)
    monday_morning.shift(timedelta(days=3) - timedelta(seconds=1))
    assert progress.advance_due() == 0
    monday_morning.shift(timedelta(seconds=1))
    assert progress.advance_due() == 1
    following = Message.objects.get(step__position=2)
    assert (following.state, following.due_at) == (State.QUEUED, MONDAY_MORNING + timedelta(days=3, hours=2))
    assert following.market == lead.market


# a person's text


def test_a_persons_reply_is_signed_and_leaves_first(twilio_simulator: TwilioSimulator) -> None:
    lead = reachable_lead(open_market(), consent=False)
    MessageFactory(
        phone=phone_of(lead), owner=lead.owner, market=lead.market, processed_at=MONDAY_MORNING, due_at=MONDAY_MORNING
    )
    result = queue_reply(lead.owner, phone_of(lead), "We can talk at five.", lead=lead, by=UserFactory())
    assert result
    send_due()
    assert texts_at(twilio_simulator)[0]["body"] == ("We can talk at five. - Sam Reply STOP to opt out.")


@pytest.mark.parametrize(
    ("state", "told"),
    [(State.SENT, True), (State.DELIVERED, True), (State.UNDELIVERED, False), (State.UNCERTAIN, False)],
)
def test_a_text_that_did_not_arrive_has_told_nobody_how_to_opt_out(
    twilio_simulator: TwilioSimulator, state: str, told: bool
) -> None:
    lead = reachable_lead(open_market())
    launched(lead)
    send_due()
    Message.objects.update(state=state)
    result = queue_reply(lead.owner, phone_of(lead), "Sam here, hello again.", lead=lead, by=None)
    assert result.value is not None
    assert ("Reply STOP" in result.value.body) is not told
    Message.objects.filter(pk=result.value.pk).update(body="Sam here, hello again.")
    assert send_due().counts == ({"sent": 1} if told else {"blocked": 1})


def test_a_blocked_reply_says_so_and_nothing_leaves(twilio_simulator: TwilioSimulator) -> None:
    lead = reachable_lead(open_market(), consent=False)
    result = queue_reply(lead.owner, phone_of(lead), "Hello", lead=lead, by=None)
    assert (result.code, "no consent" in result.message) == ("blocked", True)
    assert send_due() == SendReport()
    assert text_of(lead).state == State.BLOCKED
    assert twilio_simulator.counts()["accepted"] == 0


def test_a_held_reply_says_until_when_and_then_leaves(
    twilio_simulator: TwilioSimulator, monday_morning: time_machine.Coordinates
) -> None:
    monday_morning.move_to(SUNDAY_MORNING)
    lead = reachable_lead(open_market())
    result = queue_reply(lead.owner, phone_of(lead), "Hello", lead=lead, by=None)
    assert (result.code, result.message) == (
        "held",
        "held until Mon 9:00 Central: Sunday in Louisiana",
    )
    assert twilio_simulator.counts()["accepted"] == 0
    monday_morning.move_to(MONDAY_MORNING)
    assert send_due().sent == 1


def test_an_empty_text_is_refused_and_nothing_is_written() -> None:
    lead = reachable_lead(open_market())
    assert queue_reply(lead.owner, phone_of(lead), " \n", lead=lead, by=None).code == "empty"
    assert Message.objects.count() == 0


def test_a_reply_to_a_number_without_a_market_is_refused() -> None:
    assert queue_reply(None, PhoneNumberFactory(), "Hello", by=None).code == "no_market"
    assert Message.objects.count() == 0


def test_a_confirmation_is_never_sent() -> None:
    assert queue_confirmation(PhoneNumberFactory(), "Bye").code == "suppressed"
    assert Message.objects.count() == 0


# two workers


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_each_text_once(twilio_simulator: TwilioSimulator) -> None:
    market = open_market(daily_text_cap=30)
    launched(*[reachable_lead(market) for _ in range(40)])
    workers = [threading.Thread(target=_work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    numbers = sent_to(twilio_simulator)
    assert len(numbers) == len(set(numbers)) == 30
    assert Message.objects.filter(state=State.SENT).count() == 30


@pytest.mark.django_db(transaction=True)
def test_a_place_under_a_cap_is_not_given_away_twice(twilio_simulator: TwilioSimulator) -> None:
    """The second worker counts only when the first one's claim is committed."""
    market = open_market(daily_text_cap=1)
    launched(reachable_lead(market), reachable_lead(market))
    second = threading.Thread(target=_work)
    with transaction.atomic():
        first = sending._claim(1, MONDAY_MORNING, SendReport())
        second.start()
        second.join(timeout=0.5)
        assert second.is_alive()
    second.join()
    assert len(first) == 1
    assert twilio_simulator.counts()["accepted"] == 0
    assert sorted(Message.objects.values_list("state", flat=True)) == [State.QUEUED, State.SENDING]


def _work() -> None:
    try:
        while send_due(limit=5).looked_at:
            pass
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_text_handed_over_while_its_owner_stops_is_not_called_cancelled(twilio_simulator: TwilioSimulator) -> None:
    """The stop waits for the hand-over and then sees it: the text has left, and the books say so."""
    launched(reachable_lead(open_market()))
    (claimed,) = sending._claim(1, MONDAY_MORNING, SendReport())
    stopped = threading.Thread(target=_cancel, args=[claimed.phone])
    with transaction.atomic():
        assert SendAttempt.objects.begin([claimed], MONDAY_MORNING) == {claimed.pk: True}
        stopped.start()
        stopped.join(timeout=0.5)
        assert stopped.is_alive()
    stopped.join()
    assert Message.objects.get(pk=claimed.pk).state == State.SENDING


def _cancel(phone: PhoneNumber) -> None:
    try:
        sending.cancel_queued(phone=phone, reason="STOP")
    finally:
        connection.close()
