"""The pages of our own numbers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.models import User
from local.twilio_simulator import TwilioSimulator
from outreach.models import Breaker, BreakerRule, Message, SenderNumber
from outreach.suppressions import suppress_number
from tests.factories import MarketFactory, MessageFactory, SenderNumberFactory

pytestmark = pytest.mark.django_db
LIST = reverse("admin:outreach_sendernumber_changelist")
ADD = reverse("admin:outreach_sendernumber_add")
Person = Callable[[str], User]
FORM = {
    "number": "+12255560123", "label": "Main", "active": "on", "daily_cap": 150, "segments_per_minute": 60,
    "warm_up_texts": 20,
}  # fmt: skip


def page(sender: SenderNumber) -> str:
    return reverse("admin:outreach_sendernumber_change", args=[sender.pk])


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_for_any_number_of_rows(
    client: Client, person: Person, count: int, django_assert_num_queries: Any, warmed: Callable[[str], object]
) -> None:
    person("rep")
    SenderNumberFactory.create_batch(count)
    warmed(LIST)
    with django_assert_num_queries(7):
        response = client.get(LIST)
    assert response.content.count(b'class="field-name') == count


def test_the_list_masks_numbers(client: Client, person: Person) -> None:
    person("rep")
    SenderNumberFactory(number="+12255560123", label="")
    content = client.get(LIST).content.decode()
    assert "(225) •••-••23" in content
    assert "5560123" not in content


@pytest.mark.parametrize(("zone", "left"), [("America/Chicago", 1), ("America/New_York", 2), ("", 1)])
@time_machine.travel("2026-09-15T05:30Z", tick=False)  # half past midnight in Louisiana
def test_the_pages_count_the_texts_of_the_day_its_cap_counts(
    client: Client, person: Person, zone: str, left: int
) -> None:
    person("rep")
    warming = {"daily_cap": 200, "warm_up_from": date(2026, 9, 14), "warm_up_texts": 20}
    sender = SenderNumberFactory(market=MarketFactory(timezone=zone) if zone else None, **warming)
    for minutes in (10, 60, 120):
        at = timezone.now() - timedelta(minutes=minutes)
        MessageFactory(direction="out", origin="reply", state="sent", sid=f"SM{minutes}", sender=sender, claimed_at=at)
    assert f"{left} of 40 (warming up)" in client.get(LIST).content.decode()
    assert f"{left} of 40 (warming up)" in client.get(page(sender)).content.decode()


def test_a_manager_adds_a_number(client: Client, person: Person, twilio_simulator: TwilioSimulator) -> None:
    person("manager")
    client.post(ADD, FORM)
    sender = SenderNumber.objects.get()
    assert (sender.number, sender.label, sender.daily_cap) == ("+12255560123", "Main", 150)


def test_a_number_that_is_none_is_refused(client: Client, person: Person) -> None:
    person("manager")
    response = client.post(ADD, FORM | {"number": "225-556-0123"})
    assert response.context["adminform"].form.errors["number"] == [
        "Use E.164, such as +12255550100, or the id of a messaging service (MG and 32 digits)."
    ]
    assert SenderNumber.objects.count() == 0


def test_the_caps_change_but_the_number_does_not(client: Client, person: Person) -> None:
    user = person("manager")
    sender = SenderNumberFactory(number="+12255560199")
    client.post(page(sender), FORM | {"daily_cap": 10})
    sender.refresh_from_db()
    assert (sender.number, sender.daily_cap) == ("+12255560199", 10)
    assert sender.history.first().history_user == user


def test_a_rep_changes_no_number(client: Client, person: Person) -> None:
    person("rep")
    sender = SenderNumberFactory(daily_cap=200)
    assert client.get(page(sender)).status_code == 200
    assert client.post(page(sender), FORM).status_code == 403
    assert client.get(ADD).status_code == 403
    assert SenderNumber.objects.get().daily_cap == 200


def test_nobody_deletes_a_number(client: Client, person: Person) -> None:
    person("administrator")
    sender = SenderNumberFactory()
    url = reverse("admin:outreach_sendernumber_delete", args=[sender.pk])
    assert client.post(url, {"post": "yes"}).status_code == 403
    assert SenderNumber.objects.count() == 1


def test_anonymous_people_are_sent_to_the_log_in(client: Client) -> None:
    for url in (LIST, ADD, page(SenderNumberFactory())):
        assert "/login/" in client.get(url).headers["Location"]


@pytest.mark.parametrize("number", ["+12255560123", "MG" + "0f" * 16])
def test_a_new_number_is_asked_for_at_the_provider(
    client: Client, person: Person, twilio_simulator: TwilioSimulator, number: str
) -> None:
    person("manager")
    client.post(ADD, FORM | {"number": number})
    assert SenderNumber.objects.get().number == number


def test_a_number_of_another_account_is_refused(client: Client, person: Person, settings: LazySettings) -> None:
    person("manager")
    with TwilioSimulator("AC" + "1" * 32, "token", numbers=frozenset({"+12255550100"})) as twilio:
        _speak_to(settings, twilio.base_url)
        response = client.post(ADD, FORM)
        assert "does not belong to our account" in str(response.context["adminform"].form.errors["number"])
        assert SenderNumber.objects.count() == 0
        client.post(ADD, FORM | {"number": "+12255550100"})
        assert SenderNumber.objects.count() == 1


def test_a_provider_that_does_not_answer_refuses_for_now(
    client: Client, person: Person, settings: LazySettings
) -> None:
    person("manager")
    _speak_to(settings, "http://127.0.0.1:9")
    response = client.post(ADD, FORM)
    assert "could not be asked" in str(response.context["adminform"].form.errors["number"])
    assert SenderNumber.objects.count() == 0


def _speak_to(settings: LazySettings, address: str) -> None:
    settings.LIVE_SENDING, settings.TWILIO_BASE_URL = True, address
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = "AC" + "1" * 32, "token"


def test_the_pages_say_what_became_of_a_numbers_texts(client: Client, person: Person) -> None:
    person("rep")
    sender = SenderNumberFactory()
    now = timezone.now()
    for number, fields in enumerate([{}, {}, {"state": "undelivered", "error_code": 30007}, {"state": "failed"}]):
        MessageFactory(**{"direction": "out", "origin": "reply", "state": "delivered", "sid": f"SM{number}",
                          "sender": sender, "claimed_at": now} | fields)  # fmt: skip
    stopped = Message.objects.earliest("pk")
    suppress_number(stopped.phone, "opt_out", evidence="STOP")
    MessageFactory(direction="in", origin="inbound", state="received", sender=sender, due_at=now)
    Breaker.objects.create(
        rule=BreakerRule.objects.get(scope="sender", signal="filtered"), subject_id=sender.pk, subject="x",
        reason="1 of 4 texts filtered by carriers", opened_at=now,
    )  # fmt: skip

    row = client.get(LIST).content.decode()
    detail = client.get(page(sender)).content.decode()

    assert "2 · 50.0 %" in row
    assert row.count("1 · 25.0 %") == 2  # filtered, opted out
    assert "1 of 4 texts filtered by carriers" in detail
    assert detail.count("2 · 50.0 %") == 6  # delivered and failed, in each of three periods
