"""The shape of one state's contact rule, shared by the rooms that store it and the rooms that apply it."""

from dataclasses import dataclass
from datetime import date, time

FEDERAL = "US"
UNKNOWN = "*"
SATURDAY = 5
SUNDAY = 6
EVERY_DAY = frozenset(range(7))
MONDAY_TO_SATURDAY = frozenset(range(6))


@dataclass(frozen=True)
class ContactHours:
    """When a state lets a text arrive, in the recipient's local time. `end` is exclusive; days count from Monday = 0.

    `zones` pins the clock for a state whose rule names one (Mississippi: Central), beside the zones of the recipient.
    """

    state: str
    start: time
    end: time
    days: frozenset[int] = EVERY_DAY
    sunday_start: time | None = None
    holidays_closed: bool = False
    max_per_24h: int | None = None
    quiet_in_emergency: bool = False
    zones: tuple[str, ...] = ()
    source: str = ""
    verified: bool = False

    def __post_init__(self) -> None:
        if not self.start < self.end:
            raise ValueError(f"{self.state}: contact hours must start before they end")
        if self.sunday_start is not None and not self.sunday_start < self.end:
            raise ValueError(f"{self.state}: Sunday hours must start before they end")
        if not self.days or not self.days <= EVERY_DAY:
            raise ValueError(f"{self.state}: days are numbers from 0 (Monday) to 6 (Sunday), at least one")

    @property
    def days_in_words(self) -> str:
        weekend = {(True, True): "every day", (True, False): "Mon–Sat", (False, True): "Mon–Fri and Sun"}
        return weekend.get((SATURDAY in self.days, SUNDAY in self.days), "Mon–Fri")

    def starts_on(self, day: date) -> time:
        return self.sunday_start if self.sunday_start and day.weekday() == SUNDAY else self.start
