"""First contents of the reference data. Only missing rows are written: what people have edited is never touched."""

from __future__ import annotations

from django.db import transaction
from simple_history.utils import bulk_create_with_history

from core.locks import advisory_lock
from markets.contact_hours import FEDERAL, SATURDAY, SUNDAY, UNKNOWN, ContactHours
from markets.models import ContactRule, Holiday, Market, Parish
from markets.seed_holidays import HOLIDAYS
from markets.seed_rules import CONTACT_RULES, MARKETS, SeedMarket

RULE_NAMES = {
    FEDERAL: "Federal floor", UNKNOWN: "Any other state", "AL": "Alabama", "AR": "Arkansas", "FL": "Florida",
    "LA": "Louisiana", "MS": "Mississippi", "OK": "Oklahoma", "TX": "Texas", "WA": "Washington",
}  # fmt: skip


def seed_reference_data() -> dict[str, int]:
    """Markets with parishes, contact rules and holidays; returns how many rows of each were missing and are written."""
    with advisory_lock("seed reference data"), transaction.atomic():
        return {
            "markets": sum(_seed_market(market) for market in MARKETS),
            "contact rules": _seed_rules(),
            "holidays": _seed_holidays(),
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
    bulk_create_with_history([Parish(market=market, name=name) for name in seed.parishes], Parish)
    return True


def _seed_rules() -> int:
    there = set(ContactRule.objects.values_list("state", flat=True))
    missing = [_rule(hours) for hours in CONTACT_RULES if hours.state not in there]
    return len(bulk_create_with_history(missing, ContactRule))


def _rule(hours: ContactHours) -> ContactRule:
    return ContactRule(
        state=hours.state,
        name=RULE_NAMES.get(hours.state, hours.state),
        start=hours.start,
        end=hours.end,
        saturday=SATURDAY in hours.days,
        sunday=SUNDAY in hours.days,
        sunday_start=hours.sunday_start,
        closed_on_holidays=hours.holidays_closed,
        max_texts_per_24h=hours.max_per_24h,
        timezone=hours.zones[0] if hours.zones else "",
        source=hours.source,
        verified=hours.verified,
    )


def _seed_holidays() -> int:
    there = set(Holiday.objects.values_list("state", "date"))
    missing = [
        Holiday(state=holiday.state, date=holiday.day, name=holiday.name, source=holiday.source)
        for holiday in HOLIDAYS
        if (holiday.state, holiday.day) not in there
    ]
    return len(bulk_create_with_history(missing, Holiday))
