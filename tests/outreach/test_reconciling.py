from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.conf import LazySettings, settings
from django.db import connection

from leads.models import Event
from local.twilio_simulator import TwilioSimulator
from outreach import delivery, sending
from outreach.campaigns import launch_campaign
from outreach.handing_over import as_text, begin_attempts, hand_over
from outreach.models import Message
from outreach.provider import sms_provider
from outreach.reconciling import (
    GIVE_UP_AFTER,
    LATE_WINDOW,
    STUCK_AFTER,
    fetch_late_statuses,
    fetch_missing_statuses,
    reconcile,
)
from outreach.sending import SendReport, queue_reply, send_due
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


def queued(ending: str = "1234") -> Message:
    lead = reachable_lead(open_market(), number=f"+1225578{ending}")
    launch_campaign(draft_campaign(lead.market), by=None)
    return Message.objects.get()


def test_a_time_out_after_acceptance_is_one_text_settled_from_the_providers_list(
    twilio_simulator: TwilioSimulator, monday_morning: time_machine.Coordinates
) -> None:
    queued("0005")
    assert send_due().counts == {"uncertain": 1}
    monday_morning.shift(timedelta(minutes=1))
    assert send_due() == SendReport()
    assert reconcile()["found"] == 1
    message = Message.objects.get()
    assert (message.state, message.sid) == (State.DELIVERED, texts_at(twilio_simulator)[0]["sid"])
    assert len(texts_at(twilio_simulator)) == 1
    assert Event.objects.of_kind(Event.Kind.MESSAGE_SENT).count() == 1


def test_a_text_the_provider_never_got_fails_for_a_person_and_is_not_sent_again(
    twilio_simulator: TwilioSimulator, monday_morning: time_machine.Coordinates
) -> None:
    queued("0004")
    send_due()
    assert reconcile()["no trace"] == 0
    monday_morning.shift(GIVE_UP_AFTER + timedelta(minutes=1))
    assert reconcile()["no trace"] == 1
    message = Message.objects.get()
    assert (message.state, "A person has to decide" in message.error) == (State.FAILED, True)
    assert Event.objects.of_kind(Event.Kind.MESSAGE_FAILED).count() == 1
    assert send_due() == SendReport()
    assert len(twilio_simulator.log()["refused"]) == 1


def test_the_same_words_sent_by_another_message_are_not_taken_for_ours(
    twilio_simulator: TwilioSimulator, monday_morning: time_machine.Coordinates
) -> None:
    message = queued()
    send_due()
    sid = Message.objects.get().sid
    twin = Message.objects.get()
    twin.pk, twin.sid, twin.token, twin.step, twin.state = None, None, None, None, State.UNCERTAIN
    twin.token = message.token.__class__(int=1)
    twin.save()
    twin.send_attempts.create(number=1, started_at=MONDAY_MORNING, outcome="started")
    reconcile()
    twin.refresh_from_db()
    assert (twin.state, twin.sid) == (State.UNCERTAIN, None)
    assert Message.objects.get(pk=message.pk).sid == sid


def uncertain_twins() -> tuple[Message, Message]:
    """Two texts with the same words to one number, neither answered; the provider got the second one only."""
    second = queued("0005")
    assert send_due().counts == {"uncertain": 1}
    first = Message.objects.get()
    first.pk, first.token, first.step = None, uuid.uuid4(), None
    first.claimed_at = MONDAY_MORNING - timedelta(seconds=1)
    first.save()
    first.send_attempts.create(number=1, started_at=MONDAY_MORNING, outcome="started")
    return first, second


def test_of_two_texts_that_read_the_same_none_is_guessed_while_a_callback_may_tell(
    twilio_simulator: TwilioSimulator, monday_morning: time_machine.Coordinates
) -> None:
    first, second = uncertain_twins()
    assert reconcile().total() == 0
    sid = texts_at(twilio_simulator)[0]["sid"]
    delivery.apply_status(second, "delivered", None, MONDAY_MORNING, sid=sid)
    monday_morning.shift(GIVE_UP_AFTER + timedelta(minutes=1))
    assert reconcile()["no trace"] == 1
    states = dict(Message.objects.values_list("pk", "state"))
    assert states == {first.pk: State.FAILED, second.pk: State.DELIVERED}


def test_in_the_end_one_of_them_is_taken_and_a_late_callback_puts_it_right(
    twilio_simulator: TwilioSimulator, monday_morning: time_machine.Coordinates
) -> None:
    first, second = uncertain_twins()
    monday_morning.shift(GIVE_UP_AFTER + timedelta(minutes=1))
    done = reconcile()
    assert (done["found"], done["no trace"]) == (1, 1)
    sid = texts_at(twilio_simulator)[0]["sid"]
    assert Message.objects.get(sid=sid).pk == first.pk
    assert delivery.apply_status(second, "delivered", None, MONDAY_MORNING, sid=sid)
    first.refresh_from_db()
    assert (first.state, first.sid, first.send_attempts.get().sid) == (State.UNCERTAIN, None, "")
    assert (Message.objects.get(pk=second.pk).state, Message.objects.get(sid=sid).pk) == (State.DELIVERED, second.pk)
    assert reconcile()["no trace"] == 1
    assert len(texts_at(twilio_simulator)) == 1


def test_a_claim_that_was_not_handed_over_goes_back_into_the_queue(
    twilio_simulator: TwilioSimulator, monday_morning: time_machine.Coordinates
) -> None:
    queued()
    sending._claim(10, MONDAY_MORNING, SendReport())
    assert send_due() == SendReport()
    assert reconcile()["released"] == 0
    monday_morning.shift(STUCK_AFTER + timedelta(seconds=1))
    assert reconcile()["released"] == 1
    assert send_due().sent == 1
    assert len(texts_at(twilio_simulator)) == 1


def test_a_slow_worker_does_not_send_what_was_taken_from_it(
    twilio_simulator: TwilioSimulator, monday_morning: time_machine.Coordinates
) -> None:
    queued()
    slow = sending._claim(10, MONDAY_MORNING, SendReport())
    monday_morning.shift(STUCK_AFTER + timedelta(seconds=1))
    reconcile()
    later = MONDAY_MORNING + STUCK_AFTER * 2
    quick = sending._claim(10, later, SendReport())
    assert hand_over(slow, MONDAY_MORNING) == {"cancelled": 1}
    assert texts_at(twilio_simulator) == []
    assert hand_over(quick, later) == {"sent": 1}
    assert len(texts_at(twilio_simulator)) == 1


def test_a_worker_lost_during_the_call_leads_to_a_question_not_to_a_second_text(
    twilio_simulator: TwilioSimulator, monday_morning: time_machine.Coordinates
) -> None:
    queued()
    claimed = sending._claim(10, MONDAY_MORNING, SendReport())[0]
    assert begin_attempts([claimed], MONDAY_MORNING) == {}
    sms_provider().send(as_text(claimed))  # and here the worker dies
    monday_morning.shift(STUCK_AFTER + timedelta(seconds=1))
    done = reconcile()
    assert (done["uncertain"], done["found"]) == (1, 1)
    assert Message.objects.get().sid == texts_at(twilio_simulator)[0]["sid"]
    assert send_due() == SendReport()
    assert len(texts_at(twilio_simulator)) == 1


def test_a_text_whose_id_only_the_attempt_knows_is_asked_about_by_it(
    twilio_simulator: TwilioSimulator, monday_morning: time_machine.Coordinates
) -> None:
    queued()
    send_due()
    Message.objects.update(state=State.UNCERTAIN, sid=None, sent_at=None)  # as after a crash between two commits
    assert reconcile()["found"] == 1
    assert Message.objects.get().sid == texts_at(twilio_simulator)[0]["sid"]


def test_a_status_whose_callback_was_lost_is_fetched(
    twilio_simulator: TwilioSimulator, monday_morning: time_machine.Coordinates
) -> None:
    queued("0010")
    send_due()
    twilio_simulator.wait_until_quiet()
    assert Message.objects.get().state == State.SENT
    monday_morning.shift(timedelta(minutes=16))
    assert reconcile()["status"] == 1
    assert Message.objects.get().state == State.DELIVERED


def test_a_status_is_learnt_days_later_when_we_were_away(
    twilio_simulator: TwilioSimulator, monday_morning: time_machine.Coordinates
) -> None:
    queued("0010")
    send_due()
    twilio_simulator.wait_until_quiet()
    monday_morning.shift(LATE_WINDOW - timedelta(minutes=1))
    assert reconcile()["status"] == 0
    assert fetch_late_statuses() == 1
    assert Message.objects.get().state == State.DELIVERED
    assert fetch_late_statuses() == 0


def test_texts_of_which_nobody_will_say_more_do_not_stand_in_the_way_of_others(
    twilio_simulator: TwilioSimulator, monday_morning: time_machine.Coordinates
) -> None:
    queued("0010")
    send_due()
    twilio_simulator.wait_until_quiet()
    stuck = Message.objects.get()
    for number in range(3):
        stuck.pk, stuck.token, stuck.step, stuck.sid = None, uuid.uuid4(), None, f"SM{number:032d}"
        stuck.sent_at = MONDAY_MORNING - timedelta(minutes=1)
        stuck.save()
    monday_morning.shift(timedelta(minutes=16))
    for _ in range(60):
        if fetch_missing_statuses(MONDAY_MORNING + timedelta(minutes=16), 1)["status"]:
            break
    assert Message.objects.filter(state=State.DELIVERED).count() == 1


def test_a_text_that_the_provider_does_not_know_stands_in_nobodys_way(
    twilio_simulator: TwilioSimulator, monday_morning: time_machine.Coordinates
) -> None:
    lost = queued("0005")
    assert lost.market is not None
    found = reachable_lead(lost.market, number="+12255790005")
    assert send_due().counts == {"uncertain": 1}
    lost.send_attempts.update(sid="SM" + "f" * 32)  # which nobody has
    monday_morning.shift(timedelta(seconds=1))
    assert queue_reply(found.owner, phone_of(found), "Hello.", lead=found, by=None)
    assert send_due().counts == {"uncertain": 1}

    assert reconcile()["found"] == 1
    monday_morning.shift(GIVE_UP_AFTER + timedelta(minutes=1))
    assert reconcile()["no trace"] == 1
    assert Message.objects.get(pk=lost.pk).state == State.FAILED


def test_a_provider_that_is_not_there_is_asked_once_a_round(
    twilio_simulator: TwilioSimulator,
    monday_morning: time_machine.Coordinates,
    settings: LazySettings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    queued("0010")
    send_due()
    twilio_simulator.wait_until_quiet()
    other = Message.objects.get()
    other.pk, other.token, other.step, other.sid = None, uuid.uuid4(), None, "SM" + "2" * 32
    other.save()
    monday_morning.shift(timedelta(minutes=16))
    settings.TWILIO_BASE_URL = "http://127.0.0.1:9"
    assert reconcile()["status"] == 0
    assert caplog.text.count("fetching of statuses stopped") == 1


def test_nothing_is_asked_while_the_live_switch_is_off(settings: LazySettings) -> None:
    settings.LIVE_SENDING = False
    settings.TWILIO_BASE_URL = "http://127.0.0.1:9"
    queued()
    Message.objects.update(state=State.UNCERTAIN, claimed_at=MONDAY_MORNING)
    assert reconcile() == {"released": 0, "uncertain": 0}


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_between_claim_and_answer_sends_no_second_text(
    twilio_simulator: TwilioSimulator, monday_morning: time_machine.Coordinates
) -> None:
    """A real process, killed with SIGKILL while the provider holds back its answer."""
    queued("0005")
    worker = subprocess.Popen([sys.executable, "-c", WORKER, MONDAY_MORNING.isoformat()], env=worker_environment())
    try:
        wait_for(lambda: bool(texts_at(twilio_simulator)))
    finally:
        worker.kill()
        worker.wait()

    assert Message.objects.get().state == State.SENDING
    monday_morning.shift(STUCK_AFTER + timedelta(seconds=1))
    assert send_due() == SendReport()
    done = reconcile()
    assert (done["uncertain"], done["found"]) == (1, 1)
    assert Message.objects.get().state == State.DELIVERED
    assert len(texts_at(twilio_simulator)) == 1


WORKER = """
import sys
from datetime import datetime
import django
django.setup()
from outreach.sending import send_due
send_due(now=datetime.fromisoformat(sys.argv[1]))
"""


def worker_environment() -> dict[str, str]:
    database = connection.settings_dict
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database['NAME']}").geturl()
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": address,
        "TWILIO_BASE_URL": settings.TWILIO_BASE_URL,
        "TWILIO_ACCOUNT_SID": settings.TWILIO_ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": settings.TWILIO_AUTH_TOKEN,
        "TWILIO_TIMEOUT": "30",
        "LIVE_SENDING": "1",
    }


def wait_for(happened: Callable[[], bool], seconds: int = 20) -> None:
    for _ in range(seconds * 50):
        if happened():
            return
        time.sleep(0.02)
    pytest.fail(f"nothing happened for {seconds} s")
