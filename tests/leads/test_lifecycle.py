"""Moving leads between markets, giving them to people, archiving, deleting and bringing them back: one or many."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group

from leads.archiving import archive_leads, reactivate_leads
from leads.assignment import assign_leads
from leads.deleting import delete_leads, restore_leads
from leads.models import Event, Lead
from leads.moving import move_to_market
from leads.pipeline import move_lead
from markets.models import Market
from tests.factories import LeadFactory, MarketFactory, UserFactory

pytestmark = pytest.mark.django_db
Kind = Event.Kind
CHANGES = {
    "archive": archive_leads,
    "reactivate": reactivate_leads,
    "delete": delete_leads,
    "restore": restore_leads,
}


def in_role(role: str) -> Any:
    user = UserFactory()
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.fixture
def manager() -> Any:
    return in_role("manager")


@pytest.fixture
def market() -> Market:
    return MarketFactory(code="NO", name="New Orleans")


def these(*leads: Lead) -> Any:
    return Lead.objects.filter(pk__in=[lead.pk for lead in leads])


def now_of(lead: Lead) -> Lead:
    return Lead.objects.get(pk=lead.pk)


def state(lead: Lead) -> dict[str, Any]:
    return Lead.objects.filter(pk=lead.pk).values().get()


def traces() -> tuple[int, int]:
    return Lead.history.count(), Event.objects.count()


def archived(**fields: Any) -> Lead:
    lead = LeadFactory(**fields)
    assert move_lead(lead, "archived", by=None, reason="later")
    return now_of(lead)


def deleted(**fields: Any) -> Lead:
    lead = LeadFactory(**fields)
    assert delete_leads(these(lead), by=None, reason="by mistake")
    return now_of(lead)


def ready_for(change: str) -> Lead:
    made = {"reactivate": archived, "restore": deleted}.get(change, LeadFactory)
    return made()


# moving


def test_a_moved_lead_is_in_the_new_market_and_its_history_says_who_from_and_why(manager: Any, market: Market) -> None:
    lead = LeadFactory()

    result = move_to_market(these(lead), market, by=manager, reason="Their team works it")

    moved = now_of(lead)
    assert (bool(result), result.message) == (True, "1 lead moved to New Orleans.")
    assert (moved.market, moved.parcel.parish.market) == (market, lead.market)
    assert moved.moved_at is not None
    event = Event.objects.get(kind=Kind.LEAD_MOVED)
    assert (event.lead, event.owner, event.actor) == (lead, lead.owner, manager)
    assert event.data == {"from": lead.market.code, "to": "NO", "reason": "Their team works it"}
    assert event.handled_at is None
    written = lead.history.first()
    assert (written.history_user, written.history_change_reason, written.market) == (
        manager,
        "Their team works it",
        market,
    )
    assert lead.history.earliest().market == lead.market


def test_a_lead_that_comes_home_is_not_marked_as_moved(manager: Any, market: Market) -> None:
    lead = LeadFactory()
    move_to_market(these(lead), market, by=manager, reason="there")

    move_to_market(these(lead), lead.market, by=manager, reason="and back")

    assert (now_of(lead).market, now_of(lead).moved_at) == (lead.market, None)


def test_of_a_selection_only_open_leads_of_other_markets_move(manager: Any, market: Market) -> None:
    movable = LeadFactory.create_batch(2)
    ended = LeadFactory()
    assert move_lead(ended, "dead", by=None, reason="sold")
    staying = [LeadFactory(market=market), ended, archived(), deleted()]
    before = [state(lead) for lead in staying]

    result = move_to_market(these(*movable, *staying), market, by=manager, reason="new team")

    assert result.message == (
        "2 leads moved to New Orleans; left as they were: 2 ended, 1 deleted, 1 in that market already."
    )
    assert {now_of(lead).market for lead in movable} == {market}
    assert [state(lead) for lead in staying] == before
    told = Event.objects.filter(kind=Kind.LEAD_MOVED)
    assert {event.lead_id for event in told} == {lead.pk for lead in movable}
    assert all(event.handled_at for event in told)
    summary = Event.objects.get(kind=Kind.LEADS_CHANGED)
    assert (summary.actor, summary.handled_at, summary.data["count"]) == (manager, None, 2)
    assert market.pk in summary.data["markets"]


def test_a_move_that_changes_nothing_is_declined_in_words(manager: Any, market: Market) -> None:
    lead = LeadFactory(market=market)
    before = traces()

    result = move_to_market(these(lead), market, by=manager, reason="again")

    assert (result.code, result.message) == (
        "nothing_changed",
        "Nothing was moved to New Orleans: 1 in that market already.",
    )
    assert traces() == before


def test_no_lead_moves_to_a_market_that_is_off(manager: Any) -> None:
    lead, off = LeadFactory(), MarketFactory(active=False)
    before = traces()

    assert move_to_market(these(lead), off, by=manager, reason="there").code == "market_inactive"
    assert (now_of(lead).market, traces()) == (lead.market, before)


@pytest.mark.parametrize("role", ["rep", ""])
def test_moving_needs_its_permission(role: str, market: Market) -> None:
    lead, person = LeadFactory(), in_role(role) if role else UserFactory()
    before = traces()

    assert move_to_market(these(lead), market, by=person, reason="there").code == "not_permitted"
    assert (now_of(lead).market, traces()) == (lead.market, before)


# giving leads to people


def test_many_leads_are_given_to_a_person_in_one_statement(manager: Any, django_assert_max_num_queries: Any) -> None:
    rep, leads = UserFactory(username="annie"), LeadFactory.create_batch(5)
    gone = deleted()
    Lead.objects.filter(pk=leads[0].pk).update(assigned_to=rep)
    planned = datetime(2026, 5, 4, 14, tzinfo=UTC)
    Lead.objects.filter(pk=leads[1].pk).update(next_action_at=planned)

    with django_assert_max_num_queries(7):
        count = assign_leads(these(*leads, gone), to=rep, by=manager)

    assert count == 4
    assert {now_of(lead).assigned_to for lead in leads} == {rep}
    assert now_of(leads[1]).next_action_at == planned
    assert now_of(gone).assigned_to is None
    told = Event.objects.filter(kind=Kind.LEAD_ASSIGNED)
    assert {event.lead_id for event in told} == {lead.pk for lead in leads[1:]}
    assert {(event.actor_id, event.data["to"]) for event in told} == {(manager.pk, "annie")}
    assert leads[2].history.first().history_user == manager


def test_leads_are_taken_from_everybody(manager: Any) -> None:
    lead = LeadFactory(assigned_to=UserFactory())

    assert assign_leads(these(lead), to=None, by=manager) == 1
    assert now_of(lead).assigned_to is None
    assert Event.objects.get(kind=Kind.LEAD_ASSIGNED).data == {"to": "nobody"}
    assert assign_leads(these(lead), to=None, by=manager) == 0


# archiving


def test_a_selection_is_archived_and_comes_back(manager: Any) -> None:
    leads = [LeadFactory(), LeadFactory()]
    assert move_lead(leads[1], "dead", by=None, reason="no")

    assert archive_leads(these(*leads), by=manager, reason="wet season").message == "2 leads archived."

    assert all(now_of(lead).archived_at and now_of(lead).stage == "archived" for lead in leads)
    told = Event.objects.filter(kind=Kind.STAGE_CHANGED, actor=manager).order_by("lead_id")
    assert [event.data for event in told] == [
        {"from": "ingested", "to": "archived", "reason": "wet season"},
        {"from": "dead", "to": "archived", "reason": "wet season"},
    ]
    assert reactivate_leads(these(*leads), by=manager, reason="dry").message == "2 leads reactivated."
    assert {(now_of(lead).stage, now_of(lead).archived_at) for lead in leads} == {("qualified", None)}
    assert {lead.history.first().stage for lead in leads} == {"qualified"}


def test_archived_deleted_and_open_leads_are_counted_with_the_reason(manager: Any) -> None:
    result = archive_leads(these(LeadFactory(), archived(), deleted()), by=manager, reason="later")

    assert result.value is not None
    assert (result.value.count, dict(result.value.declined)) == (1, {"archived already": 1, "deleted": 1})


def test_of_two_archived_leads_of_a_parcel_the_newer_comes_back(manager: Any) -> None:
    first = archived()
    second = archived(parcel=first.parcel, market=first.market)

    result = reactivate_leads(these(first, second), by=manager, reason="again")

    assert (now_of(first).stage, now_of(second).stage) == ("archived", "qualified")
    assert "with a newer lead on the parcel reactivated instead" in result.message


@pytest.mark.parametrize(("change", "made"), [("reactivate", archived), ("restore", deleted)])
def test_a_lead_does_not_come_back_while_its_parcel_has_another(manager: Any, change: str, made: Any) -> None:
    lead = made()
    LeadFactory(parcel=lead.parcel, market=lead.market)
    before, written = state(lead), traces()

    result = CHANGES[change](these(lead), by=manager, reason="again")

    assert result.code == "nothing_changed"
    assert "1 with another lead open on the parcel" in result.message
    assert (state(lead), traces()) == (before, written)


# deleting


def test_a_deleted_lead_says_who_and_why_and_comes_back_as_it_was(manager: Any) -> None:
    lead = LeadFactory()
    assert move_lead(lead, "qualified", by=None, reason="score")

    assert delete_leads(these(lead), by=manager, reason="Not our parcel").message == "1 lead deleted."

    assert now_of(lead).deleted_at is not None
    assert not Lead.objects.live().exists()
    event = Event.objects.get(kind=Kind.LEAD_DELETED)
    assert (event.lead, event.actor, event.data) == (lead, manager, {"reason": "Not our parcel"})
    assert lead.history.first().history_user == manager
    assert restore_leads(these(lead), by=manager, reason="It is").message == "1 lead restored."
    assert (now_of(lead).stage, now_of(lead).deleted_at) == ("qualified", None)
    assert Event.objects.get(kind=Kind.LEAD_RESTORED).data == {"reason": "It is"}


def test_a_lead_under_contract_is_not_deleted(manager: Any) -> None:
    lead = LeadFactory()
    for stage in ("hot", "offer_made", "under_contract"):
        assert move_lead(lead, stage, by=None, reason="deal")

    assert delete_leads(these(lead), by=manager, reason="tidy").message == "Nothing was deleted: 1 under contract."
    assert now_of(lead).deleted_at is None


def test_an_ended_lead_is_restored_beside_the_open_one(manager: Any) -> None:
    lead = LeadFactory()
    assert move_lead(lead, "dead", by=None, reason="no")
    assert delete_leads(these(lead), by=None, reason="tidy")
    LeadFactory(parcel=lead.parcel, market=lead.market)

    assert restore_leads(these(lead), by=manager, reason="for the record")


def test_of_two_deleted_leads_of_a_parcel_the_newer_is_restored(manager: Any) -> None:
    first = deleted()
    second = deleted(parcel=first.parcel, market=first.market)

    restore_leads(these(first, second), by=manager, reason="both")

    assert (now_of(first).deleted_at is None, now_of(second).deleted_at is None) == (False, True)


def test_a_deleted_lead_moves_along_no_stage(manager: Any) -> None:
    lead = deleted()
    before = traces()

    for stage in ("qualified", "archived", "hot", "dead"):
        assert move_lead(lead, stage, by=manager, reason="go").code == "deleted"
    assert (now_of(lead).stage, traces()) == ("ingested", before)


@pytest.mark.parametrize("change", CHANGES)
def test_reps_and_outsiders_change_nothing(change: str) -> None:
    lead = ready_for(change)
    before, written = state(lead), traces()

    for person in (in_role("rep"), UserFactory()):
        assert CHANGES[change](these(lead), by=person, reason="go").code == "not_permitted"
    assert (state(lead), traces()) == (before, written)


@pytest.mark.parametrize("change", CHANGES)
def test_without_a_reason_nothing_changes(change: str, manager: Any) -> None:
    lead = ready_for(change)
    before, written = state(lead), traces()

    assert CHANGES[change](these(lead), by=manager, reason="  ").code == "no_reason"
    assert (state(lead), traces()) == (before, written)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("count", [1, 30])
def test_any_number_of_leads_takes_the_same_queries(
    change: str, count: int, manager: Any, django_assert_max_num_queries: Any
) -> None:
    leads = [ready_for(change) for _ in range(count)]
    manager.has_perm("leads.view_lead")

    with django_assert_max_num_queries(11):
        assert CHANGES[change](these(*leads), by=manager, reason="all")

    assert Event.objects.filter(kind=Kind.LEADS_CHANGED, actor=manager).exists() == (count > 1)


def test_no_lead_chosen_is_said(manager: Any) -> None:
    result = delete_leads(Lead.objects.none(), by=manager, reason="all")

    assert result.message == "Nothing was deleted: no lead was chosen."


def test_a_market_name_with_signs_of_sql_moves_leads_all_the_same(manager: Any) -> None:
    odd = MarketFactory(code="ODD", name="100 % O'Brien")

    assert move_to_market(these(LeadFactory()), odd, by=manager, reason="50 % 'more'")
    assert Event.objects.get(kind=Kind.LEAD_MOVED).data["reason"] == "50 % 'more'"
