"""Runs alone, as a process of its own: the first sheet of a workbook that holds anything, as CSV.

    python workbook_reader.py WORKBOOK CSV MEMORY SIZE

A workbook is held in memory whole while it is read; when this process ends, that memory is free again, and a workbook
made to burst is stopped at MEMORY bytes, or at SIZE bytes of CSV. The last line printed is one JSON object: {"sheet",
"others"} or {"refused"}. Imports nothing of the product.
"""

from __future__ import annotations

import csv
import json
import resource
import sys
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import python_calamine

EXCEL_DIGITS = 15


def cell_text(value: Any) -> str:
    """A typed cell as a list would write it: 70810.0 is 70810, a day is ISO, text stays as it is."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return format(Decimal(f"{value:.{EXCEL_DIGITS}g}"), "f")
    if isinstance(value, datetime):
        return value.date().isoformat() if not (value.hour or value.minute or value.second) else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return " ".join(str(value).replace("\0", "").splitlines())


def trimmed(row: Iterable[Any]) -> list[str]:
    """Without the blank cells at its end: a sheet is as wide as its widest row."""
    cells = [cell_text(value) for value in row]
    while cells and not cells[-1].strip():
        cells.pop()
    return cells


def level(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    """Rows as wide as the first, which names the columns; a blank row stays blank."""
    header = next(rows, [])
    yield header
    for cells in rows:
        yield cells + [""] * (len(header) - len(cells)) if cells else cells


def convert(source: str, target: str) -> dict[str, Any]:
    book = python_calamine.CalamineWorkbook.from_path(source)
    sheets = iter(_worksheets(book))
    sheet = next((sheet for name in sheets if (sheet := book.get_sheet_by_name(name)).height), None)
    if sheet is None:
        return {"refused": "the workbook is empty"}
    with open(target, "w", encoding="utf-8", newline="") as text:
        csv.writer(text).writerows(level(map(trimmed, sheet.iter_rows())))
    return {"sheet": sheet.name, "others": len(list(sheets))}


def _worksheets(book: python_calamine.CalamineWorkbook) -> list[str]:
    kind, shown = python_calamine.SheetTypeEnum.WorkSheet, python_calamine.SheetVisibleEnum.Visible
    return [sheet.name for sheet in book.sheets_metadata if sheet.typ == kind and sheet.visible == shown]


def main(source: str, target: str, memory: str, size: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(size), int(size)))
    try:
        result = convert(source, target)
    except python_calamine.PasswordError:
        result = {"refused": "the workbook is locked with a password; save it without one"}
    except MemoryError:
        result = {"refused": "is too large to be read as a workbook; save it as CSV"}
    except python_calamine.CalamineError:
        result = {"refused": "the workbook is damaged; open it in Excel and save it again"}
    sys.stdout.write(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
