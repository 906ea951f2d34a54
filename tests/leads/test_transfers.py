"""A person records that a parcel has a new owner: everything in one transaction, by the rule that lists follow."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.db import connection

from leads.merging import merge_owners
from leads.models import Event, Lead, Owner, Ownership
from leads.owner_entry import OwnerEntry, known_or_new_owner
from leads.pipeline import move_lead
from leads.transfers import decide_transfer, transfer_parcel
from tests.factories import LeadFactory, MarketFactory, OwnerFactory, OwnershipFactory, ParcelFactory, UserFactory

pytestmark = pytest.mark.django_db
ON = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def spring():
    with time_machine.travel(datetime(2026, 3, 20, 16, tzinfo=UTC), tick=False):
        yield


def a_person(role="rep"):
    user = UserFactory()
    user.groups.add(Group.objects.get(name=role))
    return user


def owned(rule="follow", stage="contacted"):
    lead = LeadFactory(market=MarketFactory(on_owner_change=rule))
    OwnershipFactory(parcel=lead.parcel, owner=lead.owner)
    path = {"contacted": ("qualified", "contacted"), "under_contract": ("hot", "offer_made", "under_contract")}
    for step in path.get(stage, ("hot", "offer_made")):
        assert move_lead(lead, step, by=None, reason="test")
    return Lead.objects.get(pk=lead.pk)


def sell(lead, to=None, **given):
    values = {"on": ON, "by": None, "reason": "deed book 12"} | given
    return transfer_parcel(lead.parcel, to or OwnerFactory(), **values)


def snapshot():
    return [list(model.objects.order_by("pk").values()) for model in (Lead, Ownership, Event)]


def test_all_open_ownerships_close_on_the_day_and_the_next_one_opens():
    lead = owned()
    heir = OwnershipFactory(parcel=lead.parcel, share=Decimal("0.5"))
    rep, buyer = a_person(), OwnerFactory()

    assert sell(lead, buyer, by=rep, price=Decimal(9000)).value == buyer

    day = datetime(2026, 3, 2, 6, tzinfo=UTC)  # midnight in Louisiana
    closed = Ownership.objects.exclude(owner=buyer)
    assert {row.until for row in closed} == {day}
    assert heir in closed
    now = Ownership.objects.current().get()
    assert (now.owner, now.since, now.source, now.opened_by_list) == (buyer, day, "sale", None)
    assert {row.history.first().history_user for row in Ownership.objects.all()} == {rep}
    lead.parcel.refresh_from_db()
    assert lead.parcel.last_sale_on == ON
    event = Event.objects.get(kind="OwnerChanged")
    assert (event.lead, event.owner, event.actor, event.handled_at) == (lead, buyer, rep, None)
    told = {name: event.data[name] for name in ("how", "on", "price", "reason", "lead", "list_import")}
    assert told == {
        "how": "sale", "on": "2026-03-02", "price": "9000", "reason": "deed book 12", "lead": "follow",
        "list_import": None,
    }  # fmt: skip


def test_a_sale_before_we_knew_the_former_owner_closes_it_on_its_first_day():
    lead = owned()

    sell(lead, on=date(2025, 1, 2))

    former = Ownership.objects.get(owner=lead.owner)
    assert former.until == former.since


def test_a_succession_is_no_sale():
    lead = owned()

    assert sell(lead, how="succession")

    lead.parcel.refresh_from_db()
    assert lead.parcel.last_sale_on is None
    assert Ownership.objects.current().get().source == "succession"


def test_the_lead_follows_with_its_history():
    lead, rep, buyer = owned(), a_person(), OwnerFactory()

    sell(lead, buyer, by=rep)

    lead.refresh_from_db()
    assert (lead.owner, lead.stage) == (buyer, "contacted")
    last = lead.history.first()
    assert (last.owner, last.history_user, last.history_change_reason) == (buyer, rep, "New owner: deed book 12")


def test_the_lead_is_closed_and_the_new_owner_gets_one():
    lead, rep, buyer = owned("close"), a_person(), OwnerFactory()
    Lead.objects.filter(pk=lead.pk).update(assigned_to=rep)

    sell(lead, buyer, by=rep)

    lead.refresh_from_db()
    opened = Lead.objects.open().get()
    assert lead.stage == "dead"
    assert (opened.owner, opened.market, opened.stage, opened.assigned_to) == (buyer, lead.market, "ingested", rep)
    moved = Event.objects.filter(kind="StageChanged").latest("id")
    assert (moved.lead, moved.actor, moved.data["to"]) == (lead, rep, "dead")
    assert Event.objects.get(kind="LeadCreated").lead == opened


def test_a_lead_that_the_team_had_ended_with_the_buyer_is_not_opened_again():
    lead, buyer = owned("close"), OwnerFactory()
    earlier = LeadFactory(market=lead.market, parcel=ParcelFactory(parish=lead.parcel.parish), owner=buyer)
    assert move_lead(earlier, "dead", by=None, reason="")
    Lead.objects.filter(pk=earlier.pk).update(parcel=lead.parcel)

    sell(lead, buyer)

    assert not Lead.objects.open().exists()


def test_without_a_lead_only_the_ownership_changes():
    parcel = ParcelFactory()

    assert transfer_parcel(parcel, OwnerFactory(), on=ON, by=None, reason="deed")

    assert Ownership.objects.current().count() == 1
    assert not Lead.objects.exists()


def test_a_merged_buyer_is_whoever_they_were_merged_into():
    lead, kept, absorbed = owned(), OwnerFactory(), OwnerFactory()
    merge_owners(kept, absorbed, by=None, reason="same")

    assert sell(lead, Owner.objects.get(pk=absorbed.pk)).value == kept


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"reason": " "}, "no_reason"),
        ({"on": date(2026, 3, 21)}, "future"),
        ({"price": Decimal(0)}, "bad_price"),
        ({"how": "theft"}, "unknown_kind"),
    ],
)
def test_a_refused_transfer_writes_nothing(given, code):
    lead = owned()
    buyer = OwnerFactory()
    before = snapshot()

    assert sell(lead, buyer, **given).code == code

    assert snapshot() == before


def test_the_owner_cannot_buy_their_own_land_but_may_buy_out_the_others():
    lead = owned()
    assert sell(lead, lead.owner).code == "same_owner"
    OwnershipFactory(parcel=lead.parcel)

    assert sell(lead, lead.owner)

    assert Ownership.objects.current().get().owner == lead.owner
    lead.refresh_from_db()
    assert lead.owner_changed_at is None


# deciding


def test_a_person_lets_a_waiting_lead_follow():
    lead, buyer, rep = owned("decide"), OwnerFactory(), a_person()
    sell(lead, buyer)

    assert decide_transfer(lead, "follow", by=rep, reason="they want to sell too").value == lead

    lead.refresh_from_db()
    assert (lead.owner, lead.owner_changed_at) == (buyer, None)
    event = Event.objects.get(kind="OwnerChangeSettled")
    assert (event.actor, event.data["choice"], event.data["to"]) == (rep, "follow", buyer.pk)


def test_a_person_closes_a_waiting_lead_and_goes_on_with_the_new_owners():
    lead, buyer = owned("decide"), OwnerFactory()
    sell(lead, buyer)

    opened = decide_transfer(lead, "close", by=a_person(), reason="").value

    lead.refresh_from_db()
    assert (lead.stage, lead.owner_changed_at) == ("dead", None)
    assert (opened.owner, opened.stage) == (buyer, "ingested")


def test_a_contract_goes_on_by_a_managers_decision_only():
    lead = owned(stage="under_contract")
    sell(lead)
    before = snapshot()

    assert decide_transfer(lead, "keep", by=a_person(), reason="our closing").code == "not_permitted"
    assert snapshot() == before

    assert decide_transfer(lead, "keep", by=a_person("manager"), reason="our closing")
    lead.refresh_from_db()
    assert (lead.stage, lead.owner_changed_at) == ("under_contract", None)


def test_nothing_is_decided_twice_or_without_need():
    lead, rep = owned("decide"), a_person()
    assert decide_transfer(lead, "follow", by=rep, reason="").code == "nothing_to_decide"
    sell(lead)
    assert decide_transfer(lead, "sell", by=rep, reason="").code == "unknown_choice"
    Ownership.objects.current().delete()
    assert decide_transfer(lead, "follow", by=rep, reason="").code == "no_owner"
    assert decide_transfer(lead, "keep", by=rep, reason="")
    assert decide_transfer(lead, "keep", by=rep, reason="").code == "nothing_to_decide"


# owners that are entered


def test_an_owner_of_that_name_and_address_is_taken_and_another_is_new():
    entry = OwnerEntry("Smith, John", "12 Oak St.", "Houston", "tx", "77002")
    owner, is_new = known_or_new_owner(entry, by=a_person())
    assert (is_new, owner.name_key, owner.mailing_state, owner.kind) == (True, "SMITH JOHN", "TX", "person")
    assert owner.history.get().history_user is not None

    assert known_or_new_owner(OwnerEntry("SMITH JOHN", "12 OAK ST", "HOUSTON", "TX", "77002"), by=None) == (
        owner,
        False,
    )
    assert known_or_new_owner(OwnerEntry("SMITH JOHN", "9 ELM ST", "HOUSTON", "TX", "77002"), by=None)[1]


@pytest.mark.django_db(transaction=True)
def test_two_reps_at_once_record_one_sale_each_after_the_other():
    lead = owned()
    buyers, start, results = [OwnerFactory(), OwnerFactory()], threading.Barrier(2), []

    def work(buyer):
        start.wait()
        results.append(bool(sell(lead, buyer)))
        connection.close()

    workers = [threading.Thread(target=work, args=[buyer]) for buyer in buyers]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert results == [True, True]
    assert Ownership.objects.current().count() == 1
    lead.refresh_from_db()
    assert lead.owner == Ownership.objects.current().get().owner
    assert Ownership.objects.count() == 3
