"""Many rows into a model's table: what is not given takes the model's default, so that a new field breaks nothing."""

from __future__ import annotations

from collections.abc import Container, Iterable
from itertools import chain
from typing import Any

import psycopg
from django.db import connection, models
from django.db.models.fields import NOT_PROVIDED, Field


def insert_select(model: type[models.Model], rows: str, /, **values: str) -> str:
    """`values`: column -> SQL expression over `rows`, which stands behind FROM."""
    columns = values | {
        field.column: _default(field) for field in model._meta.concrete_fields if _needs_value(field, values)
    }
    names = ", ".join(f'"{name}"' for name in columns)
    return f"INSERT INTO {model._meta.db_table} ({names}) SELECT {', '.join(columns.values())} FROM {rows}"  # noqa: S608


def copy_rows(cursor: Any, model: type[models.Model], rows: Iterable[dict[str, object]]) -> None:
    """COPY of rows that all name the same columns."""
    coming = iter(rows)
    first = next(coming, None)
    if first is None:
        return
    rest = {field.column: _plain(field) for field in model._meta.concrete_fields if _needs_value(field, first)}
    names, defaults = ", ".join([*first, *map(str, rest)]), list(rest.values())
    with cursor.copy(f"COPY {model._meta.db_table} ({names}) FROM STDIN") as copy:
        for row in chain([first], coming):
            copy.write_row([*row.values(), *defaults])


def _needs_value(field: Field[Any, Any], values: Container[str]) -> bool:
    return not (field.column in values or field.null or field.primary_key)


def _default(field: Field[Any, Any]) -> str:
    with connection.cursor() as cursor:
        return psycopg.sql.Literal(_plain(field)).as_string(cursor.connection).replace("%", "%%")


def _plain(field: Field[Any, Any]) -> object:
    if field.default is NOT_PROVIDED and not field.empty_strings_allowed:
        raise ValueError(f"the generated rows need a value for {field.model.__name__}.{field.name}")
    return field.get_db_prep_save(field.get_default(), connection)
