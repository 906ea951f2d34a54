"""The parish's GeoJSON, one feature a line, so that no reader or writer needs it whole."""

import json
from collections.abc import Iterator
from math import cos, radians, sqrt
from typing import Any

from local.demo_data.parcels import SQFT_PER_ACRE, Parcel, ParcelDraws, draw_parcel, parcel, repeat_kind
from local.demo_data.shares import wheel
from local.demo_data.words import ZONING

Geometry = dict[str, Any]

_GEOMETRIES, _LOT_SIZES = wheel("geometry"), wheel("lot_sqft")
_FEET_PER_DEGREE = 364_000  # of latitude


def gis_features(rows: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """One feature for each parcel among the first `rows` rows of the roll."""
    for index in range(rows):
        draws = draw_parcel(seed, index)
        if not repeat_kind(draws, index):
            yield _feature(parcel(seed, index, draws), draws)


def geojson_lines(rows: int, seed: int = 1) -> Iterator[str]:
    yield '{"type": "FeatureCollection", "features": [\n'
    separator = ""
    for feature in gis_features(rows, seed):
        yield separator + json.dumps(feature)
        separator = ",\n"
    yield "\n]}\n"


def _feature(land: Parcel, draws: ParcelDraws) -> dict[str, Any]:
    properties = {
        "parcel_number": land.number,
        "zoning_code": ZONING[draws.zoning % len(ZONING)],
        "lot_sqft": None if _LOT_SIZES[draws.lot % 1000] else round(land.acres * SQFT_PER_ACRE),
        "inside_city": land.city == "BATON ROUGE",
        "lot_acres": land.acres,
    }
    return {"type": "Feature", "properties": properties, "geometry": _geometry(land, draws)}


def _geometry(land: Parcel, draws: ParcelDraws) -> Geometry | None:
    match _GEOMETRIES[draws.geometry % 1000]:
        case "null":
            return None
        case "polygon":
            return {"type": "Polygon", "coordinates": [_square(land)]}
    return {"type": "Point", "coordinates": [land.lon, land.lat]}


def _square(land: Parcel) -> list[list[float]]:
    """A closed ring, counter-clockwise, of the lot's size around its centre."""
    half = sqrt(land.acres * SQFT_PER_ACRE) / 2 / _FEET_PER_DEGREE
    east = half / cos(radians(land.lat))
    corners = ((-east, -half), (east, -half), (east, half), (-east, half), (-east, -half))
    return [[round(land.lon + x, 6), round(land.lat + y, 6)] for x, y in corners]
