"""What the parcels of each parish of a market say together: median land value per acre, and the ZIPs of its land."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

from scoring.factors import ParishFigures

if TYPE_CHECKING:
    from markets.models import Market

LEAST_PARCELS = 5
"""From fewer parcels with both figures a median says nothing."""

_FIGURES = """
    SELECT parish.id,
           CASE WHEN count(per_acre) >= %(least)s
                THEN round(percentile_cont(0.5) WITHIN GROUP (ORDER BY per_acre)::numeric, 2) END,
           count(per_acre),
           array_remove(array_agg(DISTINCT nullif(left(situs_zip, 5), '')), NULL),
           market.state
    FROM markets_parish parish JOIN markets_market market ON market.id = parish.market_id
    LEFT JOIN (
        SELECT parish_id, situs_zip,
               CASE WHEN land_value > 0 AND acres > 0 THEN (land_value / acres)::float8 END AS per_acre
        FROM leads_parcel
    ) parcel ON parcel.parish_id = parish.id
    WHERE parish.market_id = %(market)s OR parish.id IN (
        SELECT parcel.parish_id FROM leads_lead lead JOIN leads_parcel parcel ON parcel.id = lead.parcel_id
        WHERE lead.market_id = %(market)s AND lead.moved_at IS NOT NULL)
    GROUP BY parish.id, market.state
"""


def parish_figures(market: Market) -> dict[int, ParishFigures]:
    """Parish id -> figures; every parish of the market is in it, and those of leads that came from another one."""
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, {"market": market.pk, "least": LEAST_PARCELS})
        rows = cursor.fetchall()
    return {
        parish: ParishFigures(median or None, counted, frozenset(zips or ()), state)
        for parish, median, counted, zips, state in rows
    }
