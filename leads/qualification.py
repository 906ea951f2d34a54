"""Qualifying scored leads in bulk: the transitions of `leads.stages`, for a whole market in one statement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils import timezone

from leads.models import Lead, Owner
from leads.pipeline import allow_stage_writes
from leads.stages import Stage

if TYPE_CHECKING:
    from core.models import User
    from markets.models import Market


@dataclass(frozen=True)
class Qualified:
    """How many leads were moved; `left` are still ingested."""

    qualified: int
    disqualified: int
    left: int


def qualify_leads(market: Market, *, by: User | None = None) -> Qualified:
    """Qualifies ingested leads from the market's contact score on, and disqualifies those never to be contacted:
    government, school, church and utility owners, and parcels whose buildings are worth more than the land.

    Each lead moved gets its history row and its StageChanged event, as with `move_lead`.
    """
    moved = _move(market, by, None)
    left = Lead.objects.in_market(market).by_stage()[Stage.INGESTED]
    return Qualified(moved[Stage.QUALIFIED], moved[Stage.DISQUALIFIED], left)


def qualify_these(market: Market, leads: Sequence[int]) -> None:
    """The same for some of the market's leads, by id."""
    _move(market, None, list(leads))


def _move(market: Market, by: User | None, leads: list[int] | None) -> Counter[str]:
    parameters: dict[str, Any] = {
        "market": market.pk,
        "threshold": market.contact_score,
        "never": [str(kind) for kind in Owner.NEVER_CONTACTED],
        "now": timezone.now(),
        "by": by.pk if by else None,
        "leads": leads,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        allow_stage_writes()
        cursor.execute(_statement(), parameters)
        return Counter(dict(cursor.fetchall()))


def explain_empty(market: Market) -> Iterator[tuple[str, int]]:
    """Why is my list empty? How many leads are left after each step, up to those that a campaign may choose from."""
    leads = Lead.objects.in_market(market).open()
    yield "leads", leads.count()
    yield "scored", leads.scored().count()
    yield f"with a score of at least {market.contact_score}", leads.from_score(market.contact_score).count()
    yield "qualified", leads.in_stage(Stage.QUALIFIED).count()
    yield "qualified, with a phone number", leads.in_stage(Stage.QUALIFIED).with_phone().count()


def _statement() -> str:
    columns = [str(field.column) for field in Lead._meta.concrete_fields]
    return _QUALIFY.format(columns=", ".join(columns), moved=", ".join(f"moved.{column}" for column in columns))


_QUALIFY = """
WITH verdict AS (
    SELECT lead.id, lead.stage AS before,
           CASE WHEN owner.kind = ANY(%(never)s) THEN 'disqualified'
                WHEN parcel.improvement_value > parcel.land_value THEN 'disqualified'
                WHEN lead.stage = 'ingested' AND lead.score >= %(threshold)s THEN 'qualified' END AS verdict,
           CASE WHEN owner.kind = ANY(%(never)s) THEN format('Never contacted: %%s', owner.kind)
                WHEN parcel.improvement_value > parcel.land_value THEN 'Improved: building worth more than the land'
                ELSE format('Score %%s, from %%s on', lead.score, %(threshold)s::int) END AS why
    FROM leads_lead lead
    JOIN leads_owner owner ON owner.id = lead.owner_id
    JOIN leads_parcel parcel ON parcel.id = lead.parcel_id
    WHERE lead.market_id = %(market)s AND lead.stage IN ('ingested', 'qualified') AND lead.deleted_at IS NULL
      AND (%(leads)s::bigint[] IS NULL OR lead.id = ANY(%(leads)s))
      AND (owner.kind = ANY(%(never)s) OR parcel.improvement_value > parcel.land_value
           OR (lead.stage = 'ingested' AND lead.score >= %(threshold)s))
    FOR UPDATE OF lead
), moved AS (
    UPDATE leads_lead lead SET stage = verdict.verdict, updated_at = %(now)s
    FROM verdict WHERE verdict.id = lead.id AND verdict.verdict IS NOT NULL
    RETURNING lead.*, verdict.before, verdict.why
), history AS (
    INSERT INTO leads_historicallead
        ({columns}, history_date, history_change_reason, history_type, history_user_id)
    SELECT {moved}, %(now)s, left(moved.why, 100), '~', %(by)s FROM moved
), told AS (
    INSERT INTO leads_event (kind, lead_id, owner_id, actor_id, data, created_at, handled_at)
    SELECT 'StageChanged', id, owner_id, %(by)s,
           jsonb_build_object('from', before, 'to', stage, 'reason', why), %(now)s, %(now)s
    FROM moved
)
SELECT stage, count(*) FROM moved GROUP BY stage
"""
