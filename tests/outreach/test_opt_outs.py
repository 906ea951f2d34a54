from __future__ import annotations

import pytest

from leads.models import Event
from outreach.consents import current_consent, record_consent
from outreach.models import Suppression
from outreach.opt_outs import opt_in_again, opt_out
from outreach.suppressions import active_reasons, suppress_number
from tests.factories import OwnerPhoneFactory, PhoneNumberFactory, UserFactory
from tests.outreach.conversations import contact, queued, state_of

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
