"""The whole history of one text, put together from everything that was written down about it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import islice
from uuid import UUID

from outreach.delivery import RANKS
from outreach.error_codes import action_for
from outreach.models import DeliveryStatus, GateDecision, Message, SendAttempt, WebhookEvent
from outreach.payloads import StatusCallback

BATCH = 100
NOTHING, NOT_KNOWN = "nothing: the provider took no text", "not known: the provider may have taken the text"
"""What a text without a price has cost."""


@dataclass(frozen=True)
class Callback:
    """What the provider said, and when we heard it. `late`: something that ranks higher had come before it, so that it
    changed nothing. `happened_at` is the carrier's own writing; `waited_ms` how long it lay here before it was dealt
    with; `posted` is false for what the reconciler had to ask for."""

    status: str
    rank: int | None
    attempt: int | None
    received_at: datetime
    processed_at: datetime | None
    happened_at: str
    error_code: int | None
    latency_ms: int | None
    late: bool
    posted: bool
    problem: str = ""

    @property
    def meaning(self) -> str:
        return meaning_of(self.error_code)

    @property
    def waited_ms(self) -> int | None:
        return between(self.received_at, self.processed_at)


@dataclass(frozen=True)
class Cost:
    """In dollars or the provider's currency. `exact` once the provider has named a price for every attempt it took;
    before that it is our count of segments at the market's price. `open`: whether the provider took the text at all is
    not known."""

    amount: Decimal | None
    unit: str
    exact: bool
    segments: int
    open: bool = False


@dataclass(frozen=True)
class Trace:
    message: Message
    decisions: list[GateDecision]
    """Oldest first."""
    attempts: list[SendAttempt]
    callbacks: list[Callback]
    arrival: WebhookEvent | None
    """In: the post that brought it; none for what the provider's list brought only."""
    cost: Cost

    @property
    def meaning(self) -> str:
        return meaning_of(self.message.error_code)

    @property
    def delivered_in_ms(self) -> int | None:
        """From handing it over the last time to the final status."""
        final = [told for told in self.callbacks if not told.late and told.rank == RANKS["delivered"]]
        return final[-1].latency_ms if final else None


def trace(message: Message) -> Trace:
    return next(trace_all([message]))


def trace_all(messages: Iterable[Message]) -> Iterator[Trace]:
    """The same of many, whose webhooks are looked up a batch at a time."""
    waiting = iter(messages)
    while batch := list(islice(waiting, BATCH)):
        events = WebhookEvent.objects.keyed(key for message in batch for key in _keys(message))
        yield from (_trace(message, events) for message in batch)


def _keys(message: Message) -> list[str]:
    """Under which webhooks about it are stored."""
    if message.direction == Message.Direction.IN:
        return [f"inbound:{message.sid}"]
    return [f"status:{sid}:{status}" for sid in _sids(message) for status in RANKS]


def _sids(message: Message) -> set[str]:
    tried = {attempt.sid for attempt in message.send_attempts.all() if attempt.sid}
    return {*tried, message.sid} if message.sid else tried


def _trace(message: Message, events: dict[str, WebhookEvent]) -> Trace:
    attempts = sorted(message.send_attempts.all(), key=lambda attempt: attempt.number)
    return Trace(
        message=message,
        decisions=sorted(message.decisions.all(), key=lambda decision: decision.pk),
        attempts=attempts,
        callbacks=_callbacks(message, attempts, {key: events[key] for key in _keys(message) if key in events}),
        arrival=events.get(f"inbound:{message.sid}"),
        cost=_cost(message, attempts),
    )


def meaning_of(error_code: int | None) -> str:
    return action_for(error_code).meaning if error_code else ""


def between(start: datetime | None, end: datetime | None) -> int | None:
    """Milliseconds; negative where clocks differ."""
    return round((end - start).total_seconds() * 1000) if start and end else None


def _callbacks(message: Message, attempts: list[SendAttempt], events: dict[str, WebhookEvent]) -> list[Callback]:
    """Every status we know of, and every stored webhook about one of the text's ids, even where it came for an attempt
    that was over by then."""
    if message.direction == Message.Direction.IN:
        return []
    by_sid = {attempt.sid: attempt for attempt in attempts if attempt.sid}
    by_number = {attempt.number: attempt for attempt in attempts}
    told = [_stored(row, by_number.get(row.attempt), message, events) for row in message.delivery_statuses.all()]
    told += [_unused(event, by_sid) for event in events.values()]  # what is left of them
    return _in_order(told)


def _stored(
    row: DeliveryStatus, attempt: SendAttempt | None, message: Message, events: dict[str, WebhookEvent]
) -> Callback:
    sid = (attempt.sid if attempt else "") or message.sid
    event = events.pop(f"status:{sid}:{row.status}", None)
    return Callback(
        status=row.status,
        rank=RANKS.get(row.status),
        attempt=row.attempt,
        received_at=row.received_at,
        processed_at=event.processed_at if event else None,
        happened_at=row.carrier_time,
        error_code=row.error_code,
        latency_ms=between(attempt.started_at, row.received_at) if attempt else None,
        late=False,
        posted=event is not None,
    )


def _unused(event: WebhookEvent, by_sid: dict[str, SendAttempt]) -> Callback:
    """A webhook that no status rests on: still waiting, or about an attempt that was over."""
    posted = StatusCallback.read(UUID(event.query), json.loads(event.payload))
    attempt = by_sid.get(posted.sid)
    return Callback(
        status=posted.status,
        rank=RANKS.get(posted.status),
        attempt=attempt.number if attempt else None,
        received_at=event.received_at,
        processed_at=event.processed_at,
        happened_at=posted.carrier_time,
        error_code=posted.error_code,
        latency_ms=between(attempt.started_at, event.received_at) if attempt else None,
        late=event.processed_at is not None,
        posted=True,
        problem=event.error or ("" if event.processed_at else "not dealt with yet"),
    )


def _in_order(told: Iterable[Callback]) -> list[Callback]:
    """As they came, each marked as late that ranks below one before it of the same attempt."""
    highest: dict[int | None, int] = defaultdict(lambda: -1)
    ordered = []
    for callback in sorted(told, key=lambda one: (one.received_at, one.rank or 0)):
        rank = -1 if callback.rank is None else callback.rank
        late = callback.late or rank <= highest[callback.attempt]
        highest[callback.attempt] = max(rank, highest[callback.attempt])
        ordered.append(replace(callback, late=late))
    return ordered


def _cost(message: Message, attempts: list[SendAttempt]) -> Cost:
    taken = [attempt for attempt in attempts if attempt.sid]
    segments = sum(attempt.billed_segments or message.segments for attempt in taken)
    prices = [attempt.price for attempt in taken if attempt.price is not None]
    if taken and len(prices) == len(taken):
        return Cost(sum(prices, Decimal(0)), taken[0].price_unit or "USD", exact=True, segments=segments)
    if not taken or message.market is None:
        is_open = message.state in (Message.State.SENDING, Message.State.UNCERTAIN)
        return Cost(None, "", exact=False, segments=segments, open=is_open)
    return Cost(message.market.segment_cost * segments, "USD", exact=False, segments=segments)
