"""Changing any number of leads in one statement: each gets its history row and its event, and those that may not be
changed are counted with the reason.

A single lead's event runs its reactions. Of several, each event is written handled and one LeadsChanged tells of all.
"""

# ruff: noqa: S608  - only names of our own columns, and conditions written in this room, are put into the statement

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.utils import timezone

from core.results import Result
from leads.announcements import announce
from leads.events import record_event
from leads.models import Event, Lead
from leads.pipeline import allow_stage_writes

if TYPE_CHECKING:
    from core.models import User
    from leads.querysets import LeadQuerySet


@dataclass(frozen=True)
class Change:
    """SQL of one change. Every expression may name `lead`; `data` also `before` and the columns of the changed row.

    `refusals`: why a lead is left as it is, in words -> condition; the first that holds counts. `is_told`: something
    reacts to it, so that many leads changed together get a LeadsChanged event.
    """

    kind: Event.Kind
    done: str
    sets: str
    data: str
    refusals: Mapping[str, str]
    before: str = "NULL::text"
    moves_stage: bool = False
    is_told: bool = True
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Changed:
    """How many leads were changed, and why the others were not: words -> number."""

    count: int
    declined: Mapping[str, int]

    def in_words(self, done: str) -> str:
        others = ", ".join(f"{number:,} {why}" for why, number in self.declined.items())
        if not self.count:
            return f"Nothing was {done}: {others}." if others else f"Nothing was {done}: no lead was chosen."
        said = f"{self.count:,} lead{'' if self.count == 1 else 's'} {done}"
        return f"{said}; left as they were: {others}." if others else f"{said}."


def why_not(by: User | None, permission: str, reason: str) -> Result[Changed] | None:
    """What every change of many leads asks first; `by=None` is the system, which needs no permission."""
    if by is not None and not by.has_perm(permission):
        return Result.declined("not_permitted", "You may not do this to leads.")
    return None if reason.strip() else Result.declined("no_reason", "Say why: the reason stays on the timeline.")


@transaction.atomic
def change_leads(leads: LeadQuerySet, change: Change, *, by: User | None, reason: str) -> Result[Changed]:
    """Declines with `nothing_changed`; then nothing is written."""
    chosen, now = choose_leads(leads), timezone.now()
    values = {
        "now": now,
        "by": by.pk if by else None,
        "reason": reason.strip(),
        "handled": None if chosen == 1 else now,
        **change.values,
    }
    with connection.cursor() as cursor:
        if change.moves_stage:
            allow_stage_writes()
        cursor.execute(_statement(change), values)
        counts = {why: number for why, number in cursor.fetchall() if number}
    changed = Changed(counts.pop("", 0), counts)
    if not changed.count:
        return Result.declined("nothing_changed", changed.in_words(change.done))
    if chosen == 1 or not change.is_told:
        transaction.on_commit(announce)
    else:
        _tell(change, changed, by, reason)
    return Result.ok(changed, changed.in_words(change.done))


def choose_leads(leads: LeadQuerySet) -> int:
    """Puts the ids of the leads into the temporary table `chosen`, until the transaction ends; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS chosen")
        cursor.execute("CREATE TEMP TABLE chosen (id bigint PRIMARY KEY) ON COMMIT DROP")
        try:
            sql, parameters = leads.order_by().values("pk").query.sql_with_params()
        except EmptyResultSet:
            return 0
        cursor.execute(f"INSERT INTO chosen SELECT DISTINCT found.id FROM ({sql}) AS found (id)", parameters)
        count = cursor.rowcount
        cursor.execute("ANALYZE chosen")
    return count


def _tell(change: Change, changed: Changed, by: User | None, reason: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT market_id FROM leads_lead JOIN chosen USING (id) ORDER BY market_id")
        markets = [market for (market,) in cursor.fetchall()]
    record_event(
        Event.Kind.LEADS_CHANGED,
        actor=by,
        change=change.kind.value,
        done=change.done,
        count=changed.count,
        declined=dict(changed.declined),
        reason=reason.strip(),
        markets=markets,
    )


def _statement(change: Change) -> str:
    columns = [str(column.column) for column in Lead._meta.concrete_fields]
    refusals = " ".join(f"WHEN {condition} THEN '{why}'" for why, condition in change.refusals.items())
    return _CHANGE.format(
        before=change.before,
        refusals=f"CASE {refusals} ELSE '' END",
        sets=change.sets,
        columns=", ".join(columns),
        kind=change.kind.value,
        data=change.data,
    )


_CHANGE = """
WITH judged AS (
    SELECT lead.id, {before} AS before, {refusals} AS why FROM leads_lead lead JOIN chosen USING (id)
    ORDER BY lead.id FOR UPDATE OF lead
), changed AS (
    UPDATE leads_lead lead SET {sets}, updated_at = %(now)s
    FROM judged WHERE judged.id = lead.id AND judged.why = '' RETURNING lead.*, judged.before
), history AS (
    INSERT INTO leads_historicallead
        ({columns}, history_date, history_change_reason, history_type, history_user_id)
    SELECT {columns}, %(now)s, nullif(left(%(reason)s, 100), ''), '~', %(by)s FROM changed
), told AS (
    INSERT INTO leads_event (kind, lead_id, owner_id, actor_id, data, created_at, handled_at)
    SELECT '{kind}', id, owner_id, %(by)s, {data}, %(now)s, %(handled)s FROM changed
)
SELECT why, count(*) FROM judged GROUP BY why ORDER BY count(*) DESC, why
"""
OPEN_ON_PARCEL = """EXISTS (
    SELECT FROM leads_lead other WHERE other.parcel_id = lead.parcel_id AND other.id <> lead.id
    AND other.archived_at IS NULL AND other.deleted_at IS NULL AND other.stage <> ALL(%(ended)s))"""
"""Condition: another lead holds the parcel."""
