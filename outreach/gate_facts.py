"""Everything the gate has to know about one text, as plain values gathered elsewhere.

Nearly nothing has a default, so that whoever gathers the facts cannot leave one out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from markets.contact_hours import FEDERAL, ContactHours
from outreach.area_codes import UNKNOWN_STATE, UNKNOWN_ZONES
from outreach.hours import Window


class ConsentBasis(StrEnum):
    """The bases good for a text; any other recorded basis is not."""

    WEB_FORM = "web_form"
    INBOUND = "inbound"
    LETTER_REPLY = "letter_reply"
    VERBAL = "verbal"
    EXISTING_DEAL = "existing_deal"


@dataclass(frozen=True)
class Switches:
    """The pauses and the breaker are reasons in words, empty when nothing is paused or open."""

    live: bool
    market_active: bool
    has_sender: bool
    market_paused: str
    campaign_paused: str
    breaker_open: str
    breaker_until: datetime | None = None
    """When a few texts are tried; None while a person has to close it, or the fate of those tried is awaited."""


@dataclass(frozen=True)
class ConsentFact:
    basis: str
    given_at: datetime
    has_script: bool = False
    expires_at: datetime | None = None
    withdrawn_at: datetime | None = None

    def good_at(self, now: datetime) -> bool:
        if self.basis not in set(ConsentBasis) or self.given_at > now:
            return False
        if self.basis == ConsentBasis.VERBAL and not self.has_script:
            return False
        ends = [end for end in (self.expires_at, self.withdrawn_at) if end is not None]
        return all(now < end for end in ends)


@dataclass(frozen=True)
class ColdTextDecision:
    """An administrator's logged decision that a market may text without consent."""

    by: str
    reason: str
    decided_at: datetime
    ends_at: datetime | None = None

    def good_at(self, now: datetime) -> bool:
        complete = bool(self.by.strip() and self.reason.strip())
        return complete and self.decided_at <= now and (self.ends_at is None or now < self.ends_at)


@dataclass(frozen=True)
class SuppressionFact:
    """A suppression in force. `scope` is "number" or "owner"."""

    scope: str
    reason: str


@dataclass(frozen=True)
class Recipient:
    """`leads_put_away`: the text names no lead, and all the owner's are archived or deleted. `lead_moved`: to another
    market than the campaign's."""

    owner_kind: str
    owner_deleted: bool
    lead_stage: str
    lead_archived: bool
    lead_deleted: bool
    leads_put_away: bool
    lead_moved: bool
    parcel_improved: bool
    line_type: str
    number_bad: bool
    number_idle: str
    """Why outreach may not use the number for this owner."""
    lead_of_another: bool
    """The lead, and the land, is not this owner's any more."""
    owner_undecided: bool
    """The parcel has another owner, and a person has to decide what becomes of the lead."""
    unprocessed_inbound: int
    doubtful_opt_out: bool
    consents: tuple[ConsentFact, ...]
    suppressions: tuple[SuppressionFact, ...]


@dataclass(frozen=True)
class TextDraft:
    body: str
    sender_names: tuple[str, ...]
    is_first_text: bool
    is_first_touch: bool


@dataclass(frozen=True)
class History:
    """When texts were sent, over all campaigns: at least the last 24 h, first touches at least for the cool-down."""

    number_sent_at: tuple[datetime, ...]
    owner_sent_at: tuple[datetime, ...]
    owner_first_touches_at: tuple[datetime, ...]


@dataclass(frozen=True)
class Cap:
    """One counter, such as a sender number's day or a brand's day at one carrier, that starts again at `resets_at`."""

    name: str
    limit: int
    used: int
    resets_at: datetime
    counts_segments: bool = False


@dataclass(frozen=True)
class Limits:
    caps: tuple[Cap, ...]
    max_segments: int
    cool_down: timedelta
    max_per_24h: int | None = None


@dataclass(frozen=True)
class StateFacts:
    """One state considered. `hours` None means nobody wrote a rule for it; `holidays` are its own, by name; `ours`: the
    hours are not the state's but the market's own."""

    state: str
    hours: ContactHours | None
    zones: tuple[str, ...]
    holidays: Mapping[date, str] = field(default_factory=dict)
    ours: bool = False


@dataclass(frozen=True)
class EmergencyHold:
    state: str
    starts_at: datetime
    ends_at: datetime | None
    why: str

    def on_at(self, now: datetime) -> bool:
        return self.starts_at <= now and (self.ends_at is None or now < self.ends_at)


@dataclass(frozen=True)
class Rulebook:
    """The rules that meet for this text: the federal row, the row for unknown states, and the states considered."""

    federal: ContactHours
    unknown: ContactHours
    federal_holidays: Mapping[date, str]
    states: tuple[StateFacts, ...]
    emergencies: tuple[EmergencyHold, ...]
    cold_text: ColdTextDecision | None
    kinds_never_contacted: frozenset[str] = frozenset({"government", "school", "church", "utility"})
    stages_not_contacted: frozenset[str] = frozenset({"disqualified", "dead"})
    textable_lines: frozenset[str] = frozenset({"mobile", "voip"})

    @property
    def considered(self) -> tuple[StateFacts, ...]:
        return self.states or (StateFacts(UNKNOWN_STATE, None, UNKNOWN_ZONES),)

    @property
    def zones(self) -> tuple[str, ...]:
        pinned = [zone for facts in self.considered if facts.hours for zone in facts.hours.zones]
        recipient = [zone for facts in self.considered for zone in facts.zones or UNKNOWN_ZONES]
        return tuple(dict.fromkeys([*recipient, *pinned]))

    @property
    def hours(self) -> tuple[ContactHours, ...]:
        return self.federal, *(facts.hours or self.unknown for facts in self.considered)

    @property
    def windows(self) -> tuple[Window, ...]:
        """Every rule on every clock: the strictest wins without anybody having to say which one that is."""
        federal = (Window(self.federal, zone, FEDERAL, self.federal_holidays) for zone in self.zones)
        return (*federal, *(self._window(facts, zone) for facts in self.considered for zone in self.zones))

    def _window(self, facts: StateFacts, zone: str) -> Window:
        if facts.hours is not None:
            return Window(facts.hours, zone, facts.state, facts.holidays, facts.ours)
        return Window(self.unknown, zone, facts.state, {**self.federal_holidays, **facts.holidays})


@dataclass(frozen=True)
class GateFacts:
    switches: Switches
    recipient: Recipient
    draft: TextDraft
    history: History
    limits: Limits
    rulebook: Rulebook
