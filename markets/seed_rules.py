"""First contents of markets and contact rules, which nobody has verified. Edited in the admin afterwards."""

from dataclasses import dataclass
from datetime import time

from markets.contact_hours import FEDERAL, MONDAY_TO_SATURDAY, UNKNOWN, ContactHours


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
