from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine

from leads.models import Event, Lead, PhoneNumber
from outreach.consents import current_consent, record_consent
from outreach.gatekeeper import judge
from outreach.inbound import process_waiting
from outreach.models import Message, SenderNumber, Suppression
from outreach.opt_outs import opt_in_again, opt_out
from outreach.replies import mark_handled
from outreach.sending import queue_reply
from outreach.suppressions import active_reasons, lift_suppression, suppress_number
from tests.factories import MessageFactory, OwnerPhoneFactory, PhoneNumberFactory, UserFactory
from tests.outreach.campaign_setting import MONDAY_MORNING, agree, open_market, phone_of, reachable_lead
from tests.outreach.conversations import contact, queued, state_of
from tests.outreach.twilio_requests import stored_text

pytestmark = pytest.mark.django_db


def test_one_stop_stops_everybody_who_shares_the_number():
    first = contact()
    second = contact(phone=first.phone)
    stranger = contact()
    waiting = [queued(first), queued(second)]
    unrelated = queued(stranger)
    record_consent(first.owner, "web_form", evidence="form", phone=first.phone)

    assert opt_out(first.phone, evidence="STOP")

    assert active_reasons(first.phone, first.owner) == active_reasons(first.phone, second.owner) == ["opt_out"]
    assert [state_of(message) for message in waiting] == ["cancelled", "cancelled"]
    assert state_of(unrelated) == "queued"
    assert current_consent(first.owner, first.phone) is None
    told = Event.objects.of_kind("OwnerOptedOut")
    assert {event.owner_id for event in told} == {first.owner.pk, second.owner.pk}
    assert {event.data["evidence"] for event in told} == {"STOP"}


def test_the_campaign_stops_at_the_owners_other_numbers_too():
    owner = contact()
    other = OwnerPhoneFactory(owner=owner.owner)
    waiting = queued(owner)
    waiting.phone = other.phone
    waiting.save()

    opt_out(owner.phone, evidence="STOP")

    assert state_of(waiting) == "cancelled"
    assert active_reasons(other.phone, owner.owner) == []


def test_nobody_at_the_number_is_an_opt_out_all_the_same():
    phone = PhoneNumberFactory()

    assert opt_out(phone, evidence="STOP")

    assert Event.objects.get(kind="OwnerOptedOut").owner is None
    assert active_reasons(phone, None) == ["opt_out"]


def test_saying_it_twice_changes_nothing():
    owner = contact()
    opt_out(owner.phone, evidence="STOP")

    assert not opt_out(owner.phone, evidence="I said stop")

    assert Suppression.objects.count() == 1
    assert Event.objects.of_kind("OwnerOptedOut").count() == 1


def test_a_person_may_opt_a_number_out():
    owner, rep = contact(), UserFactory()

    opt_out(owner.phone, evidence="said so on the phone", by=rep)

    assert Suppression.objects.get().created_by == rep
    assert Event.objects.get(kind="OwnerOptedOut").actor == rep


def test_start_lifts_the_opt_out_of_that_number_and_nothing_else():
    owner, other = contact(), contact()
    for phone in (owner.phone, other.phone):
        opt_out(phone, evidence="STOP")
    suppress_number(owner.phone, "litigator", evidence="list")

    assert opt_in_again(owner.phone, evidence="START")

    assert active_reasons(owner.phone, owner.owner) == ["litigator"]
    assert active_reasons(other.phone, other.owner) == ["opt_out"]
    assert Event.objects.get(kind="OptOutLifted").owner == owner.owner


def test_start_without_an_opt_out_lifts_nothing():
    assert not opt_in_again(PhoneNumberFactory(), evidence="START")
    assert not Event.objects.exists()


# What the gate says


@pytest.fixture
def monday_morning() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(MONDAY_MORNING, tick=False) as clock:
        yield clock


def verdict(lead: Lead, phone: PhoneNumber) -> tuple[str, str]:
    """What the gate says to a text to this lead at this number, and why."""
    agree(lead.owner)
    text = MessageFactory(
        direction="out",
        origin="reply",
        state="queued",
        phone=phone,
        owner=lead.owner,
        lead=lead,
        market=lead.market,
        sender=SenderNumber.objects.usable([lead.market_id]).first(),
        body="Sam with LA Land Wholesale here. Reply STOP to opt out.",
        due_at=MONDAY_MORNING,
    )
    decision = judge(text, MONDAY_MORNING)
    return decision.outcome, decision.reason


@pytest.mark.usefixtures("monday_morning")
def test_a_number_that_opted_out_is_refused_for_owners_imported_later_in_any_market():
    lead = reachable_lead(open_market())
    phone = phone_of(lead)
    assert verdict(lead, phone)[0] == "allowed"

    opt_out(phone, evidence="STOP")
    later = reachable_lead(open_market(state="TX"))
    OwnerPhoneFactory(owner=later.owner, phone=phone, source="skip_trace")

    for person in (lead, later):
        outcome, why = verdict(person, phone)
        assert (outcome, "opt out" in why) == ("blocked", True)
    assert verdict(later, phone_of_other(later, phone))[0] == "allowed"


def phone_of_other(lead: Lead, not_this: PhoneNumber) -> PhoneNumber:
    return next(link.phone for link in lead.owner.phone_links.all() if link.phone != not_this)


@pytest.mark.usefixtures("monday_morning")
def test_a_stored_stop_holds_before_it_is_processed_and_blocks_after():
    lead = reachable_lead(open_market())
    phone = phone_of(lead)
    stored_text(phone.number, "STOP")

    assert verdict(lead, phone)[0] == "held"
    process_waiting()
    assert verdict(lead, phone)[0] == "blocked"


@pytest.mark.usefixtures("monday_morning")
def test_a_doubtful_reply_holds_until_a_person_has_decided():
    lead = reachable_lead(open_market())
    phone = phone_of(lead)
    stored_text(phone.number, "this is spam")
    process_waiting()
    assert verdict(lead, phone)[0] == "held"

    mark_handled(Message.objects.replies().get(), by=UserFactory())

    assert verdict(lead, phone)[0] == "allowed"


def test_a_stop_that_was_lifted_is_no_leave_to_write(monday_morning):
    """What a manager is told when they lift it: a text still needs a new consent."""
    lead = reachable_lead(open_market(), consent=False)
    phone, by = phone_of(lead), UserFactory()
    stored_text(phone.number, "How much?", 1)
    stored_text(phone.number, "STOP", 2)
    process_waiting()
    assert lift_suppression(Suppression.objects.get(), by=by, reason="They called")
    refused = queue_reply(lead.owner, phone, "Hello again.", lead=lead, by=by)
    assert (refused.code, "no consent" in refused.message) == ("blocked", True)

    monday_morning.shift(timedelta(minutes=1))
    stored_text(phone.number, "How much again?", 3)
    process_waiting()
    Message.objects.filter(direction="in").update(processed_at=MONDAY_MORNING, needs_person=False)
    assert queue_reply(lead.owner, phone, "Hello again.", lead=lead, by=by).value
