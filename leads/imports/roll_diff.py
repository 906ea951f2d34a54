"""The roll diff: a tax roll against the last one of the same parish. Chunks note what they find; the end sums up."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection

from leads.imports import roll_sql
from leads.models import ListImport

MOST_VANISHED = 0.2
"""Share of the parcels of earlier rolls. When more are missing, the list is taken for a part of a roll."""


def roll_before(list_import: ListImport) -> ListImport | None:
    """The roll that this one is compared with, chosen once; None for a first roll, or a list of another kind."""
    if list_import.source != ListImport.Source.TAX_ROLL:
        return None
    if list_import.last_roll is None and not list_import.rows_read:
        list_import.last_roll = ListImport.objects.roll_before(list_import)
        ListImport.objects.compare_with(list_import, list_import.last_roll)
    return list_import.last_roll


def conclude(list_import: ListImport, now: datetime) -> None:
    """Finds the parcels that the roll misses, and writes one event per open lead of which anything has changed. Sets
    `parcels_missing` and `is_part`, which the caller saves."""
    if list_import.last_roll_id is None:
        return
    parameters: dict[str, Any] = {
        "list_import": list_import.pk,
        "parish": list_import.parish_id,
        "zone": str(list_import.market.zone),
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(roll_sql.COUNT_MISSING, parameters)
        list_import.parcels_missing, listed = cursor.fetchone()
        list_import.is_part = list_import.parcels_missing > MOST_VANISHED * listed
        if not list_import.is_part:
            cursor.execute(roll_sql.VANISHED, parameters)
        cursor.execute(roll_sql.EVENTS, parameters)
