"""What a person does with a conversation of the inbox: read it, put it off, give it to somebody, be done with it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from core.results import Result
from leads.events import record_event
from leads.models import Event
from outreach.models import Message, Thread

if TYPE_CHECKING:
    from core.models import User


NEWS = "A new reply came in meanwhile: look at it first."


@transaction.atomic
def read_thread(thread: Thread, seen: int | None = None) -> int:
    """Somebody has looked at it, up to the text with the id `seen`; returns how many replies were new to the team. What
    is held stays so."""
    read = Message.objects.mark_read(thread, timezone.now(), seen)
    if read:
        _recount(thread)
    return read


@transaction.atomic
def unread_thread(thread: Thread) -> Result[Thread]:
    """As if its last reply had just come. Declines with `no_reply`."""
    if not Message.objects.mark_unread(thread):
        return Result.declined("no_reply", "Nobody has written here yet: there is nothing to read.")
    _recount(thread)
    return Result.ok(thread)


@transaction.atomic
def finish_thread(thread: Thread, seen: int | None = None) -> Result[Thread]:
    """Out of the way until the next reply. Declines with `held`: a reply that holds the texts has to be dealt with; and
    with `news` when a reply has come in after the text with the id `seen`."""
    locked = _locked(thread)
    if locked.held:
        return Result.declined("held", "A reply here is not dealt with: label it, or mark it as handled first.")
    if Message.objects.has_news(locked, seen):
        return Result.declined("news", NEWS)
    read_thread(locked)
    Thread.objects.change(locked, done_at=timezone.now(), snoozed_until=None)
    return Result.ok(locked)


@transaction.atomic
def reopen_thread(thread: Thread) -> Result[Thread]:
    """Takes “done” and “later” back."""
    Thread.objects.change(thread, done_at=None, snoozed_until=None)
    return Result.ok(thread)


@transaction.atomic
def snooze_thread(thread: Thread, until: datetime | None, seen: int | None = None) -> Result[Thread]:
    """Out of the way until then, or until the next reply. Declines with `no_time`, `past` and `news`, see above."""
    if until is None:
        return Result.declined("no_time", "Say until when: choose a day.")
    if until <= timezone.now():
        return Result.declined("past", "That moment has passed: choose a later day.")
    locked = _locked(thread)
    if Message.objects.has_news(locked, seen):
        return Result.declined("news", NEWS)
    read_thread(locked)
    Thread.objects.change(locked, done_at=None, snoozed_until=until)
    return Result.ok(locked)


@transaction.atomic
def assign_thread(thread: Thread, *, to: User | None, by: User) -> Result[Thread]:
    """Who answers. The leads stay with whom they are; the timeline says who was given the conversation."""
    if thread.assigned_to_id == (to.pk if to else None):
        return Result.ok(thread)
    Thread.objects.change(thread, assigned_to=to)
    if thread.owner is not None:
        name = to.get_username() if to else "nobody"
        record_event(Event.Kind.NOTE_ADDED, owner=thread.owner, actor=by, text=f"Conversation given to {name}.")
    return Result.ok(thread)


def repair_threads() -> int:
    """Makes every conversation what its messages say; returns how many were wrong, which is none."""
    return Thread.objects.rebuild()


def _locked(thread: Thread) -> Thread:
    """With its replies, so that one that is coming in is waited for."""
    Message.objects.lock_in(thread)
    locked: Thread = Thread.objects.select_for_update(of=("self",)).get(pk=thread.pk)
    return locked


def _recount(thread: Thread) -> None:
    Thread.objects.rebuild(
        owners=[thread.owner_id] if thread.owner_id else None, phones=[thread.phone_id] if thread.phone_id else None
    )
    thread.refresh_from_db()
