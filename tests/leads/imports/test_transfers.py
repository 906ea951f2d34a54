"""A list that names another owner: what becomes of the open lead by the market's rule, and back again by undo."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leads.imports import transfer_sql
from leads.imports.transfer_sql import WAITING
from leads.models import Event, Lead, Owner, Ownership, Parcel
from leads.pipeline import move_lead
from leads.transfers import decide_transfer, transfer_parcel
from markets.models import Market
from tests.factories import MarketFactory, MessageFactory, OwnerPhoneFactory, UserFactory
from tests.leads.imports.test_undo import ROW, SOLD, kept, records, undo

THIRD = "001,THIRD OWNER,1 A ST,HOUSTON,TX,77002,,2.5,12000"
PATH = {
    "contacted": ("qualified", "contacted"),
    "hot": ("qualified", "contacted", "hot"),
    "offer_made": ("hot", "offer_made"),
    "under_contract": ("hot", "offer_made", "under_contract"),
}


@pytest.fixture
def rule(market):
    return lambda value: Market.objects.filter(pk=market.pk).update(on_owner_change=value)


@pytest.fixture
def held(import_list, a_list):
    """Imports the first list and moves its lead on."""

    def run(stage="contacted"):
        import_list(a_list(ROW))
        lead = Lead.objects.get()
        for step in PATH[stage]:
            assert move_lead(lead, step, by=None, reason="test")
        return Lead.objects.get()

    return run


@pytest.fixture
def sell(import_list, a_list):
    return lambda row=SOLD, **options: import_list(a_list(row, name=f"{row[4:9]}.csv"), **options)


def new_owner():
    return Owner.objects.get(name="NEW OWNER LLC")


def test_by_default_the_lead_follows_with_its_stage(held, sell):
    lead = held("hot")
    former = lead.owner

    sell()

    lead.refresh_from_db()
    assert (lead.owner, lead.stage, lead.owner_changed_at) == (new_owner(), "hot", None)
    event = Event.objects.get(kind="OwnerChanged")
    assert (event.data["lead"], event.data["from"], event.data["to"]) == ("follow", [former.pk], lead.owner_id)


def test_a_market_may_close_it_and_open_one_for_the_new_owner(rule, held, sell):
    rule("close")
    lead = held()
    former = lead.owner

    done = sell()

    lead.refresh_from_db()
    assert (lead.owner, lead.stage) == (former, "dead")
    opened = Lead.objects.exclude(pk=lead.pk).get()
    assert (opened.owner, opened.stage, opened.parcel) == (new_owner(), "ingested", lead.parcel)
    moved = Event.objects.filter(kind="StageChanged").latest("id")
    assert (moved.lead, moved.data["from"], moved.data["to"]) == (lead, "contacted", "dead")
    assert (moved.data["reason"], moved.handled_at is None) == ("The parcel has a new owner", False)
    last = lead.history.first()
    assert (last.stage, last.history_change_reason) == ("dead", f"list import {done['list_import']}")
    assert Event.objects.get(kind="OwnerChanged").data["lead"] == "close"


def test_a_market_may_leave_it_to_a_person(rule, held, sell):
    rule("decide")
    lead = held()
    former = lead.owner

    sell()

    lead.refresh_from_db()
    assert (lead.owner, lead.stage, lead.owner_changed_at is None) == (former, "contacted", False)
    assert Ownership.objects.get(until=None).owner == new_owner()
    assert list(Lead.objects.unsettled()) == [lead]
    assert lead.history.first().owner_changed_at == lead.owner_changed_at


@pytest.mark.parametrize("stage", WAITING)
@pytest.mark.parametrize("value", ["follow", "close", "decide"])
def test_an_offer_or_a_contract_never_follows_by_itself(rule, held, sell, stage, value):
    rule(value)
    lead = held(stage)
    former = lead.owner

    sell()

    lead.refresh_from_db()
    assert (lead.owner, lead.stage, lead.owner_changed_at is None) == (former, stage, False)
    assert Lead.objects.count() == 1


def test_a_parcel_that_comes_back_to_the_leads_owner_waits_no_more(rule, held, sell):
    lead = held("offer_made")
    sell()
    sell(ROW)

    lead.refresh_from_db()
    assert lead.owner_changed_at is None
    assert Ownership.objects.get(until=None).owner == lead.owner


def test_each_lead_goes_by_its_own_markets_rule(rule, held, sell, market):
    rule("close")
    lead = held()
    Lead.objects.filter(pk=lead.pk).update(market=MarketFactory(on_owner_change="decide"))

    sell()

    lead.refresh_from_db()
    assert (lead.stage, lead.owner_changed_at is None) == ("contacted", False)


def test_without_a_transfer_no_lead_is_written(held, import_list, a_list):
    held()

    with CaptureQueriesContext(connection) as queries:
        import_list(a_list(ROW.replace("2.5", "3.5"), name="again.csv"))

    statements = {
        name: getattr(transfer_sql, name).split("%(")[0] for name in ("FOLLOW_OWNERS", "LET_WAIT", "CLOSE_LEADS")
    }
    run = [name for name, start in statements.items() if any(start in query["sql"] for query in queries)]
    assert run == []


# undo


@pytest.mark.parametrize("value", ["follow", "close", "decide"])
@pytest.mark.parametrize("stage", PATH)
def test_undoing_the_list_puts_every_lead_back(rule, held, sell, value, stage):
    rule(value)
    held(stage)
    before = records()

    undone = undo(sell())

    assert records() == before
    assert kept(undone) == []


def test_a_reopened_leads_timeline_says_so(rule, held, sell):
    rule("close")
    lead = held()

    done = sell()
    undo(done)

    back = Event.objects.filter(kind="StageChanged", lead=lead).latest("id")
    assert (back.data["from"], back.data["to"]) == ("dead", "contacted")
    assert back.data["undone_list_import"] == done["list_import"]
    assert lead.history.first().stage == "contacted"


def test_a_closed_lead_that_a_person_has_moved_since_is_listed_and_left(rule, held, sell):
    rule("close")
    lead = held()
    done = sell()
    opened = Lead.objects.open().get()
    assert move_lead(opened, "dead", by=None, reason="put away")
    assert move_lead(lead, "archived", by=None, reason="put away")

    undone = undo(done)

    lead.refresh_from_db()
    assert lead.stage == "archived"
    assert "its lead has been moved to another stage since" in kept(undone)[0][1]


def test_a_closed_lead_stays_closed_when_its_successor_was_worked_on(rule, held, sell):
    rule("close")
    lead = held()
    done = sell()
    opened = Lead.objects.exclude(pk=lead.pk).get()
    MessageFactory(lead=opened, owner=opened.owner, phone=OwnerPhoneFactory(owner=opened.owner).phone)

    undone = undo(done)

    lead.refresh_from_db()
    assert lead.stage == "dead"
    assert Lead.objects.open().get() == opened
    assert Ownership.objects.get(until=None).owner == opened.owner
    assert kept(undone) == [(2, "its lead has been contacted or worked on")]


def test_a_decision_made_since_is_not_undone(rule, held, sell):
    rule("decide")
    lead = held()
    done = sell()
    assert decide_transfer(lead, "follow", by=UserFactory(is_superuser=True), reason="called them")

    undo(done)

    lead.refresh_from_db()
    assert lead.owner == new_owner()
    assert Ownership.objects.get(until=None).owner == new_owner()


# what a person recorded


def test_a_list_that_is_behind_does_not_overrule_a_recorded_sale_and_a_newer_name_is_news(held, sell):
    lead = held()
    buyer = OwnerPhoneFactory().owner
    assert transfer_parcel(Parcel.objects.get(), buyer, on=date(2026, 1, 9), by=UserFactory(), reason="deed")
    former = lead.owner

    sell(ROW)
    assert Ownership.objects.get(until=None).owner == buyer

    sell(THIRD)
    assert Ownership.objects.get(until=None).owner.name == "THIRD OWNER"
    lead.refresh_from_db()
    assert lead.owner.name == "THIRD OWNER"
    assert Ownership.objects.filter(owner=former).count() == 1
