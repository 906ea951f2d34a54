"""The inbox: what it shows, what its buttons do and refuse, whose an unknown number is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from core.phones import mask
from leads.models import Event, OwnerPhone
from outreach.inbound import process_waiting
from outreach.models import Consent, Message, NumberAttachment, Thread
from outreach.opt_outs import opt_out
from tests.factories import MarketFactory, MessageTemplateFactory, TemplateVariantFactory, UserFactory
from tests.outreach.conversations import Contact, contact, texted
from tests.outreach.twilio_requests import stored_text

pytestmark = pytest.mark.django_db
INBOX = reverse("admin:outreach_thread_changelist")
LIVE = reverse("admin:outreach_thread_live")
STRANGER = "+12252345678"


def hears(from_number: str, body: str, number: int) -> Message:
    stored_text(from_number, body, number)
    process_waiting()
    return Message.objects.latest("pk")


def talked(body: str = "How much?", number: int = 1, **owner: str) -> Contact:
    someone = contact(**owner)
    texted(someone)
    hears(someone.phone.number, body, number)
    return someone


def thread_of(someone: Contact) -> Thread:
    return Thread.objects.get(owner=someone.owner)


def address(thread: Thread) -> str:
    return reverse("admin:outreach_thread_show", args=[thread.pk])


def do(client: Any, thread: Thread, step: str, **values: str) -> Any:
    return client.post(reverse("admin:outreach_thread_do", args=[thread.pk, step]), values, follow=True)


def said(response: Any) -> str:
    return " ".join(str(message) for message in response.context["messages"])


def shown(client: Any, **query: str) -> list[Any]:
    return [row.owner or row.phone for row in client.get(INBOX, query).context["page"].threads]


# the page


def test_conversation_facts_and_list_stand_on_one_page(client, person) -> None:
    person("rep")
    someone = talked(name="THIBODEAUX MARIE")
    other = talked("hmm perhaps, who knows", 2, name="LANDRY PAUL")

    page = client.get(address(thread_of(someone))).content.decode()

    for words in ("How much?", "✓✓", "THIBODEAUX MARIE", "LANDRY PAUL", someone.lead.parcel.number, "Offer made"):
        assert words in page
    assert mask(someone.phone.number) in page
    assert someone.phone.number not in page
    assert other.phone.number not in page


def test_who_sent_a_picture_without_words_is_seen_to_have(client, person) -> None:
    person("rep")
    someone = contact()
    texted(someone)
    stored_text(someone.phone.number, "", NumMedia="2")
    process_waiting()
    message = Message.objects.replies().get()

    for url in (INBOX, address(thread_of(someone)), reverse("admin:outreach_message_changelist")):
        assert "(2 pictures)" in client.get(url).content.decode(), url
    assert f"kept by the provider under {message.sid}" in client.get(message.get_absolute_url()).content.decode()


def test_the_short_address_leads_to_the_inbox(client, person) -> None:
    person("rep")
    assert client.get("/admin/inbox/?queue=done").headers["Location"] == f"{INBOX}?queue=done"


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("chosen", "queries"), [(False, 7), (True, 23)])
def test_the_page_takes_the_same_queries_for_any_number_of_conversations(
    client, person, warmed, count, chosen, queries, django_assert_num_queries
) -> None:
    person("rep")
    for number in range(count):
        someone = talked(number=number)
    for number in range(count):
        hears(someone.phone.number, "How much?", 10 + number)
    url = address(thread_of(someone)) if chosen else INBOX
    warmed(url)

    with django_assert_num_queries(queries):
        client.get(url)


def test_queues_and_filters_narrow_and_combine(client, person) -> None:
    user = person("rep")
    sure, unclear, put_off, done = (
        talked("How much?", 1),
        talked("xyzzy plugh", 2),
        talked(number=3),
        talked(number=4),
    )
    hears(STRANGER, "hello?", 5)
    Thread.objects.filter(owner=sure.owner).update(assigned_to=user)
    do(client, thread_of(put_off), "snooze", until="tomorrow")
    do(client, thread_of(done), "done")

    assert shown(client) == [unclear.owner, sure.owner]
    assert shown(client, queue="unknown") == [Message.objects.latest("pk").phone]
    assert shown(client, queue="later") == [put_off.owner]
    assert shown(client, queue="done") == [done.owner]
    assert shown(client, whose="mine") == [sure.owner]
    assert shown(client, whose="nobody") == [unclear.owner]
    assert shown(client, label=thread_of(sure).label) == [sure.owner]
    assert shown(client, held="1") == [unclear.owner]
    assert shown(client, market=sure.lead.market.code) == [sure.owner]
    assert shown(client, market=sure.lead.market.code, held="1") == []
    assert shown(client, market=MarketFactory().code) == []


def test_owners_are_found_by_words_and_by_any_of_their_numbers(client, person) -> None:
    person("rep")
    someone = talked(name="THIBODEAUX MARIE")
    talked(number=2, name="LANDRY PAUL")
    hears(STRANGER, "hello?", 3)

    assert shown(client, q="marie thibodeaux") == [someone.owner]
    assert shown(client, q=someone.phone.number) == [someone.owner]
    assert shown(client, q="225 234 5678", queue="unknown") == [Message.objects.latest("pk").phone]
    assert shown(client, q="nobody of this name") == []


def test_pages_go_on_where_the_last_one_ended(client, person, monkeypatch) -> None:
    monkeypatch.setattr("outreach.admin.inbox_filters.SHOWN", 2)
    person("rep")
    talks = [talked(number=number).owner for number in range(5)][::-1]

    first = client.get(INBOX).context["page"]
    second = client.get(INBOX + first.older).context["page"]
    third = client.get(INBOX + second.older).context["page"]
    back = client.get(INBOX + third.newer).context["page"]

    assert [row.owner for row in (*first.threads, *second.threads, *third.threads)] == talks
    assert [row.owner for row in back.threads] == talks[2:4]
    assert (first.newer, third.older) == ("", "")


def test_an_address_that_makes_no_sense_narrows_nothing(client, person) -> None:
    person("rep")
    someone = talked()
    for query in ({"queue": "x"}, {"whose": "x"}, {"after": "x"}, {"before": "%%"}):
        assert shown(client, **query) == [someone.owner]


# what the buttons do


def test_reading_a_conversation_is_a_step_of_its_own_and_looking_changes_nothing(client, person) -> None:
    person("rep")
    thread = thread_of(talked())
    client.get(address(thread))
    assert Thread.objects.get().unread == 1

    url = reverse("admin:outreach_thread_do", args=[thread.pk, "read"])
    assert client.post(url, headers={"X-Quietly": "1"}).status_code == 204
    assert Thread.objects.get().unread == 0
    do(client, thread, "unread")
    assert Thread.objects.get().unread == 1


def test_a_conversation_is_put_off_until_a_day_in_the_morning_of_the_market(client, person) -> None:
    person("rep")
    thread = thread_of(talked())
    day = timezone.localdate() + timedelta(days=9)

    response = do(client, thread, "snooze", until="day", day=day.isoformat())

    assert "Later: it comes back" in said(response)
    assert Thread.objects.get().snoozed_until.hour in (13, 14)  # 8:00 in Louisiana
    assert "Open again" in response.content.decode()
    do(client, thread, "reopen")
    assert Thread.objects.get().snoozed_until is None


@pytest.mark.parametrize(
    ("day", "words"), [("", "choose a day"), ("2020-01-01", "has passed"), ("soon", "choose a day")]
)
def test_no_day_and_a_past_one_are_refused(client, person, day, words) -> None:
    person("rep")
    thread = thread_of(talked())

    assert words in said(do(client, thread, "snooze", until="day", day=day))
    assert Thread.objects.get().snoozed_until is None


def test_what_is_held_cannot_be_done_and_the_page_says_why(client, person) -> None:
    person("rep")
    thread = thread_of(talked("xyzzy plugh"))

    assert "label it" in said(do(client, thread, "done"))
    assert Thread.objects.get().done_at is None


def test_a_conversation_is_given_to_a_person_of_the_team_and_to_nobody_else(client, person) -> None:
    user = person("rep")
    thread = thread_of(talked())

    do(client, thread, "assign", to=user.username)
    assert Thread.objects.get().assigned_to == user
    assert "no “ghost” in the team" in said(do(client, thread, "assign", to="ghost"))
    assert Thread.objects.get().assigned_to == user
    do(client, thread, "assign", to="")
    assert Thread.objects.get().assigned_to is None


def test_the_lead_is_moved_and_noted_without_leaving_the_inbox(client, person) -> None:
    person("rep")
    someone = talked("hm")
    back = address(thread_of(someone))

    moved = client.post(reverse("admin:leads_lead_move", args=[someone.lead.pk]), {"to": "hot", "back": back})
    noted = client.post(reverse("admin:leads_lead_note", args=[someone.lead.pk]), {"text": "Call at 5", "back": back})
    away = client.post(
        reverse("admin:leads_lead_note", args=[someone.lead.pk]), {"text": "x", "back": "https://evil.example/"}
    )

    assert moved.headers["Location"] == noted.headers["Location"] == back
    assert away.headers["Location"] == someone.lead.get_absolute_url()
    assert someone.stage() == "hot"
    assert "Call at 5" in client.get(back).content.decode()


def test_templates_for_answers_are_offered_filled_and_those_that_lack_a_value_are_not(client, person) -> None:
    person("rep")
    someone = talked(name="THIBODEAUX MARIE")
    for name, body in (("Hello", "Hi {{first_name}}, it is {{sender_name}}."), ("Range", "We pay {{offer_range}}.")):
        TemplateVariantFactory(template=MessageTemplateFactory(name=name, purpose="reply"), body=body)
    TemplateVariantFactory(template=MessageTemplateFactory(name="First"))

    response = client.get(address(thread_of(someone)))

    offered = {answer.name: (answer.text, answer.missing) for answer in response.context["answers"]}
    assert offered["Hello"] == ("Hi Marie, it is Sam.", "")
    assert offered["Range"][1] == "offer range"
    assert set(offered) == {"Hello", "Range"}
    hello = next(answer for answer in response.context["answers"] if answer.name == "Hello")
    page = client.get(address(thread_of(someone)), {"answer": hello.pk}).content.decode()
    assert ">Hi Marie, it is Sam.</textarea>" in page


def test_whoever_stopped_gets_no_reply_box(client, person) -> None:
    person("rep")
    someone = talked()
    opt_out(someone.phone, evidence="STOP")

    page = client.get(address(thread_of(someone))).content.decode()

    assert "No text may go to" in page
    assert '<textarea name="body"' not in page


# live


def test_the_page_asks_whether_anything_is_new_and_is_told_so_in_few_queries(
    client, person, django_assert_num_queries
) -> None:
    person("rep")
    someone = talked()
    thread = thread_of(someone)
    version = client.get(address(thread)).context["version"]

    with django_assert_num_queries(7):
        quiet = client.get(LIVE, {"thread": thread.pk}, headers={"If-None-Match": version})
    hears(someone.phone.number, "Call me at noon", 9)
    fresh = client.get(LIVE, {"thread": thread.pk}, headers={"If-None-Match": version})

    assert (quiet.status_code, quiet.content) == (304, b"")
    assert fresh.headers["ETag"] != version
    parts = fresh.json()["parts"]
    assert "Call me at noon" in parts["threads"]
    assert "Call me at noon" in parts["talk"]
    assert f'value="{address(thread)}"' in parts["talk"]
    assert LIVE not in "".join(parts.values())


def test_a_tick_a_stop_and_what_others_do_are_news(client, person) -> None:
    person("rep")
    someone = talked()
    text = Message.objects.get(direction="out")
    changes = (
        lambda: Message.objects.filter(pk=text.pk).update(state="undelivered"),
        lambda: hears(someone.phone.number, "STOP", 9),
        lambda: do(client, thread_of(someone), "assign", to=UserFactory().username),
    )
    for change in changes:
        version = client.get(address(thread_of(someone))).context["version"]
        change()
        answer = client.get(LIVE, {"thread": thread_of(someone).pk}, headers={"If-None-Match": version})
        assert answer.status_code == 200
    assert answer.json()["locked"] is True


def test_a_conversation_that_went_into_another_is_told_to_be_gone(client, person) -> None:
    person("rep")
    assert client.get(LIVE, {"thread": "4711"}).json() == {"gone": True}


# whose number


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
    assert client.post(whose(stranger), {"owner": contact().owner.pk}).status_code == 404
    assert NumberAttachment.objects.count() == 1


# who may


def test_a_person_without_a_role_sees_and_does_nothing(client, stranger) -> None:
    client.force_login(UserFactory())
    before = Thread.objects.values().get()

    for url in (INBOX, address(stranger), LIVE, whose(stranger)):
        assert client.get(url).status_code == 403
    for step in ("read", "done", "unread", "snooze", "assign", "reopen"):
        assert do(client, stranger, step).status_code == 403
    assert client.post(whose(stranger), {"owner": contact().owner.pk}).status_code == 403
    assert Thread.objects.values().get() == before
    assert not Event.objects.filter(kind="NoteAdded").exists()


def test_steps_answer_to_post_alone_and_unknown_ones_are_refused(client, person, stranger) -> None:
    person("rep")
    assert client.get(reverse("admin:outreach_thread_do", args=[stranger.pk, "done"])).status_code == 405
    assert "no such button" in said(do(client, stranger, "explode"))
