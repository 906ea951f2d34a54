"""Writing many rows, each with values of its own, in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, models


def write_columns(rows: Sequence[models.Model], names: Sequence[str]) -> int:
    """Like `bulk_update`, with one array for each column where that has a condition for each value, which takes longer
    to write down than to carry out. Not for JSON or encrypted columns."""
    if not rows:
        return 0
    meta = type(rows[0])._meta
    fields: list[Any] = [meta.pk, *(meta.get_field(name) for name in names)]
    columns = [f'"{field.column}"' for field in fields]
    arrays = [[field.get_db_prep_save(getattr(row, field.attname), connection) for row in rows] for field in fields]
    given = ", ".join(f"%s::{field.cast_db_type(connection)}[]" for field in fields)
    sets = ", ".join(f"{column} = fresh.{column}" for column in columns[1:])
    key, table = columns[0], f'"{meta.db_table}"'
    fresh = f"unnest({given}) AS fresh ({', '.join(columns)})"
    statement = f"UPDATE {table} SET {sets} FROM {fresh} WHERE {table}.{key} = fresh.{key}"  # noqa: S608  - own names
    with connection.cursor() as cursor:
        cursor.execute(statement, arrays)
        return int(cursor.rowcount)
