"""Looking at a list feed: what is new is taken in as if a person had uploaded it, and imported at once only where a
person has said before which of exactly these columns is what. Whatever was found is written into the feed's log.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from core.results import Result
from core.waking import wake_on_commit
from leads.events import record_event
from leads.feeds.folder import look_in_folder
from leads.feeds.found import FeedError, Fetched, Found, Growing, Unfit
from leads.feeds.https import Address, fetch_list
from leads.imports.errors import ListError
from leads.imports.intake import Target, queue_import, receive_list
from leads.models import Event, ListFeed, ListFeedCheck, ListImport

if TYPE_CHECKING:
    from core.models import User

LONGEST_WAIT = timedelta(days=1)
"""Between two looks at a feed that fails again and again, unless it is looked at more seldom anyway."""
Outcome, State = ListFeedCheck.Outcome, ListFeed.State
_STATES = {Outcome.WAITING: State.WAITING, Outcome.REFUSED: State.FAILED, Outcome.FAILED: State.FAILED}


@dataclass
class _Look:
    feed: ListFeed
    now: datetime
    remembered: dict[str, Any] = field(default_factory=dict)
    """What the feed is to know at the next look, written when this one has ended well."""
    last: ListFeedCheck | None = None
    """The line of the log that matters most."""

    def note(self, outcome: ListFeedCheck.Outcome, detail: str = "", **found: Any) -> None:
        check = ListFeedCheck.objects.note(self.feed, outcome, self.now, detail=detail, **found)
        if self.last is None or outcome in _STATES or self.last.outcome not in _STATES:
            self.last = check


def ask_for_check(feed: ListFeed, *, by: User) -> Result[ListFeed]:
    """Lets a worker look now, also at a feed that is off. Declines with `at_work` while one is looking."""
    from leads.tasks import check_list_feeds

    now = timezone.now()
    with transaction.atomic():
        if ListFeed.objects.is_being_checked(feed, now):
            return Result.declined("at_work", "Somebody is looking already.")
        ListFeed.objects.ask(feed, by, now)
        wake_on_commit(check_list_feeds)
    return Result.ok(feed)


def check_feed(feed_id: int) -> ListFeed | None:
    """Looks now; None when it is not due, or another worker is at it."""
    now = timezone.now()
    feed = ListFeed.objects.claim(feed_id, now)
    if feed is None:
        return None
    look = _Look(feed, now)
    try:
        for found in _new_in(look):
            _take(look, found)
    except FeedError as error:
        return _fail(look, str(error))
    except OSError as error:
        return _fail(look, f"a file could not be copied: {(error.strerror or 'refused').lower()}")
    return _conclude(look)


def _new_in(look: _Look) -> Iterator[Found]:
    feed = look.feed
    if feed.kind == ListFeed.Kind.FOLDER:
        seen = dict(feed.seen)
        yield from look_in_folder(feed.address, seen, look.now)
        look.remembered = {"seen": seen}
        return
    address = Address(feed.address, feed.header_name, feed.header_value or "", feed.etag, feed.last_modified)
    answer = fetch_list(address)
    if answer.fetched:
        yield answer.fetched
    look.remembered = {"etag": answer.etag, "last_modified": answer.last_modified}


def _take(look: _Look, found: Found) -> None:
    match found:
        case Growing(name):
            look.note(Outcome.GROWING, f"{name} may still be growing; the next look takes it")
        case Unfit(name, reason):
            _refuse(look, f"{name}: {reason}")
        case Fetched():
            with found.content:
                _take_file(look, found)


def _take_file(look: _Look, fetched: Fetched) -> None:
    if ListFeedCheck.objects.has_seen(look.feed, fetched.sha256):
        look.note(Outcome.SAME, f"{fetched.name} is a file that was here before")
        return
    try:
        with transaction.atomic():
            _bring_in(look, fetched)
    except ListError as error:
        _refuse(look, str(error), sha256=fetched.sha256)


def _bring_in(look: _Look, fetched: Fetched) -> None:
    """The list, its mapping and the line of the log together: a worker that is killed here leaves nothing behind."""
    feed = look.feed
    target = Target(feed.market, feed.parish, feed.source)
    draft, sample = receive_list(target, File(fetched.content), fetched.name, by=None)
    ListImport.objects.came_by(draft, feed)
    if draft.mapping_profile:
        queue_import(draft, sample, draft.mapping)
        look.note(Outcome.IMPORTED, fetched.name, list_import=draft, sha256=fetched.sha256)
        return
    told = f"{fetched.name}: nobody has said yet which of its columns is what"
    look.note(Outcome.WAITING, told, list_import=draft, sha256=fetched.sha256)
    _tell(Event.Kind.LIST_FEED_WAITING, feed, told, list_import=draft.pk)


def _refuse(look: _Look, reason: str, sha256: str = "") -> None:
    with transaction.atomic():
        look.note(Outcome.REFUSED, reason, sha256=sha256)
        _tell(Event.Kind.LIST_FEED_FAILED, look.feed, reason)


def _fail(look: _Look, reason: str) -> ListFeed:
    """Tells of the first failure in a row, and of one that is another; tries again after longer and longer waits."""
    feed, failures = look.feed, look.feed.failures + 1
    is_news = feed.failures == 0 or feed.last_result != reason[:300]
    with transaction.atomic():
        look.note(Outcome.FAILED, reason)
        if is_news:
            _tell(Event.Kind.LIST_FEED_FAILED, feed, reason)
        state = {"state": State.FAILED, "last_result": reason[:300], "last_checked_at": look.now}
        ListFeed.objects.conclude(
            feed, look.now, failures=failures, next_check_at=_next_check(feed, failures, look.now), **state
        )
    return ListFeed.objects.get(pk=feed.pk)


def _conclude(look: _Look) -> ListFeed:
    feed, now = look.feed, look.now
    with transaction.atomic():
        if look.last is None:
            look.note(Outcome.NOTHING)
        state, result = _state_after(look)
        found = {"state": state, "last_result": result, "last_checked_at": now, "failures": 0}
        ListFeed.objects.conclude(feed, now, next_check_at=_next_check(feed, 0, now), **found, **look.remembered)
    return ListFeed.objects.get(pk=feed.pk)


def _state_after(look: _Look) -> tuple[ListFeed.State, str]:
    """And the words for it. Where nothing is new, what wants a person still does."""
    feed, last = look.feed, look.last
    if last is None or last.outcome in (Outcome.NOTHING, Outcome.SAME):
        is_unread = feed.state == State.FAILED and not feed.failures
        if is_unread or (feed.state == State.WAITING and ListImport.objects.waiting_from(feed)):
            return State(feed.state), feed.last_result
    if last is None:
        return State.FINE, ""
    return _STATES.get(Outcome(last.outcome), State.FINE), last.detail or last.get_outcome_display()


def _next_check(feed: ListFeed, failures: int, now: datetime) -> datetime:
    every = timedelta(minutes=feed.every_minutes)
    return now + min(every * 2 ** min(failures, 12), max(every, LONGEST_WAIT))


def _tell(kind: Event.Kind, feed: ListFeed, detail: str, **data: Any) -> None:
    record_event(kind, market_id=feed.market_id, feed=feed.pk, name=feed.name, detail=detail, **data)
