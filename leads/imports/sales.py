"""What a row of a sales list tells: the sale itself, and whether it may stand as a comp."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from leads.imports import cleaning
from leads.imports.cleaning import BadValueError

if TYPE_CHECKING:
    from leads.imports.rows import StagedRow, Step

NOMINAL = Decimal(100)
"""US dollars up to which a price only says that something was paid: “$10 and other good and valuable consideration”."""
NO_PRICE = "Sale price: none, so the sale is no comp"
NOMINAL_PRICE = f"Sale price: nominal (${NOMINAL} or less), so the sale is no comp"
_PARTIES = {"seller_name": cleaning.text(300), "instrument": cleaning.text(120)}


class StagedSale(NamedTuple):
    sold_on: str
    price: str | None
    is_comparable: bool
    buyer: str
    seller: str
    instrument: str


def sale_step(index: Mapping[str, int]) -> Step:
    """Takes the sale of a row whose other cells are cleaned already."""
    price_at = index.get("sale_price")
    parties = [(name, index.get(name)) for name in _PARTIES]

    def step(row: StagedRow, cells: list[str]) -> None:
        if sold_on := row.values["last_sale_on"]:
            price = _price(row, cells[price_at]) if price_at is not None else None
            seller, instrument = (_party(row, name, cells[at]) if at is not None else "" for name, at in parties)
            comparable = price is not None and Decimal(price) > NOMINAL
            if not comparable:
                row.notes.append(NOMINAL_PRICE if price is not None and Decimal(price) > 0 else NO_PRICE)
            row.sale = StagedSale(sold_on, price, comparable, row.values["owner_name"] or "", seller, instrument)

    return step


def take_out_of_turn(row: StagedRow) -> None:
    """Leaves the sale and nothing else: another one is later, so this one says nothing of the present owner."""
    for name in row.values:
        if name != "number":
            row.values[name] = None


def _price(row: StagedRow, cell: str) -> str | None:
    try:
        return cleaning.money(cell)
    except BadValueError as error:
        row.notes.append(f"Sale price: {error}")
        return None


def _party(row: StagedRow, name: str, cell: str) -> str:
    try:
        return _PARTIES[name](cell) or ""
    except BadValueError as error:
        row.notes.append(f"{name.replace('_', ' ').capitalize()}: {error}")
        return ""
