"""Set-based SQL of a chunk for parcels. Statements run in the order of this file, after staging.

Temporary tables: placed (line, number, parcel_id, is_new) · edited_parcels (id, fields) · renewed (line, new values,
before) · touched (line, kind: created or updated).
"""

# ruff: noqa: S608  - only names of our own tables and columns are put into these statements

from __future__ import annotations

from django.db import models

from leads.imports.rows import STAGED
from leads.models import Parcel

_NOT_EMPTY = ("situs_address", "situs_city", "situs_zip", "legal_description", "subdivision", "ward", "zoning")
_LAND = tuple(name for name in STAGED if hasattr(Parcel, name) and name not in ("number", "latitude", "longitude"))
LISTED_FIELDS = (*_LAND, "latitude", "longitude", "location_source")

CREATE_TOUCHED = "CREATE TEMP TABLE touched (line integer, kind text) ON COMMIT DROP"

PLACE = """
CREATE TEMP TABLE placed ON COMMIT DROP AS
SELECT s.line, s.number,
       COALESCE(p.id, CASE WHEN %(creates)s AND (%(is_roll)s OR s.owner_name IS NOT NULL)
                           THEN nextval('leads_parcel_id_seq') END) AS parcel_id,
       p.id IS NULL AS is_new
FROM staged s LEFT JOIN leads_parcel p ON p.parish_id = %(parish)s AND p.number = s.number
ORDER BY s.line
"""
TAKE_UNPLACED = "DELETE FROM placed WHERE parcel_id IS NULL RETURNING line"
INDEX_PLACED = "CREATE INDEX ON placed (line)"
ANALYZE_PLACED = "ANALYZE placed"


def human_edits(table: str, history: str, wanted: str) -> str:
    """Which fields of the wanted records people have changed or entered: an import leaves those alone.

    A record's first history row has nothing to be compared with; then everything that a person filled in counts.
    """
    return f"""
CREATE TEMP TABLE {table} ON COMMIT DROP AS
SELECT v.id, array_agg(DISTINCT f.field) AS fields
FROM (SELECT h.id, h.history_user_id, to_jsonb(h) AS now,
             lag(to_jsonb(h)) OVER (PARTITION BY h.id ORDER BY h.history_id) AS before
      FROM {history} h
      WHERE h.id IN (SELECT t.id FROM {history} t
                     WHERE t.history_user_id IS NOT NULL AND t.id IN ({wanted}))) v,
     LATERAL jsonb_each(v.now) AS f(field, value)
WHERE v.history_user_id IS NOT NULL AND f.field NOT LIKE 'history%%'
  AND f.field NOT IN ('id', 'created_at', 'updated_at')
  AND CASE WHEN v.before IS NULL THEN f.value NOT IN ('null', '""')
           ELSE f.value IS DISTINCT FROM v.before -> f.field END
GROUP BY v.id
"""


def history_table(model: type[models.Model]) -> str:
    return model._meta.db_table.replace("leads_", "leads_historical", 1)


def history_of(model: type[models.Model], rows: str, kind: str) -> str:
    """INSERT of history rows for the records in the CTE `rows`; their user is nobody, the reason names the list."""
    columns = ", ".join(str(field.column) for field in model._meta.concrete_fields)
    return (
        f"INSERT INTO {history_table(model)}"
        f" ({columns}, history_date, history_type, history_change_reason)"
        f" SELECT {columns}, %(now)s, '{kind}', %(reason)s FROM {rows}"
    )


EDITED_PARCELS = human_edits(
    "edited_parcels", "leads_historicalparcel", "SELECT parcel_id FROM placed WHERE NOT is_new"
)


def _inserted(column: str) -> str:
    if column == "location_source":
        return "CASE WHEN s.latitude IS NULL THEN '' ELSE %(source)s END"
    if column == "years_delinquent":
        return "COALESCE(s.years_delinquent, %(least_years)s::smallint)"
    return f"COALESCE(s.{column}, '')" if column in _NOT_EMPTY else f"s.{column}"


def _renewed(column: str) -> str:
    """A value of the list unless it has none or a person has written the field."""
    if column in ("latitude", "longitude", "location_source"):
        new = "%(source)s" if column == "location_source" else f"s.{column}"
        return f"""CASE WHEN s.latitude IS NULL OR (p.location_source = 'gis' AND %(source)s <> 'gis')
                        OR e.fields && ARRAY['latitude', 'longitude'] THEN p.{column} ELSE {new} END AS {column}"""
    new = f"s.{column}"
    if column == "years_delinquent":
        new = "COALESCE(s.years_delinquent, GREATEST(p.years_delinquent, %(least_years)s::smallint))"
    return f"CASE WHEN '{column}' = ANY(e.fields) THEN p.{column} ELSE COALESCE({new}, p.{column}) END AS {column}"


INSERT_PARCELS = f"""
WITH born AS (
    INSERT INTO leads_parcel (id, parish_id, number, {", ".join(LISTED_FIELDS)}, created_at, updated_at)
    SELECT pl.parcel_id, %(parish)s, s.number, {", ".join(map(_inserted, LISTED_FIELDS))}, %(now)s, %(now)s
    FROM placed pl JOIN staged s USING (line) WHERE pl.is_new ORDER BY pl.line
    RETURNING *)
{history_of(Parcel, "born", "+")}
"""
RENEW = f"""
CREATE TEMP TABLE renewed ON COMMIT DROP AS
SELECT n.*, (SELECT jsonb_object_agg(old.key, old.value) FROM jsonb_each(to_jsonb(p)) AS old
             WHERE to_jsonb(n) ? old.key AND old.value IS DISTINCT FROM to_jsonb(n) -> old.key) AS before
FROM (SELECT pl.line, p.id, {", ".join(map(_renewed, LISTED_FIELDS))}
      FROM placed pl JOIN staged s USING (line) JOIN leads_parcel p ON p.id = pl.parcel_id
           LEFT JOIN edited_parcels e ON e.id = p.id
      WHERE NOT pl.is_new) n JOIN leads_parcel p USING (id)
WHERE ({", ".join(f"p.{name}" for name in LISTED_FIELDS)})
      IS DISTINCT FROM ({", ".join(f"n.{name}" for name in LISTED_FIELDS)})
"""
UPDATE_PARCELS = f"""
WITH changed AS (
    UPDATE leads_parcel p SET {", ".join(f"{name} = n.{name}" for name in LISTED_FIELDS)}, updated_at = %(now)s
    FROM renewed n WHERE p.id = n.id
    RETURNING p.*),
noted AS (INSERT INTO touched SELECT line, 'updated' FROM renewed)
{history_of(Parcel, "changed", "~")}
"""
NOTE_CREATED = "INSERT INTO touched SELECT line, 'created' FROM placed WHERE is_new"
