"""First contents of markets, contact rules and holidays, which nobody has verified. Edited in the admin afterwards."""

from dataclasses import dataclass
from datetime import date, time

from markets.contact_hours import FEDERAL, MONDAY_TO_SATURDAY, UNKNOWN, ContactHours


@dataclass(frozen=True)
class SeedHoliday:
    state: str
    day: date
    name: str
    source: str
    verified: bool = False


@dataclass(frozen=True)
class SeedMarket:
    code: str
    name: str
    state: str
    timezone: str
    parishes: tuple[str, ...]


MARKETS = (
    SeedMarket(
        "LA",
        "Louisiana",
        "LA",
        "America/Chicago",
        ("Ascension", "East Baton Rouge", "Jefferson", "Jefferson Davis", "Lafayette", "Livingston", "St. Tammany",
         "Tangipahoa", "West Baton Rouge"),
    ),
    SeedMarket(
        "WV",
        "West Virginia",
        "WV",
        "America/New_York",
        ("Cabell", "Kanawha", "Putnam", "Raleigh"),
    ),
)  # fmt: skip
CONTACT_RULES: tuple[ContactHours, ...] = (
    ContactHours(FEDERAL, time(8), time(21), source="47 CFR 64.1200(c)(1)"),
    ContactHours(
        "LA",
        time(8),
        time(20),
        days=MONDAY_TO_SATURDAY,
        holidays_closed=True,
        quiet_in_emergency=True,
        source="La. R.S. 45:844.11 et seq.; Public Service Commission General Order R-29617",
    ),
    ContactHours("FL", time(8), time(20), max_per_24h=3, source="Fla. Stat. 501.616(6)"),
    ContactHours("OK", time(8), time(20), max_per_24h=3, source="15 Okla. Stat. 775C"),
    ContactHours("TX", time(9), time(21), sunday_start=time(12), source="Tex. Bus. & Com. Code ch. 301"),
    ContactHours("WA", time(8), time(20), source="RCW 80.36.390"),
    ContactHours(
        "AL",
        time(8),
        time(20),
        days=MONDAY_TO_SATURDAY,
        holidays_closed=True,
        source="Alabama Public Service Commission telephone solicitation rule",
    ),
    ContactHours(
        "MS",
        time(8),
        time(20),
        days=MONDAY_TO_SATURDAY,
        zones=("America/Chicago",),
        source="Mississippi Telephone Solicitation Act, Miss. Code 77-3-701 et seq.",
    ),
    ContactHours("AR", time(8), time(21), source="federal hours apply"),
    ContactHours(
        UNKNOWN,
        time(9),
        time(20),
        days=MONDAY_TO_SATURDAY,
        holidays_closed=True,
        source="house rule for states without a rule of their own",
    ),
)

WITHOUT_ROWS = {hours.state: hours for hours in CONTACT_RULES if hours.state in (FEDERAL, UNKNOWN)}
"""What holds when somebody deleted the federal row or the row for unknown states."""

_FEDERAL_DAYS: tuple[tuple[date, str], ...] = (
    (date(2026, 1, 1), "New Year's Day"),
    (date(2026, 1, 19), "Martin Luther King Jr. Day"),
    (date(2026, 2, 16), "Washington's Birthday"),
    (date(2026, 5, 25), "Memorial Day"),
    (date(2026, 6, 19), "Juneteenth"),
    (date(2026, 7, 3), "Independence Day (observed)"),
    (date(2026, 7, 4), "Independence Day"),
    (date(2026, 9, 7), "Labor Day"),
    (date(2026, 10, 12), "Columbus Day"),
    (date(2026, 11, 11), "Veterans Day"),
    (date(2026, 11, 26), "Thanksgiving"),
    (date(2026, 12, 25), "Christmas Day"),
    (date(2027, 1, 1), "New Year's Day"),
    (date(2027, 1, 18), "Martin Luther King Jr. Day"),
    (date(2027, 2, 15), "Washington's Birthday"),
    (date(2027, 5, 31), "Memorial Day"),
    (date(2027, 6, 18), "Juneteenth (observed)"),
    (date(2027, 6, 19), "Juneteenth"),
    (date(2027, 7, 4), "Independence Day"),
    (date(2027, 7, 5), "Independence Day (observed)"),
    (date(2027, 9, 6), "Labor Day"),
    (date(2027, 10, 11), "Columbus Day"),
    (date(2027, 11, 11), "Veterans Day"),
    (date(2027, 11, 25), "Thanksgiving"),
    (date(2027, 12, 24), "Christmas Day (observed)"),
    (date(2027, 12, 25), "Christmas Day"),
    (date(2027, 12, 31), "New Year's Day (observed)"),
)

_LOUISIANA_DAYS: tuple[tuple[date, str], ...] = (
    (date(2026, 2, 17), "Mardi Gras"),
    (date(2026, 4, 3), "Good Friday"),
    (date(2026, 11, 3), "General election day"),
    (date(2026, 11, 27), "Acadian Day"),
    (date(2027, 2, 9), "Mardi Gras"),
    (date(2027, 3, 26), "Good Friday"),
    (date(2027, 11, 26), "Acadian Day"),
)

_ALABAMA_DAYS: tuple[tuple[date, str], ...] = (
    (date(2026, 2, 17), "Mardi Gras"),
    (date(2026, 4, 27), "Confederate Memorial Day"),
    (date(2026, 6, 1), "Jefferson Davis' Birthday"),
    (date(2027, 2, 9), "Mardi Gras"),
    (date(2027, 4, 26), "Confederate Memorial Day"),
    (date(2027, 6, 7), "Jefferson Davis' Birthday"),
)


def _holidays(state: str, source: str, *lists: tuple[tuple[date, str], ...]) -> tuple[SeedHoliday, ...]:
    days = sorted(day for days in lists for day in days)
    return tuple(SeedHoliday(state, day, name, source) for day, name in days)


HOLIDAYS: tuple[SeedHoliday, ...] = (
    *_holidays(FEDERAL, "5 U.S.C. 6103", _FEDERAL_DAYS),
    *_holidays("LA", "La. R.S. 1:55; Public Service Commission list not yet compared", _FEDERAL_DAYS, _LOUISIANA_DAYS),
    *_holidays("AL", "Ala. Code 1-3-8", _FEDERAL_DAYS, _ALABAMA_DAYS),
)
