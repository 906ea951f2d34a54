from dataclasses import replace
from datetime import time

import pytest

from markets.contact_hours import MONDAY_TO_SATURDAY, ContactHours
from markets.widening import widenings

RULE = ContactHours("LA", time(8), time(20), MONDAY_TO_SATURDAY, holidays_closed=True, max_per_24h=3, zones=("UTC",))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"start": time(7, 30)}, ["contact from 07:30 instead of 08:00"]),
        ({"end": time(21)}, ["contact until 21:00 instead of 20:00"]),
        ({"days": frozenset(range(7))}, ["contact on Sunday"]),
        ({"holidays_closed": False}, ["contact on holidays"]),
        ({"max_per_24h": 4}, ["4 texts in 24 hours instead of 3"]),
        ({"max_per_24h": None}, ["any number of texts in 24 hours instead of 3"]),
        ({"zones": ()}, ["no longer counting hours in UTC"]),
        ({"start": time(7), "holidays_closed": False}, ["contact from 07:00 instead of 08:00", "contact on holidays"]),
        ({}, []),
        ({"start": time(9), "end": time(18), "days": frozenset({0}), "max_per_24h": 1, "zones": ("UTC", "GMT")}, []),
    ],
)
def test_each_thing_newly_allowed_is_named_and_narrowing_is_not(changes, said):
    assert list(widenings(RULE, replace(RULE, **changes))) == said


def test_an_earlier_sunday_is_a_widening():
    rule = ContactHours("TX", time(9), time(20), sunday_start=time(12))

    assert list(widenings(rule, replace(rule, sunday_start=None))) == ["contact on Sunday from 09:00 instead of 12:00"]
    assert list(widenings(rule, replace(rule, sunday_start=time(13)))) == []
