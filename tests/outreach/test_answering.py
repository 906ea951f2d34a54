"""Answers written while others read and write in the same conversation."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.urls import reverse

from core.models import User
from leads.merging import merge_owners
from leads.models import Lead
from leads.numbers import end_number
from outreach.answering import Answer, answer_owner
from outreach.inbound import process_waiting
from outreach.models import Message, Thread
from tests.factories import OwnerFactory, OwnerPhoneFactory, UserFactory
from tests.outreach.campaign_setting import MONDAY_MORNING, open_market, phone_of, reachable_lead
from tests.outreach.conversations import Contact, texted
from tests.outreach.twilio_requests import stored_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def rep() -> User:
    user: User = UserFactory(username="ann")
    return user


@pytest.fixture
def lead(time_machine, twilio_simulator) -> Lead:
    """Its owner has asked what we would pay, and we may answer."""
    time_machine.move_to(MONDAY_MORNING)
    found = reachable_lead(open_market(), name="THIBODEAUX MARIE")
    hears(found, "How much would you pay?", 1)
    return found


def hears(lead: Lead, body: str, number: int) -> Message:
    stored_text(phone_of(lead).number, body, number)
    process_waiting()
    return Message.objects.latest("pk")


def answer_to(lead: Lead, body: str = "What would you want for it?", **fields: Any) -> Answer:
    return Answer(lead.owner, phone_of(lead), body, lead, **fields)


def ours() -> list[str]:
    return [message.body.partition(" - ")[0] for message in Message.objects.filter(direction="out").order_by("pk")]


def test_a_button_pressed_twice_sends_one_text(lead: Lead, rep: User) -> None:
    answer = answer_to(lead, token=uuid4(), seen=Message.objects.get().pk)

    assert answer_owner(answer, by=rep)
    assert answer_owner(answer, by=rep)

    assert ours() == ["What would you want for it?"]


@pytest.mark.django_db(transaction=True)
def test_pressed_twice_at_once_it_sends_one_text(lead: Lead, rep: User) -> None:
    answer = answer_to(lead, token=uuid4(), seen=Message.objects.get().pk)

    def send(_: int) -> bool:
        try:
            return bool(answer_owner(answer, by=rep))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(send, range(4))) == [True] * 4

    assert ours() == ["What would you want for it?"]


def test_what_was_held_is_said_to_be_held_the_second_time_too(lead: Lead, rep: User) -> None:
    Message.objects.filter(direction="in").update(processed_at=None)
    answer = answer_to(lead, token=uuid4())

    assert (answer_owner(answer, by=rep).code, answer_owner(answer, by=rep).code) == ("held", "held")
    assert len(ours()) == 1


def test_other_words_from_the_same_page_are_another_text(lead: Lead, rep: User) -> None:
    token = uuid4()

    assert answer_owner(answer_to(lead, token=token), by=rep)
    assert answer_owner(answer_to(lead, "And one more thing.", token=token), by=rep)

    assert ours() == ["What would you want for it?", "And one more thing."]


def test_a_blocked_text_may_be_tried_again_from_the_same_page(lead: Lead, rep: User) -> None:
    token = uuid4()
    Lead.objects.filter(pk=lead.pk).update(deleted_at=MONDAY_MORNING)
    lead.refresh_from_db()
    assert answer_owner(answer_to(lead, token=token), by=rep).code == "blocked"
    Lead.objects.filter(pk=lead.pk).update(deleted_at=None)
    lead.refresh_from_db()

    assert answer_owner(answer_to(lead, token=token), by=rep)
    assert Message.objects.filter(state="queued").count() == 1


def test_what_somebody_wrote_meanwhile_is_to_be_seen_first(lead: Lead, rep: User) -> None:
    seen, bob = Message.objects.get().pk, UserFactory(username="bob")
    assert answer_owner(answer_to(lead, "We pay 20k.", token=uuid4(), seen=seen), by=bob)

    refused = answer_owner(answer_to(lead, "We pay 10k.", token=uuid4(), seen=seen), by=rep)

    assert (refused.code, refused.message.split(".")[0]) == ("news", "bob wrote meanwhile")
    assert ours() == ["We pay 20k."]
    hears(lead, "How much? Make an offer", 2)
    late = answer_owner(answer_to(lead, token=uuid4(), seen=Message.objects.filter(direction="out").get().pk), by=rep)
    assert (late.code, late.message.split(".")[0]) == ("news", "The owner wrote meanwhile")


def test_a_campaigns_text_is_no_news(lead: Lead, rep: User) -> None:
    seen = Message.objects.get().pk
    texted(Contact(lead.owner, phone_of(lead), lead))

    assert answer_owner(answer_to(lead, token=uuid4(), seen=seen), by=rep)


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_answer_at_once_one_is_told_to_look(lead: Lead) -> None:
    """At two numbers of the owner, so that it is the conversation that makes them wait for each other."""
    other, seen = OwnerPhoneFactory(owner=lead.owner).phone, Message.objects.get().pk
    people = [(UserFactory(), phone) for phone in (lead.owner.phone_links.order_by("pk")[0].phone, other) * 2]

    def send(who: tuple[User, Any]) -> str:
        try:
            by, phone = who
            return answer_owner(Answer(lead.owner, phone, "Hello", lead, uuid4(), seen), by=by).code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        codes = list(pool.map(send, people))

    assert codes.count("news") == 3
    assert len(ours()) == 1


# the page


def press(client: Any, lead: Lead, **values: Any) -> str:
    url = reverse("admin:outreach_message_reply", args=[lead.owner.pk])
    number = Message.objects.replies().first().phone_id
    fields = {"phone": number, "lead": lead.pk, "body": "Yes."} | values
    return " ".join(str(m) for m in client.post(url, fields, follow=True).context["messages"])


def test_the_page_knows_what_it_shows_and_sends_once(client, person, lead: Lead) -> None:
    person("rep")
    page = client.get(reverse("admin:outreach_thread_show", args=[Thread.objects.get().pk]))
    box = {"token": page.context["token"], "seen": page.context["seen"]}
    assert f'name="token" value="{box["token"]}"' in page.content.decode()
    assert f'name="seen" value="{box["seen"]}" form="reply"' in page.content.decode()

    said = [press(client, lead, **box), press(client, lead, **box)]
    late = press(client, lead, body="No.", seen=box["seen"])

    assert said == ["The text is on its way."] * 2
    assert "Not sent: a-rep wrote meanwhile" in late
    assert ours() == ["Yes."]
    shown = client.get(reverse("admin:outreach_thread_show", args=[Thread.objects.get().pk])).content.decode()
    assert f'data-token="{box["token"]}"' in shown


def test_the_ends_of_lines_cost_one_character_each(client, person, lead: Lead) -> None:
    person("rep")
    press(client, lead, body="One\r\nTwo")

    assert Message.objects.get(direction="out").body.startswith("One\nTwo")


def test_an_owner_merged_since_the_page_was_opened_is_answered_all_the_same(client, person, lead: Lead) -> None:
    user = person("rep")
    kept, number = OwnerFactory(), phone_of(lead).pk
    assert merge_owners(kept, lead.owner, by=user, reason="the same")

    said = press(client, lead, phone=number)

    assert "on its way" in said
    assert Message.objects.get(direction="out").owner == kept


def test_a_number_taken_away_since_is_named_and_nothing_sent(client, person, lead: Lead) -> None:
    person("rep")
    link = OwnerPhoneFactory(owner=lead.owner)
    end_number(link, why="reassigned", by=None)

    for number in (link.phone_id, "", "x"):
        assert "not this owner's now" in press(client, lead, phone=number)
    assert ours() == []


def test_what_would_leave_is_told_while_it_is_written(client, person, lead: Lead) -> None:
    person("rep")
    url = reverse("admin:outreach_message_preview", args=[lead.owner.pk])
    fields = {"phone": phone_of(lead).pk, "lead": lead.pk}
    before = Message.objects.count()

    short = client.post(url, fields | {"body": "Hello"}).content.decode()
    long = client.post(url, fields | {"body": "x" * 150}).content.decode()
    dear = client.post(url, fields | {"body": "It’s yours – 🙂"}).content.decode()

    signature = f"- {lead.market.agent_name} Reply STOP to opt out."
    assert f"{len('Hello ' + signature)} characters, 1 segment (GSM-7)" in short
    assert f"with “{signature}”" in short
    assert "2 segments (GSM-7)" in long
    assert "(UCS-2)" in dear
    assert 'data-plain="It&#x27;s yours - 🙂"' in dear
    assert client.post(url, fields | {"body": " "}).content == b""
    assert Message.objects.count() == before


def test_who_may_not_answer_may_not_ask_what_would_leave(client, lead: Lead) -> None:
    client.force_login(UserFactory())
    for name in ("reply", "preview"):
        url = reverse(f"admin:outreach_message_{name}", args=[lead.owner.pk])
        assert client.post(url, {"phone": phone_of(lead).pk, "body": "Hi"}).status_code == 403
    assert ours() == []
