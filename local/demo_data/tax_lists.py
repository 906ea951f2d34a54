"""The lists of unpaid taxes: the open-data adjudicated list and the short delinquent list."""

from collections.abc import Iterator
from typing import NamedTuple

from local.demo_data.owners import Owner, owner
from local.demo_data.parcels import Parcel, ParcelDraws, draw_parcel, parcel, repeat_kind, tax_standing
from local.demo_data.parishes import EAST_BATON_ROUGE
from local.demo_data.shares import wheel
from local.demo_data.tax_roll import Row, legal_description

ADJUDICATED_HEADER: Row = (
    "TAX YEAR",
    "PROPERTY NUMBER",
    "TAXPAYER NAME",
    "TAXPAYER ADDRESS",
    "TAXPAYER CITY STATE ZIP",
    "PHYSICAL ADDRESS",
    "SUBDIVISION NAME",
    "BLOCK/SQUARE NO",
    "LOT NO",
    "WARD",
    "LEGAL DESCRIPTION",
    "FAIR MARKET VALUE",
    "TOTAL ASSESSED VALUE",
    "COUNCIL DISTRICT",
    "ZIP CODE",
    "GEOLOCATION",
)
DELINQUENT_HEADER: Row = ("parcel_number", "years_tax_delinquent", "is_adjudicated")

_LIST_YEAR = 2025
_SITUS, _GEOLOCATIONS, _FLAGS, _YEARS = wheel("situs"), wheel("geolocation"), wheel("flag"), wheel("years")
_FLAG_WORDS = {"": ("0", "1"), "letters": ("N", "Y"), "words": ("False", "True")}


class _Listed(NamedTuple):
    draws: ParcelDraws
    land: Parcel
    holder: Owner
    years: int


def adjudicated_rows(rows: int, seed: int = 1) -> Iterator[Row]:
    """The adjudicated parcels among the first `rows` rows of the roll."""
    for index in range(rows):
        standing = tax_standing(seed, index)
        draws = draw_parcel(seed, index)
        if standing.is_adjudicated and not repeat_kind(draws, index):
            land = parcel(seed, index, draws)
            yield _adjudicated_row(_Listed(draws, land, owner(seed, land.owner, EAST_BATON_ROUGE), standing.years))


def delinquent_rows(rows: int, seed: int = 1) -> Iterator[Row]:
    """The delinquent parcels among the first `rows` rows of the roll; a third of them are adjudicated too."""
    for index in range(rows):
        standing = tax_standing(seed, index)
        draws = draw_parcel(seed, index)
        if standing.is_listed_delinquent and not repeat_kind(draws, index):
            flag = _FLAG_WORDS[_FLAGS[draws.flag % 1000]][standing.is_adjudicated]
            years = f"{standing.years}.0" if _YEARS[draws.years % 1000] else str(standing.years)
            yield parcel(seed, index, draws).number, years, flag


def _adjudicated_row(listed: _Listed) -> Row:
    draws, land, holder = listed.draws, listed.land, listed.holder
    market_value = land.land_value + land.improvement_value
    return (
        str(_LIST_YEAR - listed.years),
        land.number,
        holder.name,
        holder.mail.address,
        " ".join(holder.mail[1:]).strip(),
        "" if _SITUS[draws.situs % 1000] else land.situs,
        land.subdivision,
        str(land.square) if land.subdivision else "",
        str(land.lot) if land.subdivision else "",
        land.ward,
        legal_description(land),
        f"${market_value:,}",
        f"${market_value // 10:,}",
        str(draws.place % 12 + 1),
        land.zip,
        _geolocation(land, draws),
    )


def _geolocation(land: Parcel, draws: ParcelDraws) -> str:
    match _GEOLOCATIONS[draws.geolocation % 1000]:
        case "pair":
            return f"({land.lat}, {land.lon})"
        case "blank":
            return ""
    return f"POINT ({land.lon} {land.lat})"
