from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from core.crypto import blind_index
from leads.models import Event, PhoneNumber
from outreach.models import Suppression
from outreach.suppressions import (
    active_reasons,
    active_suppressions,
    lift_suppression,
    suppress_number,
    suppress_owner,
)
from tests.factories import OwnerFactory, OwnerPhoneFactory, PhoneNumberFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_a_number_is_suppressed_once_per_reason_however_often_it_is_said():
    phone = PhoneNumberFactory()

    first, is_new = suppress_number(phone, "opt_out", evidence="STOP")
    again, is_new_again = suppress_number(phone, "opt_out", evidence="stop!!")

    assert (is_new, is_new_again) == (True, False)
    assert again.pk == first.pk
    assert again.evidence == "STOP"


def test_the_list_keeps_the_hash_and_nothing_of_the_number():
    phone = PhoneNumberFactory(number="+12255551234")
    suppress_number(phone, "litigator", evidence="list of 2026")

    assert bytes(Suppression.objects.get().number_hash) == blind_index("+12255551234")
    phone.delete()
    assert active_reasons(PhoneNumberFactory(number="+12255551234"), None) == ["litigator"]


def test_a_number_may_be_suppressed_before_anybody_knows_it():
    suppress_number(blind_index("+12255559999"), "opt_out", evidence="STOP")

    assert active_reasons(PhoneNumber.objects.known("+12255559999"), OwnerFactory()) == ["opt_out"]


def test_reasons_of_the_number_and_of_the_owner_come_together():
    link = OwnerPhoneFactory()
    suppress_number(link.phone, "wrong_number", evidence="wrong number")
    suppress_owner(link.owner, "manual", evidence="asked by letter")
    suppress_owner(OwnerFactory(), "manual", evidence="somebody else")

    assert active_suppressions(link.phone, link.owner) == [("number", "wrong_number"), ("owner", "manual")]
    assert active_reasons(link.phone, None) == ["wrong_number"]
    assert active_reasons(PhoneNumberFactory(), None) == []


def test_a_manager_lifts_with_a_reason_and_it_is_kept():
    link, manager = OwnerPhoneFactory(), UserFactory()
    suppression, _ = suppress_number(link.phone, "opt_out", evidence="STOP")

    assert lift_suppression(suppression, by=manager, reason=" Called us and asked to be texted. ")

    suppression.refresh_from_db()
    assert suppression.lifted_by == manager
    assert suppression.lift_reason == "Called us and asked to be texted."
    assert active_reasons(link.phone, link.owner) == []
    event = Event.objects.get(kind="OptOutLifted")
    assert (event.owner, event.actor) == (link.owner, manager)
    assert suppression.history.count() == 2


def test_without_a_reason_nothing_is_lifted():
    link = OwnerPhoneFactory()
    suppression, _ = suppress_number(link.phone, "opt_out", evidence="STOP")

    result = lift_suppression(suppression, by=UserFactory(), reason="  ")

    assert (bool(result), result.code) == (False, "no_reason")
    assert active_reasons(link.phone, link.owner) == ["opt_out"]
    assert not Event.objects.exists()


def test_what_was_lifted_can_be_suppressed_again_and_not_lifted_twice():
    phone = PhoneNumberFactory()
    first, _ = suppress_number(phone, "opt_out", evidence="STOP")
    lift_suppression(first, by=None, reason="START")

    assert lift_suppression(first, by=None, reason="START").code == "already_lifted"
    second, is_new = suppress_number(phone, "opt_out", evidence="stop it")

    assert is_new
    assert second.pk != first.pk
    assert active_reasons(phone, None) == ["opt_out"]


def test_the_database_refuses_a_second_active_row():
    phone = PhoneNumberFactory()
    suppression, _ = suppress_number(phone, "opt_out", evidence="STOP")

    suppression.pk = None
    with pytest.raises(IntegrityError, match="suppression_number_once"), transaction.atomic():
        suppression.save(force_insert=True)


def test_a_number_a_list_marks_do_not_call_is_suppressed_for_everybody():
    link = OwnerPhoneFactory(do_not_call=True)

    assert active_suppressions(link.phone, OwnerFactory()) == [("number", "national_dnc")]
