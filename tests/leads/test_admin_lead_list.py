"""The list of leads: its pages, its count and its search."""

import pytest
from django.db import connection
from django.urls import reverse

from core import querysets
from leads.admin.leads import LeadAdmin
from leads.models import ListImport
from tests.factories import LeadFactory, MarketFactory, OwnerPhoneFactory, ParishFactory

pytestmark = pytest.mark.django_db
LIST = reverse("admin:leads_lead_changelist")


@pytest.fixture
def small_pages(monkeypatch):
    monkeypatch.setattr(LeadAdmin, "list_per_page", 2)


@pytest.fixture
def leads():
    """Best first, as the list shows them."""
    market = MarketFactory()
    return [LeadFactory(market=market, score=score) for score in (90, 70, 50, 50, None)]


def rows(response):
    return [lead.score for lead in response.context["cl"].result_list]


def follow(client, response, step):
    return client.get(LIST + getattr(response.context["cl"], f"{step}_url")())


def test_pages_go_forwards_and_backwards_to_the_end_and_the_beginning(client, person, leads, small_pages):
    person("rep")

    first = client.get(LIST)
    second = follow(client, first, "next")
    third = follow(client, second, "next")
    assert [rows(page) for page in (first, second, third)] == [[90, 70], [50, 50], [None]]
    assert [page.context["cl"].has_next for page in (first, second, third)] == [True, True, False]

    assert rows(follow(client, third, "previous")) == [50, 50]
    assert rows(follow(client, second, "previous")) == [90, 70]
    assert rows(follow(client, first, "last")) == [50, None]
    assert rows(follow(client, third, "first")) == [90, 70]


def test_a_page_says_how_many_leads_there_are_and_links_to_its_neighbours(client, person, leads, small_pages):
    person("rep")

    second = follow(client, client.get(LIST), "next")

    page = second.content.decode()
    assert "5 leads" in page
    assert [page.count(f">{word}</a>") for word in ("First", "Previous", "Next", "Last")] == [1, 1, 1, 1]


def test_a_short_list_has_no_page_links_and_counts_nothing(client, person, leads):
    person("rep")

    page = client.get(LIST).content.decode()

    assert "5 leads" in page
    assert ">Next<" not in page


def test_another_filter_starts_at_its_first_page(client, person, leads, small_pages):
    person("rep")

    second = follow(client, client.get(LIST), "next")

    assert "after=" not in second.context["cl"].get_query_string({"stage": "hot"})


@pytest.mark.parametrize("query", ["after=nonsense", "before=nonsense", "after=", "before=%00"])
def test_a_cursor_that_is_none_is_the_first_page(client, person, leads, small_pages, query):
    person("rep")

    assert rows(client.get(f"{LIST}?{query}")) == [90, 70]


def test_a_large_number_is_the_database_s_estimate_and_is_said_to_be(client, person, leads, small_pages, monkeypatch):
    person("rep")
    monkeypatch.setattr(querysets, "LARGE_COUNT", 5)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE leads_lead")

    assert "about 5 leads" in client.get(LIST).content.decode()
    assert "about" not in client.get(f"{LIST}?min_score=65").content.decode()


@pytest.mark.parametrize(("expected", "shown"), [(998_431, 1_000_000), (12_345, 12_000)])
def test_an_estimate_is_shown_to_two_figures(expected, shown):
    assert querysets.rounded(expected) == shown


def test_a_number_found_by_search_stays_masked(client, person, leads):
    person("rep")
    OwnerPhoneFactory(owner=leads[2].owner, phone__number="+12252345678")

    response = client.get(LIST, {"q": "225-234-5678"})

    assert [lead.pk for lead in response.context["cl"].result_list] == [leads[2].pk]
    assert "2345678" not in response.content.decode().replace('value="225-234-5678"', "")


def test_lists_of_numbers_add_no_parish_to_choose(client, person, leads):
    parish = ParishFactory(name="Ascension")
    ListImport.objects.create(market=parish.market, parish=parish, source="tax_roll")
    ListImport.objects.create(market=parish.market, parish=None, source="do_not_call")
    person("rep")

    page = client.get(LIST)

    (parishes,) = (spec for spec in page.context["cl"].filter_specs if spec.title == "parish")
    assert [choice["display"] for choice in parishes.choices(page.context["cl"])][1:] == ["Ascension"]
