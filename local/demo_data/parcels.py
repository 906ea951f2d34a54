"""Parcel number i of a seed: the plain truth about a piece of land, before any list spells it badly."""

from math import exp
from statistics import NormalDist
from typing import NamedTuple

from local.demo_data import words
from local.demo_data.draws import drawer
from local.demo_data.owners import owner_index
from local.demo_data.parishes import parish_of
from local.demo_data.shares import ADJUDICATED_POSITIONS, DELINQUENT_POSITIONS, TAX_RUN, wheel

SQFT_PER_ACRE = 43_560
_BACK_REACH = 40  # a repeated row repeats one of the 40 rows before it
_SHARED_NUMBER_EVERY = 9

_ROWS, _IMPROVEMENTS = wheel("row"), wheel("improvement")
_QUANTILES = 4096
_NORMAL = tuple(NormalDist().inv_cdf((step + 0.5) / _QUANTILES) for step in range(_QUANTILES))
_ACRES = tuple(round(min(80.0, max(0.1, exp(-0.2 + 1.3 * z))), 2) for z in _NORMAL)
_TYPICAL_VALUE = tuple(11_000 * acres**0.6 for acres in _ACRES)
_PRICE_LEVEL = tuple(exp(0.55 * z) for z in _NORMAL)


class ParcelDraws(NamedTuple):
    row: int
    reach: int
    size: int
    price: int
    improvement: int
    improvement_size: int
    place: int
    house: int
    street: int
    plat: int
    subdivision: int
    east: int
    north: int
    lives_there: int
    spelling: int
    situs: int
    zip: int
    case: int
    spaces: int
    value: int
    acreage: int
    phone: int
    email: int
    geometry: int
    lot: int
    zoning: int
    geolocation: int
    flag: int
    years: int


class Parcel(NamedTuple):
    number: str
    owner: int
    acres: float
    land_value: int
    improvement_value: int
    situs: str
    city: str
    zip: str
    subdivision: str  # blank for tracts
    lot: int
    square: int
    ward: str
    lon: float
    lat: float


class TaxDraws(NamedTuple):
    shift: int


class TaxStanding(NamedTuple):
    is_adjudicated: bool
    is_listed_delinquent: bool
    years: int


draw_parcel = drawer(b"parcel", ParcelDraws)
_draw_tax = drawer(b"tax", TaxDraws)


def repeat_kind(draws: ParcelDraws, index: int) -> str:
    """How row `index` repeats an earlier row, "" if it brings a parcel of its own."""
    return "" if index == parish_of(index).first_index else _ROWS[draws.row % 1000]


def original_index(seed: int, index: int) -> int:
    """The row whose parcel row `index` carries: itself, unless it repeats an earlier one."""
    draws = draw_parcel(seed, index)
    while repeat_kind(draws, index):
        index = max(parish_of(index).first_index, index - 1 - draws.reach % _BACK_REACH)
        draws = draw_parcel(seed, index)
    return index


def parcel(seed: int, index: int, draws: ParcelDraws) -> Parcel:
    """The parcel of a row that repeats none."""
    parish = parish_of(index)
    acres, land = _size_and_value(draws)
    city, _, zip_code = parish.places[draws.place % len(parish.places)]
    return Parcel(
        number=parcel_number(seed, index),
        owner=owner_index(index),
        acres=acres,
        land_value=land,
        improvement_value=_improvement_value(draws, land),
        situs=f"{draws.house % 18900 + 100} {words.STREETS[draws.street % len(words.STREETS)]}",
        city=city,
        zip=zip_code,
        subdivision="" if acres > 5 else words.SUBDIVISIONS[draws.subdivision % len(words.SUBDIVISIONS)],
        lot=draws.plat % 180 + 1,
        square=draws.plat // 180 % 36 + 1,
        ward=str(draws.place % 3 + 1),
        lon=round(parish.west + draws.east / 65536 * 0.28, 6),
        lat=round(parish.south + draws.north / 65536 * 0.32, 6),
    )


def parcel_number(seed: int, index: int) -> str:
    """Unique within a parish; every ninth of the second parish's numbers is also one of the first's."""
    parish = parish_of(index)
    position = index - parish.first_index
    if parish.first_index and position % _SHARED_NUMBER_EVERY == 3:
        return parcel_number(seed, original_index(seed, position))
    return parish.number(seed, position)


def tax_standing(seed: int, index: int) -> TaxStanding:
    run, place = divmod(index, TAX_RUN)
    position = (place * 7 + _draw_tax(seed, run).shift) % TAX_RUN
    adjudicated = position in ADJUDICATED_POSITIONS
    spread = _draw_tax(seed, index + (1 << 40)).shift
    years = 3 + spread % 12 if adjudicated else 1 + spread % 6
    return TaxStanding(adjudicated, position in DELINQUENT_POSITIONS, years)


def _size_and_value(draws: ParcelDraws) -> tuple[float, int]:
    size = draws.size % _QUANTILES
    value = _TYPICAL_VALUE[size] * _PRICE_LEVEL[draws.price % _QUANTILES]
    return _ACRES[size], int(min(90_000, max(2_000, value))) // 50 * 50


def _improvement_value(draws: ParcelDraws, land: int) -> int:
    match _IMPROVEMENTS[draws.improvement % 1000]:
        case "small":
            return land * (5 + draws.improvement_size % 60) // 100
        case "above_land":
            return land * (120 + draws.improvement_size % 500) // 100
    return 0
