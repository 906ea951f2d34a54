"""One record of a do-not-call list to the numbers that it stops. Of land it says nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.phones import read_every_number
from leads.imports import cleaning
from leads.imports.cleaning import BadValueError
from leads.imports.fields import MAX_PHONES
from leads.imports.formats import Record
from leads.imports.rows import Place, Rejected, RowReader, StagedPhone, StagedRow
from leads.imports.sources import SourcePlan


class NumberRowReader:
    """Compiled once per file, as RowReader is for lists of land."""

    def __init__(self, plan: SourcePlan, header: Sequence[str], mapping: Mapping[str, str]) -> None:
        index = {name: header.index(column) for name, column in mapping.items()}
        self._plan = plan
        self._width = len(header)
        self._phones = [index[f"phone_{rank}"] for rank in range(1, MAX_PHONES + 1) if f"phone_{rank}" in index]
        self._area = index.get("area_code")
        self._flag = index.get("is_listed")
        self._cells = [(index[name], name, clean) for name, clean in _CLEANERS.items() if name in index]

    def read(self, record: Record) -> StagedRow | Rejected:
        if len(record.cells) > self._width:
            told = f"more cells ({len(record.cells)}) than the header has columns ({self._width})"
            return Rejected(record.line, told)
        cells = [*record.cells, *[""] * (self._width - len(record.cells))]
        if self._flag is not None and _is_plainly_no(cells[self._flag]):
            return Rejected(record.line, "the row says that the number is not on the list")
        row = StagedRow(record.line, {"listed_kind": self._plan.stops_as, "listed_on": None})
        self._take_numbers(row, cells)
        if not row.phones:
            return Rejected(record.line, row.notes[0] if row.notes else "no telephone number")
        self._take_rest(row, cells)
        return row

    def _take_numbers(self, row: StagedRow, cells: list[str]) -> None:
        area = cells[self._area].strip().removesuffix(".0") if self._area is not None else ""
        for at in self._phones:
            if not cells[at].strip():
                continue
            cell = read_every_number(f"{area}{cells[at]}")
            row.notes.extend(f"phone: {reason}" for reason in cell.refused)
            row.phones.extend(StagedPhone(number, "unknown", True) for number in cell.numbers)

    def _take_rest(self, row: StagedRow, cells: list[str]) -> None:
        for at, name, clean in self._cells:
            try:
                row.values[name] = clean(cells[at]) or row.values[name]
            except BadValueError as error:
                row.notes.append(f"{self._plan.field(name).label}: {error}")


def row_reader(
    plan: SourcePlan, header: Sequence[str], mapping: Mapping[str, str], place: Place
) -> RowReader | NumberRowReader:
    """The reader for this kind of list."""
    return NumberRowReader(plan, header, mapping) if plan.stops_as else RowReader(plan, header, mapping, place)


_CLEANERS: dict[str, cleaning.Cleaner] = {"listed_kind": cleaning.listed_kind, "listed_on": cleaning.sale_date}


def _is_plainly_no(cell: str) -> bool:
    """Anything else counts as listed: a mark we do not understand is still a mark."""
    try:
        return cleaning.yes_no(cell) == "f"
    except BadValueError:
        return False
