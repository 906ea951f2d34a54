"""The skip-trace vendor's answer: the roll's columns untouched, then up to ten numbers, each with type and flag."""

from collections.abc import Iterator

from local.demo_data.owners import owner_index
from local.demo_data.parcels import draw_parcel, original_index
from local.demo_data.phones import MAX_PHONES, traced_phones, written
from local.demo_data.shares import wheel
from local.demo_data.tax_roll import TAX_ROLL_HEADER, Row, tax_roll_row

SKIP_TRACE_HEADER: Row = (
    *TAX_ROLL_HEADER,
    *(f"phone_{rank}{part}" for rank in range(1, MAX_PHONES + 1) for part in ("", "_type", "_dnc")),
)

_FORMS = wheel("skip_phone")


def skip_trace_rows(rows: int, seed: int = 1) -> Iterator[Row]:
    return ((*tax_roll_row(seed, index), *_phone_cells(seed, index)) for index in range(rows))


def _phone_cells(seed: int, index: int) -> list[str]:
    source = original_index(seed, index)
    form = "parentheses" if _FORMS[draw_parcel(seed, source).phone % 1000] else ""
    cells: list[str] = []
    for found in traced_phones(seed, owner_index(source)):
        cells += (written(found.digits, form, ""), found.line_type, found.do_not_call)
    return cells + [""] * (3 * MAX_PHONES - len(cells))
