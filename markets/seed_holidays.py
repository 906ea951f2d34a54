"""First contents of the holidays, for some years to come, which nobody has verified. Edited in the admin afterwards.

A day that moves from Saturday or Sunday is listed on both dates: the strictest reading counts.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from markets.contact_hours import FEDERAL

EASTER = {
    2026: date(2026, 4, 5),
    2027: date(2027, 3, 28),
    2028: date(2028, 4, 16),
    2029: date(2029, 4, 1),
    2030: date(2030, 4, 21),
    2031: date(2031, 4, 13),
    2032: date(2032, 3, 28),
}
MONDAY, THURSDAY, SATURDAY, SUNDAY = 0, 3, 5, 6
Days = Iterator[tuple[date, str]]


@dataclass(frozen=True)
class SeedHoliday:
    state: str
    day: date
    name: str
    source: str
    verified: bool = False


def nth(year: int, month: int, weekday: int, number: int) -> date:
    """1: the first such weekday of the month, and so on; -1: the last."""
    if number < 0:
        following = date(year + month // 12, month % 12 + 1, 1)
        return nth(following.year, following.month, weekday, 1) - timedelta(weeks=1)
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7, weeks=number - 1)


def _federal(year: int) -> Days:
    yield from _fixed(date(year, 1, 1), "New Year's Day")
    yield nth(year, 1, MONDAY, 3), "Martin Luther King Jr. Day"
    yield nth(year, 2, MONDAY, 3), "Washington's Birthday"
    yield nth(year, 5, MONDAY, -1), "Memorial Day"
    yield from _fixed(date(year, 6, 19), "Juneteenth")
    yield from _fixed(date(year, 7, 4), "Independence Day")
    yield nth(year, 9, MONDAY, 1), "Labor Day"
    yield nth(year, 10, MONDAY, 2), "Columbus Day"
    yield from _fixed(date(year, 11, 11), "Veterans Day")
    yield nth(year, 11, THURSDAY, 4), "Thanksgiving"
    yield from _fixed(date(year, 12, 25), "Christmas Day")


def _fixed(day: date, name: str) -> Days:
    yield day, name
    moved = {SATURDAY: day - timedelta(days=1), SUNDAY: day + timedelta(days=1)}.get(day.weekday())
    if moved is not None:
        yield moved, f"{name} (observed)"


def _louisiana(year: int) -> Days:
    yield from _federal(year)
    yield date(year, 1, 8), "Battle of New Orleans"
    yield _mardi_gras(year), "Mardi Gras"
    yield EASTER[year] - timedelta(days=2), "Good Friday"
    yield date(year, 8, 30), "Huey P. Long Day"
    yield date(year, 11, 1), "All Saints' Day"
    if year % 2 == 0:
        yield nth(year, 11, MONDAY, 1) + timedelta(days=1), "General election day"
    yield nth(year, 11, THURSDAY, 4) + timedelta(days=1), "Acadian Day"


def _alabama(year: int) -> Days:
    yield from _federal(year)
    yield _mardi_gras(year), "Mardi Gras"
    yield nth(year, 4, MONDAY, 4), "Confederate Memorial Day"
    yield nth(year, 6, MONDAY, 1), "Jefferson Davis' Birthday"


def _mardi_gras(year: int) -> date:
    return EASTER[year] - timedelta(days=47)


LISTS: Mapping[str, tuple[str, Callable[[int], Days]]] = {
    FEDERAL: ("5 U.S.C. 6103", _federal),
    "LA": ("La. R.S. 1:55; Public Service Commission list not yet compared", _louisiana),
    "AL": ("Ala. Code 1-3-8", _alabama),
}


def _holidays() -> Iterator[SeedHoliday]:
    for state, (source, days_of) in LISTS.items():
        named = {day: name for year in EASTER for day, name in days_of(year)}
        yield from (SeedHoliday(state, day, name, source) for day, name in sorted(named.items()))


HOLIDAYS = tuple(_holidays())
