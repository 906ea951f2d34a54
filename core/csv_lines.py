"""CSV files for people's spreadsheets, line by line, so that no file is ever held as a whole."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[object]], *, as_read: bool = False) -> Iterator[str]:
    """With a byte-order mark, and no cell that a spreadsheet would run as a formula: those get an apostrophe, unless
    the cells have to stay as they were read."""
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(header)
    for row in rows:
        yield writer.writerow(row if as_read else [_as_text(str(cell)) for cell in row])


def _as_text(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


class _Echo:
    """csv.writer's file: gives each line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line
