"""Numbers that end, are opened again and are confirmed: one owner's link at a time."""

from __future__ import annotations

import threading

import pytest
from django.contrib.auth.models import Group
from django.db import connection

from leads.models import Event, Owner, OwnerPhone, PhoneNumber
from leads.numbers import confirm_number, end_everywhere, end_number, reopen_number, withdraw_confirmation
from tests.factories import OwnerFactory, OwnerPhoneFactory, PhoneNumberFactory, UserFactory

pytestmark = pytest.mark.django_db


def a_person(role="rep"):
    user = UserFactory()
    user.groups.add(Group.objects.get(name=role))
    return user


def numbers(count=2, **owner):
    """Links of one owner, in rank order."""
    who = OwnerFactory(**owner)
    return [OwnerPhoneFactory(owner=who, rank=rank) for rank in range(1, count + 1)]


def used(owner):
    return list(OwnerPhone.objects.in_use().of_owner(owner))


def kinds(owner):
    return list(Event.objects.filter(owner=owner).order_by("id").values_list("kind", flat=True))


def test_a_dead_number_ends_with_date_reason_and_who_and_the_next_one_follows():
    first, second = numbers()
    rep = a_person()

    result = end_number(first, why="disconnected", by=rep, note="recording says so")

    assert (bool(result), result.value) == (True, second)
    first.refresh_from_db()
    assert first.until is not None
    assert (first.end_reason, first.end_note, first.ended_by) == ("disconnected", "recording says so", rep)
    assert first.history.first().history_user == rep
    assert used(first.owner) == [second]
    event = Event.objects.get(kind="NumberEnded")
    assert (event.owner, event.actor, event.data["why"], event.handled_at) == (first.owner, rep, "disconnected", None)
    assert event.data["next"] == str(second.phone)
    assert second.phone.number not in str(event.data)


def test_the_last_number_ends_without_a_next_one():
    (only,) = numbers(1)

    result = end_number(only, why="reassigned", by=None)

    assert (result.code, result.value) == ("", None)


def test_of_a_number_that_two_owners_share_only_one_link_closes():
    shared = PhoneNumberFactory()
    mine, theirs = OwnerPhoneFactory(phone=shared), OwnerPhoneFactory(phone=shared)

    end_number(mine, why="reassigned", by=a_person())

    theirs.refresh_from_db()
    assert theirs.until is None
    assert OwnerPhone.objects.owners_of(shared) == [theirs.owner]
    assert kinds(theirs.owner) == []


def test_what_the_provider_says_of_the_line_closes_it_for_all():
    shared = PhoneNumberFactory()
    links = [OwnerPhoneFactory(phone=shared), OwnerPhoneFactory(phone=shared)]

    assert end_everywhere(shared, note="Provider: not a valid phone number") == 2

    assert OwnerPhone.objects.owners_of(shared) == []
    assert Event.objects.filter(kind="NumberEnded", actor=None).count() == len(links)


@pytest.mark.parametrize(("why", "code"), [("", "unknown_reason"), ("tired", "unknown_reason")])
def test_an_unknown_reason_ends_nothing(why, code):
    (link,) = numbers(1)

    assert end_number(link, why=why, by=None).code == code

    link.refresh_from_db()
    assert link.until is None
    assert not Event.objects.exists()


def test_a_number_ends_once():
    (link,) = numbers(1)
    end_number(link, why="disconnected", by=None)
    until = OwnerPhone.objects.get().until

    again = end_number(link, why="reassigned", by=a_person())

    assert again.code == "ended"
    assert "disconnected" in again.message
    link.refresh_from_db()
    assert (link.until, link.end_reason) == (until, "disconnected")
    assert Event.objects.count() == 1


def test_whoever_ended_it_opens_it_again_as_it_was():
    (link,) = numbers(1)
    before = OwnerPhone.objects.values().get()
    rep = a_person()
    end_number(link, why="disconnected", by=rep)

    assert reopen_number(link, by=rep)

    assert OwnerPhone.objects.values().get() == before
    assert kinds(link.owner) == ["NumberEnded", "NumberReopened"]
    assert link.history.count() == 3


@pytest.mark.parametrize("ended_by_a_person", [True, False])
def test_another_rep_may_not_open_it_and_a_manager_may(ended_by_a_person):
    (link,) = numbers(1)
    end_number(link, why="disconnected", by=a_person() if ended_by_a_person else None)

    assert reopen_number(link, by=a_person()).code == "not_permitted"
    link.refresh_from_db()
    assert link.until is not None
    assert kinds(link.owner) == ["NumberEnded"]

    assert reopen_number(link, by=a_person("manager"))


def test_a_number_linked_again_since_is_not_opened_twice():
    (link,) = numbers(1)
    rep = a_person()
    end_number(link, why="disconnected", by=rep)
    newer = OwnerPhoneFactory(owner=link.owner, phone=link.phone, source="letter_reply")

    assert reopen_number(link, by=rep).code == "linked_again"
    assert reopen_number(newer, by=rep).code == "not_ended"
    assert list(OwnerPhone.objects.current()) == [newer]


def test_a_confirmed_number_switches_the_owners_others_off_and_back_on():
    first, second = numbers()
    rep = a_person()

    assert confirm_number(second, by=rep, note="called back")
    assert used(first.owner) == [second]
    assert OwnerPhone.objects.next_of(first.owner) == second
    assert set(OwnerPhone.objects.current()) == {first, second}  # still read and matched

    assert withdraw_confirmation(second, by=rep)
    assert used(first.owner) == [first, second]
    assert kinds(first.owner) == ["NumberConfirmed", "NumberUnconfirmed"]


def test_a_number_that_comes_later_is_off_too():
    (first,) = numbers(1)
    confirm_number(first, by=None, note="Reply: interested")

    OwnerPhoneFactory(owner=first.owner, rank=2)

    assert used(first.owner) == [first]


def test_when_the_confirmed_number_ends_the_others_are_in_use_again():
    first, second = numbers()
    confirm_number(first, by=None, note="")

    assert end_number(first, why="disconnected", by=None).value == second

    assert used(first.owner) == [second]


def test_two_confirmed_numbers_are_both_in_use():
    first, second, _ = numbers(3)
    for link in (first, second):
        confirm_number(link, by=None, note="")

    assert used(first.owner) == [first, second]


def test_a_co_owners_numbers_stay_on_even_the_shared_one():
    mine, shared = numbers()
    theirs = OwnerPhoneFactory(phone=shared.phone)

    confirm_number(mine, by=None, note="")

    assert used(theirs.owner) == [theirs]
    assert used(mine.owner) == [mine]


@pytest.mark.parametrize("owner", [{"kind": Owner.Kind.HEIRS}, {"et_al": True}], ids=str)
def test_one_heirs_number_does_not_silence_the_other_heirs(owner):
    first, second = numbers(**owner)

    confirm_number(first, by=None, note="")

    assert used(first.owner) == [first, second]


def test_confirming_declines_for_an_ended_number_and_twice():
    (link,) = numbers(1)
    assert withdraw_confirmation(link, by=a_person()).code == "not_confirmed"
    confirm_number(link, by=None, note="")
    assert confirm_number(link, by=None, note="again").code == "confirmed"
    end_number(link, why="disconnected", by=None)

    assert confirm_number(link, by=None, note="").code == "ended"
    assert kinds(link.owner) == ["NumberConfirmed", "NumberEnded"]


def test_a_do_not_call_mark_outlives_ending_and_opening():
    link = OwnerPhoneFactory(do_not_call=True)
    rep = a_person()

    end_number(link, why="reassigned", by=rep)
    reopen_number(link, by=rep)
    confirm_number(link, by=rep, note="")

    link.refresh_from_db()
    assert link.do_not_call
    assert OwnerPhone.objects.next_of(link.owner) is None


@pytest.mark.django_db(transaction=True)
def test_two_reps_at_once_end_it_once():
    (link,) = numbers(1)
    reps = [UserFactory(), UserFactory()]
    start, results = threading.Barrier(2), []

    def say(rep, why):
        start.wait()
        results.append(end_number(OwnerPhone.objects.get(pk=link.pk), why=why, by=rep))
        connection.close()

    threads = [
        threading.Thread(target=say, args=args) for args in zip(reps, ("disconnected", "reassigned"), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(result.code for result in results) == ["", "ended"]
    assert Event.objects.filter(kind="NumberEnded").count() == 1
    assert PhoneNumber.objects.count() == 1
