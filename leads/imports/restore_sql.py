"""Set-based SQL of an undo that gives back the values a list wrote over: field by field, an address or a place as one.

A value goes back only where it is still the list's. It is not when anybody in force has written the field since, even
the same value again: a person, or a list that is not undone itself.
"""

# ruff: noqa: S608  - only names of our own tables and columns are put into these statements

from __future__ import annotations

from django.db import models

from leads.imports.parcel_sql import history_of, history_table

_AS_ONE = {
    "mailing_street": "mailing address",
    "mailing_city": "mailing address",
    "mailing_state": "mailing address",
    "mailing_zip": "mailing address",
    "mailing_key": "mailing address",
    "latitude": "location",
    "longitude": "location",
    "location_source": "location",
}
"""Half of one and half of another would be nobody's address."""


def restore(model: type[models.Model], ids: str, fields: tuple[str, ...], lines: str) -> str:
    """`ids` selects candidates; `lines` is an expression over `t` (the record) for the line that a note belongs to."""
    table, history = model._meta.db_table, history_table(model)
    columns = ", ".join(fields)
    stamp = ", updated_at" if any(field.name == "updated_at" for field in model._meta.concrete_fields) else ""
    return f"""
WITH f(name, part) AS (VALUES {", ".join(f"('{name}', '{_part(name)}')" for name in fields)}),
written AS MATERIALIZED (
    SELECT id, min(history_id) AS first, max(history_id) AS last FROM {history}
    WHERE history_change_reason = %(wrote)s AND history_type = '~' AND id IN ({ids}) GROUP BY id),
{_later(history)},
images AS (
    SELECT t.id, {lines} AS line, f.name, f.part, to_jsonb(b) -> f.name AS before, to_jsonb(a) -> f.name AS after,
           to_jsonb(t) -> f.name AS now,
           to_jsonb(t) -> f.name <> to_jsonb(a) -> f.name
               OR EXISTS (SELECT 1 FROM later WHERE later.id = t.id AND later.name = f.name) AS is_changed
    FROM written w
         JOIN LATERAL (SELECT * FROM {history} h WHERE h.id = w.id AND h.history_id < w.first
                       ORDER BY h.history_id DESC LIMIT 1) b ON true
         JOIN {history} a ON a.history_id = w.last
         JOIN {table} t ON t.id = w.id
         CROSS JOIN f
    WHERE to_jsonb(b) -> f.name <> to_jsonb(a) -> f.name OR to_jsonb(t) -> f.name <> to_jsonb(a) -> f.name
          OR t.id IN (SELECT id FROM later)),
judged AS (SELECT *, bool_or(is_changed) OVER (PARTITION BY id, part) AS stays FROM images),
changed AS (
    UPDATE {table} t SET ({columns}{stamp}) = (
        SELECT {columns}{", %(now)s::timestamptz" if stamp else ""} FROM jsonb_populate_record(t, i.patch))
    FROM (SELECT id, jsonb_object_agg(name, before) AS patch FROM judged WHERE NOT stays AND before <> now
          GROUP BY id) i
    WHERE t.id = i.id
    RETURNING t.*),
noted AS (
    INSERT INTO notes
    SELECT DISTINCT line, part || ' has been changed since' FROM judged
    WHERE stays AND before <> after AND now <> before)
{history_of(model, "changed", "~")}
"""


def _part(name: str) -> str:
    return _AS_ONE.get(name, name.replace("_", " "))


def _later(history: str) -> str:
    """CTE: which fields of the written records somebody in force has written after the list."""
    return f"""later AS MATERIALIZED (
    SELECT DISTINCT h.id, f.name
    FROM (SELECT h.id, h.history_id, h.history_user_id, h.history_change_reason AS reason, to_jsonb(h) AS now,
                 lag(to_jsonb(h)) OVER (PARTITION BY h.id ORDER BY h.history_id) AS before
          FROM {history} h JOIN written w ON w.id = h.id AND h.history_id >= w.last
          WHERE EXISTS (SELECT 1 FROM {history} n WHERE n.id = w.id AND n.history_id > w.last)) h
         CROSS JOIN f
    WHERE h.before IS NOT NULL AND h.now -> f.name <> h.before -> f.name
      AND (h.history_user_id IS NOT NULL
           OR (h.reason LIKE 'list import %%' AND h.reason <> ALL(%(undone)s))))"""
