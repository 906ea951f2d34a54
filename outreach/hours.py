"""Contact windows as plain arithmetic: is this instant allowed on every clock considered, and when is the next?"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from markets.contact_hours import ContactHours
from outreach.area_codes import state_name, zone_name

_HORIZON = timedelta(days=60)


@dataclass(frozen=True)
class Window:
    """One state's hours read on one clock. `state` and `ours` are for words: several windows of a text may carry the
    same hours. `ours`: the market's own, which are stricter than the law."""

    hours: ContactHours
    zone: str
    state: str
    holidays: Mapping[date, str] = field(default_factory=dict)
    ours: bool = False

    def local(self, instant: datetime) -> datetime:
        return instant.astimezone(ZoneInfo(self.zone))

    @property
    def in_words(self) -> str:
        """The rule as it stands, such as "Louisiana 8:00–20:00 Mon–Sat, no holidays"."""
        whose = "the market's own hours" if self.ours else self._where
        hours = self.hours
        sunday = f", Sunday from {clock(hours.sunday_start)}" if hours.sunday_start else ""
        holidays = ", no holidays" if hours.holidays_closed else ""
        return f"{whose} {clock(hours.start)}–{clock(hours.end)} {hours.days_in_words}{sunday}{holidays}"

    @property
    def _where(self) -> str:
        return "federal hours" if self.state == "US" else state_name(self.state)

    def closed_on(self, day: date) -> str:
        """Why the whole day is closed, in words; empty when it is not."""
        if day.weekday() not in self.hours.days:
            return day.strftime("%A")
        if self.hours.holidays_closed and day in self.holidays:
            return self.holidays[day] or "holiday"
        return ""

    def closed_because(self, instant: datetime) -> str:
        local = self.local(instant)
        if day := self.closed_on(local.date()):
            return f"{day} in {self._where}"
        start = self.hours.starts_on(local.date())
        rule = "by the market's own hours" if self.ours else f"in {self._where}"
        if local.time() < start:
            return f"before {clock(start)} {rule} ({zone_name(self.zone)})"
        if local.time() >= self.hours.end:
            return f"after {clock(self.hours.end)} {rule} ({zone_name(self.zone)})"
        return ""

    def is_open(self, instant: datetime) -> bool:
        return not self.closed_because(instant)

    def next_open(self, instant: datetime) -> datetime | None:
        if self.is_open(instant):
            return instant
        day = self.local(instant).date()
        for offset in range(_HORIZON.days):
            for opening in self._openings(day + timedelta(days=offset)):
                if opening > instant and self.is_open(opening):
                    return opening
        return None

    def _openings(self, day: date) -> tuple[datetime, datetime]:
        """The opening on that day; when the clocks go back it can come twice, and fold tells the two apart."""
        opening = datetime.combine(day, self.hours.starts_on(day), ZoneInfo(self.zone))
        return opening.astimezone(UTC), opening.replace(fold=1).astimezone(UTC)


def closed_reasons(windows: Iterable[Window], instant: datetime) -> tuple[str, ...]:
    found = (window.closed_because(instant) for window in windows)
    return tuple(dict.fromkeys(reason for reason in found if reason))


def rules_in_words(windows: Iterable[Window]) -> str:
    return "; ".join(dict.fromkeys(window.in_words for window in windows))


def all_open(windows: Iterable[Window], instant: datetime) -> bool:
    return all(window.is_open(instant) for window in windows)


def next_open(windows: tuple[Window, ...], instant: datetime) -> datetime | None:
    """The first instant, from this one on, at which every window is open; None when there is none within 60 days."""
    latest = instant + _HORIZON
    while instant <= latest:
        openings = [window.next_open(instant) for window in windows]
        reachable = [opening for opening in openings if opening is not None]
        if len(reachable) < len(openings):
            return None
        if max(reachable, default=instant) == instant:
            return instant
        instant = max(reachable)
    return None


def next_midnight(instant: datetime, zone: str) -> datetime:
    """When a daily counter kept on that clock starts again; carriers count 10DLC days in Pacific time."""
    tomorrow = instant.astimezone(ZoneInfo(zone)).date() + timedelta(days=1)
    return datetime.combine(tomorrow, datetime.min.time(), ZoneInfo(zone)).astimezone(UTC)


def in_words(until: datetime, now: datetime, zone: str) -> str:
    """As a manager would say it: "Mon 8:00 Central", with the date when it is a week away or more."""
    local = until.astimezone(ZoneInfo(zone))
    day = "%a" if until - now < timedelta(days=6) else "%a %b %-d"
    return f"{local.strftime(day)} {clock(local)} {zone_name(zone)}"


def clock(moment: datetime | object) -> str:
    return f"{moment:%-H:%M}"
