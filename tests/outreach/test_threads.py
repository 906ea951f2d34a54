"""The inbox's rows agree with their messages whatever happens, and what people do with a conversation holds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from core.models import User
from leads.merging import merge_owners, undo_merge
from leads.models import Event, Owner
from outreach.inbound import process_waiting
from outreach.models import Message, Thread
from outreach.replies import correct_label, mark_handled
from outreach.sending import queue_reply
from outreach.threads import (
    assign_thread,
    finish_thread,
    read_thread,
    reopen_thread,
    repair_threads,
    snooze_thread,
    unread_thread,
)
from tests.factories import OwnerPhoneFactory, UserFactory
from tests.outreach.campaign_setting import open_market, phone_of, reachable_lead
from tests.outreach.conversations import Contact, contact, texted
from tests.outreach.twilio_requests import stored_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def rep() -> User:
    user: User = UserFactory()
    return user


def hears(from_number: str, body: str, number: int) -> Message:
    stored_text(from_number, body, number)
    process_waiting()
    return Message.objects.latest("pk")


def thread_of(owner: Owner) -> Thread:
    return Thread.objects.get(owner=owner)


def talked(body: str = "How much?", number: int = 1) -> Contact:
    someone = contact()
    texted(someone)
    hears(someone.phone.number, body, number)
    return someone


def test_a_campaigns_text_makes_no_conversation_and_an_answer_makes_one() -> None:
    someone = contact()
    texted(someone)
    assert not Thread.objects.exists()

    message = hears(someone.phone.number, "How much would you pay?", 1)

    thread = Thread.objects.get()
    assert (thread.owner, thread.phone, thread.last_message, thread.unread) == (someone.owner, None, message, 1)
    assert (thread.label, thread.held, thread.market) == (message.labels.get().label, False, someone.lead.market)


def test_a_stranger_has_a_conversation_by_number_and_it_is_held() -> None:
    message = hears("+12252345678", "hello?", 1)

    thread = Thread.objects.get()
    assert (thread.owner, thread.phone, thread.held, thread.unread) == (None, message.phone, True, 1)


def test_rows_and_messages_agree_after_everything_that_happens(rep: User) -> None:
    first, second = talked("How much?", 1), talked("hmm perhaps, who knows", 2)
    hears("+12252345678", "Who is this", 3)
    hears(first.phone.number, "STOP", 4)
    unclear = Message.objects.get(owner=second.owner, direction="in")
    Message.objects.ask_person(unclear, "The models were not sure.", timezone.now())
    correct_label(unclear, "confused", by=rep)
    mark_handled(Message.objects.get(owner=None), by=rep)
    queue_reply(second.owner, second.phone, "It is about your land.", lead=second.lead, by=rep)
    read_thread(thread_of(first.owner))
    merge = merge_owners(first.owner, second.owner, by=rep, reason="the same").value

    assert repair_threads() == 0
    assert Thread.objects.count() == 2
    assert thread_of(first.owner).last_message.origin == "reply"

    assert merge is not None
    undo_merge(merge, by=rep)
    assert repair_threads() == 0
    assert thread_of(second.owner).label == "confused"


def test_a_wrong_row_is_put_right_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    right, wrong, lost = talked(number=1), talked(number=2), talked(number=3)
    Thread.objects.filter(owner=wrong.owner).update(unread=7, held=True, label="hostile")
    Thread.objects.filter(owner=lost.owner).delete()
    before = thread_of(right.owner).changed_at

    call_command("repair_inbox")

    assert capsys.readouterr().out == "2 conversations put right.\n"
    assert thread_of(wrong.owner).unread == 1
    assert thread_of(lost.owner).last_message.owner == lost.owner
    assert thread_of(right.owner).changed_at == before
    call_command("repair_inbox")
    assert capsys.readouterr().out == "Every conversation was right.\n"


def test_a_conversation_without_messages_goes() -> None:
    someone = talked()
    Message.objects.filter(direction="in").update(direction="out", origin="campaign", state="cancelled")

    assert repair_threads() == 1
    assert not Thread.objects.filter(owner=someone.owner).exists()


def test_unread_comes_first_then_the_newest() -> None:
    talks = [talked(number=n) for n in (1, 2, 3)]
    read_thread(thread_of(talks[2].owner))

    order = [thread.owner_id for thread in Thread.objects.page_after(None, 10)]

    assert order == [talks[1].owner.pk, talks[0].owner.pk, talks[2].owner.pk]


def test_pages_show_each_conversation_once() -> None:
    for number in range(5):
        talked(number=number)
    position, seen = None, []
    while page := Thread.objects.page_after(position, 2):
        seen += [thread.pk for thread in page]
        position = [page[-1].place, page[-1].pk]
    assert sorted(seen) == sorted(Thread.objects.values_list("pk", flat=True))
    assert len(seen) == 5


def test_put_off_and_done_conversations_come_back_with_the_next_reply() -> None:
    someone = talked()
    now = timezone.now()
    assert snooze_thread(thread_of(someone.owner), now + timedelta(days=1))
    assert not Thread.objects.unfinished(now).exists()
    assert Thread.objects.unfinished(now + timedelta(days=2)).exists()

    hears(someone.phone.number, "Are you still there? How much?", 2)
    assert Thread.objects.unfinished(now).get().unread == 1

    assert finish_thread(thread_of(someone.owner))
    assert Thread.objects.finished().get().unread == 0
    hears(someone.phone.number, "How much is it now?", 3)
    assert Thread.objects.unfinished(now).exists()


def test_an_unread_reply_that_comes_with_another_owner_brings_the_conversation_back(rep: User) -> None:
    now = timezone.now()
    for number, put_aside in enumerate((finish_thread, lambda thread: snooze_thread(thread, now + timedelta(days=1)))):
        kept, absorbed = talked(number=10 * number), talked("How much?", 10 * number + 1)
        assert put_aside(thread_of(kept.owner))

        assert merge_owners(kept.owner, absorbed.owner, by=rep, reason="the same")

        thread = thread_of(kept.owner)
        assert (thread.unread, thread.done_at, thread.snoozed_until) == (1, None, None)


def test_a_held_reply_that_comes_with_another_owner_brings_it_back_too(rep: User) -> None:
    now = timezone.now()
    for number, put_aside in enumerate((finish_thread, lambda thread: snooze_thread(thread, now + timedelta(days=1)))):
        kept, absorbed = talked(number=10 * number), talked("xyzzy plugh", 10 * number + 1)
        read_thread(thread_of(absorbed.owner))
        assert put_aside(thread_of(kept.owner))

        assert merge_owners(kept.owner, absorbed.owner, by=rep, reason="the same")

        thread = thread_of(kept.owner)
        assert (thread.held, thread.done_at, thread.snoozed_until) == (True, None, None)


def test_what_is_held_may_be_put_off_and_stays_so() -> None:
    someone = talked("xyzzy plugh")
    until = timezone.now() + timedelta(days=1)

    assert snooze_thread(thread_of(someone.owner), until)
    repair_threads()

    assert (thread_of(someone.owner).snoozed_until, thread_of(someone.owner).held) == (until, True)


def test_only_what_was_seen_is_read_put_off_or_done() -> None:
    someone = talked()
    seen = Message.objects.latest("pk").pk
    hears(someone.phone.number, "How much is it now?", 2)
    tomorrow = timezone.now() + timedelta(days=1)

    assert finish_thread(thread_of(someone.owner), seen).code == "news"
    assert snooze_thread(thread_of(someone.owner), tomorrow, seen).code == "news"
    thread = thread_of(someone.owner)
    assert (thread.unread, thread.done_at, thread.snoozed_until) == (2, None, None)
    assert read_thread(thread, seen) == 1
    assert thread_of(someone.owner).unread == 1
    assert finish_thread(thread_of(someone.owner), Message.objects.latest("pk").pk)


def test_what_is_held_is_not_done() -> None:
    hears("+12252345678", "hello?", 1)

    result = finish_thread(Thread.objects.get())

    assert (result.code, Thread.objects.get().done_at, Thread.objects.get().unread) == ("held", None, 1)


@pytest.mark.parametrize(("days", "code"), [(None, "no_time"), (-1, "past")])
def test_nothing_is_put_off_to_no_time_or_the_past(days: int | None, code: str) -> None:
    someone = talked()
    until = None if days is None else timezone.now() + timedelta(days=days)

    assert snooze_thread(thread_of(someone.owner), until).code == code
    assert (thread_of(someone.owner).snoozed_until, thread_of(someone.owner).unread) == (None, 1)


def test_a_conversation_is_given_to_somebody_and_the_timeline_says_so(rep: User) -> None:
    someone = talked()
    thread = thread_of(someone.owner)

    assert assign_thread(thread, to=rep, by=rep)
    assert assign_thread(thread, to=rep, by=rep)

    assert list(Thread.objects.of_person(rep)) == [thread]
    assert [event.data["text"] for event in Event.objects.filter(kind="NoteAdded")] == [
        f"Conversation given to {rep.username}."
    ]


def test_read_is_unread_again_and_done_is_taken_back() -> None:
    someone = talked()
    read_thread(thread_of(someone.owner))
    assert unread_thread(thread_of(someone.owner))
    assert thread_of(someone.owner).unread == 1
    finish_thread(thread_of(someone.owner))
    reopen_thread(thread_of(someone.owner))
    assert thread_of(someone.owner).done_at is None


def test_a_conversation_that_nobody_answered_has_nothing_to_read(rep: User) -> None:
    lead = reachable_lead(open_market())
    queue_reply(lead.owner, phone_of(lead), "Hello", lead=lead, by=rep)

    assert unread_thread(thread_of(lead.owner)).code == "no_reply"


def test_it_belongs_at_first_to_whom_the_lead_belongs(rep: User) -> None:
    someone = contact()
    someone.lead.assigned_to = rep
    someone.lead.save(update_fields=["assigned_to"])
    texted(someone)
    hears(someone.phone.number, "How much?", 1)

    assert thread_of(someone.owner).assigned_to == rep


@pytest.mark.django_db(transaction=True)
def test_texts_of_one_owner_that_come_in_at_once_are_all_counted() -> None:
    someone = contact()
    other = OwnerPhoneFactory(owner=someone.owner).phone
    texted(someone)
    for number, phone in enumerate([someone.phone, other] * 10):
        stored_text(phone.number, "How much?", number + 1)

    def work(_: int) -> None:
        try:
            process_waiting()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    process_waiting()

    assert thread_of(someone.owner).unread == 20
    assert repair_threads() == 0


@pytest.mark.django_db(transaction=True)
def test_labelling_and_finishing_at_once_wait_for_each_other() -> None:
    rep = UserFactory(is_superuser=True)
    someone = talked("How much?")
    reply, thread = Message.objects.get(direction="in"), thread_of(someone.owner)

    def work(number: int) -> None:
        try:
            for _ in range(5):
                if number % 2:
                    correct_label(reply, "send_offer", by=rep)
                else:
                    finish_thread(thread)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))

    assert thread_of(someone.owner).done_at is not None
    assert repair_threads() == 0
