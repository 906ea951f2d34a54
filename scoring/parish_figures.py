"""What the parcels of a parish say together: median land value per acre, and the ZIPs of its land.

Leads are measured by stored figures, the parish's yardstick, and these stay as they are until the land has moved away
from them: each list moves a median by some cents, and the score of every lead of the parish would have to be written
anew for it. Small parishes are cheap, and always measured as they are. Whenever a yardstick changes, the leads that are
measured by it are marked to be scored.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from django.db import connection, transaction

from leads.imports.runner import lock_parish
from scoring.factors import ParishFigures
from scoring.models import ParishYardstick

LEAST_PARCELS = 5
"""From fewer parcels with both figures a median says nothing."""
MOST_DRIFT = Decimal("0.03")
"""Share by which the median may move before leads are measured anew."""
MOST_GROWTH = Decimal("0.1")
SMALL = 1_000
"""Parcels up to which a parish is measured exactly."""

_MEDIAN = """
    SELECT round(percentile_cont(0.5) WITHIN GROUP (ORDER BY (land_value / acres)::float8)::numeric, 2), count(*)
    FROM leads_parcel WHERE parish_id = %s AND land_value > 0 AND acres > 0
"""
_MARK = """
    INSERT INTO scoring_leadtoscore (lead_id)
    SELECT lead.id
    FROM leads_lead lead JOIN leads_parcel parcel ON parcel.id = lead.parcel_id
         JOIN leads_owner owner ON owner.id = lead.owner_id
    WHERE parcel.parish_id = %(parish)s AND lead.deleted_at IS NULL
      AND (%(mail_to)s::text[] IS NULL OR left(owner.mailing_zip, 5) = ANY(%(mail_to)s))
    ORDER BY lead.id
"""
_ZIPS = "SELECT DISTINCT left(situs_zip, 5) FROM leads_parcel WHERE parish_id = %s AND situs_zip <> ''"


def present_figures(parish_id: int) -> ParishFigures:
    """As the parcels are now."""
    with connection.cursor() as cursor:
        cursor.execute(_MEDIAN, [parish_id])
        median, counted = cursor.fetchone()
        cursor.execute(_ZIPS, [parish_id])
        zips = frozenset(zip_code for (zip_code,) in cursor)
    return figures_from(median, counted, zips)


def figures_from(median: Decimal | None, counted: int, zips: frozenset[str]) -> ParishFigures:
    enough = counted >= LEAST_PARCELS and median is not None and median > 0
    return ParishFigures(median if enough else None, _about(counted), zips)


def renew_figures(parish_id: int, now: datetime, *, mark: bool = True) -> None:
    """Brings the yardstick up to date where the land has moved away from it."""
    with transaction.atomic():
        lock_parish(parish_id)
        put_figures(parish_id, present_figures(parish_id), now, mark=mark)


def put_figures(parish_id: int, fresh: ParishFigures, now: datetime, *, mark: bool = True) -> None:
    """To be called with the parish locked, so that no list brings in leads measured by the old yardstick meanwhile."""
    kept = ParishYardstick.objects.of(parish_id)
    figures = fresh if kept is None or _has_moved(kept, fresh) else replace(kept, zips=fresh.zips)
    if figures == kept:
        return
    ParishYardstick.objects.put(parish_id, figures, now)
    if mark:
        _mark(parish_id, kept or ParishFigures(), figures)


def _mark(parish_id: int, before: ParishFigures, after: ParishFigures) -> None:
    """Marks the leads whose score may depend on what has changed."""
    everybody = (before.median, before.counted) != (after.median, after.counted) or not (before.zips and after.zips)
    mail_to = None if everybody else sorted(before.zips ^ after.zips)
    with connection.cursor() as cursor:
        cursor.execute(_MARK, {"parish": parish_id, "mail_to": mail_to})


def _has_moved(kept: ParishFigures, fresh: ParishFigures) -> bool:
    if kept.median is None or fresh.median is None or max(kept.counted, fresh.counted) <= SMALL:
        return True
    drifted = abs(fresh.median - kept.median) > MOST_DRIFT * kept.median
    return drifted or abs(fresh.counted - kept.counted) > MOST_GROWTH * kept.counted


def _about(count: int) -> int:
    """Of many, two figures: 497,312 are about 500,000."""
    if count <= SMALL:
        return count
    unit = 10 ** max(0, len(str(count)) - 2)
    return round(count / unit) * unit
