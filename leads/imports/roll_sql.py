"""Set-based SQL of the roll diff: what a tax roll says otherwise than the records did after the one before it.

In each chunk, from the tables that the chunk has staged anyway; and once at the end, for what only the whole roll
tells. A value that the list did not bring, or that a person has corrected, has not changed.
"""

# ruff: noqa: S608  - only names of our own tables and columns are put into these statements

from __future__ import annotations

from leads.imports.lead_sql import OPEN
from leads.models import Event, RollChange

Kind = RollChange.Kind
_COLUMNS = "(list_import_id, parcel_id, kind, before, after, created_at)"


def _insert(kind: RollChange.Kind, before: str, after: str, rows: str, parcel: str) -> str:
    return f"""
INSERT INTO leads_rollchange {_COLUMNS}
SELECT %(list_import)s, {parcel}, '{kind.value}', left({before}, 300), left({after}, 300), %(now)s
{rows}
ON CONFLICT DO NOTHING
"""


# Figures --------------------------------------------------------------------------------------------------------------
_OLD_YEARS = "(n.before ->> 'years_delinquent')::int"
_OWES = f"""(n.before ? 'years_delinquent' AND n.years_delinquent > 0
             AND COALESCE({_OLD_YEARS} = 0, %(knew_years)s))"""
_TAKEN = """(n.before ? 'adjudicated' AND n.adjudicated
             AND (n.before -> 'adjudicated' = 'false' OR %(knew_adjudicated)s))"""
_DEBT = """concat_ws(', ', CASE WHEN n.adjudicated THEN 'adjudicated' END,
                     CASE WHEN n.years_delinquent > 0 THEN n.years_delinquent
                          || CASE n.years_delinquent WHEN 1 THEN ' year' ELSE ' years' END END)"""
DELINQUENT = _insert(Kind.DELINQUENT, "''", _DEBT, f"FROM renewed n WHERE {_OWES} OR {_TAKEN} ORDER BY n.line", "n.id")


def _old(column: str) -> str:
    """The figure before; no figure when it was none before."""
    return f"CASE WHEN n.before ? '{column}' THEN (n.before ->> '{column}')::numeric ELSE n.{column} END"


def _moved(column: str) -> str:
    """By a tenth or more: most rolls nudge every value."""
    old = f"(n.before ->> '{column}')::numeric"
    return f"(n.before ? '{column}' AND abs(n.{column} - {old}) * 10 >= {old})"


def _worth(land: str, improvements: str) -> str:
    money = "to_char({}, 'FM$999,999,999,990')"
    parts = (f"'land ' || {money.format(land)}", f"'improvements ' || {money.format(improvements)}")
    return f"concat_ws(', ', {', '.join(parts)})"


VALUE = _insert(
    Kind.VALUE,
    _worth(_old("land_value"), _old("improvement_value")),
    _worth("n.land_value", "n.improvement_value"),
    f"FROM renewed n WHERE {_moved('land_value')} OR {_moved('improvement_value')} ORDER BY n.line",
    "n.id",
)
# People ---------------------------------------------------------------------------------------------------------------
_ADDRESS = "concat_ws(', ', NULLIF({0}street, ''), NULLIF({0}city, ''), NULLIF(btrim({0}state || ' ' || {0}zip), ''))"
ADDRESS = _insert(
    Kind.ADDRESS,
    "m.before",
    _ADDRESS.format("o.mailing_"),
    """FROM new_addresses m JOIN leads_owner o ON o.id = m.owner_id
     JOIN leads_ownership w ON w.owner_id = m.owner_id AND w.until IS NULL
     JOIN leads_parcel p ON p.id = w.parcel_id AND p.parish_id = %(parish)s
WHERE m.before <> '' ORDER BY m.line, w.parcel_id""",
    "w.parcel_id",
)
OWNER = _insert(
    Kind.OWNER,
    "was.names",
    "o.name",
    """FROM transfers t JOIN leads_owner o ON o.id = t.owner_id
     JOIN (SELECT h.line, string_agg(p.name, '; ' ORDER BY p.name) AS names
           FROM held h JOIN leads_owner p ON p.id = h.owner_id GROUP BY h.line) was ON was.line = t.line
ORDER BY t.line""",
    "t.parcel_id",
)
IN_CHUNK = (DELINQUENT, VALUE, ADDRESS, OWNER)
# The whole roll -------------------------------------------------------------------------------------------------------
COUNT_MISSING = """
SELECT count(*) FILTER (WHERE l.list_import_id <> %(list_import)s), count(*)
FROM leads_parcellist l JOIN leads_parcel p ON p.id = l.parcel_id
WHERE p.parish_id = %(parish)s AND l.source = 'tax_roll'
"""
VANISHED = _insert(
    Kind.VANISHED,
    "'last listed ' || to_char(l.last_seen AT TIME ZONE %(zone)s, 'FMMon FMDD, YYYY')",
    "''",
    """FROM leads_parcellist l JOIN leads_parcel p ON p.id = l.parcel_id
WHERE p.parish_id = %(parish)s AND l.source = 'tax_roll' AND l.list_import_id <> %(list_import)s
  AND NOT EXISTS (SELECT 1 FROM leads_rollchange c
                  WHERE c.parcel_id = p.id AND c.kind = 'vanished' AND c.created_at > l.last_seen)
ORDER BY p.id""",
    "p.id",
)
"""Once each: a parcel that a roll before this one missed already is news no more."""
# A new owner has an event of his own, written with the transfer.
EVENTS = f"""
INSERT INTO leads_event (kind, lead_id, owner_id, data, created_at, handled_at)
SELECT '{Event.Kind.ROLL_CHANGED.value}', l.id, l.owner_id, jsonb_build_object(
           'list_import', %(list_import)s::bigint, 'changes', jsonb_agg(
               jsonb_build_object('kind', c.kind, 'before', c.before, 'after', c.after) ORDER BY c.id)),
       %(now)s, %(now)s
FROM leads_rollchange c JOIN leads_lead l ON l.parcel_id = c.parcel_id AND {OPEN}
WHERE c.list_import_id = %(list_import)s AND c.kind <> '{Kind.OWNER.value}'
GROUP BY l.id, l.owner_id ORDER BY l.id
"""
FORGET = "DELETE FROM leads_rollchange WHERE list_import_id = %(list_import)s"
"""For a list that is undone."""
