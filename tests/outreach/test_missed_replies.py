from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from local.engines import free_port
from outreach.inbound import process_waiting
from outreach.missed_replies import fetch_missed_replies
from outreach.models import Message, WebhookEvent
from outreach.suppressions import active_reasons
from tests.outreach.conversations import a_sender, contact, texted
from tests.outreach.twilio_requests import SENDER, stored_text

pytestmark = pytest.mark.django_db


def test_a_stop_whose_webhook_never_came_counts_all_the_same(twilio_simulator):
    person = contact()
    texted(person)
    twilio_simulator.text_in(person.phone.number, SENDER, "STOP")

    assert fetch_missed_replies() == 1
    process_waiting()

    assert active_reasons(person.phone, person.owner) == ["opt_out"]
    assert Message.objects.replies().get().owner == person.owner


def test_pictures_are_counted_whether_they_were_posted_or_found(twilio_simulator):
    a_sender()
    twilio_simulator.text_in("+12255551234", SENDER, "", media=3)
    stored_text("+12255551235", "look", NumMedia="1")
    stored_text("+12255551236", "no number of pictures", number=2, NumMedia="²")
    fetch_missed_replies()
    process_waiting()

    shown = Message.objects.replies().order_by("body")
    assert [message.words for message in shown] == ["(3 pictures)", "look (1 picture)", "no number of pictures"]


def test_a_stop_is_found_after_ten_days_of_silence(twilio_simulator):
    person = contact()
    texted(person)
    twilio_simulator.text_in(person.phone.number, SENDER, "STOP")

    assert fetch_missed_replies(timezone.now() + timedelta(days=10)) == 1


def test_what_came_by_webhook_is_not_taken_twice(twilio_simulator):
    a_sender()
    posted = twilio_simulator.text_in("+12255551234", SENDER, "How much?")
    event = stored_text("+12255551234", "How much?")
    WebhookEvent.objects.filter(pk=event.pk).update(key=f"inbound:{posted.sid}")

    assert fetch_missed_replies() == 0
    assert fetch_missed_replies() == 0
    assert WebhookEvent.objects.count() == 1


def test_texts_to_numbers_that_are_not_ours_and_our_own_are_left_alone(twilio_simulator):
    a_sender()
    twilio_simulator.text_in("+12255551234", "+12255569999", "How much?")

    assert fetch_missed_replies() == 0
    assert not WebhookEvent.objects.exists()


def test_a_provider_that_is_down_is_asked_again_later(twilio_simulator, settings):
    a_sender()
    settings.TWILIO_BASE_URL = f"http://127.0.0.1:{free_port()}"

    assert fetch_missed_replies() == 0
    assert not WebhookEvent.objects.exists()


def test_nothing_is_asked_while_the_live_switch_is_off(twilio_simulator, settings):
    settings.LIVE_SENDING = False
    a_sender()
    twilio_simulator.text_in("+12255551234", SENDER, "How much?")

    assert fetch_missed_replies() == 0
    assert not WebhookEvent.objects.exists()
