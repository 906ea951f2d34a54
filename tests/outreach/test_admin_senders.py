"""The pages of our own numbers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.models import User
from outreach.models import SenderNumber
from tests.factories import MessageFactory, SenderNumberFactory

pytestmark = pytest.mark.django_db
LIST = reverse("admin:outreach_sendernumber_changelist")
ADD = reverse("admin:outreach_sendernumber_add")
Person = Callable[[str], User]
FORM = {"number": "+12255560123", "label": "Main", "active": "on", "daily_cap": 150, "segments_per_minute": 60}


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


def test_the_list_masks_numbers_and_counts_the_last_day(client: Client, person: Person) -> None:
    person("rep")
    sender = SenderNumberFactory(number="+12255560123", label="", daily_cap=200)
    for hours in (1, 30):
        at = timezone.now() - timedelta(hours=hours)
        MessageFactory(direction="out", origin="reply", state="sent", sid=f"SM{hours}", sender=sender, claimed_at=at)
    content = client.get(LIST).content.decode()
    assert "(225) •••-••23" in content
    assert "5560123" not in content
    assert "1 of 200" in content


def test_a_manager_adds_a_number(client: Client, person: Person) -> None:
    person("manager")
    client.post(ADD, FORM)
    sender = SenderNumber.objects.get()
    assert (sender.number, sender.label, sender.daily_cap) == ("+12255560123", "Main", 150)


def test_a_number_that_is_none_is_refused(client: Client, person: Person) -> None:
    person("manager")
    response = client.post(ADD, FORM | {"number": "225-556-0123"})
    assert response.context["adminform"].form.errors["number"] == ["Use E.164, such as +12255550100."]
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
