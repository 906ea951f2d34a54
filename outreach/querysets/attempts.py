from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connection, models
from django.db.models import Min

if TYPE_CHECKING:
    from outreach.models import Message, SendAttempt
    from outreach.provider import Charge, HttpAnswer

_BEGIN = """
WITH ours AS (
    SELECT text.id, text.attempts,
           NOT EXISTS (SELECT FROM outreach_webhookevent event
                       WHERE event.number_hash = phone.number_hash AND event.processed_at IS NULL)
           AND NOT EXISTS (SELECT FROM outreach_message reply
                           WHERE reply.phone_id = text.phone_id AND reply.direction = 'in'
                           AND (reply.processed_at IS NULL OR reply.needs_person))
           AND NOT EXISTS (SELECT FROM outreach_message reply
                           WHERE reply.owner_id = text.owner_id AND reply.direction = 'in'
                           AND (reply.processed_at IS NULL OR reply.needs_person))
           AND NOT EXISTS (SELECT FROM outreach_suppression stop
                           WHERE stop.number_hash = phone.number_hash AND stop.lifted_at IS NULL)
           AND NOT EXISTS (SELECT FROM outreach_suppression stop
                           WHERE stop.owner_id = text.owner_id AND stop.lifted_at IS NULL)
           AND NOT EXISTS (SELECT FROM markets_emergencyhold hold
                           WHERE hold.starts_at <= %s AND (hold.ends_at IS NULL OR hold.ends_at > %s)
                           AND (SELECT decision.states ? hold.state FROM outreach_gatedecision decision
                                WHERE decision.message_id = text.id ORDER BY decision.id DESC LIMIT 1))
           AND market.active AND market.paused_at IS NULL AND coalesce(campaign.status, 'running') = 'running' AS clear
    FROM unnest(%s::bigint[], %s::timestamptz[], %s::smallint[]) AS claim (id, claimed_at, attempts)
    JOIN outreach_message text ON text.id = claim.id AND text.state = 'sending'
         AND text.claimed_at = claim.claimed_at AND text.attempts = claim.attempts
    JOIN leads_phonenumber phone ON phone.id = text.phone_id
    JOIN markets_market market ON market.id = text.market_id
    LEFT JOIN leads_lead lead ON lead.id = text.lead_id
    LEFT JOIN outreach_campaignstep step ON step.id = text.step_id
    LEFT JOIN outreach_campaign campaign ON campaign.id = step.campaign_id
    WHERE lead.deleted_at IS NULL AND lead.archived_at IS NULL
    ORDER BY text.id FOR UPDATE OF text
), begun AS (
    INSERT INTO outreach_sendattempt (message_id, number, started_at, outcome, sid, detail)
    SELECT id, attempts, %s, 'started', '', '' FROM ours WHERE clear
)
SELECT id, clear FROM ours
"""
_CLOSE = """
UPDATE outreach_sendattempt attempt
SET outcome = call.outcome, sid = call.sid, error_code = call.error_code, detail = call.detail,
    http_status = call.http_status, request_id = call.request_id, latency_ms = call.latency_ms,
    answered_at = CASE WHEN call.http_status IS NOT NULL
                  THEN attempt.started_at + call.latency_ms * interval '1 millisecond' END
FROM unnest(%s::bigint[], %s::smallint[], %s::text[], %s::text[], %s::integer[], %s::text[], %s::smallint[], %s::text[],
            %s::integer[])
     AS call (message_id, number, outcome, sid, error_code, detail, http_status, request_id, latency_ms)
WHERE attempt.message_id = call.message_id AND attempt.number = call.number
"""
_ACCEPTED = """
UPDATE outreach_sendattempt attempt SET outcome = 'accepted', sid = taken.sid
FROM unnest(%s::bigint[], %s::smallint[], %s::text[]) AS taken (message_id, number, sid)
WHERE attempt.message_id = taken.message_id AND attempt.number = taken.number
AND (attempt.outcome, attempt.sid) IS DISTINCT FROM ('accepted', taken.sid)
"""


class Call(NamedTuple):
    """What came of the present attempt to send a text."""

    message: Message
    http: HttpAnswer
    latency_ms: int
    outcome: str
    sid: str = ""
    error_code: int | None = None
    detail: str = ""

    def row(self) -> tuple[Any, ...]:
        answer = (self.http.status, self.http.request_id, self.latency_ms)
        what = (self.outcome, self.sid, self.error_code, self.detail[:300])
        return (self.message.pk, self.message.attempts, *what, *answer)


class SendAttemptQuerySet(models.QuerySet["SendAttempt"]):
    def begin(self, claimed: Sequence[Message], at: datetime) -> dict[int, bool]:
        """Writes down that the provider is about to be called for these texts, as far as they are still ours: claimed
        at that moment, neither cancelled nor settled since, their leads not put away. False: not written down, as
        since the gate looked something has come up that it has to judge: a text from that number, a stop, an emergency
        in a state that counts, a pause. One statement, so that nothing happens between the look and the record.
        """
        columns = zip(*((m.pk, m.claimed_at, m.attempts) for m in claimed), strict=True)
        with connection.cursor() as cursor:
            cursor.execute(_BEGIN, [at, at, *map(list, columns), at])
            return dict(cursor.fetchall())

    def close(self, calls: Sequence[Call]) -> None:
        """What came of present attempts; the time of an answer only where there was one."""
        columns = [list(column) for column in zip(*(call.row() for call in calls), strict=True)]
        with connection.cursor() as cursor:
            cursor.execute(_CLOSE, columns)

    def accepted(self, taken: Mapping[Message, str]) -> None:
        """The provider's ids of texts that it has, whoever told us."""
        columns: list[Any] = [[m.pk for m in taken], [m.attempts for m in taken], list(taken.values())]
        with connection.cursor() as cursor:
            cursor.execute(_ACCEPTED, columns)

    def is_earlier(self, message: Message, sid: str) -> bool:
        """Whether this provider's id belongs to an attempt before the present one."""
        return message.attempts > 1 and self.filter(message=message, sid=sid).exclude(number=message.attempts).exists()

    def of_earlier(self, told: Mapping[Message, str]) -> set[str]:
        """Which of these provider's ids belong to attempts before the text's present one."""
        again = [message for message in told if message.attempts > 1]
        if not again:
            return set()
        present = {message.pk: message.attempts for message in again}
        rows = self.filter(message__in=again, sid__in=[told[message] for message in again])
        return {sid for pk, number, sid in rows.values_list("message_id", "number", "sid") if number != present[pk]}

    def of_message(self, message: Message) -> SendAttempt | None:
        return self.filter(message=message, number=message.attempts).first()

    def attempts_with(self, message: Message, code: int | None) -> set[int]:
        """Which attempts at this text were refused with that error code."""
        return set(self.filter(message=message, error_code=code).values_list("number", flat=True))

    def unpriced_since(self, since: datetime, until: datetime) -> datetime | None:
        """When the first of the attempts was that the provider took in that time and named no price for yet."""
        unpriced = self.filter(price__isnull=True, started_at__gte=since, started_at__lt=until).exclude(sid="")
        return unpriced.aggregate(first=Min("started_at"))["first"]

    def note_charges(self, charges: Mapping[str, Charge]) -> int:
        """By the provider's id; returns how many attempts got a price."""
        attempts = list(self.filter(sid__in=charges, price__isnull=True).exclude(sid=""))
        for attempt in attempts:
            charge = charges[attempt.sid]
            attempt.price, attempt.price_unit = charge.price, charge.unit
            attempt.billed_segments = charge.segments
        charged: Any = self
        charged.bulk_update(attempts, ["price", "price_unit", "billed_segments"], batch_size=500)
        return len(attempts)
