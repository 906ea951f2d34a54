"""Tags: put on one lead or many, taken off, chosen by; by market, whatever the case."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from leads.models import Event, Lead, LeadTag, Tag
from leads.tagging import tag_leads, untag_leads
from tests.factories import LeadFactory, MarketFactory

pytestmark = pytest.mark.django_db
LIST = reverse("admin:leads_lead_changelist")


@pytest.fixture
def lead() -> Lead:
    made: Lead = LeadFactory()
    return made


def page(name: str, lead: Lead) -> str:
    return reverse(f"admin:leads_lead_{name}", args=[lead.pk])


def names(lead: Lead) -> list[str]:
    return [had.tag.name for had in LeadTag.objects.of_lead(lead)]


def traces() -> tuple[int, int, int]:
    return Tag.objects.count(), LeadTag.objects.count(), Event.objects.of_kind(Event.Kind.LEAD_TAGGED).count()


def test_a_tag_is_made_once_per_market_and_told_once_per_lead(lead: Lead) -> None:
    LeadFactory(market=lead.market)
    elsewhere = LeadFactory(market=MarketFactory())
    assert tag_leads(Lead.objects.all(), " river   lots", by=None).message == "3 leads tagged “river lots”."
    assert tag_leads(Lead.objects.all(), "River Lots", by=None).code == "nothing_changed"
    assert traces() == (2, 3, 3)
    event = Event.objects.of_kind(Event.Kind.LEAD_TAGGED).get(lead=elsewhere)
    assert (event.data, event.owner, event.handled_at is not None) == ({"tag": "river lots"}, elsewhere.owner, True)


def test_a_tag_taken_off_stays_on_others_and_can_be_put_back(lead: Lead) -> None:
    other = LeadFactory(market=lead.market)
    tag_leads(Lead.objects.all(), "river lots", by=None)
    assert untag_leads(Lead.objects.just(lead), "RIVER LOTS", by=None).message == "1 lead lost the tag “RIVER LOTS”."
    assert (names(lead), names(other)) == ([], ["river lots"])
    assert untag_leads(Lead.objects.just(lead), "river lots", by=None).code == "nothing_changed"
    assert tag_leads(Lead.objects.just(lead), "river lots", by=None)
    assert Event.objects.of_kind(Event.Kind.LEAD_UNTAGGED).count() == 1


@pytest.mark.parametrize("name", ["", "  ", "—", "a, b", "x" * 41])
def test_a_word_that_is_no_tag_is_refused_and_nothing_is_written(lead: Lead, name: str) -> None:
    assert tag_leads(Lead.objects.all(), name, by=None).code == "bad_name"
    assert traces() == (0, 0, 0)


def test_deleted_leads_get_no_tag(lead: Lead) -> None:
    Lead.objects.filter(pk=lead.pk).update(deleted_at="2026-01-05T15:00Z")
    assert tag_leads(Lead.objects.all(), "river lots", by=None).code == "nothing_changed"
    assert traces() == (0, 0, 0)


def test_many_leads_take_as_many_statements_as_one(lead: Lead, django_assert_max_num_queries: Any) -> None:
    LeadFactory.create_batch(20, market=lead.market)
    with django_assert_max_num_queries(9):
        tag_leads(Lead.objects.all(), "river lots", by=None)


def test_a_rep_tags_a_selection_from_the_list(client: Any, person: Any, lead: Lead) -> None:
    user = person("rep")
    other = LeadFactory(market=lead.market)
    chosen = {"action": "tag", "_selected_action": [lead.pk, other.pk]}
    asked = client.post(LIST, chosen)
    assert b"Campaigns and the list of leads choose by tags." in asked.content
    client.post(LIST, {**chosen, "step": "do", "tag": "river lots"})
    assert (names(lead), names(other)) == (["river lots"], ["river lots"])
    assert LeadTag.objects.first().tagged_by == user


def test_the_list_is_narrowed_by_a_tag(client: Any, person: Any, lead: Lead) -> None:
    person("rep")
    tag_leads(Lead.objects.just(lead), "river lots", by=None)
    LeadFactory()
    assert list(client.get(LIST, {"tag": "river lots"}).context["cl"].result_list) == [lead]


def test_the_lead_page_shows_its_tags_and_puts_them_on_and_off(client: Any, person: Any, lead: Lead) -> None:
    person("rep")
    client.post(page("tag", lead), {"tag": "river lots"})
    assert "Take the tag river lots off" in client.get(lead.get_absolute_url()).content.decode()
    client.post(page("untag", lead), {"tag": "river lots"})
    assert names(lead) == []
    told = client.post(page("tag", lead), {"tag": "a, b"}, follow=True)
    assert [str(said) for said in told.context["messages"]] == ["A tag has a letter or a digit, and no comma."]


def test_whoever_may_not_work_leads_tags_none(client: Any, person: Any, lead: Lead) -> None:
    user = person("rep")
    user.groups.clear()
    assert client.post(LIST, {"action": "tag", "_selected_action": [lead.pk]}).status_code == 403
    assert tag_leads(Lead.objects.all(), "river lots", by=user).code == "not_permitted"
    assert traces() == (0, 0, 0)
