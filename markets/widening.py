"""What a changed contact rule would newly allow. Narrowing is anybody's business; widening is a decision."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time

from markets.contact_hours import SUNDAY, ContactHours
from markets.models import ContactRule, Holiday, Market

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def rule_widenings(after: ContactRule) -> Iterator[str]:
    """What a state's rule, as it would be stored, allows beyond what holds in the state now."""
    yield from widenings(ContactRule.objects.hours_in(after.state), after.as_hours())
    if after.pk is None and after.closed_on_holidays and not Holiday.objects.listed_for(after.state):
        yield f"contact on federal holidays, as no holiday is listed for {after.state}"


def market_widenings(after: Market) -> Iterator[str]:
    """What a market, as it would be stored, allows beyond what it does now; a new one widens nothing."""
    if after.pk is None:
        return
    before = Market.objects.get(pk=after.pk)
    yield from widenings(before.as_hours(), after.as_hours())
    if after.state != before.state:
        yield f"the rules of {after.state} instead of those of {before.state}"


def widenings(before: ContactHours, after: ContactHours) -> Iterator[str]:
    """In words, each thing that `after` allows and `before` does not."""
    if after.start < before.start:
        yield f"contact from {after.start:%H:%M} instead of {before.start:%H:%M}"
    if after.end > before.end:
        yield f"contact until {after.end:%H:%M} instead of {before.end:%H:%M}"
    for day in sorted(after.days - before.days):
        yield f"contact on {DAYS[day]}"
    if SUNDAY in after.days & before.days and before.sunday_start and _sunday(after) < before.sunday_start:
        yield f"contact on Sunday from {_sunday(after):%H:%M} instead of {_sunday(before):%H:%M}"
    if before.holidays_closed and not after.holidays_closed:
        yield "contact on holidays"
    if before.max_per_24h is not None and (after.max_per_24h is None or after.max_per_24h > before.max_per_24h):
        yield f"{after.max_per_24h or 'any number of'} texts in 24 hours instead of {before.max_per_24h}"
    if set(before.zones) - set(after.zones):
        yield f"no longer counting hours in {', '.join(before.zones)}"


def _sunday(hours: ContactHours) -> time:
    return hours.sunday_start or hours.start
