"""One plan per source: which fields its lists may fill, which they must, and what follows from being on the list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from leads.imports import own_fields
from leads.imports.fields import BY_NAME, FIELDS, ListField
from leads.models import ListedNumber, ListImport

Kind = ListedNumber.Kind
Source = ListImport.Source
_NUMBERS = tuple(field.name for field in FIELDS if re.fullmatch(r"phone_\d+", field.name))
_PHONES = tuple(field.name for field in FIELDS if field.name.startswith("phone_"))
_MAILING = ("mailing_street", "mailing_city", "mailing_state", "mailing_zip", "mailing_city_state_zip")
_OWNER = ("owner_name", *_MAILING, "email", "phone_1", "phone_2", "phone_3")
_SITUS = ("situs_address", "situs_city", "situs_zip", "situs_city_state_zip")
_LAND = (*_SITUS, "legal_description", "subdivision", "ward", "acres", "square_feet")
_PLACE = ("location", "latitude", "longitude")
_VALUES = ("land_value", "improvement_value", "last_sale_on")
_TAX = ("adjudicated", "years_delinquent")


@dataclass(frozen=True)
class SourcePlan:
    source: str
    field_names: tuple[str, ...]
    required: tuple[str, ...] = ("number",)
    creates_parcels: bool = True
    """Off: a row about a parcel we do not know is rejected. On, a row without an owner needs a known parcel too,
    unless the list is a roll."""
    is_roll: bool = False
    adjudicated: bool = False
    """Being on the list says the parcel is adjudicated."""
    least_years: int | None = None
    """Being on the list says that taxes are unpaid for at least so many years; it only ever raises the figure."""
    only_contacts: bool = False
    """The list adds telephone numbers and e-mail addresses to the parcels' owners and nothing else."""
    tells_sales: bool = False
    """Each row is a sale: of one parcel every row counts, and the latest says who owns it."""
    stops_as: str = ""
    """The list stops telephone numbers, as this kind where a row does not say another, and says nothing of land."""
    own: tuple[ListField, ...] = ()
    """Fields that mean another thing here."""

    @property
    def refuses_when_stored(self) -> bool:
        """A row that could be read may still be rejected, by what is known of its parcel."""
        return not (self.stops_as or (self.is_roll and self.creates_parcels))

    @property
    def fields(self) -> tuple[ListField, ...]:
        of_land = () if self.stops_as else ("number", "parish_name")
        return tuple(map(self.field, (*of_land, *self.field_names)))

    def field(self, name: str) -> ListField:
        return next((field for field in self.own if field.name == name), None) or BY_NAME[name]


def _stopping(source: str, kind: str) -> SourcePlan:
    return SourcePlan(
        source,
        (*_NUMBERS, "area_code", "listed_kind", "is_listed", "listed_on"),
        required=("phone_1",),
        creates_parcels=False,
        stops_as=kind,
        own=own_fields.NUMBERS,
    )


def all_fields() -> Iterator[ListField]:
    """Of every kind of list."""
    yield from FIELDS
    yield from (*own_fields.SALES, *own_fields.NUMBERS)


PLANS: dict[str, SourcePlan] = {
    plan.source: plan
    for plan in (
        SourcePlan(
            Source.TAX_ROLL,
            (*_OWNER, *_LAND, *_VALUES, *_TAX, *_PLACE, "zoning", "inside_city"),
            required=("number", "owner_name"),
            is_roll=True,
        ),
        # A parcel is adjudicated after a tax sale that nobody bid at, so at least a year's taxes are unpaid.
        SourcePlan(
            Source.ADJUDICATED,
            (*_OWNER, *_LAND, *_VALUES, *_TAX, *_PLACE),
            adjudicated=True,
            least_years=1,
        ),
        # An unpaid ticket is a year unpaid; how many more there are only a column of years can say.
        SourcePlan(
            Source.DELINQUENT,
            (*_OWNER, *_LAND, *_VALUES, *_TAX, *_PLACE),
            least_years=1,
        ),
        SourcePlan(
            Source.GIS,
            ("acres", "square_feet", "zoning", "inside_city", *_SITUS, *_PLACE),
            creates_parcels=False,
        ),
        SourcePlan(
            Source.SKIP_TRACE,
            ("owner_name", "email", *_PHONES),
            required=("number", "phone_1"),
            creates_parcels=False,
            only_contacts=True,
        ),
        # A sale of land that no list has brought yet tells neither its size nor its value.
        SourcePlan(
            Source.SALES,
            ("last_sale_on", "sale_price", "owner_name", *_MAILING, "seller_name", "instrument"),
            required=("number", "last_sale_on"),
            creates_parcels=False,
            tells_sales=True,
            own=own_fields.SALES,
        ),
        _stopping(Source.DO_NOT_CALL, Kind.NATIONAL.value),
        _stopping(Source.STATE_DNC, Kind.STATE.value),
        _stopping(Source.LITIGATOR, Kind.LITIGATOR.value),
    )
}
