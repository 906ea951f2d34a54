"""The inbox: what it shows, what its buttons do and refuse."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from core.phones import mask
from leads.merging import merge_owners
from leads.models import Event
from outreach.inbound import process_waiting
from outreach.models import Message, Thread
from outreach.opt_outs import opt_out
from tests.factories import LeadFactory, MarketFactory, MessageTemplateFactory, TemplateVariantFactory, UserFactory
from tests.outreach.conversations import contact, texted
from tests.outreach.inbox_setting import INBOX, LIVE, STRANGER, address, do, hears, said, shown, talked, thread_of
from tests.outreach.twilio_requests import stored_text

pytestmark = pytest.mark.django_db

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
@pytest.mark.parametrize(("chosen", "queries"), [(False, 7), (True, 25)])
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


def test_done_and_later_are_refused_while_a_reply_has_not_been_on_the_page(client, person) -> None:
    person("rep")
    someone = talked()
    thread = thread_of(someone)
    seen = str(client.get(address(thread)).context["seen"])
    hears(someone.phone.number, "How much is it now?", 2)

    for step, values in (("done", {}), ("snooze", {"until": "tomorrow"})):
        assert "A new reply came in meanwhile" in said(do(client, thread, step, seen=seen, **values))
    assert Thread.objects.get().unread == 2
    do(client, thread, "read", seen=seen)
    assert Thread.objects.get().unread == 1
    seen = str(client.get(address(thread)).context["seen"])
    assert "Done" in said(do(client, thread, "done", seen=seen))
    assert Thread.objects.get().unread == 0


def test_what_was_given_to_somebody_who_has_left_is_nobodys(client, person) -> None:
    person("rep")
    gone, _ = UserFactory(username="gone"), UserFactory(username="here")
    theirs, ours, free = talked(number=1), talked(number=2), talked(number=3)
    do(client, thread_of(theirs), "assign", to="gone")
    do(client, thread_of(ours), "assign", to="here")
    gone.is_active = False
    gone.save()

    assert shown(client, whose="nobody") == [free.owner, theirs.owner]
    page = client.get(address(thread_of(theirs))).content.decode()
    assert '<option value="gone" selected>gone (has left)</option>' in page
    assert "gone (has left)</em>" in page
    assert "has left" not in client.get(address(thread_of(ours)), {"q": "nobody of this name"}).content.decode()


def test_buttons_lead_back_to_the_lead_and_the_page_of_the_list_they_stood_on(client, person, monkeypatch) -> None:
    monkeypatch.setattr("outreach.admin.inbox_filters.SHOWN", 1)
    person("rep")
    someone = talked(number=1)
    talked(number=2)
    second = LeadFactory(owner=someone.owner, market=someone.lead.market)
    older = client.get(INBOX).context["page"].older
    assert f"{address(thread_of(someone))}{older}" in client.get(INBOX + older).content.decode().replace("&amp;", "&")

    page = client.get(f"{address(thread_of(someone))}{older}&lead={second.pk}")
    moved = do(client, thread_of(someone), "unread", back=page.context["back"])

    for response in (page, moved):
        assert response.context["lead"] == second
        assert [row.owner for row in response.context["page"].threads] == [someone.owner]


def test_a_conversation_that_is_no_more_is_said_to_be_gone(client, person) -> None:
    user = person("rep")
    kept, absorbed = talked(number=1), talked(number=2)
    thread = thread_of(absorbed)
    merge_owners(kept.owner, absorbed.owner, by=user, reason="the same")

    shown_page = client.get(address(thread), follow=True)
    steps = [do(client, thread, step) for step in ("done", "read", "assign")]
    quiet = client.post(reverse("admin:outreach_thread_do", args=[thread.pk, "read"]), headers={"X-Quietly": "1"})

    for response in (shown_page, *steps):
        assert "may have gone into another" in said(response)
        assert response.redirect_chain[-1][0] == INBOX
    assert quiet.status_code == 204


# who may


@pytest.fixture
def stranger() -> Thread:
    hears(STRANGER, "Is my lot on Highland worth something?", 50)
    return Thread.objects.get(owner=None)


def test_a_person_without_a_role_sees_and_does_nothing(client, stranger) -> None:
    client.force_login(UserFactory())
    before = Thread.objects.values().get()

    whose = reverse("admin:outreach_thread_attach", args=[stranger.pk])
    for url in (INBOX, address(stranger), LIVE, whose):
        assert client.get(url).status_code == 403
    for step in ("read", "done", "unread", "snooze", "assign", "reopen"):
        assert do(client, stranger, step).status_code == 403
    assert client.post(whose, {"owner": contact().owner.pk}).status_code == 403
    assert Thread.objects.values().get() == before
    assert not Event.objects.filter(kind="NoteAdded").exists()


def test_steps_answer_to_post_alone_and_unknown_ones_are_refused(client, person, stranger) -> None:
    person("rep")
    assert client.get(reverse("admin:outreach_thread_do", args=[stranger.pk, "done"])).status_code == 405
    assert "no such button" in said(do(client, stranger, "explode"))
