"""One cell of a list to one value: what it means, nothing when it is blank, BadValueError when it cannot be meant.

Values are the text PostgreSQL reads (COPY), so that nothing is converted twice. A reason never holds the value itself:
it may be personal, and reasons are counted.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

CACHE = 65_536
SQUARE_FEET_PER_ACRE = 43_560
MOST_ACRES = 1_000_000
"""No Louisiana parish is larger than this."""
MOST_ADDRESS = 300
MOST_CITY = 100
EARLIEST_SALE = date(1900, 1, 1)
"""Spreadsheets write a missing date as a day of 1899 or 1900."""
_BLANK = frozenset({"", "-", "--", ".", "none", "null", "n/a", "na", "#n/a", "unknown", "0000-00-00"})
_YES = frozenset({"1", "1.0", "y", "yes", "t", "true", "x", "dnc"})
_NO = frozenset({"0", "0.0", "n", "no", "f", "false", "clean", "ok"})
_DATE_FORMATS = ("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%Y/%m/%d", "%m-%d-%Y", "%Y%m%d", "%d-%b-%Y", "%b %d, %Y")
_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:[eE]\+?\d+)?")
_ZIP = re.compile(r"(\d{5})(?:[- ]?(\d{4}))?(?:\.0+)?")
_CITY_STATE_ZIP = re.compile(r"(.*?)[,\s]+([A-Za-z]{2})\.?[,\s]+(\d{5}(?:-?\d{4})?)(?:\.0)?")
_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]{2,}")
_POINT = re.compile(r"POINT\s*Z?\s*\(\s*(-?[\d.]+)\s+(-?[\d.]+)[^)]*\)", re.IGNORECASE)
_PAIR = re.compile(r"\(?\s*(-?[\d.]+)\s*[,;]\s*(-?[\d.]+)\s*\)?")
_CODED_NAME = re.compile(r"\d+\s*[-–:]\s*(.*\D.*)")
_PARISH_WORD = re.compile(r"\s+(?:parish|county)$", re.IGNORECASE)
STATES = frozenset(
    re.findall(
        "..(?= |$)",
        "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK "
        "OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC PR VI GU AS MP AA AE AP",
    )
)
_STATE_NAMES = {
    "ALABAMA": "AL", "ALASKA": "AK", "ARIZONA": "AZ", "ARKANSAS": "AR", "CALIFORNIA": "CA", "COLORADO": "CO",
    "CONNECTICUT": "CT", "DELAWARE": "DE", "FLORIDA": "FL", "GEORGIA": "GA", "HAWAII": "HI", "IDAHO": "ID",
    "ILLINOIS": "IL", "INDIANA": "IN", "IOWA": "IA", "KANSAS": "KS", "KENTUCKY": "KY", "LOUISIANA": "LA", "MAINE": "ME",
    "MARYLAND": "MD", "MASSACHUSETTS": "MA", "MICHIGAN": "MI", "MINNESOTA": "MN", "MISSISSIPPI": "MS",
    "MISSOURI": "MO", "MONTANA": "MT", "NEBRASKA": "NE", "NEVADA": "NV", "NEW HAMPSHIRE": "NH", "NEW JERSEY": "NJ",
    "NEW MEXICO": "NM", "NEW YORK": "NY", "NORTH CAROLINA": "NC", "NORTH DAKOTA": "ND", "OHIO": "OH", "OKLAHOMA": "OK",
    "OREGON": "OR", "PENNSYLVANIA": "PA", "RHODE ISLAND": "RI", "SOUTH CAROLINA": "SC", "SOUTH DAKOTA": "SD",
    "TENNESSEE": "TN", "TEXAS": "TX", "UTAH": "UT", "VERMONT": "VT", "VIRGINIA": "VA", "WASHINGTON": "WA",
    "WEST VIRGINIA": "WV", "WISCONSIN": "WI", "WYOMING": "WY",
}  # fmt: skip

_LISTED_KINDS = (
    ("litigator", re.compile(r"litigat|plaintiff|attorney|lawyer|lawsuit|tcpa|serial suer")),
    ("own", re.compile(r"\b(?:internal|own|company|in.?house|opt.?out)\b")),
    ("state_dnc", re.compile(r"\bstate\b|\bpublic service\b|\bpsc\b|^[a-z]{2} (?:dnc|do.not.call)")),
    ("national_dnc", re.compile(r"national|federal|\bftc\b|\bdnc\b|do.?not.?call")),
)

Cleaner = Callable[[str], str | None]


class BadValueError(ValueError):
    """The cell holds something, but not a value of this field; the row goes in without it."""


def text(limit: int) -> Cleaner:
    def clean(cell: str) -> str | None:
        value = " ".join(cell.split())
        if len(value) <= 10:
            lower = value.lower()
            if lower in _BLANK:
                return None
            if lower == "nan":
                raise BadValueError("“nan” is not a value")
        if len(value) > limit:
            raise BadValueError(f"longer than {limit} characters")
        return value

    return clean


def parcel_number(cell: str) -> str | None:
    value = " ".join(cell.split())
    if value.endswith(".0") and value[:-2].isdigit():
        value = value[:-2]
    return None if value.lower() in _BLANK or value.lower() == "nan" else value


@lru_cache(CACHE)
def zip_code(cell: str) -> str | None:
    value = cell.strip()
    if value.lower() in _BLANK:
        return None
    match = _ZIP.fullmatch(value)
    if not match or match[1] == "00000":
        raise BadValueError("not a ZIP code")
    return f"{match[1]}-{match[2]}" if match[2] and match[2] != "0000" else match[1]


@lru_cache(CACHE)
def state(cell: str) -> str | None:
    value = " ".join(cell.upper().replace(".", "").split())
    if value.lower() in _BLANK:
        return None
    if value in STATES:
        return value
    if value not in _STATE_NAMES:
        raise BadValueError("not a state")
    return _STATE_NAMES[value]


@lru_cache(CACHE)
def money(cell: str) -> str | None:
    amount = _number(cell)
    if amount is None:
        return None
    if amount < 0:
        raise BadValueError("negative")
    if amount >= 10**12:
        raise BadValueError("implausibly large")
    return f"{amount:.2f}"


@lru_cache(CACHE)
def acres(cell: str) -> str | None:
    return _acres(_number(cell))


@lru_cache(CACHE)
def square_feet(cell: str) -> str | None:
    """Square feet, as acres."""
    feet = _number(cell)
    return _acres(feet / SQUARE_FEET_PER_ACRE if feet is not None else None)


@lru_cache(CACHE)
def years(cell: str) -> str | None:
    number = _number(cell)
    if number is None:
        return None
    if number < 0 or number > 100 or number != int(number):
        raise BadValueError("not a number of years")
    return str(int(number))


@lru_cache(CACHE)
def yes_no(cell: str) -> str | None:
    value = cell.strip().lower()
    if value in _YES:
        return "t"
    if value in _NO:
        return "f"
    if value in _BLANK:
        return None
    raise BadValueError("neither yes nor no")


@lru_cache(CACHE)
def sale_date(cell: str) -> str | None:
    value = cell.strip().split("T")[0].removesuffix(" 00:00:00")
    if value.lower() in _BLANK:
        return None
    day = _parse_date(value)
    if day is None:
        raise BadValueError("not a date")
    if day <= EARLIEST_SALE:
        raise BadValueError("a date before 1900")
    if day > date.today():
        raise BadValueError("a date in the future")
    return day.isoformat()


@lru_cache(CACHE)
def listed_kind(cell: str) -> str | None:
    """Which do-not-call list a row of a mixed list is of."""
    value = " ".join(cell.lower().split())
    if value in _BLANK:
        return None
    for kind, words in _LISTED_KINDS:
        if words.search(value):
            return kind
    raise BadValueError("no kind of do-not-call entry")


@lru_cache(CACHE)
def parish_name(cell: str) -> str | None:
    """“20 - Kanawha” and “Kanawha County” are Kanawha; a bare code number says nothing."""
    value = " ".join(cell.split())
    coded = _CODED_NAME.fullmatch(value)
    value = _PARISH_WORD.sub("", coded[1] if coded else value)
    return None if value.lower() in _BLANK or value.isdigit() else value


def email(cell: str) -> str | None:
    value = cell.strip().strip(".;,").lower()
    if value in _BLANK:
        return None
    if not _EMAIL.fullmatch(value) or len(value) > 254:
        raise BadValueError("not an e-mail address")
    return value


def city_state_zip(cell: str) -> tuple[str | None, str | None, str | None]:
    """“BATON ROUGE LA 70810”, with or without commas, in one cell."""
    value = " ".join(cell.split())
    if value.lower() in _BLANK:
        return None, None, None
    if len(value) > MOST_ADDRESS:
        raise BadValueError(f"longer than {MOST_ADDRESS} characters")
    match = _CITY_STATE_ZIP.fullmatch(value)
    if not match or len(match[1]) > MOST_CITY or match[2].upper() not in STATES:
        raise BadValueError("not a city, state and ZIP code")
    return match[1].rstrip(",") or None, match[2].upper(), zip_code(match[3])


def location(cell: str) -> tuple[str, str] | None:
    """Latitude and longitude of “POINT (lon lat)”, “(lat, lon)” or a GeoJSON geometry (a polygon's centre)."""
    value = cell.strip()
    if value.lower() in _BLANK:
        return None
    if value.startswith("{"):
        return _checked(*_geometry_centre(value))
    if point := _POINT.fullmatch(value):
        return _checked(_degrees(point[2]), _degrees(point[1]))
    if pair := _PAIR.fullmatch(value):
        return _checked(_degrees(pair[1]), _degrees(pair[2]))
    raise BadValueError("not a location")


@lru_cache(CACHE)
def degrees(cell: str) -> str | None:
    value = cell.strip()
    return None if value.lower() in _BLANK else value


def coordinates(latitude: str, longitude: str) -> tuple[str, str]:
    return _checked(_degrees(latitude), _degrees(longitude))


def _checked(latitude: float, longitude: float) -> tuple[str, str]:
    """Outside the United States it is swapped, projected or wrong; 0, 0 is how missing is written."""
    if not (13 <= latitude <= 72 and -180 <= longitude <= -64):
        raise BadValueError("a location outside the United States")
    return f"{latitude:.6f}", f"{longitude:.6f}"


def _degrees(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise BadValueError("not a location") from None


def _geometry_centre(value: str) -> tuple[float, float]:
    try:
        geometry = json.loads(value)
        points = [(float(lon), float(lat)) for lon, lat, *_ in _outline(geometry)]
    except (ValueError, TypeError, KeyError, IndexError):
        raise BadValueError("a geometry that cannot be read") from None
    if not points:
        raise BadValueError("an empty geometry")
    return _centre(points)


def _outline(geometry: dict[str, Any]) -> list[list[float]]:
    """The point, or the outer ring of the (first) polygon."""
    match geometry["type"]:
        case "Point":
            return [geometry["coordinates"]]
        case "Polygon":
            return list(geometry["coordinates"][0])
        case "MultiPolygon":
            rings: list[list[list[float]]] = [polygon[0] for polygon in geometry["coordinates"]]
            return max(rings, key=len)
    raise ValueError(geometry["type"])


def _centre(points: list[tuple[float, float]]) -> tuple[float, float]:
    """Centre of area of a ring as (latitude, longitude); of a degenerate one the mean of its points."""
    lon0, lat0 = points[0]
    area = lon = lat = 0.0
    for (x1, y1), (x2, y2) in zip(points, points[1:] + points[:1], strict=True):
        cross = (x1 - lon0) * (y2 - lat0) - (x2 - lon0) * (y1 - lat0)
        area += cross
        lon += (x1 + x2 - 2 * lon0) * cross
        lat += (y1 + y2 - 2 * lat0) * cross
    if abs(area) < 1e-15:
        return sum(y for _, y in points) / len(points), sum(x for x, _ in points) / len(points)
    return lat0 + lat / (3 * area), lon0 + lon / (3 * area)


def _acres(number: Decimal | None) -> str | None:
    if number is None:
        return None
    rounded = f"{number:.4f}" if math.isfinite(number) else "0.0000"
    if number <= 0 or rounded == "0.0000":
        raise BadValueError("not more than nothing")
    if number > MOST_ACRES:
        raise BadValueError("implausibly large")
    return rounded


_MOST_DIGITS = 20
"""“1E2000000” is a number, and one too many for arithmetic."""


def _number(cell: str) -> Decimal | None:
    value = cell.strip().replace(",", "").replace("$", "").strip()
    if value.lower() in _BLANK:
        return None
    if value.startswith("(") and value.endswith(")"):
        value = f"-{value[1:-1]}"
    if not _NUMBER.fullmatch(value) or len(value) > 30:
        raise BadValueError("not a number")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise BadValueError("not a number") from None
    if abs(number.adjusted()) > _MOST_DIGITS:
        raise BadValueError("implausibly large" if number.adjusted() > 0 else "not a number")
    return number


def _parse_date(value: str) -> date | None:
    for form in _DATE_FORMATS:
        try:
            return datetime.strptime(value, form).date()
        except ValueError:
            continue
    return None
