"""The inbox keeps itself up to date: what is news, and what it is told for it."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from leads.merging import merge_owners
from leads.numbers import end_number
from leads.pipeline import move_lead
from outreach.models import Message, Thread
from outreach.opt_outs import opt_out
from outreach.threads import assign_thread, read_thread
from tests.factories import UserFactory
from tests.outreach.conversations import contact
from tests.outreach.inbox_setting import INBOX, LIVE, STRANGER, address, do, hears, talked, thread_of

pytestmark = pytest.mark.django_db


def test_the_page_asks_whether_anything_is_new_and_is_told_so_in_few_queries(
    client, person, django_assert_num_queries
) -> None:
    person("rep")
    someone = talked()
    thread = thread_of(someone)
    version = client.get(address(thread)).context["version"]

    with django_assert_num_queries(9):
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


def asked(client: Any, thread: Thread, version: str, **more: Any) -> Any:
    return client.get(LIVE, {"thread": thread.pk, **more}, headers={"If-None-Match": version})


def test_what_becomes_of_the_owner_and_the_lead_is_news(client, person) -> None:
    user = person("rep")
    someone = talked()
    thread, shared = thread_of(someone), contact(phone=someone.phone)
    changes = (
        lambda: move_lead(someone.lead, "offer_made", by=None, reason="test"),
        lambda: client.post(reverse("admin:leads_lead_note", args=[someone.lead.pk]), {"text": "Call at 5"}),
        lambda: opt_out(shared.phone, evidence="said so on the telephone", by=user),
        lambda: end_number(someone.link(), why="disconnected", by=user),
    )
    for change in changes:
        version = client.get(address(thread)).context["version"]
        assert asked(client, thread, version).status_code == 304
        change()
        answer = asked(client, thread, version)
        assert answer.status_code == 200
    assert "Call at 5" in answer.json()["parts"]["facts"]
    assert answer.json()["locked"] is True
    assert "Disconnected" in answer.json()["parts"]["facts"]


def test_who_works_on_it_and_what_is_to_be_read_stand_in_the_head(client, person) -> None:
    person("rep")
    someone = talked()
    thread, other = thread_of(someone), UserFactory(username="bob")
    read_thread(thread)
    version = client.get(address(thread)).context["version"]

    assign_thread(thread, to=other, by=other)
    hears(someone.phone.number, "Hello?", 9)
    head = asked(client, thread, version).json()["parts"]["head"]

    assert '<option value="bob" selected>' in head
    assert 'data-unread="1"' in head
    assert f'name="seen" value="{Message.objects.latest("pk").pk}"' in head


def test_an_unknown_number_is_told_of_in_every_queue(client, person) -> None:
    person("rep")
    version = client.get(INBOX).context["version"]
    assert client.get(LIVE, headers={"If-None-Match": version}).status_code == 304

    hears(STRANGER, "hello?", 50)
    parts = client.get(LIVE, headers={"If-None-Match": version}).json()["parts"]

    assert set(parts) == {"queues", "threads"}
    assert "Unknown numbers <b>1</b>" in parts["queues"]


def test_a_page_whose_conversation_went_into_another_is_told_where(client, person) -> None:
    user = person("rep")
    kept, absorbed = talked(number=1), talked(number=2)
    thread, last = thread_of(absorbed), Message.objects.latest("pk")
    merge_owners(kept.owner, absorbed.owner, by=user, reason="the same")

    assert asked(client, thread, "", seen=last.pk).json() == {"gone": address(thread_of(kept))}
    for nothing in ("", "4711", "x"):
        assert asked(client, thread, "", seen=nothing).json() == {"gone": INBOX}
