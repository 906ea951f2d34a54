"""The staging tables of one chunk: temporary, so unlogged and seen by this connection alone, and gone on commit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from core.crypto import blind_index, encrypt
from leads.imports.rows import STAGED, StagedRow
from leads.imports.sales import StagedSale

COPY_COLUMNS = ("line", *STAGED)
_NULL = "\x1f"
"""Stands for NULL in what is copied. It counts as blank for str.split, so no cleaned value holds it."""
_BLOCK = 2_000
"""Rows in one write."""
_SLOTS = tuple(STAGED)
_EMAIL = _SLOTS.index("email")


def spell_row(row: StagedRow) -> str:
    """The row as COPY reads it."""
    return _line(_staged(row))


def spell_phones(row: StagedRow) -> Iterable[str]:
    return map(_line, _phones(row))


def spell_sale(row: StagedRow) -> Iterable[str]:
    return [_line(_sale(row.line, row.sale))] if row.sale else []


def spell_listed(row: StagedRow) -> Iterable[str]:
    """The numbers that a row of a do-not-call list names: their hashes alone."""
    kind, since = row.values["listed_kind"], row.values["listed_on"]
    return (_line([str(row.line), bytea(blind_index(phone.number)), kind, since]) for phone in row.phones)


def stage_rows(cursor: Any, spelled: bytes) -> None:
    columns = ", ".join(f"{name} {kind}" for name, kind in STAGED.items() if name != "email")
    cursor.execute(f"CREATE TEMP TABLE staged (line integer, {columns}, email bytea) ON COMMIT DROP")
    _copy(cursor, "staged", COPY_COLUMNS, [spelled])
    cursor.execute("CREATE INDEX ON staged (line)")
    cursor.execute("SET LOCAL default_statistics_target = 10")
    cursor.execute("ANALYZE staged (line, number, name_key, mailing_key, email)")


def stage_phones(cursor: Any, spelled: bytes) -> None:
    cursor.execute(
        "CREATE TEMP TABLE staged_phones (line integer, position smallint, number_hash bytea, number bytea,"
        " area_code text, line_type text, do_not_call boolean) ON COMMIT DROP"
    )
    columns = ("line", "position", "number_hash", "number", "area_code", "line_type", "do_not_call")
    _copy(cursor, "staged_phones", columns, [spelled])
    cursor.execute("ANALYZE staged_phones")


def stage_sales(cursor: Any, spelled: bytes) -> None:
    columns = ("line", "sold_on", "price", "is_comparable", "buyer", "seller", "instrument")
    cursor.execute(
        "CREATE TEMP TABLE staged_sales (line integer, sold_on date, price numeric(14,2), is_comparable boolean,"
        " buyer text, seller text, instrument text) ON COMMIT DROP"
    )
    _copy(cursor, "staged_sales", columns, [spelled])
    cursor.execute("ANALYZE staged_sales")


def stage_listed(cursor: Any, spelled: bytes) -> None:
    cursor.execute(
        "CREATE TEMP TABLE staged_listed (line integer, number_hash bytea, kind text, listed_on date) ON COMMIT DROP"
    )
    _copy(cursor, "staged_listed", ("line", "number_hash", "kind", "listed_on"), [spelled])
    cursor.execute("ANALYZE staged_listed")


def copy_into(cursor: Any, table: str, columns: Iterable[str], rows: Iterable[Sequence[str | None]]) -> None:
    """Rows of text as PostgreSQL reads it. Several times the speed of converting Python values cell by cell."""
    lines = map(_line, rows)
    _copy(cursor, table, columns, iter(lambda: "".join(islice(lines, _BLOCK)), ""))


def _copy(cursor: Any, table: str, columns: Iterable[str], blocks: Iterable[str | bytes]) -> None:
    """In large blocks: each write lets other threads run, and waits for its turn after them."""
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN WITH (NULL E'\\x1f')") as copy:
        for block in blocks:
            copy.write(block)


def _line(row: Sequence[str | None]) -> str:
    line = "\t".join([_NULL if value is None else value for value in row])
    return (line.replace("\\", "\\\\") if "\\" in line else line) + "\n"


def bytea(value: bytes) -> str:
    return f"\\x{value.hex()}"


def encrypted(text: str) -> str:
    return bytea(encrypt(text))


def _staged(row: StagedRow) -> list[str | None]:
    values: list[str | None] = [str(row.line), *row.values.values()]
    email = values[_EMAIL + 1]
    if email is not None:
        values[_EMAIL + 1] = encrypted(email)
    return values


def _sale(line: int, sale: StagedSale) -> list[str | None]:
    flag = "t" if sale.is_comparable else "f"
    return [str(line), sale.sold_on, sale.price, flag, sale.buyer, sale.seller, sale.instrument]


def _phones(row: StagedRow) -> Iterable[Sequence[str]]:
    for position, phone in enumerate(row.phones, start=1):
        number = phone.number
        area_code = number[2:5] if number.startswith("+1") else ""
        hashed = bytea(blind_index(number))
        yield (
            str(row.line),
            str(position),
            hashed,
            encrypted(number),
            area_code,
            phone.line_type,
            "t" if phone.do_not_call else "f",
        )
