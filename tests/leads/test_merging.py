"""Merge and un-merge: everything moves, nothing is lost, a stop survives both ways, undo is the identity."""

import random
from datetime import timedelta

import pytest
from django.apps import apps
from django.utils import timezone

from leads.merging import merge_owners, pointers, undo_merge
from leads.models import AnyEvent, DuplicatePair, Event, Lead, Owner, OwnerMerge, OwnerPhone, Ownership
from outreach.consents import current_consent, record_consent, withdraw_consent
from outreach.gatekeeper import gather_facts
from outreach.models import CallTask, Consent, Letter, LetterExport, Message, Suppression, Thread
from outreach.suppressions import active_reasons, lift_suppression, suppress_owner
from tests.factories import (
    SINCE,
    CampaignStepFactory,
    LeadFactory,
    MarketFactory,
    MessageFactory,
    MessageTemplateFactory,
    OwnerFactory,
    OwnerPhoneFactory,
    OwnershipFactory,
    ParcelFactory,
    PhoneNumberFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
RECORDS_OF_THE_PAST = ("Event", "AnyEvent", "OwnerMerge", "DuplicatePair", "LeadToScore")


@pytest.fixture
def manager():
    return UserFactory(username="merger")


@pytest.fixture
def pair():
    return OwnerFactory(name="SMITH JOHN"), OwnerFactory(name="SMITH JOHN A")


def everything():
    """Table -> id -> all columns, of every table but histories and records of the past."""
    rooms = ("markets", "leads", "scoring", "outreach", "ops")
    models = [m for m in apps.get_models() if m._meta.app_label in rooms and not m.__name__.startswith("Historical")]
    return {
        model.__name__: {row["pk"]: row for row in model._base_manager.order_by("pk").values("pk", *columns(model))}
        for model in models
        if model.__name__ not in RECORDS_OF_THE_PAST
    }


def columns(model):
    return [field.attname for field in model._meta.concrete_fields]


def written():
    return everything(), Event.objects.count(), OwnerMerge.objects.count(), Owner.history.count()


def full_life(owner, draw, shared):
    """An owner with some of everything; what is in `shared` may belong to the other one as well."""
    for phone in [*draw.sample(shared["phones"], draw.randint(0, 3)), PhoneNumberFactory()]:
        OwnerPhoneFactory(owner=owner, phone=phone, until=draw.choice([None, None, SINCE + timedelta(days=9)]))
    for parcel in draw.sample(shared["parcels"], draw.randint(0, 3)):
        OwnershipFactory(owner=owner, parcel=parcel)
    leads = [LeadFactory(owner=owner, market=shared["market"]) for _ in range(draw.randint(0, 3))]
    for lead in leads:
        CallTask.objects.create(lead=lead, owner=owner, reason="asked", due_at=SINCE)
        MessageFactory(owner=owner, lead=lead)
    for export in draw.sample(shared["exports"], draw.randint(0, 2)):
        lead = draw.choice(leads) if leads else LeadFactory(owner=owner, market=shared["market"])
        Letter.objects.create(export=export, lead=lead, owner=owner, code=f"{draw.randrange(16**8):08x}")
    for step in draw.sample(shared["steps"], draw.randint(0, 2)):
        outgoing = {"direction": "out", "origin": "campaign", "state": "queued", "step": step}
        MessageFactory(owner=owner, market=shared["market"], **outgoing)
    for reason in draw.sample(["opt_out", "deceased", "manual"], draw.randint(0, 2)):
        suppress_owner(owner, reason, evidence="said so")
    if draw.random() < 0.7:
        record_consent(owner, "web_form", evidence="form")


def common_things():
    market = MarketFactory()
    template = MessageTemplateFactory()
    return {
        "market": market,
        "phones": [PhoneNumberFactory() for _ in range(4)],
        "parcels": [ParcelFactory(parish__market=market) for _ in range(4)],
        "exports": [LetterExport.objects.create(market=market, template=template, created_at=SINCE) for _ in range(2)],
        "steps": [CampaignStepFactory() for _ in range(2)],
    }


@pytest.mark.parametrize("seed", range(10))
def test_merge_and_undo_of_random_lives_is_the_identity(seed, pair, manager):
    draw = random.Random(seed)
    shared = common_things()
    for owner in pair:
        full_life(owner, draw, shared)
    before = everything()
    stopped = {reason for owner in pair for reason in reasons(owner)}

    merge = merge_owners(*pair, by=manager, reason="same man").value
    absorbed = Owner.objects.get(pk=pair[1].pk)
    assert absorbed.merged_into == pair[0]
    for pointer in pointers():
        still = set(pointer.rows(absorbed.pk).values_list("pk", flat=True))
        assert still == set(merge.stayed.get(pointer.label, [])), pointer.label
    assert set(reasons(pair[0])) == stopped

    undone = undo_merge(merge, by=manager).value

    after = everything()
    assert undone.left == {}
    before.pop("Thread"), after.pop("Thread")  # computed from the messages
    assert Thread.objects.rebuild() == 0
    suppressions, suppressions_before = after.pop("Suppression"), before.pop("Suppression")
    assert after == before
    assert suppressions_before.items() <= suppressions.items()
    assert [set(reasons(owner)) for owner in pair] == [stopped, stopped]
    assert len(suppressions) == 2 * len(stopped)


def reasons(owner):
    return Suppression.objects.of_owner(owner).values_list("reason", flat=True)


def test_every_kind_of_record_moves_and_is_noted(pair, manager):
    kept, absorbed = pair
    lead = LeadFactory(owner=absorbed)
    link, ownership = OwnerPhoneFactory(owner=absorbed), OwnershipFactory(owner=absorbed, parcel=lead.parcel)
    message = MessageFactory(owner=absorbed, lead=lead)
    consent = record_consent(absorbed, "verbal", evidence="read the script")

    merge = merge_owners(kept, absorbed, by=manager, reason="same phone").value

    for row in (lead, link, ownership, message, consent):
        row.refresh_from_db()
        assert row.owner == kept
    assert merge.moved == {
        "leads.OwnerPhone.owner": [link.pk],
        "leads.Ownership.owner": [ownership.pk],
        "leads.Lead.owner": [lead.pk],
        "outreach.Consent.owner": [consent.pk],
        "outreach.Message.owner": [message.pk],
    }
    assert (merge.stayed, merge.merged_by, merge.reason) == ({}, manager, "same phone")


def test_history_and_one_event_say_who_and_why(pair, manager):
    kept, absorbed = pair
    lead = LeadFactory(owner=absorbed)

    merge_owners(kept, absorbed, by=manager, reason="same phone")

    row = lead.history.first()
    assert (row.owner_id, row.history_user, row.history_change_reason) == (
        kept.pk,
        manager,
        f"Merged into owner {kept.pk}",
    )
    assert absorbed.history.first().merged_into_id == kept.pk
    event = Event.objects.of_kind("OwnersMerged").get()
    assert (event.owner, event.actor, event.data["absorbed"]) == (kept, manager, "SMITH JOHN A")
    assert event.data["moved"] == {"leads.Lead.owner": 1}


def test_what_a_unique_rule_forbids_stays_and_is_listed(pair, manager):
    kept, absorbed = pair
    phone = PhoneNumberFactory()
    OwnerPhoneFactory(owner=kept, phone=phone)
    link = OwnerPhoneFactory(owner=absorbed, phone=phone, do_not_call=True)
    ended = OwnerPhoneFactory(owner=absorbed, phone=phone, until=SINCE + timedelta(days=1))

    merge = merge_owners(kept, absorbed, by=manager, reason="").value

    assert merge.stayed == {"leads.OwnerPhone.owner": [link.pk]}
    assert merge.moved == {"leads.OwnerPhone.owner": [ended.pk]}
    assert active_reasons(phone, kept) == ["national_dnc"]


def test_a_number_both_had_leads_to_the_kept_owner(pair, manager):
    kept, absorbed = pair
    phone = PhoneNumberFactory()
    OwnerPhoneFactory(owner=absorbed, phone=phone, rank=1)
    OwnerPhoneFactory(owner=kept, phone=phone, rank=2)

    merge = merge_owners(kept, absorbed, by=manager, reason="").value
    assert OwnerPhone.objects.owners_of(phone) == [kept]

    undo_merge(merge, by=manager)
    assert OwnerPhone.objects.owners_of(phone) == [absorbed, kept]


def test_the_timeline_reads_the_events_of_merged_owners(pair, manager):
    kept, absorbed = pair
    lead = LeadFactory(owner=kept)
    record_consent(absorbed, "verbal", evidence="x")

    merge = merge_owners(kept, absorbed, by=manager, reason="").value
    kinds = [event.kind for event in AnyEvent.objects.timeline(lead, 50)]
    assert sorted(kinds) == ["ConsentGiven", "OwnersMerged"]

    undo_merge(merge, by=manager)
    kinds = [event.kind for event in AnyEvent.objects.timeline(lead, 50)]
    assert sorted(kinds) == ["OwnersMerged", "OwnersParted"]


def test_declined_merges_write_nothing(pair, manager):
    kept, absorbed = pair
    third = OwnerFactory()
    LeadFactory(owner=third)
    merge_owners(kept, absorbed, by=manager, reason="")
    before = written()

    codes = [
        merge_owners(*owners, by=manager, reason="").code
        for owners in [(kept, kept), (third, absorbed), (absorbed, kept), (absorbed, third)]
    ]

    assert codes == ["same_owner", "already_merged", "loop", "already_merged"]
    assert written() == before


def test_a_suppression_of_either_counts_for_the_kept_owner(pair, manager):
    kept, absorbed = pair
    link = OwnerPhoneFactory(owner=kept)
    suppress_owner(absorbed, "opt_out", evidence="wrote stop")

    merge_owners(kept, absorbed, by=manager, reason="")

    assert active_reasons(link.phone, kept) == ["opt_out"]


def test_a_stop_while_merged_holds_for_both_after_the_undo(pair, manager):
    kept, absorbed = pair
    merge = merge_owners(kept, absorbed, by=manager, reason="").value
    suppress_owner(kept, "opt_out", evidence="wrote stop")

    undo_merge(merge, by=manager)

    assert [list(reasons(owner)) for owner in pair] == [["opt_out"], ["opt_out"]]


def test_a_stop_lifted_while_merged_is_not_brought_back(pair, manager):
    kept, absorbed = pair
    suppression, _ = suppress_owner(absorbed, "manual", evidence="x")
    merge = merge_owners(kept, absorbed, by=manager, reason="").value
    lift_suppression(suppression, by=manager, reason="mistake")

    undo_merge(merge, by=manager)

    assert [list(reasons(owner)) for owner in pair] == [[], []]


def test_who_withdrew_a_consent_under_one_name_withdrew_it_under_both(pair, manager):
    kept, absorbed = pair
    phone = OwnerPhoneFactory(owner=kept).phone
    record_consent(absorbed, "web_form", evidence="form")
    withdraw_consent(record_consent(kept, "verbal", evidence="said yes"), by=manager)

    merge = merge_owners(kept, absorbed, by=manager, reason="").value

    assert current_consent(kept, phone) is None
    undo_merge(merge, by=manager)
    assert Consent.objects.in_force().count() == 0


def test_a_consent_given_after_a_withdrawal_stays(pair, manager):
    kept, absorbed = pair
    phone = OwnerPhoneFactory(owner=kept).phone
    withdraw_consent(record_consent(kept, "verbal", evidence="said yes"), by=manager)
    later = record_consent(absorbed, "web_form", evidence="form")

    merge_owners(kept, absorbed, by=manager, reason="")

    assert current_consent(kept, phone) == later


def test_the_gate_refuses_the_absorbed_owner(pair, manager):
    kept, absorbed = pair
    step = CampaignStepFactory()
    outgoing = {
        "direction": "out",
        "origin": "campaign",
        "state": "queued",
        "step": step,
        "market": step.campaign.market,
    }
    MessageFactory(owner=kept, **outgoing)
    twice = MessageFactory(owner=absorbed, **outgoing)

    merge_owners(kept, absorbed, by=manager, reason="")

    stayed = Message.objects.get(pk=twice.pk)
    assert stayed.owner_id == absorbed.pk
    assert gather_facts(stayed, timezone.now()).recipient.owner_deleted


def test_undo_leaves_and_lists_what_has_moved_on(pair, manager):
    kept, absorbed = pair
    lead, other, gone = (LeadFactory(owner=absorbed) for _ in range(3))
    merge = merge_owners(kept, absorbed, by=manager, reason="").value
    buyer = OwnerFactory()
    Lead.objects.open_on(lead.parcel_id).update(owner=buyer)
    gone_id = gone.pk
    gone.delete()

    undone = undo_merge(merge, by=manager).value

    assert undone.left == {"leads.Lead.owner": [lead.pk, gone_id]}
    lead.refresh_from_db()
    other.refresh_from_db()
    assert (lead.owner, other.owner) == (buyer, absorbed)
    assert (undone.undone_by, Owner.objects.get(pk=absorbed.pk).merged_into) == (manager, None)


def test_undo_leaves_what_would_now_clash(pair, manager):
    kept, absorbed = pair
    link = OwnerPhoneFactory(owner=absorbed)
    merge = merge_owners(kept, absorbed, by=manager, reason="").value
    OwnerPhoneFactory(owner=absorbed, phone=link.phone)

    assert undo_merge(merge, by=manager).value.left == {"leads.OwnerPhone.owner": [link.pk]}
    assert OwnerPhone.objects.get(pk=link.pk).owner == kept


def test_a_chain_is_undone_in_reverse_order_only(manager):
    first, second, third = (OwnerFactory() for _ in range(3))
    LeadFactory(owner=first)
    shared = ParcelFactory()
    for owner in (first, second, third):
        OwnershipFactory(owner=owner, parcel=shared)
    before = everything()
    inner = merge_owners(second, first, by=manager, reason="").value
    outer = merge_owners(third, second, by=manager, reason="").value
    assert Owner.objects.get(pk=first.pk).merged_into == third
    assert Lead.objects.get().owner == third
    merged = written()

    assert undo_merge(inner, by=manager).code == "later_merge"
    assert written() == merged

    assert undo_merge(outer, by=manager)
    assert Owner.objects.get(pk=first.pk).merged_into == second
    assert undo_merge(inner, by=manager)
    assert everything() == before
    assert Ownership.objects.current().count() == 3


def test_a_merge_is_undone_once(pair, manager):
    merge = merge_owners(*pair, by=manager, reason="").value
    undo_merge(merge, by=manager)
    before = written()

    assert undo_merge(merge, by=manager).code == "already_undone"
    assert written() == before


def test_the_pair_follows_the_decision(pair, manager):
    found = DuplicatePair.objects.create(first=pair[0], second=pair[1], score="0.9")

    merge = merge_owners(pair[1], pair[0], by=manager, reason="").value
    found.refresh_from_db()
    assert (found.state, found.decided_by) == ("merged", manager)

    undo_merge(merge, by=manager)
    found.refresh_from_db()
    assert found.state == "different"
