"""Office hours for the demo: at night and on Sundays every text would rightly be held, so all its processes share a
clock that stands at the next working day. `python -m local.demo.clock MODULE` runs a module by that clock."""

from __future__ import annotations

import os
import runpy
import sys
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import time_machine

OFFSET = "DEMO_CLOCK_OFFSET"
OPENING, LAST_START = time(12), time(15)  # noon Eastern is 9 in California: open in every state of the mainland


def set_office_hours(zone: str) -> None:
    """Puts the distance to the zone's next working hour into the environment, for this process and its children."""
    now = datetime.now(ZoneInfo(zone))
    os.environ[OFFSET] = str((_next_working_hour(now) - now).total_seconds())


def travel() -> None:
    offset = float(os.environ.get(OFFSET, "0"))
    if offset:
        time_machine.travel(datetime.now(UTC) + timedelta(seconds=offset), tick=True).start()
        datetime.now(UTC)  # it ticks from the first time on that somebody looks at it


def _next_working_hour(now: datetime) -> datetime:
    from markets.seed_holidays import HOLIDAYS

    closed = {holiday.day for holiday in HOLIDAYS}
    for days in range(30):
        day = (now + timedelta(days=days)).date()
        opening = datetime.combine(day, OPENING, now.tzinfo)
        if day.weekday() > 4 or day in closed:
            continue
        if opening >= now:
            return opening
        if now.time() <= LAST_START:
            return now
    raise AssertionError("no working day within a month")


if __name__ == "__main__":
    travel()
    module = sys.argv[1]
    sys.argv[:] = sys.argv[1:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
