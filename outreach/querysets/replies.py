from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections, models
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.models import F, Min

from core.crypto import encrypt
from outreach.querysets.accuracy import AccuracyQuerySet

if TYPE_CHECKING:
    from leads.models import PhoneNumber
    from outreach.models import Message, ReplyLabel, WebhookEvent

MAX_ATTEMPTS = 20
"""After so many failures a stored webhook waits for a person; its number is held meanwhile."""


_STORE = """
INSERT INTO outreach_webhookevent (kind, key, payload, query, number_hash, received_at, attempts, error)
VALUES (%s, %s, %s, %s, %s, %s, 0, '') ON CONFLICT DO NOTHING
"""


def store_webhook(event: WebhookEvent) -> None:
    """One INSERT; nothing happens when an event of this key is stored already.

    The provider waits for whatever is done besides. Django would ask the connection before every request whether it
    lives: it is taken for alive, and opened anew where it proves dead.
    """
    values = [event.kind, event.key, encrypt(event.payload), event.query, event.number_hash, event.received_at]
    database: Any = connections[DEFAULT_DB_ALIAS]
    kept, database.health_check_done = database.connection is not None, True
    try:
        _insert(database, values)
    except (OperationalError, InterfaceError):
        if not kept or database.in_atomic_block:
            raise
        database.close()
        _insert(database, values)


def _insert(database: Any, values: list[Any]) -> None:
    """The values travel beside the statement: writing them into it costs as much as all the rest here."""
    database.ensure_connection()
    cursor: Any = ServerBindingCursor
    with database._prepare_cursor(cursor(database.connection)) as prepared:
        prepared.execute(_STORE, values)


class ReplyLabelQuerySet(AccuracyQuerySet):
    def current_of(self, message: Message) -> ReplyLabel | None:
        return self.filter(message=message, current=True).first()

    def beside(self, message: Message) -> set[str]:
        """What the other replies of its number and owner mean."""
        others = self.filter(message__phone=message.phone_id, message__owner=message.owner_id, current=True)
        return set(others.exclude(message=message).values_list("label", flat=True))

    def first_said(self, message: Message, label: ReplyLabel) -> datetime:
        """When a reply of its number and owner was first taken to mean this."""
        same = self.filter(message__phone=message.phone_id, message__owner=message.owner_id, label=label.label)
        return same.aggregate(first=Min("created_at"))["first"] or label.created_at

    def retire(self, message: Message) -> int:
        return int(self.filter(message=message, current=True).update(current=False))


class WebhookEventQuerySet(models.QuerySet[Any]):
    def store_missing(self, events: Iterable[WebhookEvent]) -> int:
        """Stores those of the events whose key is not known; returns how many."""
        by_key = {event.key: event for event in events}
        known = set(self.filter(key__in=list(by_key)).values_list("key", flat=True))
        missing: list[Any] = [event for key, event in by_key.items() if key not in known]
        self.bulk_create(missing, ignore_conflicts=True)
        return len(missing)

    def waiting_ids(self, limit: int) -> list[int]:
        """The events nobody has handled, those that failed last."""
        waiting = self.filter(processed_at__isnull=True, attempts__lt=MAX_ATTEMPTS)
        return list(waiting.order_by("attempts", "pk").values_list("pk", flat=True)[:limit])

    def claim(self, event_id: int) -> WebhookEvent | None:
        """The event, locked; None when it is handled already or another worker holds it."""
        return self.select_for_update(skip_locked=True).filter(pk=event_id, processed_at__isnull=True).first()

    def mark_processed(self, event: WebhookEvent, now: datetime, error: str = "") -> None:
        self.filter(pk=event.pk).update(processed_at=now, attempts=F("attempts") + 1, error=error[:300])

    def mark_failed(self, event_id: int, error: str) -> bool:
        """True when that was the last attempt: from now on only a person can help."""
        waiting = self.filter(pk=event_id, processed_at__isnull=True)
        waiting.update(attempts=F("attempts") + 1, error=error[:300])
        return waiting.filter(attempts=MAX_ATTEMPTS).exists()

    def keyed(self, keys: Iterable[str]) -> dict[str, WebhookEvent]:
        return {event.key: event for event in self.filter(key__in=list(keys))}

    def waiting_hashes(self, number_hashes: Iterable[bytes]) -> set[bytes]:
        """Which of these numbers have a text stored that nobody has looked at."""
        waiting = self.filter(processed_at__isnull=True, number_hash__in=list(number_hashes))
        return {bytes(found) for found in waiting.values_list("number_hash", flat=True)}

    def waiting_from(self, phone: PhoneNumber) -> int:
        """Texts from this number that are stored but not looked at: one of them may say stop."""
        return self.filter(processed_at__isnull=True, number_hash=phone.number_hash).count()
