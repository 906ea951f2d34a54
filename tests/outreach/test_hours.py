from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from markets.contact_hours import FEDERAL, UNKNOWN, ContactHours
from markets.seed_holidays import HOLIDAYS
from markets.seed_rules import CONTACT_RULES
from outreach.area_codes import (
    STATE_NAMES,
    UNKNOWN_STATE,
    UNKNOWN_ZONES,
    area_code_of,
    considered_states,
    state_of_area_code,
    zones_of_area_code,
    zones_of_state,
)
from outreach.hours import Window, all_open, closed_reasons, in_words, next_midnight, next_open

CENTRAL, EASTERN, MOUNTAIN = "America/Chicago", "America/New_York", "America/Denver"
RULES = {row.state: row for row in CONTACT_RULES}
THANKSGIVING = {date(2026, 11, 26): "Thanksgiving"}


def window(state: str, zone: str = CENTRAL) -> Window:
    return Window(RULES[state], zone, state, THANKSGIVING)


def local(text: str, zone: str = CENTRAL) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


# 2026-11-23 is a Monday, 28 a Saturday, 29 a Sunday.
@pytest.mark.parametrize(
    ("state", "opens", "closes"),
    [
        (FEDERAL, "2026-11-23T08:00", "2026-11-23T21:00"),
        (FEDERAL, "2026-11-29T08:00", "2026-11-29T21:00"),
        ("LA", "2026-11-23T08:00", "2026-11-23T20:00"),
        ("LA", "2026-11-28T08:00", "2026-11-28T20:00"),
        ("FL", "2026-11-29T08:00", "2026-11-29T20:00"),
        ("OK", "2026-11-29T08:00", "2026-11-29T20:00"),
        ("TX", "2026-11-23T09:00", "2026-11-23T21:00"),
        ("TX", "2026-11-29T12:00", "2026-11-29T21:00"),
        ("WA", "2026-11-29T08:00", "2026-11-29T20:00"),
        ("AL", "2026-11-28T08:00", "2026-11-28T20:00"),
        ("MS", "2026-11-28T08:00", "2026-11-28T20:00"),
        ("AR", "2026-11-29T08:00", "2026-11-29T21:00"),
        (UNKNOWN, "2026-11-28T09:00", "2026-11-28T20:00"),
    ],
)
def test_every_row_of_the_table_opens_and_closes_on_the_minute(state: str, opens: str, closes: str) -> None:
    first, last = local(opens), local(closes)
    second = timedelta(seconds=1)
    assert window(state).is_open(first)
    assert not window(state).is_open(first - second)
    assert window(state).is_open(last - second)
    assert not window(state).is_open(last)


@pytest.mark.parametrize("state", ["LA", "AL", "MS", UNKNOWN])
def test_no_sundays(state: str) -> None:
    assert window(state).closed_because(local("2026-11-29T12:00")).startswith("Sunday in ")


@pytest.mark.parametrize(
    ("state", "is_open"), [("LA", False), ("AL", False), (UNKNOWN, False), ("TX", True), (FEDERAL, True), ("MS", True)]
)
def test_holidays_close_only_where_the_rule_says_so(state: str, is_open: bool) -> None:
    assert window(state).is_open(local("2026-11-26T12:00")) is is_open


def test_a_holiday_on_a_monday_after_a_sunday_waits_for_tuesday() -> None:
    mardi_gras = Window(RULES["LA"], CENTRAL, "LA", {date(2026, 11, 30): "a holiday"})
    assert mardi_gras.next_open(local("2026-11-28T20:00")) == local("2026-12-01T08:00")


def test_reasons_are_in_words() -> None:
    windows = [window("LA"), window("TX", MOUNTAIN)]
    assert closed_reasons(windows, local("2026-11-23T08:30")) == ("before 9:00 in Texas (Mountain)",)
    assert closed_reasons(windows, local("2026-11-23T20:30")) == ("after 20:00 in Louisiana (Central)",)
    assert closed_reasons(windows, local("2026-11-29T15:00")) == ("Sunday in Louisiana",)
    assert closed_reasons(windows, local("2026-11-26T15:00")) == ("Thanksgiving in Louisiana",)


def test_in_words() -> None:
    now = local("2026-11-29T10:00")
    assert in_words(local("2026-11-30T08:00"), now, CENTRAL) == "Mon 8:00 Central"
    assert in_words(local("2026-12-07T08:00"), now, CENTRAL) == "Mon Dec 7 8:00 Central"


@pytest.mark.parametrize(
    ("before", "opens"),
    [
        ("2026-03-07T20:00", datetime(2026, 3, 8, 13, tzinfo=UTC)),  # the clocks go forward on Sunday 8 March
        ("2026-03-06T20:00", datetime(2026, 3, 7, 14, tzinfo=UTC)),
        ("2026-10-31T20:00", datetime(2026, 11, 1, 14, tzinfo=UTC)),  # and back on Sunday 1 November
        ("2026-10-30T20:00", datetime(2026, 10, 31, 13, tzinfo=UTC)),
    ],
)
def test_opening_follows_the_wall_clock_over_both_changes(before: str, opens: datetime) -> None:
    assert window("FL").next_open(local(before)) == opens


def test_an_opening_inside_the_skipped_hour_comes_right_after_it() -> None:
    early = Window(ContactHours("ZZ", time(2, 30), time(20)), CENTRAL, "ZZ")
    assert early.next_open(local("2026-03-07T21:00")) == datetime(2026, 3, 8, 8, 30, tzinfo=UTC)
    assert early.is_open(datetime(2026, 3, 8, 8, 30, tzinfo=UTC))


def test_an_opening_inside_the_repeated_hour_comes_twice() -> None:
    night = Window(ContactHours("ZZ", time(1, 30), time(20)), CENTRAL, "ZZ")
    assert night.next_open(datetime(2026, 11, 1, 5, tzinfo=UTC)) == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    assert night.next_open(datetime(2026, 11, 1, 7, 10, tzinfo=UTC)) == datetime(2026, 11, 1, 7, 30, tzinfo=UTC)


def test_windows_that_never_meet_have_no_opening() -> None:
    morning = Window(ContactHours("ZZ", time(8), time(9)), CENTRAL, "ZZ")
    evening = Window(ContactHours("ZZ", time(19), time(20)), CENTRAL, "ZZ")
    assert next_open((morning, evening), local("2026-11-23T08:30")) is None


@pytest.mark.parametrize(
    ("now", "midnight"),
    [
        (datetime(2026, 11, 23, 7, 59, tzinfo=UTC), datetime(2026, 11, 23, 8, tzinfo=UTC)),
        (datetime(2026, 11, 23, 8, tzinfo=UTC), datetime(2026, 11, 24, 8, tzinfo=UTC)),
        (datetime(2026, 11, 1, 12, tzinfo=UTC), datetime(2026, 11, 2, 8, tzinfo=UTC)),  # a day of 25 hours
    ],
)
def test_the_carriers_day_ends_at_midnight_pacific(now: datetime, midnight: datetime) -> None:
    assert next_midnight(now, "America/Los_Angeles") == midnight


@st.composite
def contact_hours(draw: st.DrawFn) -> ContactHours:
    start, end = sorted(draw(st.lists(st.integers(0, 23), min_size=2, max_size=2, unique=True)))
    days = draw(st.frozensets(st.integers(0, 6), min_size=1))
    sunday = draw(st.one_of(st.none(), st.integers(0, end - 1)))
    sunday_start = None if sunday is None else time(sunday)
    return ContactHours("ZZ", time(start), time(end), days, sunday_start, holidays_closed=draw(st.booleans()))


ZONES = st.sampled_from([*UNKNOWN_ZONES, "America/Phoenix", "America/Puerto_Rico", "Pacific/Guam"])
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
WINDOWS = st.lists(
    st.builds(Window, contact_hours(), ZONES, st.just("ZZ"), st.just(THANKSGIVING)), min_size=1, max_size=4
).map(tuple)


@settings(max_examples=150, deadline=None)
@given(WINDOWS, INSTANTS)
def test_the_next_opening_is_open_everywhere_and_the_first_such_instant(
    windows: tuple[Window, ...], now: datetime
) -> None:
    found = next_open(windows, now)
    if found is None:
        return
    assert found >= now
    assert all_open(windows, found)
    if found > now:
        assert not all_open(windows, now)
        span = min(found - now, timedelta(days=5))
        assert not any(all_open(windows, found - span * step / 97) for step in range(1, 97))


@given(contact_hours(), ZONES, INSTANTS)
def test_an_open_instant_is_inside_the_hours_on_that_clock(hours: ContactHours, zone: str, now: datetime) -> None:
    there = now.astimezone(ZoneInfo(zone))
    inside = hours.starts_on(there.date()) <= there.time() < hours.end and there.weekday() in hours.days
    assert not Window(hours, zone, "ZZ").is_open(now) or inside


@pytest.mark.parametrize(
    "fields",
    [{"start": time(20), "end": time(8)}, {"sunday_start": time(21)}, {"days": frozenset()}, {"days": frozenset({7})}],
)
def test_impossible_hours_are_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="LA:"):
        ContactHours(**{"state": "LA", "start": time(8), "end": time(20), **fields})  # type: ignore[arg-type]


def test_the_seed_has_every_row_once_and_claims_no_verification() -> None:
    assert sorted(RULES) == sorted([FEDERAL, "LA", "FL", "OK", "TX", "WA", "AL", "MS", "AR", UNKNOWN])
    assert len(CONTACT_RULES) == len(RULES)
    assert not any(row.verified for row in CONTACT_RULES)
    assert all(row.source for row in CONTACT_RULES)
    assert {row.state for row in CONTACT_RULES if row.max_per_24h == 3} == {"FL", "OK"}
    assert len({(row.state, row.day) for row in HOLIDAYS}) == len(HOLIDAYS)
    assert not any(row.verified for row in HOLIDAYS)


@pytest.mark.parametrize("code", ["225", "318", "337", "504", "985", "457"])
def test_louisiana_is_wholly_central(code: str) -> None:
    assert state_of_area_code(code) == "LA"
    assert zones_of_area_code(code) == zones_of_state("LA") == (CENTRAL,)


@pytest.mark.parametrize(
    ("code", "state", "zones"),
    [
        ("850", "FL", (EASTERN, CENTRAL)),
        ("305", "FL", (EASTERN,)),
        ("915", "TX", (MOUNTAIN,)),
        ("713", "TX", (CENTRAL,)),
        ("423", "TN", (CENTRAL, EASTERN)),
        ("865", "TN", (EASTERN,)),
        ("615", "TN", (CENTRAL,)),
        ("219", "IN", (EASTERN, CENTRAL)),
        ("310", "CA", ("America/Los_Angeles",)),
        ("928", "AZ", ("America/Phoenix", MOUNTAIN)),
        ("800", UNKNOWN_STATE, UNKNOWN_ZONES),
        ("204", UNKNOWN_STATE, UNKNOWN_ZONES),
    ],
)
def test_area_codes(code: str, state: str, zones: tuple[str, ...]) -> None:
    assert (state_of_area_code(code), zones_of_area_code(code)) == (state, zones)


def test_every_state_has_real_zones_and_area_codes() -> None:
    with_codes = {state_of_area_code(str(code)) for code in range(200, 1000)} - {UNKNOWN_STATE}
    assert with_codes == set(STATE_NAMES)
    for state in STATE_NAMES:
        assert zones_of_state(state) != UNKNOWN_ZONES
        assert all(ZoneInfo(zone) for zone in zones_of_state(state))


@pytest.mark.parametrize(
    ("phone", "code"),
    [("+12255550133", "225"), ("2255550133", "225"), ("12255550133", "225"), ("+442079460000", ""), ("", "")],
)
def test_area_code_of_a_number(phone: str, code: str) -> None:
    assert area_code_of(phone) == code


def test_the_states_considered_and_why() -> None:
    assert considered_states(parcel="LA", mailing="la ", area_code="214") == {
        "LA": ("parcel", "mailing address"),
        "TX": ("area code",),
    }
    assert considered_states(parcel="LA", mailing="", area_code="225") == {"LA": ("parcel", "area code")}
    assert considered_states(parcel="LA", mailing="ON", area_code="416") == {
        "LA": ("parcel",),
        UNKNOWN_STATE: ("mailing address", "area code"),
    }
