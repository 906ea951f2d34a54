"""Scoring leads: one by one from plain values, or a whole market in SQL, with the same result."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils import timezone

from leads.events import record_event
from leads.models import Event, Lead, ParcelList
from leads.querysets_lists import DISTRESS
from scoring.factors import ParcelFacts, ParishFigures, Score, as_sql, score
from scoring.parish_figures import parish_figures
from scoring.profiles import active_profile
from scoring.weights import Weights, used_factors

if TYPE_CHECKING:
    from markets.models import Market

CHUNK = 20_000
"""Span of lead ids scored in one transaction."""

Progress = Callable[[int, int], None]
"""Called with (highest id done, highest id)."""


@dataclass(frozen=True)
class ScoredMarket:
    total: int
    changed: int
    seconds: float


def score_lead(lead: Lead) -> Score:
    """Scores one lead and stores the result if it differs."""
    now = timezone.now()
    profile = active_profile(lead.market)
    found = score(_facts(lead, now, profile.weights), profile.weights)
    if (lead.score, lead.score_reasons) != (found.total, found.reasons):
        Lead.objects.store_score(lead, found.total, found.reasons, profile.version, now)
    return found


def score_market(market: Market, *, progress: Progress | None = None) -> ScoredMarket:
    """Scores every lead of the market that is not deleted; only what differs is written.

    A lead whose score changes gets a LeadScored event; the run gets one MarketScored event.
    """
    started, now = time.monotonic(), timezone.now()
    profile = active_profile(market)
    statement = _statement(profile.weights)
    parameters = _parameters(market, profile.version, now)
    total = changed = 0
    last = Lead.objects.highest_id()
    for low in range(0, last + 1, CHUNK):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, parameters | {"low": low, "high": low + CHUNK})
            looked_at, written = cursor.fetchone()
        total, changed = total + looked_at, changed + written
        if progress:
            progress(min(low + CHUNK, last), last)
    record_event(
        Event.Kind.MARKET_SCORED, market_id=market.pk, market=market.code, version=profile.version, changed=changed
    )
    return ScoredMarket(total, changed, time.monotonic() - started)


def _facts(lead: Lead, now: datetime, weights: Weights) -> ParcelFacts:
    parcel, owner = lead.parcel, lead.owner
    parish = parish_figures(lead.market).get(parcel.parish_id, ParishFigures())
    return ParcelFacts(
        state=parish.state or lead.market.state,
        as_of=timezone.localtime(now, lead.market.zone).date(),
        mailing_state=owner.mailing_state,
        mailing_zip=owner.mailing_zip,
        adjudicated=parcel.adjudicated,
        years_delinquent=parcel.years_delinquent,
        acres=parcel.acres,
        land_value=parcel.land_value,
        last_sale_on=parcel.last_sale_on,
        distress_lists=ParcelList.objects.distress_of(parcel) if "stacking" in used_factors(weights) else 0,
        parish=parish,
    )


def _parameters(market: Market, version: int, now: datetime) -> dict[str, Any]:
    parishes = [
        {
            "id": parish,
            "median": str(f.median) if f.median else None,
            "counted": f.counted,
            "zips": sorted(f.zips),
            "state": f.state,
        }
        for parish, f in parish_figures(market).items()
    ]
    return {
        "market": market.pk,
        "state": market.state,
        "as_of": timezone.localtime(now, market.zone).date(),
        "parishes": json.dumps(parishes),
        "version": version,
        "now": now,
    }


def _statement(weights: Weights) -> str:
    names = used_factors(weights)
    points = " + ".join(f"({name}->>'points')::int" for name in names)
    factors = as_sql(weights).replace("%", "%%")
    return _SCORE_CHUNK.format(
        lists=_LISTS if "stacking" in names else "0", factors=factors, names=", ".join(names), points=points
    )


_LISTS = f"""(SELECT count(*) FROM leads_parcellist list
                    WHERE list.parcel_id = parcel.id AND list.source IN {DISTRESS})"""  # noqa: S608  - names of our own
_SCORE_CHUNK = """
WITH parish AS (
    SELECT * FROM jsonb_to_recordset(%(parishes)s::jsonb)
        AS p(id bigint, median numeric, counted int, zips jsonb, state text)
), facts AS (
    SELECT lead.id AS lead_id, lead.owner_id, lead.score AS old_score, lead.score_reasons AS old_reasons,
           owner.mailing_state, left(owner.mailing_zip, 5) AS zip,
           CASE WHEN owner.mailing_state = '' THEN NULL
                WHEN owner.mailing_state <> coalesce(parish.state, %(state)s) THEN 'out_of_state'
                WHEN owner.mailing_zip = '' OR jsonb_array_length(coalesce(parish.zips, '[]')) = 0 THEN NULL
                WHEN parish.zips ? left(owner.mailing_zip, 5) THEN 'in_parish'
                ELSE 'other_parish' END AS mail,
           parcel.adjudicated, parcel.years_delinquent, parcel.acres, parcel.land_value, parish.median, parish.counted,
           CASE WHEN parcel.land_value IS NOT NULL AND parcel.acres > 0 AND parish.median > 0
                THEN div(parcel.land_value * 100, parish.median * parcel.acres) END AS percent,
           CASE WHEN parcel.last_sale_on <= %(as_of)s::date
                THEN extract(year FROM age(%(as_of)s::date, parcel.last_sale_on))::int END AS years_owned,
           {lists} AS distress_lists
    FROM leads_lead lead
    JOIN leads_parcel parcel ON parcel.id = lead.parcel_id
    JOIN leads_owner owner ON owner.id = lead.owner_id
    LEFT JOIN parish ON parish.id = parcel.parish_id
    WHERE lead.market_id = %(market)s AND lead.deleted_at IS NULL AND lead.id >= %(low)s AND lead.id < %(high)s
), reasons AS (
    SELECT lead_id, owner_id, old_score, old_reasons, {factors} FROM facts
), scored AS (
    SELECT lead_id, owner_id, old_score, old_reasons, {points} AS score, jsonb_build_array({names}) AS reasons
    FROM reasons
), changed AS (
    UPDATE leads_lead lead
    SET score = scored.score, score_reasons = scored.reasons, scored_at = %(now)s, score_version = %(version)s
    FROM scored
    WHERE lead.id = scored.lead_id
      AND (scored.old_score IS DISTINCT FROM scored.score OR scored.old_reasons IS DISTINCT FROM scored.reasons)
    RETURNING lead.id, scored.owner_id, scored.old_score, scored.score
), told AS (
    INSERT INTO leads_event (kind, lead_id, owner_id, data, created_at, handled_at)
    SELECT 'LeadScored', id, owner_id, jsonb_build_object('from', old_score, 'to', score), %(now)s, %(now)s
    FROM changed WHERE old_score IS NOT NULL AND old_score <> score
)
SELECT (SELECT count(*) FROM scored), (SELECT count(*) FROM changed)
"""
