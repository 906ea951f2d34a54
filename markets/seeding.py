"""First contents of the reference data. Only missing rows are written: what people have edited is never touched."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from markets.contact_hours import FEDERAL, SATURDAY, SUNDAY, UNKNOWN, ContactHours
from markets.models import ContactRule, Holiday, Market, Parish
from markets.seed_rules import CONTACT_RULES, HOLIDAYS


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
RULE_NAMES = {
    FEDERAL: "Federal floor", UNKNOWN: "Any other state", "AL": "Alabama", "AR": "Arkansas", "FL": "Florida",
    "LA": "Louisiana", "MS": "Mississippi", "OK": "Oklahoma", "TX": "Texas", "WA": "Washington",
}  # fmt: skip


@transaction.atomic
def seed_reference_data() -> dict[str, int]:
    """Markets with parishes, contact rules and holidays; returns how many rows of each were missing and are written."""
    return {
        "markets": sum(_seed_market(market) for market in MARKETS),
        "contact rules": sum(_seed_rule(rule) for rule in CONTACT_RULES),
        "holidays": sum(_seed_holiday(holiday.state, holiday.day, holiday.name) for holiday in HOLIDAYS),
    }


def _seed_market(seed: SeedMarket) -> bool:
    if Market.objects.by_code(seed.code):
        return False
    market = Market.objects.create(
        code=seed.code,
        name=seed.name,
        state=seed.state,
        timezone=seed.timezone,
        company_name="LA Land Wholesale",
        agent_name="Sam",
        mailing_address="PO Box 1, Baton Rouge, LA 70801",
    )
    for name in seed.parishes:
        Parish.objects.create(market=market, name=name)
    return True


def _seed_rule(hours: ContactHours) -> bool:
    _, created = ContactRule.objects.get_or_create(
        state=hours.state,
        defaults={
            "name": RULE_NAMES.get(hours.state, hours.state),
            "start": hours.start,
            "end": hours.end,
            "saturday": SATURDAY in hours.days,
            "sunday": SUNDAY in hours.days,
            "sunday_start": hours.sunday_start,
            "closed_on_holidays": hours.holidays_closed,
            "max_texts_per_24h": hours.max_per_24h,
            "timezone": hours.zones[0] if hours.zones else "",
            "source": hours.source,
            "verified": hours.verified,
        },
    )
    return created


def _seed_holiday(state: str, day: date, name: str) -> bool:
    _, created = Holiday.objects.get_or_create(state=state, date=day, defaults={"name": name})
    return created
