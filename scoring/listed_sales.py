"""Sales lists: what may stand as a comp becomes one as the list comes in, set-based, and goes when the list is undone.

A comp of a list names the list as its source. One that a person has entered or changed is theirs and stays.
"""

# ruff: noqa: S608  - only names of our own tables and columns are put into these statements

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection

from leads.imports.followers import StoredChunk
from leads.models import ListImport
from scoring.models import Sale

_COLUMNS = ", ".join(str(field.column) for field in Sale._meta.concrete_fields)
_SOURCE = "left(concat('List ', i.id, ': ', i.filename), 120)"
_HISTORY = f"""
INSERT INTO scoring_historicalsale ({_COLUMNS}, history_date, history_type, history_change_reason)
SELECT {_COLUMNS}, %(now)s, %(kind)s, %(wrote)s FROM changed
"""
_TAKE = f"""
WITH changed AS (
    INSERT INTO scoring_sale (parcel_id, sold_on, price, source, created_at)
    SELECT DISTINCT ON (k.parcel_id, k.sold_on, k.price) k.parcel_id, k.sold_on, k.price, {_SOURCE}, %(now)s
    FROM leads_listedsale k JOIN leads_listimport i ON i.id = k.list_import_id
    WHERE k.list_import_id = %(list_import)s AND k.line BETWEEN %(first)s AND %(last)s AND k.is_comparable
    ORDER BY k.parcel_id, k.sold_on, k.price, k.line
    ON CONFLICT (parcel_id, sold_on, price) DO NOTHING
    RETURNING *)
{_HISTORY}
"""
_MINE = f"""
    SELECT s.id, s.parcel_id, s.sold_on, s.price FROM scoring_sale s JOIN leads_listimport i ON s.source = {_SOURCE}
    WHERE i.id = %(list_import)s AND NOT EXISTS (
        SELECT 1 FROM scoring_historicalsale h WHERE h.id = s.id AND h.history_user_id IS NOT NULL)
"""
# Another list tells of the same sale: then the comp is that one's.
_PASS_ON = f"""
WITH changed AS (
    UPDATE scoring_sale s SET source = other.source
    FROM (SELECT DISTINCT ON (m.id) m.id, {_SOURCE} AS source
          FROM ({_MINE}) m
               JOIN leads_listedsale k USING (parcel_id, sold_on, price)
               JOIN leads_listimport i ON i.id = k.list_import_id
          WHERE k.list_import_id <> %(list_import)s AND i.status NOT IN ('undoing', 'undone')
          ORDER BY m.id, i.id) other
    WHERE s.id = other.id
    RETURNING s.*)
{_HISTORY}
"""
_FORGET = f"""
WITH changed AS (DELETE FROM scoring_sale s USING ({_MINE}) m WHERE s.id = m.id RETURNING s.*)
{_HISTORY}
"""


def take_sales(chunk: StoredChunk) -> None:
    lines = {"first": chunk.first_line, "last": chunk.last_line, "kind": "+"}
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, _parameters(chunk.list_import_id, chunk.now) | lines)


def give_sales_back(list_import: ListImport, now: datetime) -> Iterable[tuple[int, str]]:
    """Nothing of a comp has to stay; a parcel's own record says what could not be taken back."""
    parameters = _parameters(list_import.pk, now)
    with connection.cursor() as cursor:
        cursor.execute(_PASS_ON, parameters | {"kind": "~"})
        cursor.execute(_FORGET, parameters | {"kind": "-"})
    return ()


def _parameters(list_import_id: int, now: datetime) -> dict[str, Any]:
    return {"list_import": list_import_id, "now": now, "wrote": f"list import {list_import_id}"}
