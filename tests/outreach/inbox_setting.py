"""Conversations of the inbox, and a client that works on them."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from outreach.inbound import process_waiting
from outreach.models import Message, Thread
from tests.outreach.conversations import Contact, contact, texted
from tests.outreach.twilio_requests import stored_text

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
