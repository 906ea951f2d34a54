"""The page that records a new owner, the history of ownership, and deciding about a lead that waits."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.urls import reverse

from leads.models import Event, Lead, Owner, Ownership
from leads.pipeline import move_lead
from leads.transfers import transfer_parcel
from markets.models import Market
from tests.admin_forms import form_values
from tests.factories import LeadFactory, OwnerFactory, OwnershipFactory, UserFactory

pytestmark = pytest.mark.django_db
FORM = {
    "name": "GUIDRY PAUL", "street": "4 PINE ST", "city": "LAFAYETTE", "state": "LA", "zip": "70501", "how": "sale",
    "on": "2026-03-02", "price": "9000", "reason": "He says he bought it",
}  # fmt: skip


@pytest.fixture(autouse=True)
def spring():
    with time_machine.travel(datetime(2026, 3, 20, 16, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def lead():
    lead = LeadFactory(owner__name="THIBODEAUX MARIE")
    OwnershipFactory(parcel=lead.parcel, owner=lead.owner)
    return lead


def transfer_of(lead):
    return reverse("admin:leads_parcel_transfer", args=[lead.parcel_id])


def decide_of(lead):
    return reverse("admin:leads_lead_owner", args=[lead.pk])


def told(response):
    return [str(message) for message in response.context["messages"]]


def waiting(lead, stage="contacted"):
    Market.objects.update(on_owner_change="decide")
    if stage == "under_contract":
        for step in ("hot", "offer_made", "under_contract"):
            assert move_lead(lead, step, by=None, reason="")
    assert transfer_parcel(lead.parcel, OwnerFactory(name="BUYER LLC"), on=date(2026, 3, 2), by=None, reason="deed")
    return Lead.objects.get(pk=lead.pk)


def test_a_rep_records_a_sale(client, person, lead):
    rep = person("rep")
    page = client.get(transfer_of(lead)).content.decode()
    assert "THIBODEAUX MARIE" in page
    assert "the lead follows the new owner" in page

    response = client.post(transfer_of(lead), FORM, follow=True)

    assert told(response) == ["GUIDRY PAUL owns the parcel now. "]
    now = Ownership.objects.current().get()
    assert (now.owner.name, now.owner.mailing_key) == ("GUIDRY PAUL", "4 PINE ST LAFAYETTE LA 70501")
    assert Event.objects.get(kind="OwnerChanged").actor == rep
    history = response.content.decode()
    for words in ("THIBODEAUX MARIE", "GUIDRY PAUL", "a recorded transfer", "tax roll"):
        assert words in history
    assert "recorded: He says he bought it" in client.get(lead.get_absolute_url()).content.decode()


def test_an_owner_we_know_is_taken(client, person, lead):
    person("rep")
    client.post(transfer_of(lead), FORM)
    other = LeadFactory()

    response = client.post(transfer_of(other), FORM, follow=True)

    assert "in the records already" in told(response)[-1]
    assert Owner.objects.filter(name="GUIDRY PAUL").count() == 1


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"on": "2026-03-21"}, "The day of the transfer has not come yet."),
        ({"name": ""}, "This field is required."),
        ({"price": "-1"}, "greater than or equal"),
        ({"reason": " "}, "This field is required."),
        ({"how": "theft"}, "is not one of the available choices"),
    ],
)
def test_a_refused_form_says_why_and_writes_nothing(client, person, lead, changed, words):
    person("rep")

    response = client.post(transfer_of(lead), FORM | changed)

    assert response.status_code == 200
    assert words in response.content.decode()
    assert Ownership.objects.get().until is None
    assert list(Owner.objects.all()) == [lead.owner]  # nor is the new owner entered
    assert not Event.objects.exists()


def test_a_person_without_the_permission_sees_neither_page_nor_link(client, lead):
    client.force_login(UserFactory())

    assert client.get(transfer_of(lead)).status_code == 403
    assert client.post(transfer_of(lead), FORM).status_code == 403
    assert client.post(decide_of(lead), {"choice": "follow"}).status_code == 403
    assert Ownership.objects.get().until is None


def test_the_parcel_leads_to_the_page(client, person, lead):
    person("rep")

    assert transfer_of(lead) in client.get(lead.parcel.get_absolute_url()).content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_parcels_page_takes_the_same_queries_for_any_number_of_owners(
    client, person, warmed, lead, count, django_assert_num_queries
):
    person("rep")
    OwnershipFactory.create_batch(count - 1, parcel=lead.parcel)
    warmed(lead.parcel.get_absolute_url())

    with django_assert_num_queries(12):
        client.get(lead.parcel.get_absolute_url())


@pytest.mark.parametrize("count", [1, 3])
def test_the_transfer_page_takes_the_same_queries_for_any_number_of_owners(
    client, person, warmed, lead, count, django_assert_num_queries
):
    person("rep")
    OwnershipFactory.create_batch(count - 1, parcel=lead.parcel)
    warmed(transfer_of(lead))

    with django_assert_num_queries(7):
        client.get(transfer_of(lead))


def test_a_waiting_lead_is_found_by_filter_and_home_and_decided_on_its_page(client, person, lead):
    person("rep")
    LeadFactory()
    assert "Owner changed" not in client.get(reverse("admin:index")).content.decode()
    lead = waiting(lead)

    assert "?owner_changed=waiting" in client.get(reverse("admin:index")).content.decode()
    found = client.get(reverse("admin:leads_lead_changelist"), {"owner_changed": "waiting"})
    assert [row.pk for row in found.context["cl"].result_list] == [lead.pk]
    page = client.get(lead.get_absolute_url()).content.decode()
    assert "The parcel has another owner since Mar 20, 2026" in page
    assert "BUYER LLC" in page

    response = client.post(decide_of(lead), {"choice": "follow", "reason": "they sell too"}, follow=True)

    assert told(response) == ["Decided: follow the new owner."]
    lead.refresh_from_db()
    assert lead.owner.name == "BUYER LLC"
    assert "the lead follows the new owner: they sell too" in response.content.decode()
    assert "The parcel has another owner since" not in response.content.decode()


def test_closing_leads_on_to_the_new_owners_lead(client, person, lead):
    person("rep")
    lead = waiting(lead)

    response = client.post(decide_of(lead), {"choice": "close"}, follow=True)

    opened = Lead.objects.open().get()
    assert response.redirect_chain == [(opened.get_absolute_url(), 302)]


def test_a_contract_is_for_a_manager(client, person, lead):
    person("rep")
    lead = waiting(lead, "under_contract")
    assert "A manager decides about it." in client.get(lead.get_absolute_url()).content.decode()

    response = client.post(decide_of(lead), {"choice": "keep"}, follow=True)

    assert told(response) == ["A manager decides about a lead under contract."]
    lead.refresh_from_db()
    assert lead.owner_changed_at is not None


def test_the_markets_rule_is_set_with_the_market_and_kept_in_its_history(client, person, lead):
    manager = person("manager")
    url = reverse("admin:markets_market_change", args=[lead.market_id])
    values = form_values(client.get(url))

    client.post(url, values | {"on_owner_change": "close"})

    lead.market.refresh_from_db()
    assert lead.market.on_owner_change == "close"
    assert lead.market.history.first().history_user == manager
