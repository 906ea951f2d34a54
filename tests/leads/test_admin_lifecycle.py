"""Deeds on the lead page and in the list of leads: what each role is offered, what a page says, what it does."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from leads.archiving import archive_leads
from leads.deleting import delete_leads
from leads.models import Event, Lead
from leads.pipeline import move_lead
from markets.models import Market
from outreach.campaigns import launch_campaign
from outreach.models import CallTask
from tests.factories import LeadFactory, MarketFactory, UserFactory
from tests.outreach.campaign_setting import draft_campaign, open_market, reachable_lead

pytestmark = pytest.mark.django_db
LIST = reverse("admin:leads_lead_changelist")
DEEDS = ["market", "archive", "delete"]
ACTIONS = {"market": "market", "archive": "archive", "delete": "delete"}


@pytest.fixture
def lead() -> Lead:
    made: Lead = LeadFactory(owner__name="THIBODEAUX MARIE")
    return made


@pytest.fixture
def market() -> Market:
    return MarketFactory(code="NO", name="New Orleans", timezone="America/New_York")


def deed(lead: Lead, name: str) -> str:
    return reverse("admin:leads_lead_deed", args=[lead.pk, name])


def page_of(lead: Lead) -> str:
    return reverse("admin:leads_lead_change", args=[lead.pk])


def now_of(lead: Lead) -> Lead:
    return Lead.objects.get(pk=lead.pk)


def said(response: Any) -> str:
    return " ".join(str(message) for message in response.context["messages"])


def put_away(lead: Lead, how: Any) -> Lead:
    assert how(Lead.objects.just(lead), by=None, reason="not ours")
    return now_of(lead)


def sent(**more: Any) -> dict[str, Any]:
    return {"step": "do", "reason": "because"} | more


def shown(response: Any) -> set[int]:
    return {lead.pk for lead in response.context["cl"].result_list}


# who may


def test_a_rep_is_offered_none_of_it(client: Any, person: Any, lead: Lead) -> None:
    person("rep")

    page = client.get(page_of(lead)).content.decode()
    actions = {name for name, _ in client.get(LIST).context["action_form"].fields["action"].choices}

    assert "lead-deeds" not in page
    assert actions == {"", "assign_to_me", "tag", "untag"}


@pytest.mark.parametrize("name", [*DEEDS, "assign", "reactivate", "restore"])
def test_a_rep_may_not_do_it_by_the_address_either(client: Any, person: Any, lead: Lead, name: str) -> None:
    person("rep")
    before = Lead.objects.filter(pk=lead.pk).values().get()

    assert client.get(deed(lead, name)).status_code == 403
    assert client.post(deed(lead, name), sent()).status_code == 403
    client.post(LIST, {"action": name, "_selected_action": [lead.pk]} | sent())

    assert Lead.objects.filter(pk=lead.pk).values().get() == before
    assert not Event.objects.exists()


def test_a_manager_is_offered_what_fits_the_lead(client: Any, person: Any, lead: Lead) -> None:
    person("manager")

    def offered() -> list[str]:
        return [found.name for found in client.get(page_of(lead)).context["deeds"]]

    assert offered() == ["market", "archive", "delete"]
    assert move_lead(lead, "dead", by=None, reason="no")
    assert offered() == ["archive", "reactivate", "delete"]
    put_away(lead, archive_leads)
    assert offered() == ["reactivate", "delete"]
    put_away(lead, delete_leads)
    assert offered() == ["restore"]


def test_an_unknown_deed_is_not_found(client: Any, person: Any, lead: Lead) -> None:
    person("manager")

    assert client.get(deed(lead, "burn")).status_code == 404


# one lead


@pytest.mark.parametrize(("name", "done"), [("archive", "1 lead archived."), ("delete", "1 lead deleted.")])
def test_a_lead_is_put_away_with_a_reason_and_its_page_says_so(
    client: Any, person: Any, lead: Lead, name: str, done: str
) -> None:
    person("manager")

    response = client.post(deed(lead, name), sent(reason="Sold to a neighbour"), follow=True)

    assert done in said(response)
    page = response.content.decode()
    assert "by a-manager: Sold to a neighbour" in page
    assert "Nobody is contacted about this lead." in page
    assert now_of(lead).put_away == f"{name}d"


@pytest.mark.parametrize("name", ["archive", "delete"])
def test_without_a_reason_the_page_comes_back(client: Any, person: Any, lead: Lead, name: str) -> None:
    person("manager")

    response = client.post(deed(lead, name), sent(reason=" "))

    assert "This field is required." in response.content.decode()
    assert (now_of(lead).put_away, Event.objects.count()) == ("", 0)


def test_looking_at_the_page_changes_nothing(client: Any, person: Any, lead: Lead) -> None:
    person("manager")

    for name in DEEDS:
        assert client.get(deed(lead, name)).status_code == 200
    assert (now_of(lead).put_away, Event.objects.count()) == ("", 0)


def test_a_deleted_lead_is_shown_to_those_who_may_restore_it(client: Any, person: Any, lead: Lead) -> None:
    put_away(lead, delete_leads)
    person("rep")
    assert client.get(page_of(lead)).status_code == 404
    person("manager")

    page = client.get(page_of(lead)).content.decode()

    assert "Deleted" in page
    assert 'class="lead-moves"' not in page
    assert 'class="lead-note"' not in page
    assert client.get(reverse("admin:leads_lead_timeline", args=[lead.pk])).status_code == 200
    response = client.post(deed(lead, "restore"), sent(), follow=True)
    assert "1 lead restored." in said(response)
    assert now_of(lead).deleted_at is None


def test_a_deleted_lead_is_not_moved_planned_or_noted(client: Any, person: Any, lead: Lead) -> None:
    put_away(lead, delete_leads)
    person("manager")
    before = Event.objects.count()

    for name, values in {"move": {"to": "hot"}, "plan": {}, "note": {"text": "x"}}.items():
        assert client.post(reverse(f"admin:leads_lead_{name}", args=[lead.pk]), values).status_code == 404
    assert Event.objects.count() == before


def test_what_cannot_be_restored_is_said(client: Any, person: Any, lead: Lead) -> None:
    put_away(lead, delete_leads)
    LeadFactory(parcel=lead.parcel, market=lead.market)
    person("manager")

    response = client.post(deed(lead, "restore"), sent(), follow=True)

    assert "Nothing was restored: 1 with another lead open on the parcel." in said(response)
    assert now_of(lead).deleted_at is not None


# moving to another market


def test_a_move_shows_both_markets_before_it_is_done(client: Any, person: Any, lead: Lead, market: Market) -> None:
    person("manager")
    wanted = sent(market=market.pk)

    first = client.post(deed(lead, "market"), wanted)

    page = first.content.decode()
    assert now_of(lead).market == lead.market
    assert '<td data-label="Now">America/Chicago</td><td data-label="Then">America/New_York</td>' in page
    assert "version 1: absentee 15, tax distress 20" in page
    response = client.post(deed(lead, "market"), wanted | {"shown": market.pk}, follow=True)
    assert "1 lead moved to New Orleans." in said(response)
    assert now_of(lead).market == market
    assert f"{lead.market.code} → NO: because" in response.content.decode()


def test_a_market_chosen_anew_is_shown_again(client: Any, person: Any, lead: Lead, market: Market) -> None:
    person("manager")

    client.post(deed(lead, "market"), sent(market=market.pk, shown=MarketFactory().pk))

    assert now_of(lead).market == lead.market


def test_a_market_that_is_off_cannot_be_chosen(client: Any, person: Any, lead: Lead) -> None:
    person("manager")
    off = MarketFactory(active=False)

    response = client.post(deed(lead, "market"), sent(market=off.pk, shown=off.pk))

    assert "not one of the available choices" in response.content.decode()
    assert now_of(lead).market == lead.market


def test_the_page_counts_what_waits_to_be_sent(client: Any, person: Any) -> None:
    person("manager")
    lead = reachable_lead(open_market())
    launch_campaign(draft_campaign(lead.market), by=None)
    CallTask.objects.create(lead=lead, owner=lead.owner, reason="x", due_at=lead.created_at)

    deleting, moving = (client.get(deed(lead, name)).content.decode() for name in ("delete", "market"))

    assert "Cancelled: 1 queued text of a campaign, 1 call on the list." in deleting
    assert "Cancelled: 1 queued text of a campaign." in moving
    assert "Goes on under the new market&#x27;s rules: 1 call on the list." in moving


# a selection


def pages(client: Any, action: str, leads: list[Lead], query: str = "", **more: Any) -> Any:
    chosen = {"action": action, "_selected_action": [lead.pk for lead in leads], **more}
    return client.post(f"{LIST}{query}", chosen, follow=True)


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("name", DEEDS)
def test_the_page_takes_the_same_queries_for_any_number_of_leads(
    client: Any, person: Any, warmed: Any, name: str, count: int, django_assert_num_queries: Any
) -> None:
    person("manager")
    leads = LeadFactory.create_batch(count, market=MarketFactory())
    warmed(LIST)

    with django_assert_num_queries({"market": 17, "archive": 16, "delete": 16}[name]):
        response = pages(client, name, leads)

    assert response.context["count"] == count


def test_a_selection_is_archived_and_the_others_are_counted(client: Any, person: Any) -> None:
    person("manager")
    leads = LeadFactory.create_batch(2)
    other = LeadFactory()
    assert "2 leads" in pages(client, "archive", leads).content.decode()
    put_away(leads[1], delete_leads)

    response = pages(client, "archive", leads, "?put_away=", **sent())

    assert "1 lead archived" in said(response)
    assert [now_of(lead).put_away for lead in (*leads, other)] == ["archived", "deleted", ""]


def test_all_that_the_filter_finds_are_meant_when_all_are_chosen(client: Any, person: Any) -> None:
    person("manager")
    market = MarketFactory()
    inside, outside = LeadFactory.create_batch(4, market=market), LeadFactory()
    query = f"?market={market.code}"
    page = pages(client, "assign", inside[:1], query, select_across="1", index="0")
    assert "4 leads" in page.content.decode()
    rep = UserFactory(username="annie")

    response = pages(client, "assign", inside[:1], query, select_across="1", index="0", step="do", person=rep.pk)

    assert "4 leads given to annie." in said(response)
    assert {now_of(lead).assigned_to for lead in inside} == {rep}
    assert now_of(outside).assigned_to is None
    assert response.request["QUERY_STRING"] == query[1:]


def test_the_page_carries_the_selection(client: Any, person: Any) -> None:
    person("manager")
    leads = LeadFactory.create_batch(2)

    response = pages(client, "delete", leads, select_across="0")

    carried = response.context["carried"]
    assert ("action", "delete") in carried
    assert {value for name, value in carried if name == "_selected_action"} == {str(lead.pk) for lead in leads}


def test_leads_are_taken_from_everybody(client: Any, person: Any) -> None:
    user = person("manager")
    lead = LeadFactory(assigned_to=user)

    response = pages(client, "assign", [lead], step="do", person="")

    assert "1 lead taken from whoever had them." in said(response)
    assert now_of(lead).assigned_to is None


def test_too_many_at_once_are_refused_in_words(client: Any, person: Any, monkeypatch: Any) -> None:
    from leads.admin import deed_page

    monkeypatch.setattr(deed_page, "MOST_AT_ONCE", 1)
    person("manager")
    leads = LeadFactory.create_batch(2)

    response = pages(client, "delete", leads, **sent())

    assert "2 leads are too many at once: narrow the list to 1 or fewer." in said(response)
    assert Lead.objects.live().count() == 2


# the list


def test_what_was_put_away_is_listed_when_asked_for(client: Any, person: Any) -> None:
    person("manager")
    worked, archived, deleted = (
        LeadFactory(),
        put_away(LeadFactory(), archive_leads),
        put_away(LeadFactory(), delete_leads),
    )

    assert shown(client.get(LIST)) == {worked.pk}
    assert (
        shown(client.get(f"{LIST}?put_away=archived")) == shown(client.get(f"{LIST}?stage=archived")) == {archived.pk}
    )
    response = client.get(f"{LIST}?put_away=deleted")
    assert shown(response) == {deleted.pk}
    actions = {name for name, _ in response.context["action_form"].fields["action"].choices}
    assert actions == {"", "restore"}
    restored = pages(client, "restore", [deleted], "?put_away=deleted", **sent())
    assert "1 lead restored." in said(restored)
    assert now_of(deleted).deleted_at is None


def test_a_rep_finds_archived_leads_and_no_deleted_ones(client: Any, person: Any) -> None:
    person("rep")
    worked, archived = LeadFactory(), put_away(LeadFactory(), archive_leads)
    put_away(LeadFactory(), delete_leads)

    assert shown(client.get(f"{LIST}?put_away=archived")) == {archived.pk}
    assert shown(client.get(f"{LIST}?put_away=deleted")) == {worked.pk}


@pytest.mark.parametrize("count", [1, 3])
def test_the_deleted_take_the_same_queries_for_any_number(
    client: Any, person: Any, warmed: Any, count: int, django_assert_num_queries: Any
) -> None:
    person("manager")
    LeadFactory.create_batch(count)
    delete_leads(Lead.objects.all(), by=None, reason="all")
    url = f"{LIST}?put_away=deleted"
    warmed(url)

    with django_assert_num_queries(9):
        assert len(shown(client.get(url))) == count


# the API


def test_the_api_never_shows_deleted_leads_and_archived_ones_only_when_asked(client: Any, person: Any) -> None:
    person("manager")
    worked, archived, deleted = (
        LeadFactory(),
        put_away(LeadFactory(), archive_leads),
        put_away(LeadFactory(), delete_leads),
    )

    def ids(query: str) -> set[int]:
        return {lead["id"] for lead in client.get(f"/api/v1/leads/{query}").json()["results"]}

    assert ids("") == {worked.pk}
    assert ids("?archived=true") == {worked.pk, archived.pk}
    assert ids("?stage=archived") == {archived.pk}
    assert ids(f"?search={deleted.parcel.number}") == set()
    assert client.get(f"/api/v1/leads/{deleted.pk}/").status_code == 404
    assert client.get(f"/api/v1/leads/{archived.pk}/").status_code == 200
    assert client.get("/api/v1/leads/?archived=perhaps").status_code == 400


def test_the_api_lists_a_moved_lead_in_its_new_market(client: Any, person: Any, lead: Lead, market: Market) -> None:
    from leads.moving import move_to_market

    person("rep")
    move_to_market(Lead.objects.just(lead), market, by=None, reason="x")

    def ids(code: str) -> list[int]:
        return [found["id"] for found in client.get(f"/api/v1/leads/?market={code}").json()["results"]]

    assert (ids("NO"), ids(lead.market.code)) == ([lead.pk], [])
