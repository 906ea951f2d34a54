"""Whose an unknown number is, and what its texts mean once that is known."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from leads.models import OwnerPhone
from outreach.models import Consent, Message, NumberAttachment, Suppression, Thread
from outreach.opt_outs import opt_out
from outreach.replies import mark_handled
from outreach.threads import finish_thread, read_thread
from tests.factories import UserFactory
from tests.outreach.conversations import contact, queued, state_of
from tests.outreach.inbox_setting import STRANGER, address, hears, said, talked, thread_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def stranger() -> Thread:
    hears(STRANGER, "Is my lot on Highland worth something?", 50)
    return Thread.objects.get(owner=None)


def whose(thread: Thread) -> str:
    return reverse("admin:outreach_thread_attach", args=[thread.pk])


def test_an_unknown_number_is_given_to_an_owner_with_what_was_said(client, person, stranger) -> None:
    user = person("rep")
    someone = contact(name="THIBODEAUX MARIE")
    found = client.get(whose(stranger), {"q": "thibodeaux"}).content.decode()
    assert "THIBODEAUX MARIE" in found
    assert STRANGER not in found

    response = client.post(whose(stranger), {"owner": someone.owner.pk}, follow=True)

    thread = thread_of(someone)
    link = OwnerPhone.objects.get(owner=someone.owner, phone=stranger.phone)
    message = Message.objects.get(phone=stranger.phone)
    assert (link.source, message.owner, message.lead) == ("inbox", someone.owner, someone.lead)
    assert not Thread.objects.filter(owner=None).exists()
    assert (thread.unread, thread.held) == (1, True)
    assert Consent.objects.get().recorded_by == user
    assert "worth something" in response.content.decode()
    assert "take it back" in response.content.decode()


def test_that_is_taken_back(client, person, stranger) -> None:
    person("rep")
    someone = contact()
    client.post(whose(stranger), {"owner": someone.owner.pk})
    undo = reverse("admin:outreach_thread_detach", args=[NumberAttachment.objects.get().pk])

    assert "Taken back" in said(client.post(undo, follow=True))
    assert "taken back before" in said(client.post(undo, follow=True))

    message = Message.objects.get(phone=stranger.phone)
    assert (message.owner, message.lead) == (None, None)
    assert Thread.objects.get().phone == stranger.phone
    assert OwnerPhone.objects.get(phone=stranger.phone).until is not None
    assert Thread.objects.rebuild() == 0


def test_an_owner_who_stopped_stays_stopped_when_given_the_number(client, person, stranger) -> None:
    person("rep")
    opt_out(stranger.phone, evidence="STOP")
    someone = contact()

    client.post(whose(stranger), {"owner": someone.owner.pk})

    assert "No text may go to" in client.get(address(thread_of(someone))).content.decode()


def test_nobody_is_chosen_and_a_number_already_given_away_change_nothing(client, person, stranger) -> None:
    person("rep")
    someone = contact()

    assert "Choose an owner" in said(client.post(whose(stranger), {"owner": "x"}))
    assert not NumberAttachment.objects.exists()
    client.post(whose(stranger), {"owner": someone.owner.pk})
    for late in (client.get(whose(stranger), follow=True), client.post(whose(stranger), {"owner": 1}, follow=True)):
        assert "may have gone into another" in said(late)
    assert NumberAttachment.objects.count() == 1


def test_it_is_taken_back_by_anybody_of_the_team_for_some_days(client, person, stranger, time_machine) -> None:
    time_machine.move_to(timezone.now())
    person("rep")
    first, second = contact(), contact()
    client.post(whose(stranger), {"owner": first.owner.pk})
    hears("+12252345679", "Me too", 51)
    client.post(whose(Thread.objects.get(owner=None)), {"owner": second.owner.pk})
    person("manager")

    for someone in (first, second):
        assert "take it back" in client.get(address(thread_of(someone))).content.decode()
    time_machine.shift(31 * 86400)
    person("administrator")
    assert "take it back" not in client.get(address(thread_of(first))).content.decode()


def test_a_finished_conversation_comes_back_with_what_was_said_at_the_number(client, person, stranger) -> None:
    person("rep")
    someone = talked()
    assert finish_thread(thread_of(someone))
    read_thread(stranger)
    mark_handled(Message.objects.get(phone=stranger.phone), by=UserFactory())

    client.post(whose(stranger), {"owner": someone.owner.pk})

    assert thread_of(someone).done_at is None


def test_what_the_number_said_does_what_it_would_have_done(client, person) -> None:
    person("rep")
    hears(STRANGER, "How much would you pay me?", 50)
    someone = contact()
    text = queued(someone)
    assert Message.objects.get(direction="in").labels.get().label == "send_offer"

    client.post(whose(Thread.objects.get(owner=None)), {"owner": someone.owner.pk})

    assert someone.stage() == "hot"
    assert state_of(text) == "cancelled"


def test_whoever_said_stop_at_the_number_has_not_asked_for_an_answer(client, person) -> None:
    person("rep")
    hears(STRANGER, "STOP", 50)
    someone = contact()
    text = queued(someone, origin="reply")

    client.post(whose(Thread.objects.get(owner=None)), {"owner": someone.owner.pk})

    assert not Consent.objects.exists()
    assert state_of(text) == "cancelled"


def test_a_stop_that_was_taken_back_before_stays_taken_back(client, person) -> None:
    person("rep")
    hears(STRANGER, "STOP", 50)
    hears(STRANGER, "START", 51)
    someone = contact()

    client.post(whose(Thread.objects.get(owner=None)), {"owner": someone.owner.pk})

    assert not Suppression.objects.of_number(someone.phone.number_hash).exists()
    assert not Suppression.objects.of_number(Message.objects.filter(direction="in").first().phone.number_hash).exists()


def test_a_wrong_number_is_this_owners_by_the_word_of_whoever_says_so(client, person) -> None:
    person("rep")
    hears(STRANGER, "Wrong number", 50)
    someone = contact()
    phone = Message.objects.get().phone

    client.post(whose(Thread.objects.get(owner=None)), {"owner": someone.owner.pk})

    assert OwnerPhone.objects.between(someone.owner, phone) is not None
