"""Brings every encrypted value, history tables included, under the first key of FIELD_KEYS.

Set-based SQL over table names: no model code runs, no history is written, no timestamp moves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import connection, models
from psycopg import sql

from core.crypto import DecryptionError, current_header, decrypt, encrypt
from core.fields import EncryptedTextField

Row = tuple[Any, bytes]
"""Primary key and stored bytes."""


@dataclass(frozen=True)
class EncryptedColumn:
    table: str
    column: str
    key: str
    key_type: str

    def __str__(self) -> str:
        return f"{self.table}.{self.column}"


@dataclass
class ColumnRotation:
    """What happened to one column; `unreadable` lists at most ten primary keys of `failed` rows."""

    column: EncryptedColumn
    outdated: int = 0
    rotated: int = 0
    failed: int = 0
    unreadable: list[str] = field(default_factory=list)

    def add_unreadable(self, key: Any) -> None:
        self.failed += 1
        if len(self.unreadable) < 10:
            self.unreadable.append(str(key))


def encrypted_columns() -> list[EncryptedColumn]:
    models_with_tables = (m for m in apps.get_models(include_auto_created=True) if m._meta.managed)
    columns = {column for model in models_with_tables for column in _columns_of(model)}
    return sorted(columns, key=str)


def count_outdated(column: EncryptedColumn) -> int:
    """Values that are not under the current key."""
    query = "SELECT count(*) FROM {table} WHERE {column} IS NOT NULL AND substring({column} from 1 for 2) <> %(header)s"
    with connection.cursor() as cursor:
        cursor.execute(_compose(query, column), {"header": current_header()})
        return int(cursor.fetchone()[0])


def rotate_column(column: EncryptedColumn, batch_size: int) -> Iterator[ColumnRotation]:
    """Yields the running totals after each batch. What is done is found done by the next run, so it may be stopped at
    any time; a row that a writer changes meanwhile is left to that writer and counted in `outdated` if still old."""
    rotation = ColumnRotation(column)
    after = None
    while rows := read_outdated(column, after, batch_size):
        rotation.rotated += swap(column, _re_encrypted(rows, rotation))
        after = rows[-1][0]
        yield rotation
    rotation.outdated = count_outdated(column)
    yield rotation


def read_outdated(column: EncryptedColumn, after: Any, limit: int) -> list[Row]:
    query = """SELECT {key}, {column} FROM {table}
        WHERE {column} IS NOT NULL AND substring({column} from 1 for 2) <> %(header)s
        AND (%(after)s::{key_type} IS NULL OR {key} > %(after)s)
        ORDER BY {key} LIMIT %(limit)s"""
    with connection.cursor() as cursor:
        cursor.execute(_compose(query, column), {"header": current_header(), "after": after, "limit": limit})
        return [(key, bytes(stored)) for key, stored in cursor.fetchall()]


def swap(column: EncryptedColumn, rows: list[tuple[Any, bytes, bytes]]) -> int:
    """Writes (key, old, new) where the row still holds `old`; returns how many did."""
    if not rows:
        return 0
    query = """UPDATE {table} SET {column} = fresh.new
        FROM unnest(%(keys)s::{key_type}[], %(old)s::bytea[], %(new)s::bytea[]) AS fresh(key, old, new)
        WHERE {table}.{key} = fresh.key AND {table}.{column} = fresh.old"""
    keys, old, new = (list(values) for values in zip(*rows, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_compose(query, column), {"keys": keys, "old": old, "new": new})
        return int(cursor.rowcount)


def _columns_of(model: type[models.Model]) -> Iterator[EncryptedColumn]:
    key = model._meta.pk
    for model_field in model._meta.local_concrete_fields:
        if isinstance(model_field, EncryptedTextField):
            key_type = key.rel_db_type(connection) or ""
            yield EncryptedColumn(model._meta.db_table, model_field.column or "", key.column or "", key_type)


def _re_encrypted(rows: list[Row], rotation: ColumnRotation) -> list[tuple[Any, bytes, bytes]]:
    fresh = []
    for key, stored in rows:
        try:
            fresh.append((key, stored, encrypt(decrypt(stored))))
        except DecryptionError:
            rotation.add_unreadable(key)
    return fresh


def _compose(query: str, column: EncryptedColumn) -> sql.Composed:
    return sql.SQL(query).format(
        table=sql.Identifier(column.table),
        column=sql.Identifier(column.column),
        key=sql.Identifier(column.key),
        key_type=sql.SQL(column.key_type),
    )
