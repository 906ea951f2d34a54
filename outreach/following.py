"""What follows in outreach when leads were archived, deleted or moved to another market.

The gate judges each text by its lead all the same; this clears the queues at once and says why. Doing it twice does
nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from core.waking import wake_on_commit
from outreach.models import CallTask, Message


@dataclass(frozen=True)
class Followed:
    """`texts` and `calls` were cancelled; `answers` are judged anew in their lead's market."""

    texts: int
    calls: int
    answers: int


def follow_leads() -> Followed:
    now = timezone.now()
    texts = Message.objects.cancel_put_away() + Message.objects.cancel_moved()
    answers = Message.objects.follow_moved(now)
    if answers:
        _wake()
    return Followed(texts, CallTask.objects.cancel_put_away(now), answers)


def _wake() -> None:
    from outreach.tasks import send_due_messages  # the tasks are built on the services

    wake_on_commit(send_due_messages)
