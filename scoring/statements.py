"""Scores computed in SQL, set-based, for any relation of leads: stored ones, or those that an import is about to add.

Everything a score needs is joined here: the parcel, its owner, the state it lies in, the parish's yardstick, and, where
the weights use it, the lists the parcel is on. The figures come from `scoring.factors`.
"""

# ruff: noqa: S608  - only names of our own and expressions from the table of factors are put into these statements

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from leads.querysets_lists import DISTRESS
from scoring.factors import points_sql, reasons_sql
from scoring.weights import Weights, used_factors

if TYPE_CHECKING:
    from markets.models import Market


def scores_sql(weights: Weights, subjects: str, *, columns: Sequence[str]) -> str:
    """A SELECT of score, reasons, and these columns of `subjects`, a relation that has parcel_id and owner_id. Its
    parameters are those of `parameters_of`."""
    lists = _LISTS if "stacking" in used_factors(weights) else "0"
    points, reasons = (sql.replace("%", "%%") for sql in (points_sql(weights), reasons_sql(weights)))
    brought = ", ".join(f"subject.{column}" for column in columns)
    return _SCORES.format(
        subjects=subjects, kept=", ".join(columns), brought=brought, lists=lists, points=points, reasons=reasons
    )


def rescore_sql(weights: Weights, subjects: str) -> str:
    """Scores stored leads and writes what differs. One row: how many were looked at, how many written, the highest id.
    `subjects` is a SELECT of (id, parcel_id, owner_id, old_score, old_reasons)."""
    scores = scores_sql(weights, "subjects", columns=("id", "old_score", "old_reasons"))
    return _RESCORE.format(subjects=subjects, scores=scores)


def parameters_of(market: Market, version: int, now: datetime) -> dict[str, Any]:
    return {
        "score_day": timezone.localtime(now, market.zone).date(),
        "score_version": version,
        "score_now": now,
    }


_LISTS = f"""(SELECT count(*) FROM leads_parcellist list
              WHERE list.parcel_id = parcel.id AND list.source IN {DISTRESS})"""
# OFFSET 0 keeps the derived facts apart, so that each is worked out once and not in every case that asks for it.
_SCORES = """
SELECT {kept}, {points} AS score, {reasons} AS reasons
FROM (
    SELECT {brought},
           owner.mailing_state, left(owner.mailing_zip, 5) AS zip,
           CASE WHEN owner.mailing_state = '' THEN NULL
                WHEN owner.mailing_state <> home.state THEN 'out_of_state'
                WHEN owner.mailing_zip = '' OR coalesce(parish.zips, '{{}}') = '{{}}' THEN NULL
                WHEN left(owner.mailing_zip, 5) = ANY(parish.zips) THEN 'in_parish'
                ELSE 'other_parish' END AS mail,
           parcel.adjudicated, parcel.years_delinquent, parcel.acres, parcel.land_value, parish.median, parish.counted,
           CASE WHEN parcel.land_value IS NOT NULL AND parcel.acres > 0 AND parish.median > 0
                THEN div(parcel.land_value * 100, parish.median * parcel.acres) END AS percent,
           CASE WHEN parcel.last_sale_on <= %(score_day)s::date
                THEN extract(year FROM age(%(score_day)s::date, parcel.last_sale_on))::int END AS years_owned,
           {lists} AS distress_lists
    FROM {subjects} subject
    JOIN leads_parcel parcel ON parcel.id = subject.parcel_id
    JOIN leads_owner owner ON owner.id = subject.owner_id
    JOIN markets_parish place ON place.id = parcel.parish_id
    JOIN markets_market home ON home.id = place.market_id
    LEFT JOIN scoring_parishyardstick parish ON parish.parish_id = parcel.parish_id
    OFFSET 0) facts
"""
_RESCORE = """
WITH subjects AS ({subjects}), scored AS ({scores}), changed AS (
    UPDATE leads_lead lead
    SET score = scored.score, score_reasons = scored.reasons, scored_at = %(score_now)s,
        score_version = %(score_version)s
    FROM scored
    WHERE lead.id = scored.id
      AND (scored.old_score IS DISTINCT FROM scored.score OR scored.old_reasons IS DISTINCT FROM scored.reasons)
    RETURNING lead.id, lead.owner_id, scored.old_score, lead.score
), told AS (
    INSERT INTO leads_event (kind, lead_id, owner_id, data, created_at, handled_at)
    SELECT 'LeadScored', id, owner_id, jsonb_build_object('from', old_score, 'to', score), %(score_now)s, %(score_now)s
    FROM changed WHERE old_score IS NOT NULL AND old_score <> score
)
SELECT (SELECT count(*) FROM subjects), (SELECT count(*) FROM changed), (SELECT max(id) FROM subjects)
"""
