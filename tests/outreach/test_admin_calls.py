"""The call list and the page of one call: filling, calling, logging, and who may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.models import User
from leads.models import Lead, PhoneNumber
from markets.models import EmergencyHold, Market
from outreach.calls import fill_call_list, log_call
from outreach.models import CallTask, Consent, Suppression
from tests.factories import UserFactory
from tests.outreach.campaign_setting import MONDAY_MORNING, SUNDAY_MORNING, open_market, phone_of, reachable_lead

pytestmark = pytest.mark.django_db
LIST = reverse("admin:outreach_calltask_changelist")
FILL = reverse("admin:outreach_calltask_fill")
Person = Callable[[str], User]


@pytest.fixture
def market() -> Market:
    return open_market()


@pytest.fixture
def task(market: Market) -> CallTask:
    reachable_lead(market, consent=False, name="SMITH JOHN", number="+12252345671")
    fill_call_list(market, 10)
    return CallTask.objects.get()


def page(task: CallTask) -> str:
    return reverse("admin:outreach_calltask_change", args=[task.pk])


def log_url(task: CallTask) -> str:
    return reverse("admin:outreach_calltask_log", args=[task.pk])


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def listed(client: Client, **query: str) -> list[str]:
    return [row.owner.name for row in client.get(LIST, query).context["cl"].result_list]


# the list


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_for_any_number_of_rows(
    client: Client,
    person: Person,
    market: Market,
    count: int,
    django_assert_num_queries: Any,
    warmed: Callable[[str], object],
) -> None:
    person("rep")
    for _ in range(count):
        reachable_lead(market, consent=False)
    fill_call_list(market, 10)
    warmed(LIST)
    with django_assert_num_queries(7):
        response = client.get(LIST)
    assert response.content.count(b'class="field-owner_name') == count


def test_the_list_shows_open_calls_with_masked_numbers(client: Client, person: Person, task: CallTask) -> None:
    person("rep")
    content = client.get(LIST).content.decode()
    assert "(225) •••-••71" in content
    assert "2345671" not in content
    assert "SMITH JOHN" in content


def test_calls_that_were_made_or_wait_for_a_later_day_have_their_own_lists(
    client: Client, person: Person, market: Market, task: CallTask
) -> None:
    user = person("rep")
    assert log_call(task, "call_back", note="", by=user, call_back_at=timezone.now() + timedelta(days=2))
    assert (listed(client), listed(client, state="due"), listed(client, state="done")) == (
        ["SMITH JOHN"],
        [],
        ["SMITH JOHN"],
    )
    assert (listed(client, assigned="me"), listed(client, assigned="nobody")) == (["SMITH JOHN"], [])


def test_filling_the_list_says_how_many_calls_are_new(client: Client, person: Person, market: Market) -> None:
    person("rep")
    for _ in range(3):
        reachable_lead(market, consent=False)
    assert said(client.post(FILL, {"market": market.pk, "limit": 2}, follow=True)) == [f"2 new calls for {market}."]
    assert CallTask.objects.count() == 2


def test_filling_in_vain_says_why(client: Client, person: Person, market: Market) -> None:
    person("rep")
    assert "no owner in" in said(client.post(FILL, {"market": market.pk, "limit": 2}, follow=True))[0]
    reachable_lead(market, consent=False)
    EmergencyHold.objects.create(state="LA", reason="Storm", starts_at=timezone.now() - timedelta(hours=1))
    assert "emergency hold" in said(client.post(FILL, {"market": market.pk, "limit": 2}, follow=True))[0]
    assert CallTask.objects.count() == 0


@pytest.mark.parametrize("limit", ["0", "201", ""])
def test_a_bad_number_of_calls_fills_nothing(client: Client, person: Person, market: Market, limit: str) -> None:
    person("rep")
    reachable_lead(market, consent=False)
    response = client.post(FILL, {"market": market.pk, "limit": limit}, follow=True)
    assert said(response) == ["Choose a market and 1 to 200 calls."]
    assert CallTask.objects.count() == 0


# one call


def test_the_page_has_the_masked_number_and_the_calls_before(
    client: Client, person: Person, market: Market, task: CallTask
) -> None:
    user = person("rep")
    log_call(task, "no_answer", note="Rang ten times", by=user)
    following = CallTask.objects.open().get()
    response = client.get(page(following))
    assert [call.note for call in response.context["earlier"]] == ["Rang ten times"]
    assert response.context["phone"] == "(225) •••-••71"
    assert phone_of(task.lead).number[-7:] not in response.content.decode()


def test_an_outcome_closes_the_call_with_the_note(client: Client, person: Person, task: CallTask) -> None:
    user = person("rep")
    response = client.post(log_url(task), {"outcome": "interested", "note": "Wants an offer"}, follow=True)
    closed = CallTask.objects.get()
    assert (closed.outcome, closed.note, closed.done_by) == ("interested", "Wants an offer", user)
    assert Lead.objects.get().stage == "hot"
    assert said(response) == ["SMITH JOHN: Interested: the lead is hot now."]
    assert Consent.objects.count() == 0


def test_the_words_of_a_yes_to_texts_are_kept_as_consent(client: Client, person: Person, task: CallTask) -> None:
    person("rep")
    client.post(log_url(task), {"outcome": "interested", "consent_words": "Sure, text me"})
    consent = Consent.objects.get()
    assert (consent.basis, consent.evidence, consent.phone) == ("verbal", "Sure, text me", task.phone)


def test_a_wish_to_be_left_alone_is_one_tick(client: Client, person: Person, task: CallTask) -> None:
    user = person("rep")
    response = client.post(
        log_url(task), {"outcome": "not_interested", "note": "Lose my number", "stop": "on"}, follow=True
    )
    stop = Suppression.objects.get()
    assert (stop.reason, stop.evidence, stop.created_by) == ("opt_out", "Call: Lose my number", user)
    assert said(response)[0].endswith("The number is never texted or called again.")


def test_a_call_back_needs_its_date_and_keeps_what_was_typed(client: Client, person: Person, task: CallTask) -> None:
    person("rep")
    response = client.post(log_url(task), {"outcome": "call_back", "note": "After lunch"})
    assert said(response) == ["Say when to call back."]
    assert response.context["form"]["note"].value() == "After lunch"
    assert CallTask.objects.get().done_at is None
    later = timezone.localtime() + timedelta(days=1)
    client.post(log_url(task), {"outcome": "call_back", "call_back_at": f"{later:%Y-%m-%dT%H:%M}"})
    planned = CallTask.objects.open().get()
    assert planned.due_at == later.replace(second=0, microsecond=0)


@pytest.mark.parametrize(
    ("posted", "error"),
    [({"outcome": "sold"}, "is no outcome of a call"), ({"outcome": ""}, "Press the button")],
)
def test_an_unknown_outcome_changes_nothing(
    client: Client, person: Person, task: CallTask, posted: dict[str, str], error: str
) -> None:
    person("rep")
    assert error in said(client.post(log_url(task), posted))[0]
    assert CallTask.objects.get().done_at is None


def test_a_date_nobody_can_read_changes_nothing(client: Client, person: Person, task: CallTask) -> None:
    person("rep")
    response = client.post(log_url(task), {"outcome": "call_back", "call_back_at": "tomorrow"})
    assert response.context["form"].errors["call_back_at"]
    assert CallTask.objects.get().done_at is None


def test_a_call_is_logged_once(client: Client, person: Person, task: CallTask) -> None:
    person("rep")
    client.post(log_url(task), {"outcome": "interested"})
    response = client.post(log_url(task), {"outcome": "not_interested"})
    assert said(response)[-1] == "This call was logged before."
    assert Lead.objects.get().stage == "hot"


# who may


def test_without_the_permission_a_call_is_read_only(client: Client, task: CallTask) -> None:
    from django.contrib.auth.models import Permission

    viewer = UserFactory()
    viewer.user_permissions.add(Permission.objects.get(codename="view_calltask"))
    client.force_login(viewer)
    assert b"Fill call list" not in client.get(LIST).content
    assert b"Interested" not in client.get(page(task)).content
    assert client.post(FILL, {"market": task.lead.market_id, "limit": 1}).status_code == 403
    assert client.post(log_url(task), {"outcome": "interested"}).status_code == 403
    assert CallTask.objects.get().done_at is None


@pytest.mark.parametrize("role", ["rep", "manager", "administrator"])
def test_every_role_makes_calls(client: Client, person: Person, task: CallTask, role: str) -> None:
    user = person(role)
    client.post(log_url(task), {"outcome": "voicemail"})
    assert CallTask.objects.done().get().done_by == user


def test_strangers_see_nothing(client: Client, task: CallTask) -> None:
    for url in (LIST, page(task)):
        assert "/login/" in client.get(url).headers["Location"]
    client.force_login(UserFactory())
    assert client.get(LIST).status_code == 403
    assert client.get(page(task)).status_code == 403


def test_filling_and_logging_are_posts_only(client: Client, person: Person, task: CallTask) -> None:
    person("rep")
    assert client.get(FILL).status_code == 405
    assert client.get(log_url(task)).status_code == 405


@pytest.mark.parametrize(
    ("at", "warning"),
    [
        (MONDAY_MORNING, ""),
        (MONDAY_MORNING + timedelta(hours=11), "after 20:00 in Louisiana (Central)"),
        (SUNDAY_MORNING, "Sunday in Louisiana"),
    ],
)
def test_the_page_warns_of_hours_in_which_nobody_is_called(
    client: Client, person: Person, task: CallTask, at: datetime, warning: str
) -> None:
    with time_machine.travel(at, tick=False):
        person("rep")
        content = client.get(page(task)).content.decode()
    assert ("Do not call now" in content) == bool(warning)
    assert warning in content


def test_the_page_warns_of_an_emergency_where_the_person_lives(client: Client, person: Person, task: CallTask) -> None:
    """The land is elsewhere; the number is from the state that the governor has closed."""
    phone = task.phone
    assert phone is not None
    PhoneNumber.objects.filter(pk=phone.pk).update(area_code="228")
    EmergencyHold.objects.create(state="MS", starts_at=MONDAY_MORNING - timedelta(days=1), reason="hurricane")
    with time_machine.travel(MONDAY_MORNING, tick=False):
        person("rep")
        assert "emergency in Mississippi: hurricane" in client.get(page(task)).content.decode()
