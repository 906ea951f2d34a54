"""A text's page from decision to final status, the search for texts, and the gate's words wherever a text waits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from leads.models import Owner
from local.twilio_simulator import TwilioSimulator
from outreach.campaigns import launch_campaign
from outreach.gatekeeper import judge
from outreach.inbound import process_waiting
from outreach.models import Campaign, DeliveryStatus, Message, SendAttempt
from outreach.sending import queue_reply, send_due
from tests.factories import UserFactory
from tests.outreach.campaign_setting import (
    MONDAY_MORNING,
    SUNDAY_MORNING,
    draft_campaign,
    open_market,
    phone_of,
    reachable_lead,
    text_of,
)
from tests.outreach.conversations import contact, texted
from tests.outreach.twilio_requests import stored_status

pytestmark = pytest.mark.django_db
LIST = "/admin/outreach/message/"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(MONDAY_MORNING, tick=False) as coordinates:
        yield coordinates


def page(client: Any, message: Message) -> str:
    content: str = client.get(reverse("admin:outreach_message_change", args=[message.pk])).content.decode()
    return content


def found(client: Any, **query: str) -> list[int]:
    return [row.pk for row in client.get(LIST, query).context["cl"].result_list]


def launched(ending: str = "1234") -> Message:
    lead = reachable_lead(open_market(contact_start="08:00"), number=f"+1225578{ending}")
    assert launch_campaign(draft_campaign(lead.market), by=None)
    return text_of(lead)


def test_the_page_tells_it_in_the_order_in_which_it_happened(
    client, person, twilio_simulator: TwilioSimulator, clock
) -> None:
    person("rep")
    clock.move_to(SUNDAY_MORNING)
    message = launched()
    send_due()
    clock.move_to(MONDAY_MORNING)
    send_due()
    message.refresh_from_db()
    clock.shift(timedelta(seconds=3))
    stored_status(message.token, str(message.sid), "delivered", RawDlrDoneDate="2609141101")
    process_waiting()

    shown = page(client, message)

    steps = [
        "Written",
        "The gate: held until Mon 8:00 Central",
        "The gate: allowed",
        "Attempt 1: handed to the provider",
    ]
    steps += ["Attempt 1: accepted", "HTTP 201", "request RQ", "Callback: delivered", "rank 4"]
    places = [shown.index(step) for step in steps]
    assert places == sorted(places)
    assert "carrier&#x27;s time 2026-09-14 11:01" in shown
    assert "about $0.0108; no price named yet" in shown
    assert message.phone.number[-7:] not in shown


def test_of_very_many_decisions_the_first_and_the_last_are_shown(client, person, clock) -> None:
    person("rep")
    message = launched()
    for _ in range(20):
        judge(Message.objects.with_everything().get(pk=message.pk), MONDAY_MORNING)
        clock.shift(timedelta(minutes=10))

    shown = page(client, message)

    assert shown.count("The gate: ") == 6
    assert "asked 14 more times" in shown


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_the_same_queries_however_much_has_happened(
    client, person, warmed, count, django_assert_num_queries
) -> None:
    person("rep")
    message = texted(contact(), attempts=count)
    for number in range(1, count + 1):
        sid = message.sid if number == count else f"SMold{number}"
        SendAttempt.objects.create(
            message=message, number=number, started_at=MONDAY_MORNING, latency_ms=20, outcome="accepted", sid=sid
        )
        DeliveryStatus.objects.create(message=message, attempt=number, status="sent", received_at=MONDAY_MORNING)
        stored_status(message.token, sid, "delivered")
    url = reverse("admin:outreach_message_change", args=[message.pk])
    warmed(url)

    with django_assert_num_queries(10):
        response = client.get(url)

    assert response.content.decode().count("Callback: ") == 2 * count


def test_a_text_is_found_by_the_id_of_an_earlier_attempt(client, person) -> None:
    person("rep")
    message = texted(contact())
    SendAttempt.objects.create(
        message=message, number=1, started_at=MONDAY_MORNING, outcome="accepted", sid="SM" + "a" * 32
    )
    texted(contact())

    assert found(client, q="SM" + "a" * 32) == [message.pk]
    assert found(client, q=str(message.sid)) == [message.pk]


def test_texts_are_found_by_an_error_they_met_at_any_time(client, person) -> None:
    person("rep")
    ended, tried, told = (texted(contact()) for _ in range(3))
    texted(contact())
    Message.objects.filter(pk=ended.pk).update(error_code=30007)
    SendAttempt.objects.create(message=tried, number=1, started_at=MONDAY_MORNING, outcome="refused", error_code=30007)
    DeliveryStatus.objects.create(message=told, status="undelivered", error_code=30007, received_at=MONDAY_MORNING)

    assert found(client, q="30007") == found(client, error="30007") == [told.pk, tried.pk, ended.pk]
    assert found(client, q="30008") == found(client, error="30008") == []
    assert len(found(client, error="nonsense")) == 4


def test_texts_are_found_by_words_of_a_campaigns_name_where_no_owner_is_called_so(client, person) -> None:
    person("rep")
    message = launched()
    Campaign.objects.update(name="Spring in Ascension")
    named = texted(contact())
    Owner.objects.filter(pk=named.owner_id).update(name="SPRING LAND LLC", name_key="spring land llc")

    assert found(client, q="in ascension") == [message.pk]
    assert found(client, q="spring land") == [named.pk]
    assert found(client, q="autumn") == []


def test_texts_are_narrowed_by_campaign(client, person) -> None:
    person("rep")
    message = launched()
    texted(contact())

    assert found(client, campaign=str(message.step.campaign_id)) == [message.pk]
    assert found(client, campaign="999999") == []
    assert len(found(client, campaign="nonsense")) == 2


def test_the_conversation_links_to_the_page(client, person) -> None:
    person("rep")
    message = texted(contact())
    lead_page = client.get(reverse("admin:leads_lead_change", args=[message.lead_id])).content.decode()
    assert f'href="{message.get_absolute_url()}"' in lead_page


def test_who_may_not_read_texts_sees_no_page(client) -> None:
    message = texted(contact())
    client.force_login(UserFactory())
    assert client.get(message.get_absolute_url()).status_code == 403


# the gate's words


def test_a_held_text_says_until_when_and_why_on_the_lead_the_list_and_its_page(
    client, person, twilio_simulator: TwilioSimulator, clock
) -> None:
    person("rep")
    clock.move_to(SUNDAY_MORNING)
    lead = reachable_lead(open_market(contact_start="08:00"))
    assert queue_reply(lead.owner, phone_of(lead), "Could we talk?", lead=lead, by=None).code == "held"
    words = "eld until Mon 8:00 Central: Sunday in Louisiana"

    urls = [lead.get_absolute_url(), LIST, text_of(lead).get_absolute_url()]
    urls.append(reverse("admin:outreach_message_conversation", args=[lead.owner_id]))

    for url in urls:
        shown = client.get(url).content.decode()
        assert words in shown, url
        assert "Held" in shown.replace("Held until", ""), url


def test_a_blocked_text_says_why(client, person, twilio_simulator: TwilioSimulator) -> None:
    person("rep")
    lead = reachable_lead(open_market(), consent=False)
    assert launch_campaign(draft_campaign(lead.market), by=None)
    send_due()

    words = "locked: no consent good for a text: send a letter or call instead"
    for url in (lead.get_absolute_url(), LIST, text_of(lead).get_absolute_url()):
        assert words in client.get(url).content.decode(), url


def test_a_text_that_is_tried_again_says_that_and_not_that_it_was_allowed(
    client, person, twilio_simulator: TwilioSimulator
) -> None:
    person("rep")
    message = launched("0003")
    assert send_due().counts == {"retried": 1}

    shown = client.get(message.lead.get_absolute_url()).content.decode()

    assert "Tried again: too many requests." in shown
    assert 'class="talk-why">allowed' not in shown
