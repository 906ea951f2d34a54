"""The buttons at an owner's numbers: who may press them, what they say, how they are taken back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from leads.models import Event, OwnerPhone
from leads.numbers import confirm_number, end_number
from tests.factories import LeadFactory, OwnerFactory, OwnerPhoneFactory, UserFactory

pytestmark = pytest.mark.django_db


def say(link, step):
    return reverse("admin:leads_ownerphone_say", args=[link.pk, step])


def page_of(owner):
    return reverse("admin:leads_owner_change", args=[owner.pk])


def told(response):
    return [str(message) for message in response.context["messages"]]


@pytest.fixture
def link():
    return OwnerPhoneFactory(phone__number="+12252345678")


@pytest.mark.parametrize(
    ("step", "reason", "words"),
    [("disconnected", "disconnected", "is off: disconnected"), ("reassigned", "reassigned", "the consent for it")],
)
def test_a_rep_reports_a_number_and_comes_back_to_where_the_button_stood(client, person, link, step, reason, words):
    rep = person("rep")
    lead = LeadFactory(owner=link.owner)

    response = client.post(say(link, step), {"back": lead.get_absolute_url()}, follow=True)

    assert response.redirect_chain[0][0] == lead.get_absolute_url()
    assert words in told(response)[0]
    assert "The owner has no other number." in told(response)[0]
    link.refresh_from_db()
    assert (link.end_reason, link.ended_by) == (reason, rep)
    page = response.content.decode()
    assert "Open again" in page
    assert "2345678" not in page


def test_the_next_number_is_named(client, person, link):
    person("rep")
    OwnerPhoneFactory(owner=link.owner, rank=2, phone__number="+12252340011")

    response = client.post(say(link, "disconnected"), follow=True)

    assert "The next number is (225) •••-••11." in told(response)[0]
    assert response.redirect_chain[0][0] == page_of(link.owner)


def test_confirming_opening_and_withdrawing(client, person, link):
    rep = person("rep")
    other = OwnerPhoneFactory(owner=link.owner, rank=2)

    assert "switched off" in told(client.post(say(link, "confirm"), follow=True))[0]
    assert "another number is confirmed" in client.get(page_of(link.owner)).content.decode()
    assert list(OwnerPhone.objects.in_use()) == [link]

    client.post(say(link, "unconfirm"))
    client.post(say(other, "disconnected"))
    client.post(say(other, "reopen"))

    assert list(OwnerPhone.objects.in_use().order_by("id")) == [link, other]
    assert set(Event.objects.values_list("actor", flat=True)) == {rep.pk}


def test_what_the_service_declines_is_said(client, person, link):
    person("rep")
    end_number(link, why="disconnected", by=UserFactory())

    assert "or a manager" in told(client.post(say(link, "reopen"), follow=True))[0]
    assert "There is no such button." in told(client.post(say(link, "burn"), follow=True))[0]

    link.refresh_from_db()
    assert link.until is not None
    assert "Open again" not in client.get(page_of(link.owner)).content.decode()


def test_a_manager_opens_what_others_ended(client, person, link):
    end_number(link, why="disconnected", by=UserFactory(username="anna"), note="recording")
    person("manager")
    page = client.get(page_of(link.owner)).content.decode()
    assert "recording · by anna" in page

    client.post(say(link, "reopen"))

    link.refresh_from_db()
    assert link.until is None


@pytest.mark.parametrize("step", ["disconnected", "reassigned", "reopen", "confirm", "unconfirm"])
def test_a_person_without_a_role_changes_nothing(client, link, step):
    client.force_login(UserFactory())

    assert client.post(say(link, step)).status_code == 403

    link.refresh_from_db()
    assert (link.until, link.confirmed_at) == (None, None)
    assert not Event.objects.exists()


def test_a_look_changes_nothing_and_no_foreign_page_is_gone_back_to(client, person, link):
    person("rep")

    assert client.get(say(link, "disconnected")).status_code == 405
    response = client.post(say(link, "confirm"), {"back": "https://evil.example/"})

    assert response.headers["Location"] == page_of(link.owner)
    link.refresh_from_db()
    assert link.until is None


def test_the_owners_page_shows_everything_known_of_a_number(client, person):
    person("rep")
    owner = OwnerFactory()
    OwnerPhoneFactory(
        owner=owner,
        source="skip_trace",
        phone__carrier="Verizon Wireless",
        phone__checked_at=datetime(2026, 2, 3, 18, tzinfo=UTC),
    )

    page = client.get(page_of(owner)).content.decode()

    for words in ("Mobile · Verizon Wireless", "checked Feb 3, 2026", "skip trace, since Jan 5, 2026", "In use"):
        assert words in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_lead_page_takes_the_same_queries_for_any_number_of_numbers(
    client, person, warmed, count, django_assert_num_queries
):
    person("rep")
    lead = LeadFactory()
    links = OwnerPhoneFactory.create_batch(count, owner=lead.owner)
    for _ in links:
        end_number(OwnerPhoneFactory(owner=lead.owner), why="disconnected", by=UserFactory())
    confirm_number(links[0], by=None, note="")
    warmed(lead.get_absolute_url())

    with django_assert_num_queries(21):
        client.get(lead.get_absolute_url())
