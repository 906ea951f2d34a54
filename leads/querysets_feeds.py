"""Queries about list feeds: which are to be looked at, by whom, and what was found before."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q

if TYPE_CHECKING:
    from core.models import User
    from leads.models import ListFeed, ListFeedCheck

GIVEN_UP_AFTER = timedelta(minutes=30)
"""A look that has taken so long has lost its worker: a download is broken off after half of it."""


class ListFeedQuerySet(models.QuerySet["ListFeed"]):
    def due(self, now: datetime) -> ListFeedQuerySet:
        """On and due, or asked for; and nobody is looking."""
        by_the_clock = Q(active=True) & (Q(next_check_at__isnull=True) | Q(next_check_at__lte=now))
        idle = Q(checking_since__isnull=True) | Q(checking_since__lt=now - GIVEN_UP_AFTER)
        return self.filter((by_the_clock | Q(asked_at__isnull=False)) & idle).order_by("next_check_at", "id")

    def due_ids(self, now: datetime) -> list[int]:
        return list(self.due(now).values_list("pk", flat=True))

    def is_being_checked(self, feed: ListFeed, now: datetime) -> bool:
        return self.filter(pk=feed.pk, checking_since__gte=now - GIVEN_UP_AFTER).exists()

    def claim(self, feed_id: int, now: datetime) -> ListFeed | None:
        """The feed, for this worker alone; None when it is not to be looked at now."""
        if not self.due(now).filter(pk=feed_id).update(checking_since=now):
            return None
        return self.select_related("market", "parish").get(pk=feed_id)

    def ask(self, feed: ListFeed, by: User, now: datetime) -> None:
        self.filter(pk=feed.pk).update(asked_at=now, asked_by=by)

    def conclude(self, feed: ListFeed, claimed_at: datetime, **found: Any) -> None:
        """Writes what a look has found, unless another worker has taken the feed over."""
        mine = self.filter(pk=feed.pk, checking_since=claimed_at)
        mine.update(checking_since=None, asked_at=None, asked_by=None, **found)

    def for_list(self) -> ListFeedQuerySet:
        return self.select_related("market", "parish")


class ListFeedCheckQuerySet(models.QuerySet["ListFeedCheck"]):
    def has_seen(self, feed: ListFeed, sha256: str) -> bool:
        return self.filter(feed=feed, sha256=sha256).exists()

    def note(self, feed: ListFeed, outcome: str, now: datetime, **found: Any) -> ListFeedCheck:
        """A line of the log; one more time of the last line when that says the same and no file was taken."""
        last = self.filter(feed=feed).order_by("-id").first()
        detail = str(found.pop("detail", ""))[:300]
        if last and not any(found.values()) and (last.outcome, last.detail, last.sha256) == (outcome, detail, ""):
            self.filter(pk=last.pk).update(times=F("times") + 1, last_at=now)
            return last
        return self.create(feed=feed, outcome=outcome, detail=detail, first_at=now, last_at=now, **found)

    def for_list(self) -> ListFeedCheckQuerySet:
        return self.select_related("list_import")
