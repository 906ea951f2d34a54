"""Which conversations a page of the inbox shows: what the address says, as a queryset and as links."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, QueryDict
from django.utils import timezone

from core.keyset import decode_cursor, encode_cursor
from core.models import User
from outreach.models import Thread
from outreach.querysets.threads import ThreadQuerySet

SHOWN = 30
QUEUES: Mapping[str, tuple[str, Callable[[ThreadQuerySet, datetime], ThreadQuerySet]]] = {
    "open": ("Open", lambda threads, now: threads.unfinished(now).of_owners()),
    "unknown": ("Unknown numbers", lambda threads, now: threads.unfinished(now).of_strangers()),
    "later": ("Later", lambda threads, now: threads.snoozed(now)),
    "done": ("Done", lambda threads, now: threads.finished()),
}
WHOSE = {"mine": "Mine", "nobody": "Unassigned"}
NAMES = ("queue", "whose", "label", "market", "held", "q", "after", "before")


@dataclass(frozen=True)
class Choice:
    """What the address asks for; anything it says that makes no sense narrows nothing."""

    query: QueryDict
    user: User

    @property
    def queue(self) -> str:
        asked = self.query.get("queue", "")
        return asked if asked in QUEUES else "open"

    def get(self, name: str) -> str:
        return str(self.query.get(name, "")).strip()

    def threads(self) -> ThreadQuerySet:
        found: ThreadQuerySet = QUEUES[self.queue][1](Thread.objects.all(), timezone.now())
        if self.get("whose") in WHOSE:
            found = found.of_person(self.user) if self.get("whose") == "mine" else found.of_nobody()
        if self.get("label"):
            found = found.labelled(self.get("label"))
        if self.get("market"):
            found = found.in_market(self.get("market"))
        if self.get("held"):
            found = found.held()
        return found.found_by(self.get("q")) if self.get("q") else found

    def here(self, **more: str) -> str:
        """The query of this page, and more."""
        return self.address(after=self.get("after"), before=self.get("before"), **more)

    def address(self, **changes: str) -> str:
        """The query of another choice; a change of what is shown begins at its first page."""
        kept = {name: self.get(name) for name in NAMES if name not in ("after", "before")}
        chosen = {name: value for name, value in (kept | changes).items() if value}
        query = QueryDict(mutable=True)
        query.update(chosen)
        return f"?{query.urlencode()}" if chosen else ""


@dataclass(frozen=True)
class ThreadPage:
    threads: list[Thread]
    newer: str = ""
    older: str = ""


def choice_of(request: HttpRequest) -> Choice:
    assert isinstance(request.user, User)
    return Choice(request.GET, request.user)


def page_of(choice: Choice) -> ThreadPage:
    """One more row is read than is shown, to know whether there are more."""
    rows, before = choice.threads().for_list(), decode_cursor(choice.get("before"))
    if before is not None and len(page := rows.page_before(before, SHOWN + 1)) > SHOWN:
        return _page(choice, page[-SHOWN:], newer=True, older=True)
    after = decode_cursor(choice.get("after")) if before is None else None
    page = rows.page_after(after, SHOWN + 1)
    return _page(choice, page[:SHOWN], newer=after is not None, older=len(page) > SHOWN)


def _page(choice: Choice, threads: list[Thread], *, newer: bool, older: bool) -> ThreadPage:
    newer_link = choice.address(before=_cursor(threads[0])) if newer and threads else ""
    older_link = choice.address(after=_cursor(threads[-1])) if older and threads else ""
    return ThreadPage(threads, newer_link, older_link)


def _cursor(thread: Thread) -> str:
    return encode_cursor([thread.place, thread.pk])
