"""What a person writes in a conversation that others read and write at the same time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from core.results import Result
from leads.models import PhoneNumber
from outreach.models import Message, Thread
from outreach.sending import queue_reply

if TYPE_CHECKING:
    from uuid import UUID

    from core.models import User
    from leads.models import Lead, Owner


@dataclass(frozen=True)
class Answer:
    """Written on a page that showed the conversation up to the text with the id `seen`; the page's `token` makes one
    text of a button that was pressed twice."""

    owner: Owner
    phone: PhoneNumber
    body: str
    lead: Lead | None = None
    token: UUID | None = None
    seen: int | None = None


def answer_owner(answer: Answer, *, by: User) -> Result[Message]:
    """Declines as `queue_reply` does, and with `news`, nothing stored, when somebody has written here since."""
    with transaction.atomic():
        PhoneNumber.objects.locked(answer.phone)
        Thread.objects.lock_of(answer.owner)
        news = None
        if answer.seen is not None:
            news = Message.objects.news_for(answer.owner, answer.seen, answer.token)
        if news is not None:
            return Result.declined("news", f"{_writer(news)} wrote meanwhile. Look at it, then send your text again.")
        return queue_reply(answer.owner, answer.phone, answer.body, lead=answer.lead, by=by, token=answer.token)


def _writer(message: Message) -> str:
    if message.direction == Message.Direction.IN:
        return "The owner"
    return str(message.created_by or "Somebody")
