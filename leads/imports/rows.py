"""One record of a list to one row as it will be stored, or the reason why it cannot be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from core.phones import read_phones
from leads.imports import cleaning
from leads.imports.addresses import Address, split_address
from leads.imports.cleaning import BadValueError
from leads.imports.fields import BY_NAME, MAX_PHONES
from leads.imports.formats import Record
from leads.imports.sales import StagedSale, sale_step
from leads.imports.sources import SourcePlan
from leads.models import PhoneNumber
from leads.owner_names import mailing_key, name_key, parse_owner, people_as_json

STAGED: dict[str, str] = {
    "number": "text",
    "situs_address": "text",
    "situs_city": "text",
    "situs_zip": "text",
    "legal_description": "text",
    "subdivision": "text",
    "ward": "text",
    "zoning": "text",
    "inside_city": "boolean",
    "acres": "numeric(12,4)",
    "land_value": "numeric(14,2)",
    "improvement_value": "numeric(14,2)",
    "adjudicated": "boolean",
    "years_delinquent": "smallint",
    "last_sale_on": "date",
    "latitude": "numeric(9,6)",
    "longitude": "numeric(9,6)",
    "owner_name": "text",
    "name_key": "text",
    "owner_kind": "text",
    "owner_people": "jsonb",
    "care_of": "text",
    "et_al": "boolean",
    "mailing_street": "text",
    "mailing_city": "text",
    "mailing_state": "text",
    "mailing_zip": "text",
    "mailing_key": "text",
    "email": "text",
}
"""What a row brings, as columns of the staging table; NULL where the list says nothing."""

MAX_NUMBER = 60
_MAILING = ("mailing_street", "mailing_city", "mailing_state", "mailing_zip")
_SIMPLE: dict[str, cleaning.Cleaner] = {
    "situs_address": cleaning.text(300),
    "situs_city": cleaning.text(100),
    "situs_zip": cleaning.zip_code,
    "legal_description": cleaning.text(100_000),
    "subdivision": cleaning.text(200),
    "ward": cleaning.text(60),
    "zoning": cleaning.text(60),
    "inside_city": cleaning.yes_no,
    "land_value": cleaning.money,
    "improvement_value": cleaning.money,
    "adjudicated": cleaning.yes_no,
    "years_delinquent": cleaning.years,
    "last_sale_on": cleaning.sale_date,
    "owner_name": cleaning.text(300),
    "mailing_street": cleaning.text(300),
    "mailing_city": cleaning.text(100),
    "mailing_state": cleaning.state,
    "mailing_zip": cleaning.zip_code,
    "email": cleaning.email,
    "acres": cleaning.acres,
}
_LINE_TYPES = {
    "mobile": PhoneNumber.LineType.MOBILE,
    "cell": PhoneNumber.LineType.MOBILE,
    "cellular": PhoneNumber.LineType.MOBILE,
    "wireless": PhoneNumber.LineType.MOBILE,
    "landline": PhoneNumber.LineType.LANDLINE,
    "land line": PhoneNumber.LineType.LANDLINE,
    "residential": PhoneNumber.LineType.LANDLINE,
    "voip": PhoneNumber.LineType.VOIP,
}


class StagedPhone(NamedTuple):
    number: str
    """E.164."""
    line_type: str
    do_not_call: bool


@dataclass(frozen=True)
class Place:
    """The parish that the list is of."""

    parish_id: int
    parish: str


@dataclass
class StagedRow:
    line: int
    values: dict[str, str | None]
    phones: list[StagedPhone] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What the row goes in without."""
    sale: StagedSale | None = None
    """Of a sales list."""


@dataclass(frozen=True)
class Rejected:
    line: int
    reason: str


Step = Callable[[StagedRow, list[str]], None]


class RowReader:
    """Compiled once per file: which cell goes through which cleaner into which column."""

    def __init__(self, plan: SourcePlan, header: Sequence[str], mapping: Mapping[str, str], place: Place) -> None:
        index = {name: header.index(column) for name, column in mapping.items()}
        self._plan = plan
        self._place = place
        self._width = len(header)
        self._number = index["number"]
        self._parish = index.get("parish_name")
        self._cells = [(index[name], name, clean) for name, clean in _SIMPLE.items() if name in index]
        self._phones = [
            (index[f"phone_{rank}"], index.get(f"phone_{rank}_type"), index.get(f"phone_{rank}_dnc"))
            for rank in range(1, MAX_PHONES + 1)
            if f"phone_{rank}" in index
        ]
        self._composites = list(self._wanted_composites(index))

    def identify(self, record: Record) -> str | Rejected:
        """The row's parcel number, or why the row cannot be taken whatever else it holds."""
        cells = record.cells
        if len(cells) > self._width:
            return Rejected(record.line, f"more cells ({len(cells)}) than the header has columns ({self._width})")
        number = cleaning.parcel_number(cells[self._number]) if self._number < len(cells) else None
        if number is None:
            return Rejected(record.line, "no parcel number")
        if len(number) > MAX_NUMBER:
            return Rejected(record.line, f"a parcel number of more than {MAX_NUMBER} characters")
        if self._parish is not None and self._parish < len(cells):
            named = cleaning.parish_name(cells[self._parish])
            if named is not None and named.lower() != self._place.parish.lower():
                return Rejected(record.line, f"the row says {named[:60]}, the list is of {self._place.parish}")
        return number

    def read(self, record: Record) -> StagedRow | Rejected:
        number = self.identify(record)
        if isinstance(number, Rejected):
            return number
        row = StagedRow(record.line, dict.fromkeys(STAGED))
        row.values["number"] = number
        cells = record.cells
        if len(cells) < self._width:
            row.notes.append("fewer cells than columns; the rest taken as blank")
            cells = cells + [""] * (self._width - len(cells))
        for index, name, clean in self._cells:
            if cell := cells[index]:
                try:
                    row.values[name] = clean(cell)
                except BadValueError as error:
                    row.notes.append(f"{self._plan.field(name).label}: {error}")
        for composite in self._composites:
            composite(row, cells)
        if self._plan.tells_sales and row.values["last_sale_on"] is None:
            return Rejected(record.line, _why_no_sale(row))
        self._derive(row)
        return row

    def _wanted_composites(self, index: Mapping[str, int]) -> Iterator[Step]:
        yield from _address_steps(index)
        if "square_feet" in index:
            yield _guarded("square_feet", _take_square_feet, index["square_feet"])
        if "location" in index:
            yield _guarded("location", _take_location, index["location"])
        elif "latitude" in index and "longitude" in index:
            yield _guarded("location", _take_coordinates, index["latitude"], index["longitude"])
        if self._phones:
            yield self._take_phones
        if self._plan.tells_sales:
            yield sale_step(index)

    def _take_phones(self, row: StagedRow, cells: list[str]) -> None:
        for number_at, type_at, flag_at in self._phones:
            if not cells[number_at]:
                continue
            cell = read_phones(cells[number_at])
            row.notes.extend(f"phone: {reason}" for reason in (*cell.refused, *cell.notes))
            kind = _LINE_TYPES.get(cells[type_at].strip().lower(), "unknown") if type_at is not None else "unknown"
            flagged = flag_at is not None and _is_flagged(cells[flag_at])
            row.phones.extend(StagedPhone(number, kind, flagged) for number in cell.numbers)
            row.phones.extend(StagedPhone(number, kind, True) for number in cell.marked)

    def _derive(self, row: StagedRow) -> None:
        values = row.values
        if self._plan.adjudicated and values["adjudicated"] is None:
            values["adjudicated"] = "t"
        name = values["owner_name"]
        key = name_key(name) if name else ""
        if not key:
            values["owner_name"] = None
            if self._plan.is_roll:
                row.notes.append("no owner name")
            return
        values["name_key"] = key
        parsed = parse_owner(name or "")
        values["owner_kind"], values["owner_people"] = parsed.kind.value, people_as_json(parsed)
        values["care_of"], values["et_al"] = parsed.care_of, "t" if parsed.et_al else "f"
        values["mailing_key"] = self._mailing_key(values)

    def _mailing_key(self, values: Mapping[str, str | None]) -> str:
        """The address in one spelling. Without one an owner is told apart by name within the parish alone."""
        parts = [values[name] or "" for name in _MAILING]
        return mailing_key(*parts) or f"@{self._place.parish_id}"


def _why_no_sale(row: StagedRow) -> str:
    said = [note for note in row.notes if note.startswith("Sale date")]
    return said[0] if said else "no sale date"


def _address_steps(index: Mapping[str, int]) -> Iterator[Step]:
    """For addresses of several parts in one cell."""
    if "mailing_city_state_zip" in index:
        yield _guarded("mailing_city_state_zip", _split_city_state_zip, index["mailing_city_state_zip"])
    elif "mailing_street" in index and "mailing_city" not in index:
        yield _guarded("mailing_street", _split_mailing, index["mailing_street"])
    if "situs_city_state_zip" in index:
        yield _guarded("situs_city_state_zip", _split_situs_city, index["situs_city_state_zip"])
    elif "situs_address" in index and "situs_city" not in index:
        yield _guarded("situs_address", _split_situs, index["situs_address"])


def _guarded(name: str, take: Callable[..., None], *indexes: int) -> Step:
    """`take` as a composite step whose bad values become notes of the field."""

    def step(row: StagedRow, cells: list[str]) -> None:
        try:
            take(row.values, *(cells[index] for index in indexes))
        except BadValueError as error:
            row.notes.append(f"{BY_NAME[name].label}: {error}")

    return step


def _split_city_state_zip(values: dict[str, str | None], cell: str) -> None:
    city, state, zip_code = cleaning.city_state_zip(cell)
    for name, value in (("mailing_city", city), ("mailing_state", state), ("mailing_zip", zip_code)):
        values[name] = values[name] or value


def _split_situs_city(values: dict[str, str | None], cell: str) -> None:
    city, _, zip_code = cleaning.city_state_zip(cell)
    values["situs_city"] = values["situs_city"] or city
    values["situs_zip"] = values["situs_zip"] or zip_code


def _split_mailing(values: dict[str, str | None], cell: str) -> None:
    if address := split_address(cell):
        values["mailing_street"], values["mailing_city"] = address.street, address.city
        values["mailing_state"] = values["mailing_state"] or address.state
        values["mailing_zip"] = values["mailing_zip"] or address.zip_code
        _note_unsplit(address)


def _split_situs(values: dict[str, str | None], cell: str) -> None:
    """The land is in the list's parish, so its state says nothing new."""
    if address := split_address(cell):
        values["situs_address"], values["situs_city"] = address.street, address.city
        values["situs_zip"] = values["situs_zip"] or address.zip_code
        _note_unsplit(address)


def _note_unsplit(address: Address) -> None:
    if address.city is None:
        raise BadValueError("the city cannot be told from the street, and stays with it")


def _take_square_feet(values: dict[str, str | None], cell: str) -> None:
    if values["acres"] is None:
        values["acres"] = cleaning.square_feet(cell)


def _take_location(values: dict[str, str | None], cell: str) -> None:
    if place := cleaning.location(cell):
        values["latitude"], values["longitude"] = place


def _take_coordinates(values: dict[str, str | None], latitude: str, longitude: str) -> None:
    if cleaning.degrees(latitude) and cleaning.degrees(longitude):
        values["latitude"], values["longitude"] = cleaning.coordinates(latitude.strip(), longitude.strip())


def _is_flagged(cell: str) -> bool:
    """Anything that is not plainly “no” counts as do-not-call: a mark we do not understand is still a mark."""
    try:
        return cleaning.yes_no(cell) == "t"
    except BadValueError:
        return True
