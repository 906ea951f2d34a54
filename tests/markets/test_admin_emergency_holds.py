"""The emergency hold in the admin: one clear on and off per state, with who, when and why."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from markets.models import EmergencyHold
from tests.admin_forms import form_values
from tests.factories import MarketFactory, UserFactory

pytestmark = pytest.mark.django_db
ADD = reverse("admin:markets_emergencyhold_add")
LIST = reverse("admin:markets_emergencyhold_changelist")


def page_of(hold):
    return reverse("admin:markets_emergencyhold_change", args=[hold.pk])


def end_of(hold):
    return reverse("admin:markets_emergencyhold_end", args=[hold.pk])


def said(response):
    return " ".join(str(message) for message in response.context["messages"])


def hold_on(state="LA", **fields):
    started = timezone.now() - timedelta(hours=1)
    return EmergencyHold.objects.create(**{"state": state, "starts_at": started, "reason": "Hurricane"} | fields)


def test_a_hold_is_on_at_once_and_says_who_and_why(client, person):
    user = person("manager")
    values = form_values(client.get(f"{ADD}?state=LA")) | {"reason": "Hurricane Delta"}

    assert client.post(ADD, values).status_code == 302
    hold = EmergencyHold.objects.get()
    assert (hold.state, hold.created_by, hold.ends_at) == ("LA", user, None)
    assert list(EmergencyHold.objects.in_force(timezone.now() + timedelta(seconds=1))) == [hold]
    page = client.get(LIST).content.decode()
    assert "Hold is on: nothing goes out" in page
    assert "put on by a-manager" in page
    assert "Hurricane Delta" in page
    assert "This hold is on" in client.get(page_of(hold)).content.decode()


def test_a_hold_is_ended_by_a_button_and_by_nobody_twice(client, person):
    user, hold = person("manager"), hold_on()

    assert "The hold in LA has ended." in said(client.post(end_of(hold), follow=True))
    hold.refresh_from_db()
    ended = hold.ends_at
    assert not hold.on_at(timezone.now())
    assert hold.history.first().history_user == user
    assert "is not on" in said(client.post(end_of(hold), follow=True))
    hold.refresh_from_db()
    assert hold.ends_at == ended


def test_ending_one_of_two_holds_says_that_the_state_stays_quiet(client, person):
    person("manager")
    hold, _ = hold_on(), hold_on(reason="Flood")

    assert "another one in LA is still on" in said(client.post(end_of(hold), follow=True))


def test_a_planned_hold_ends_by_its_date_and_not_by_the_button(client, person):
    person("manager")
    hold = hold_on(starts_at=timezone.now() + timedelta(days=1))

    assert "is not on" in said(client.post(end_of(hold), follow=True))
    assert EmergencyHold.objects.get().ends_at is None


def test_a_hold_that_is_not_on_when_it_is_saved_is_told(client, person):
    person("manager")
    values = form_values(client.get(ADD)) | {"state": "LA", "reason": "Hurricane"}
    values |= {"starts_at_0": "2020-08-25", "ends_at_0": "2020-08-30", "ends_at_1": "12:00"}

    assert "not on now: texts to LA may go out" in said(client.post(ADD, values, follow=True))


def test_where_and_since_when_a_hold_is_on_cannot_be_rewritten(client, person):
    person("administrator")
    hold = hold_on()
    later = {"state": "TX", "starts_at_0": "2099-01-01", "starts_at_1": "00:00", "reason": "Hurricane Ida"}

    client.post(page_of(hold), form_values(client.get(page_of(hold))) | later)

    changed = EmergencyHold.objects.get()
    assert (changed.state, changed.starts_at, changed.reason) == ("LA", hold.starts_at, "Hurricane Ida")


def test_a_hold_ends_after_it_starts(client, person):
    person("manager")
    values = form_values(client.get(ADD)) | {
        "state": "LA",
        "reason": "x",
        "ends_at_0": "2020-01-01",
        "ends_at_1": "1:00",
    }

    assert "A hold ends after it starts." in str(client.post(ADD, values).context["errors"])
    assert not EmergencyHold.objects.exists()


def test_every_state_we_work_in_has_its_switch(client, person):
    person("rep")
    MarketFactory(state="LA")
    MarketFactory(state="TX")
    hold_on("AL")

    switches = client.get(LIST).context["switches"]

    assert [(switch.state, len(switch.holds)) for switch in switches] == [("AL", 1), ("LA", 0), ("TX", 0)]


@pytest.mark.parametrize(("role", "buttons"), [("rep", False), ("manager", True)])
def test_the_buttons_are_for_those_who_may(client, person, role, buttons):
    person(role)
    MarketFactory(state="TX")
    hold_on()

    page = client.get(LIST).content.decode()

    assert ("End it now" in page, "Put a hold on" in page) == (buttons, buttons)


def test_a_rep_ends_no_hold(client, person):
    person("rep")
    hold = hold_on()

    assert client.post(end_of(hold)).status_code == 403
    assert client.get(end_of(hold)).status_code == 405
    client.force_login(UserFactory())
    assert client.post(end_of(hold)).status_code == 403
    assert EmergencyHold.objects.get().ends_at is None
