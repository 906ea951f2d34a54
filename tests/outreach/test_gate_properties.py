"""What holds of the gate whatever the facts: it is a pure function, nothing that is added allows more, nothing leaves
outside any window considered, and the next allowed time is the first one.

`make search` tries two thousand cases of each instead of a hundred.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from markets.contact_hours import ContactHours
from markets.seed_holidays import HOLIDAYS
from outreach.area_codes import UNKNOWN_STATE, UNKNOWN_ZONES, considered_states, zones_of_area_code, zones_of_state
from outreach.gate import LEAVES_WITHIN, RULES, STRICTNESS, TIME_RULES, Outcome, Verdict, decide, next_allowed
from outreach.gate_facts import (
    Cap,
    ConsentFact,
    EmergencyHold,
    GateFacts,
    History,
    Limits,
    Rulebook,
    StateFacts,
    SuppressionFact,
)
from tests.outreach.test_gate import FACTS, REFUSALS, SEED

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ZONES = ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "Pacific/Honolulu")
HELD_LONG = 12 * DAY


def holidays_of(state: str) -> dict[date, str]:
    return {row.day: row.name for row in HOLIDAYS if row.state == state}


def considered(parcel: str, mailing: str, area_code: str) -> tuple[StateFacts, ...]:
    """As the rulebook puts them together: a state known by its area code alone has that code's clocks only."""
    found = considered_states(parcel=parcel, mailing=mailing, area_code=area_code)
    return tuple(
        StateFacts(
            state,
            SEED.get(state),
            zones_of_area_code(area_code) if why == ("area code",) else zones_of_state(state),
            holidays_of(state),
        )
        for state, why in found.items()
    )


PLACES: dict[str, tuple[StateFacts, ...]] = {
    "a Louisiana phone on a Louisiana parcel": considered("LA", "LA", "225"),
    "a Texas phone on a Louisiana parcel": considered("LA", "LA", "214"),
    "El Paso on a Louisiana parcel": considered("LA", "LA", "915"),
    "the Florida panhandle": considered("", "", "850"),
    "a Florida owner with a Miami phone": considered("LA", "FL", "305"),
    "eastern and central Tennessee": considered("", "", "423"),
    "a Tennessee address": considered("", "TN", "615"),
    "the Navajo nation, whose clocks change while Phoenix's do not": considered("", "AZ", "928"),
    "Mississippi, by its own clock": considered("", "MS", "850"),
    "an owner in Hawaii": considered("LA", "HI", "808"),
    "Alabama and its holidays": considered("AL", "AL", "205"),
    "a toll-free number": considered("", "", "800"),
    "nobody knows where": (),
    "Puerto Rico": considered("LA", "PR", "787"),
}


def changes_of_the_clocks() -> list[datetime]:
    """Each hour in which some clock considered is put forward or back, 2026 to 2028."""
    hours = (datetime(2026, 1, 1, tzinfo=UTC) + number * HOUR for number in range(3 * 366 * 24))
    return [hour for hour in hours if any(_offset(hour, zone) != _offset(hour + HOUR, zone) for zone in ZONES)]


def _offset(moment: datetime, zone: str) -> timedelta | None:
    return moment.astimezone(ZoneInfo(zone)).utcoffset()


CHANGES = changes_of_the_clocks()
ANY_TIME = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 1), timezones=st.just(UTC))
NEAR_A_CHANGE = st.builds(
    lambda change, away: change + away, st.sampled_from(CHANGES), st.timedeltas(-2 * DAY, timedelta(hours=30))
)
NEAR_A_HOLIDAY = st.builds(
    lambda row, hours: datetime.combine(row.day, datetime.min.time(), UTC) + timedelta(minutes=30 * hours),
    st.sampled_from([row for row in HOLIDAYS if row.day.year < 2029]),
    st.integers(-60, 60),
)
INSTANTS = st.one_of(ANY_TIME, NEAR_A_CHANGE, NEAR_A_HOLIDAY)


@st.composite
def holds(draw: st.DrawFn, now: datetime) -> EmergencyHold:
    start = now + draw(st.timedeltas(-2 * DAY, 4 * DAY))
    lasting = draw(st.one_of(st.none(), st.timedeltas(timedelta(minutes=1), 3 * DAY)))
    return EmergencyHold(draw(st.sampled_from(["LA", "FL"])), start, lasting and start + lasting, "storm")


@st.composite
def caps(draw: st.DrawFn, now: datetime) -> Cap:
    limit = draw(st.integers(0, 5))
    resets_at = now + draw(st.timedeltas(-HOUR, DAY))
    return Cap("a cap", limit, draw(st.integers(0, 6)), resets_at, draw(st.booleans()))


@st.composite
def cases(draw: st.DrawFn, *, calm: bool = False) -> tuple[GateFacts, datetime]:
    """Facts about some place at some moment; a calm one has nothing but hours, days and holidays to mind."""
    now = draw(INSTANTS)
    consent = ConsentFact("web_form", now - DAY)
    place = PLACES[draw(st.sampled_from(sorted(PLACES)))]
    rulebook = Rulebook(SEED["US"], SEED["*"], holidays_of("US"), place, (), None)
    found = replace(FACTS, rulebook=rulebook, recipient=replace(FACTS.recipient, consents=(consent,)))
    if calm:
        return found, now
    for changes in draw(st.lists(st.sampled_from([changes for _, changes, _ in REFUSALS]), max_size=2)):
        found = replace(found, **{part: replace(getattr(found, part), **fields) for part, fields in changes.items()})
    return replace(found, rulebook=replace(found.rulebook, states=place)), now


@st.composite
def timed_cases(draw: st.DrawFn) -> tuple[GateFacts, datetime]:
    """Facts in which everything that is a matter of time may stand in the way."""
    found, now = draw(cases(calm=True))
    ago = st.lists(st.timedeltas(timedelta(0), 30 * HOUR).map(lambda passed: now - passed), max_size=5).map(tuple)
    history = History(draw(ago), draw(ago), tuple(moment - 2 * DAY for moment in draw(ago)))
    full = tuple(draw(st.lists(caps(now), max_size=2)))
    limits = Limits(full, 3, cool_down=4 * DAY, max_per_24h=draw(st.one_of(st.none(), st.integers(0, 4))))
    emergencies = tuple(draw(st.lists(holds(now), max_size=2)))
    rulebook = replace(found.rulebook, emergencies=emergencies)
    return replace(found, history=history, limits=limits, rulebook=rulebook), now


# pure


@given(cases(), st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))
def test_the_decision_rests_on_its_facts_and_its_moment_and_on_no_clock(
    case: tuple[GateFacts, datetime], clock: datetime
) -> None:
    found, now = case
    kept = repr(found)
    first = decide(found, now)
    with time_machine.travel(clock, tick=False):
        assert decide(found, now) == first
        assert next_allowed(found, now) == next_allowed(found, now)
    assert repr(found) == kept


def test_each_rule_is_asked_for_its_facts_and_the_moment_only() -> None:
    assert {rule.__code__.co_argcount for rule in RULES} == {2}
    assert set(TIME_RULES) <= set(RULES)


# nothing that is added allows more


@st.composite
def any_rule(draw: st.DrawFn) -> Verdict:
    outcome = draw(st.sampled_from(list(Outcome)))
    until = draw(st.one_of(st.none(), INSTANTS)) if outcome is Outcome.HELD else None
    return Verdict("another rule", outcome, "" if outcome is Outcome.ALLOWED else "because", until)


@given(cases(), any_rule())
def test_any_further_rule_only_narrows(case: tuple[GateFacts, datetime], verdict: Verdict) -> None:
    found, now = case
    more = (*RULES, lambda facts, at: verdict)
    assert STRICTNESS[decide(found, now, more).outcome] >= STRICTNESS[decide(found, now).outcome]


def with_person(found: GateFacts, **fields: Any) -> GateFacts:
    return replace(found, recipient=replace(found.recipient, **fields))


def with_book(found: GateFacts, **fields: Any) -> GateFacts:
    return replace(found, rulebook=replace(found.rulebook, **fields))


def with_a_suppression(found: GateFacts, now: datetime) -> GateFacts:
    return with_person(found, suppressions=(*found.recipient.suppressions, SuppressionFact("number", "opt_out")))


def with_an_emergency(found: GateFacts, now: datetime) -> GateFacts:
    hold = EmergencyHold("LA", now - HOUR, None, "storm")
    return with_book(found, emergencies=(*found.rulebook.emergencies, hold))


def with_holidays(found: GateFacts, now: datetime) -> GateFacts:
    days = {**found.rulebook.federal_holidays, now.date(): "a holiday", (now - DAY).date(): "a holiday"}
    states = tuple(replace(state, holidays={**state.holidays, **days}) for state in found.rulebook.states)
    return with_book(found, federal_holidays=days, states=states)


def with_a_state(found: GateFacts, now: datetime) -> GateFacts:
    texas = StateFacts("TX", SEED["TX"], zones_of_state("TX"), {})
    return with_book(found, states=(*found.rulebook.considered, texas))


def with_a_closed_day(found: GateFacts, now: datetime) -> GateFacts:
    fewer = (replace(state, hours=state.hours and without_today(state.hours, now)) for state in found.rulebook.states)
    return with_book(found, states=tuple(fewer))


def without_today(hours: ContactHours, now: datetime) -> ContactHours:
    return replace(hours, days=hours.days - {now.weekday()})


def with_a_text_sent(found: GateFacts, now: datetime) -> GateFacts:
    sent = (*found.history.owner_sent_at, now - HOUR)
    return replace(found, history=replace(found.history, owner_sent_at=sent))


def with_a_cap(found: GateFacts, now: datetime) -> GateFacts:
    full = Cap("another", 1, 1, now + HOUR)
    return replace(found, limits=replace(found.limits, caps=(*found.limits.caps, full)))


def with_consents_withdrawn(found: GateFacts, now: datetime) -> GateFacts:
    withdrawn = tuple(replace(consent, withdrawn_at=now) for consent in found.recipient.consents)
    return with_person(found, consents=withdrawn)


def with_an_unread_reply(found: GateFacts, now: datetime) -> GateFacts:
    return with_person(found, unprocessed_inbound=found.recipient.unprocessed_inbound + 1)


Addition = Callable[[GateFacts, datetime], GateFacts]
OF_TIME: tuple[Addition, ...] = (with_an_emergency, with_holidays, with_a_state, with_a_closed_day, with_a_cap)
ADDITIONS = (*OF_TIME, with_a_suppression, with_a_text_sent, with_consents_withdrawn, with_an_unread_reply)


@given(cases(), st.sampled_from(ADDITIONS))
def test_whatever_is_added_to_the_facts_only_narrows(case: tuple[GateFacts, datetime], add: Addition) -> None:
    found, now = case
    before, after = decide(found, now), decide(add(found, now), now)
    assert STRICTNESS[after.outcome] >= STRICTNESS[before.outcome]


@given(timed_cases(), st.sampled_from(OF_TIME))
def test_whatever_is_added_never_brings_the_next_allowed_time_forward(
    case: tuple[GateFacts, datetime], add: Addition
) -> None:
    found, now = case
    before, after = next_allowed(found, now), next_allowed(add(found, now), now)
    assert after is None or (before is not None and after >= before)


# no instant outside any window


def may_leave(book: Rulebook, moment: datetime) -> bool:
    """Inside every window when it is judged, and still when it arrives."""
    return all(is_inside_every_window(book, at) for at in (moment, moment + LEAVES_WITHIN))


def is_inside_every_window(book: Rulebook, moment: datetime) -> bool:
    """The table of the contact rules once more, read off each clock by itself."""
    zones = {zone for state in book.considered for zone in state.zones or UNKNOWN_ZONES}
    zones |= {zone for state in book.considered if state.hours for zone in state.hours.zones}
    rows = [(book.federal, book.federal_holidays)]
    for state in book.considered:
        own = {**book.federal_holidays, **state.holidays} if state.hours is None else state.holidays
        rows.append((state.hours or book.unknown, own))
    return all(_is_inside(hours, days, moment.astimezone(ZoneInfo(zone))) for hours, days in rows for zone in zones)


def _is_inside(hours: ContactHours, holidays: object, there: datetime) -> bool:
    start = hours.sunday_start if hours.sunday_start and there.weekday() == 6 else hours.start
    closed = hours.holidays_closed and there.date() in holidays  # type: ignore[operator]
    return there.weekday() in hours.days and not closed and start <= there.time() < hours.end


@given(cases(calm=True))
def test_a_text_may_leave_exactly_when_it_stays_inside_every_window(case: tuple[GateFacts, datetime]) -> None:
    found, now = case
    allowed = decide(found, now).outcome is Outcome.ALLOWED
    assert allowed == may_leave(found.rulebook, now)


@given(cases())
def test_nothing_is_allowed_outside_any_window_whatever_else_is_true(case: tuple[GateFacts, datetime]) -> None:
    found, now = case
    if decide(found, now).outcome in (Outcome.ALLOWED, Outcome.DRY_RUN):
        assert may_leave(found.rulebook, now)


@pytest.mark.parametrize("place", sorted(PLACES))
def test_each_half_hour_around_each_change_of_the_clocks(place: str) -> None:
    rulebook = Rulebook(SEED["US"], SEED["*"], holidays_of("US"), PLACES[place], (), None)
    for change in CHANGES:
        consent = ConsentFact("web_form", change - 30 * DAY)
        found = replace(FACTS, rulebook=rulebook, recipient=replace(FACTS.recipient, consents=(consent,)))
        for halves in range(-24, 72):
            moment = change + halves * HOUR / 2
            allowed = decide(found, moment).outcome is Outcome.ALLOWED
            assert allowed == may_leave(rulebook, moment), (place, moment)


def test_the_changes_are_both_of_every_year() -> None:
    assert {(change.year, change.month) for change in CHANGES} == {
        (year, month) for year in (2026, 2027, 2028) for month in (3, 11)
    }


# the next allowed time


@given(timed_cases())
def test_the_next_allowed_time_is_allowed_and_nothing_before_it_is(case: tuple[GateFacts, datetime]) -> None:
    found, now = case
    soonest = next_allowed(found, now)
    end = soonest if soonest is not None else now + HELD_LONG
    if soonest is not None:
        assert soonest >= now
        assert decide(found, soonest, TIME_RULES).outcome is Outcome.ALLOWED
        assert may_leave(found.rulebook, soonest)
    earlier = [now + part * (end - now) / 40 for part in range(40)] if end > now else []
    earlier += [end - timedelta(microseconds=1)] if end > now else []
    assert not [moment for moment in earlier if decide(found, moment, TIME_RULES).outcome is Outcome.ALLOWED]


@given(cases(calm=True))
def test_the_next_allowed_time_is_the_first_half_hour_that_is_open(case: tuple[GateFacts, datetime]) -> None:
    """All hours of the table begin on a whole or half hour, so looking at each of them finds the first."""
    found, now = case
    moment = now
    while not may_leave(found.rulebook, moment):
        half = timedelta(minutes=30)
        moment = datetime.fromtimestamp((moment.timestamp() // half.total_seconds() + 1) * half.total_seconds(), UTC)
        assert moment - now < HELD_LONG
    assert next_allowed(found, now) == moment


@given(cases())
def test_blocked_by_others_the_time_alone_is_still_told(case: tuple[GateFacts, datetime]) -> None:
    found, now = case
    stopped = replace(found, recipient=replace(found.recipient, suppressions=(SuppressionFact("number", "opt_out"),)))
    assert decide(stopped, now).until is None
    assert next_allowed(stopped, now) == next_allowed(found, now)


def test_an_unknown_state_is_every_clock_of_the_country() -> None:
    (only,) = considered("", "", "800")
    assert (only.state, only.hours, only.zones) == (UNKNOWN_STATE, SEED["*"], UNKNOWN_ZONES)
