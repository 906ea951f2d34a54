"""Earlier versions in the admin: what their form may put back, and for whom."""

import pytest
from django.urls import reverse

from leads.models import Lead
from markets.models import Market
from tests.admin_forms import form_values
from tests.factories import LeadFactory, MarketFactory

pytestmark = pytest.mark.django_db


def version_of(record, number):
    name = record._meta.label_lower.replace(".", "_")
    version = record.history.order_by("history_id")[number]
    return reverse(f"admin:{name}_simple_history", args=[record.pk, version.pk])


def history_of(record):
    return reverse(f"admin:{record._meta.label_lower.replace('.', '_')}_history", args=[record.pk])


@pytest.fixture
def market():
    market = MarketFactory(daily_text_cap=60)
    market.daily_text_cap = 40
    market.save()
    return market


def test_a_manager_puts_an_earlier_version_back_and_is_named(client, person, market):
    user = person("manager")
    first = version_of(market, 0)

    response = client.post(first, form_values(client.get(first)))

    assert response.status_code == 302
    assert Market.objects.get().daily_text_cap == 60
    assert market.history.count() == 3
    assert market.history.first().history_user == user


def test_a_rep_sees_what_changed_and_puts_nothing_back(client, person, market):
    person("manager")
    first = version_of(market, 0)
    values = form_values(client.get(first))

    person("rep")
    page = client.get(history_of(market)).content.decode()
    assert "Daily text cap" in page
    assert "revert" not in page
    assert client.get(first).url == history_of(market)
    assert client.post(first, values).status_code == 403
    assert Market.objects.get().daily_text_cap == 40


def test_what_a_person_may_not_change_is_not_put_back_either(client, person, market):
    market.allows_texts_without_consent, market.texts_without_consent_reason = True, "Counsel agreed"
    market.save()
    market.allows_texts_without_consent = False
    market.save()
    person("manager")
    allowing = version_of(market, 2)
    values = form_values(client.get(allowing)) | {"allows_texts_without_consent": "on", "daily_text_cap": "50"}

    client.post(allowing, values)

    now = Market.objects.get()
    assert (now.allows_texts_without_consent, now.daily_text_cap) == (False, 50)


def test_an_earlier_version_that_no_longer_makes_sense_is_refused(client, person, market):
    person("manager")
    first = version_of(market, 0)

    response = client.post(first, form_values(client.get(first)) | {"timezone": "Mars/Olympus"}, follow=True)

    assert "not a known time zone" in response.content.decode()
    assert market.history.count() == 2


def test_a_lead_is_changed_by_its_own_page_alone(client, person):
    lead = LeadFactory()
    person("administrator")
    first = version_of(lead, 0)

    assert client.get(first).url == history_of(lead)
    assert client.post(first, {"stage": "hot"}).status_code == 403
    assert Lead.objects.get().stage == "ingested"
    assert lead.history.count() == 1


def test_a_change_keeps_who_made_it_and_why(client, person, market):
    user = person("manager")
    page = reverse("admin:markets_market_change", args=[market.pk])

    client.post(
        page, form_values(client.get(page)) | {"daily_text_cap": "30", "why": "The carrier asked us to slow down"}
    )

    newest = market.history.first()
    assert (newest.daily_text_cap, newest.history_user) == (30, user)
    assert newest.history_change_reason == "The carrier asked us to slow down"
    assert "The carrier asked us to slow down" in client.get(history_of(market)).content.decode()
