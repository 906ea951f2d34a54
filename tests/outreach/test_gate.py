from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from markets.seed_rules import CONTACT_RULES
from outreach.area_codes import UNKNOWN_ZONES, zones_of_state
from outreach.gate import LEAVES_WITHIN, RULE_SET_VERSION, RULES, STRICTNESS, Outcome, Rule, Verdict, decide
from outreach.gate_facts import (
    Cap,
    ColdTextDecision,
    ConsentFact,
    EmergencyHold,
    GateFacts,
    History,
    Limits,
    Recipient,
    Rulebook,
    StateFacts,
    SuppressionFact,
    Switches,
    TextDraft,
)

SEED = {row.state: row for row in CONTACT_RULES}
CENTRAL = ZoneInfo("America/Chicago")
NOON = datetime(2026, 11, 23, 12, tzinfo=CENTRAL)  # a Monday
SUNDAY = datetime(2026, 11, 29, 12, tzinfo=CENTRAL)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BODY = "Hi Ann, this is Jo with Acme Land about your 2 acres. Reply STOP to opt out."
CONSENT = ConsentFact("web_form", NOON - 90 * DAY)


def state(code: str, **fields: Any) -> StateFacts:
    return StateFacts(code, SEED.get(code), zones_of_state(code), **fields)


SWITCHES = Switches(
    live=True, market_active=True, has_sender=True, market_paused="", campaign_paused="", breaker_open=""
)
RECIPIENT = Recipient(
    owner_kind="person",
    owner_deleted=False,
    lead_stage="qualified",
    lead_archived=False,
    lead_deleted=False,
    leads_put_away=False,
    lead_moved=False,
    parcel_improved=False,
    line_type="mobile",
    number_bad=False,
    number_idle="",
    lead_of_another=False,
    owner_undecided=False,
    unprocessed_inbound=0,
    doubtful_opt_out=False,
    consents=(CONSENT,),
    suppressions=(),
)
DRAFT = TextDraft(BODY, ("Jo", "Acme Land"), is_first_text=True, is_first_touch=True)
HISTORY = History((), (), ())
LIMITS = Limits(caps=(), max_segments=3, cool_down=4 * DAY)
RULEBOOK = Rulebook(SEED["US"], SEED["*"], {date(2026, 11, 26): "Thanksgiving"}, (state("LA"),), (), None)
FACTS = GateFacts(SWITCHES, RECIPIENT, DRAFT, HISTORY, LIMITS, RULEBOOK)


def facts(**changes: dict[str, Any]) -> GateFacts:
    """The plain lawful text with some facts changed: facts(recipient={"line_type": "landline"})."""
    return replace(FACTS, **{part: replace(getattr(FACTS, part), **fields) for part, fields in changes.items()})


def in_states(*codes: str) -> GateFacts:
    return facts(rulebook={"states": tuple(map(state, codes))})


def test_a_lawful_text_may_leave_and_the_decision_is_its_evidence() -> None:
    found = decide(FACTS, NOON)
    assert (found.outcome, found.until, found.reason) == (Outcome.ALLOWED, None, "allowed")
    assert [verdict.rule for verdict in found.verdicts] == [rule.__name__ for rule in RULES]
    assert {verdict.outcome for verdict in found.verdicts} == {Outcome.ALLOWED}
    assert found.states == ("LA",)
    assert found.local_times == {"America/Chicago": "Mon 2026-11-23 12:00 CST"}
    assert found.rule_set_version == RULE_SET_VERSION


SUPPRESSIONS = ["opt_out", "wrong_number", "deceased", "national_dnc", "state_dnc", "litigator"]
REFUSALS: list[tuple[str, dict[str, dict[str, Any]], Outcome]] = [
    ("live_switch", {"switches": {"live": False}}, Outcome.DRY_RUN),
    ("live_switch", {"switches": {"market_active": False}}, Outcome.DRY_RUN),
    ("breaker", {"switches": {"breaker_open": "too many filtered"}}, Outcome.HELD),
    ("not_paused", {"switches": {"market_paused": "storm"}}, Outcome.HELD),
    ("not_paused", {"switches": {"campaign_paused": "by the manager"}}, Outcome.HELD),
    ("not_paused", {"switches": {"has_sender": False}}, Outcome.HELD),
    *[
        ("contactable", {"recipient": {"owner_kind": k}}, Outcome.BLOCKED)
        for k in ("government", "school", "church", "utility")
    ],
    *[("contactable", {"recipient": {"lead_stage": s}}, Outcome.BLOCKED) for s in ("dead", "disqualified")],
    *[
        ("contactable", {"recipient": {field: True}}, Outcome.BLOCKED)
        for field in (
            "owner_deleted",
            "lead_archived",
            "lead_deleted",
            "leads_put_away",
            "lead_moved",
            "parcel_improved",
        )
    ],
    ("ownership", {"recipient": {"lead_of_another": True}}, Outcome.BLOCKED),
    ("ownership", {"recipient": {"owner_undecided": True}}, Outcome.HELD),
    ("line", {"recipient": {"number_idle": "another number of this owner is confirmed"}}, Outcome.BLOCKED),
    ("consent", {"recipient": {"consents": ()}}, Outcome.BLOCKED),
    ("consent", {"recipient": {"consents": (replace(CONSENT, basis="bought_list"),)}}, Outcome.BLOCKED),
    ("consent", {"recipient": {"consents": (replace(CONSENT, given_at=NOON + HOUR),)}}, Outcome.BLOCKED),
    ("consent", {"recipient": {"consents": (replace(CONSENT, expires_at=NOON),)}}, Outcome.BLOCKED),
    ("consent", {"recipient": {"consents": (replace(CONSENT, withdrawn_at=NOON - HOUR),)}}, Outcome.BLOCKED),
    ("consent", {"recipient": {"consents": (replace(CONSENT, basis="verbal"),)}}, Outcome.BLOCKED),
    *[
        ("suppression", {"recipient": {"suppressions": (SuppressionFact(scope, reason),)}}, Outcome.BLOCKED)
        for scope in ("number", "owner")
        for reason in SUPPRESSIONS
    ],
    ("unread_reply", {"recipient": {"unprocessed_inbound": 1}}, Outcome.HELD),
    ("unread_reply", {"recipient": {"doubtful_opt_out": True}}, Outcome.HELD),
    ("line", {"recipient": {"line_type": "landline"}}, Outcome.BLOCKED),
    ("line", {"recipient": {"line_type": "toll_free"}}, Outcome.BLOCKED),
    ("line", {"recipient": {"number_bad": True}}, Outcome.BLOCKED),
    ("line", {"recipient": {"line_type": "unknown"}}, Outcome.HELD),
    ("line", {"recipient": {"line_type": ""}}, Outcome.HELD),
    ("emergency", {"rulebook": {"emergencies": (EmergencyHold("LA", NOON - DAY, None, "storm"),)}}, Outcome.HELD),
    ("frequency", {"limits": {"max_per_24h": 1}, "history": {"number_sent_at": (NOON - HOUR,)}}, Outcome.HELD),
    ("frequency", {"limits": {"max_per_24h": 1}, "history": {"owner_sent_at": (NOON - HOUR,)}}, Outcome.HELD),
    ("frequency", {"limits": {"max_per_24h": 0}}, Outcome.HELD),
    ("cool_down", {"history": {"owner_first_touches_at": (NOON - 3 * DAY,)}}, Outcome.HELD),
    ("caps", {"limits": {"caps": (Cap("sender today", 60, 60, NOON + DAY),)}}, Outcome.HELD),
    ("text", {"draft": {"body": " "}}, Outcome.BLOCKED),
    ("text", {"draft": {"body": "Hi Ann. Reply STOP to opt out."}}, Outcome.BLOCKED),
    ("text", {"draft": {"body": "Hi Ann, Jo here."}}, Outcome.BLOCKED),
    ("text", {"draft": {"body": BODY + " {{situs}}"}}, Outcome.BLOCKED),
    ("text", {"draft": {"body": BODY + " x" * 250}}, Outcome.BLOCKED),
]


@pytest.mark.parametrize(("rule", "changes", "outcome"), REFUSALS)
def test_each_rule_alone_keeps_the_text_back(rule: str, changes: dict[str, dict[str, Any]], outcome: Outcome) -> None:
    found = decide(facts(**changes), NOON)
    assert found.outcome == outcome
    assert {verdict.rule for verdict in found.verdicts if verdict.outcome is not Outcome.ALLOWED} == {rule}
    assert next(verdict.reason for verdict in found.verdicts if verdict.rule == rule) in found.reason


def test_every_rule_but_hours_is_in_that_list() -> None:
    assert {rule for rule, _, _ in REFUSALS} | {"hours"} == {rule.__name__ for rule in RULES}


@pytest.mark.parametrize("basis", ["web_form", "inbound", "letter_reply", "existing_deal"])
def test_a_recorded_basis_is_good_for_a_text(basis: str) -> None:
    found = decide(facts(recipient={"consents": (replace(CONSENT, basis=basis),)}), NOON)
    assert found.outcome == Outcome.ALLOWED


def test_verbal_consent_needs_its_script() -> None:
    verbal = replace(CONSENT, basis="verbal", has_script=True)
    assert decide(facts(recipient={"consents": (verbal,)}), NOON).outcome == Outcome.ALLOWED


@pytest.mark.parametrize(
    ("cold", "outcome"),
    [
        (ColdTextDecision("dana", "pilot approved by counsel", NOON - DAY), Outcome.ALLOWED),
        (ColdTextDecision("dana", " ", NOON - DAY), Outcome.BLOCKED),
        (ColdTextDecision("", "pilot", NOON - DAY), Outcome.BLOCKED),
        (ColdTextDecision("dana", "pilot", NOON + HOUR), Outcome.BLOCKED),
        (ColdTextDecision("dana", "pilot", NOON - DAY, ends_at=NOON), Outcome.BLOCKED),
    ],
)
def test_only_a_complete_decision_in_force_widens_to_cold_texts(cold: ColdTextDecision, outcome: Outcome) -> None:
    found = decide(facts(recipient={"consents": ()}, rulebook={"cold_text": cold}), NOON)
    assert found.outcome == outcome


def test_sunday_in_louisiana_waits_for_monday_in_words() -> None:
    found = decide(FACTS, SUNDAY)
    assert found.outcome == Outcome.HELD
    assert found.until == datetime(2026, 11, 30, 8, tzinfo=CENTRAL)
    assert found.reason == "held until Mon 8:00 Central: Sunday in Louisiana"


def test_the_hours_that_were_kept_are_part_of_the_evidence() -> None:
    said = next(verdict.reason for verdict in decide(in_states("LA", "TX"), NOON).verdicts if verdict.rule == "hours")
    assert said == (
        "federal hours 8:00–21:00 every day; Louisiana 8:00–20:00 Mon–Sat, no holidays; "
        "Texas 9:00–21:00 every day, Sunday from 12:00"
    )


def test_what_might_arrive_after_closing_waits_for_the_next_opening() -> None:
    closing = NOON.replace(hour=20)
    assert decide(FACTS, closing - LEAVES_WITHIN - timedelta(seconds=1)).outcome == Outcome.ALLOWED
    found = decide(FACTS, closing - LEAVES_WITHIN)
    assert found.until == datetime(2026, 11, 24, 8, tzinfo=CENTRAL)
    late = "it might arrive too late: after 20:00 in Louisiana (Central)"
    assert found.reason == f"held until Tue 8:00 Central: {late}"


def test_a_texas_phone_on_a_louisiana_parcel_obeys_both() -> None:
    both = in_states("LA", "TX")
    assert decide(both, NOON.replace(hour=8, minute=30)).until == NOON.replace(hour=10)  # 9:00 in El Paso
    assert decide(both, NOON.replace(hour=20)).outcome == Outcome.HELD  # Texas would allow it, Louisiana does not
    assert decide(both, SUNDAY.replace(hour=15)).until == datetime(2026, 11, 30, 10, tzinfo=CENTRAL)
    assert decide(both, NOON).outcome == Outcome.ALLOWED
    assert decide(both, NOON).states == ("LA", "TX")


def test_the_florida_panhandle_is_looked_at_on_both_clocks() -> None:
    florida = in_states("FL")
    assert decide(florida, NOON.replace(hour=7, minute=30)).outcome == Outcome.HELD  # 8:30 in Miami, 7:30 in Pensacola
    assert decide(florida, NOON.replace(hour=8)).outcome == Outcome.ALLOWED
    assert decide(florida, NOON.replace(hour=19)).outcome == Outcome.HELD  # 20:00 in Miami
    assert set(decide(florida, NOON).local_times) == {"America/New_York", "America/Chicago"}


@pytest.mark.parametrize("states", [(), (StateFacts("*", None, UNKNOWN_ZONES),), (StateFacts("*", None, ()),)])
def test_nobody_knows_where_means_every_clock_of_the_country(states: tuple[StateFacts, ...]) -> None:
    unknown = facts(rulebook={"states": states})
    assert decide(unknown, NOON).outcome == Outcome.HELD  # 8:00 in Honolulu
    assert decide(unknown, NOON.replace(hour=13)).outcome == Outcome.ALLOWED
    assert decide(unknown, NOON.replace(hour=19)).outcome == Outcome.HELD  # 20:00 in New York
    assert decide(unknown, datetime(2026, 11, 26, 14, tzinfo=CENTRAL)).until == datetime(
        2026, 11, 27, 13, tzinfo=CENTRAL
    )


def test_a_state_without_a_rule_keeps_the_strict_hours_and_federal_holidays() -> None:
    georgia = in_states("GA")
    assert decide(georgia, NOON).outcome == Outcome.ALLOWED
    assert "Thanksgiving in Georgia" in decide(georgia, datetime(2026, 11, 26, 12, tzinfo=CENTRAL)).reason


def test_the_federal_floor_applies_whatever_a_state_says() -> None:
    lax = replace(SEED["AR"], start=SEED["AR"].start.replace(hour=5))
    early = facts(rulebook={"states": (StateFacts("AR", lax, ("America/Chicago",)),)})
    assert (
        decide(early, NOON.replace(hour=7)).reason
        == "held until Mon 8:00 Central: before 8:00 in federal hours (Central)"
    )


@pytest.mark.parametrize(
    ("late", "until"),
    [
        (datetime(2026, 3, 7, 21, tzinfo=CENTRAL), datetime(2026, 3, 9, 13, tzinfo=UTC)),
        (datetime(2026, 10, 31, 21, tzinfo=CENTRAL), datetime(2026, 11, 2, 14, tzinfo=UTC)),
    ],
)
def test_both_clock_changes(late: datetime, until: datetime) -> None:
    consented = facts(recipient={"consents": (replace(CONSENT, given_at=late - DAY),)})
    assert decide(consented, late).until == until


def test_an_emergency_stops_louisiana_and_nothing_else() -> None:
    hold = EmergencyHold("LA", NOON - HOUR, NOON + 6 * DAY, "hurricane")
    storm = facts(rulebook={"emergencies": (hold,)})
    assert decide(storm, NOON).until == datetime(2026, 11, 30, 8, tzinfo=CENTRAL)  # it ends on a Sunday
    assert "emergency in Louisiana: hurricane" in decide(storm, NOON).reason
    elsewhere = facts(rulebook={"emergencies": (hold,), "states": (state("TX"),)})
    assert decide(elsewhere, NOON).outcome == Outcome.ALLOWED


def test_a_hold_that_begins_before_the_text_has_arrived_keeps_it_back() -> None:
    hold = EmergencyHold("LA", NOON + LEAVES_WITHIN, NOON + HOUR, "hurricane")
    assert decide(facts(rulebook={"emergencies": (hold,)}), NOON).until == NOON + HOUR


def test_a_hold_that_begins_before_the_next_opening_is_waited_out_too() -> None:
    hold = EmergencyHold("LA", SUNDAY + HOUR, SUNDAY + 2 * DAY, "hurricane")
    assert decide(facts(rulebook={"emergencies": (hold,)}), SUNDAY).until == SUNDAY + 2 * DAY


def test_an_open_ended_hold_names_no_time() -> None:
    hold = EmergencyHold("LA", NOON - HOUR, None, "hurricane")
    found = decide(facts(rulebook={"emergencies": (hold,)}), SUNDAY)
    assert (found.outcome, found.until) == (Outcome.HELD, None)


@pytest.mark.parametrize("code", ["FL", "OK"])
def test_three_texts_in_24_hours(code: str) -> None:
    sent = (NOON - 25 * HOUR, NOON - 23 * HOUR, NOON - 22 * HOUR, NOON - HOUR)
    capped = replace(in_states(code), history=replace(HISTORY, owner_sent_at=sent))
    found = decide(capped, NOON)
    assert (found.outcome, found.until) == (Outcome.HELD, NOON + HOUR)
    assert found.until is not None
    assert decide(capped, found.until).outcome == Outcome.ALLOWED
    assert decide(replace(in_states("AR"), history=capped.history), NOON).outcome == Outcome.ALLOWED


def test_over_the_cap_the_verdict_waits_for_the_text_that_makes_room() -> None:
    sent = tuple(NOON - hours * HOUR for hours in (1, 20, 22, 23))
    found = decide(replace(in_states("FL"), history=replace(HISTORY, number_sent_at=sent)), NOON)
    assert next(verdict.until for verdict in found.verdicts if verdict.rule == "frequency") == NOON + 2 * HOUR


def test_a_rule_that_holds_until_a_time_gone_by_names_no_time() -> None:
    found = decide(FACTS, NOON, rules=(lambda facts, now: Verdict("stuck", Outcome.HELD, "stuck", NOON),))
    assert (found.outcome, found.until) == (Outcome.HELD, None)


def test_the_cool_down_is_for_first_touches_only_and_ends() -> None:
    touched = History((), (), (NOON - 4 * DAY + HOUR,))
    assert decide(replace(FACTS, history=touched), NOON).until == NOON + HOUR
    later = replace(FACTS, history=touched, draft=replace(DRAFT, is_first_touch=False))
    assert decide(later, NOON).outcome == Outcome.ALLOWED


def test_caps_count_texts_or_segments_and_start_again() -> None:
    brand = Cap("brand at T-Mobile today", 2000, 1999, NOON + HOUR, counts_segments=True)
    assert decide(facts(limits={"caps": (brand,)}), NOON).outcome == Outcome.ALLOWED
    two_segments = facts(limits={"caps": (brand,)}, draft={"body": BODY + " x" * 60})
    assert decide(two_segments, NOON).until == NOON + HOUR
    full = replace(brand, used=2000)
    assert decide(facts(limits={"caps": (full,)}), NOON).until == NOON + HOUR
    assert decide(facts(limits={"caps": (full,)}), NOON + HOUR).outcome == Outcome.ALLOWED
    closed = replace(brand, limit=0)
    found = decide(facts(limits={"caps": (closed,)}), NOON)
    assert (found.outcome, found.until) == (Outcome.HELD, None)


def test_the_opt_out_wording_is_asked_of_the_first_text_only() -> None:
    body = "Jo here again about your land."
    assert decide(facts(draft={"body": body}), NOON).outcome == Outcome.BLOCKED
    assert decide(facts(draft={"body": body, "is_first_text": False}), NOON).outcome == Outcome.ALLOWED


def test_the_strictest_verdict_wins() -> None:
    dry = facts(switches={"live": False})
    assert decide(dry, NOON).outcome == Outcome.DRY_RUN
    assert decide(dry, SUNDAY).outcome == Outcome.HELD
    suppressed = facts(switches={"live": False}, recipient={"suppressions": (SuppressionFact("number", "opt_out"),)})
    found = decide(suppressed, SUNDAY)
    assert (found.outcome, found.until) == (Outcome.BLOCKED, None)
    assert found.reason == "blocked: the number is suppressed: opt out"


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        decide(FACTS, datetime(2026, 11, 23, 12))


def test_without_any_rule_nothing_may_leave() -> None:
    assert decide(FACTS, NOON, rules=()).outcome == Outcome.BLOCKED


CODES = st.lists(st.sampled_from([*SEED.keys() - {"US", "*"}, "GA", "CA", "AZ", "PR", "XX"]), max_size=3, unique=True)
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC))
CHANGES = st.lists(st.sampled_from([changes for _, changes, _ in REFUSALS]), max_size=2)
SENT = st.lists(st.timedeltas(timedelta(0), timedelta(hours=48)), max_size=5)


@st.composite
def any_facts(draw: st.DrawFn) -> tuple[GateFacts, datetime]:
    now = draw(INSTANTS)
    found = replace(
        in_states(*draw(CODES)), recipient=replace(RECIPIENT, consents=(replace(CONSENT, given_at=now - DAY),))
    )
    for changes in draw(CHANGES):
        found = replace(found, **{part: replace(getattr(found, part), **fields) for part, fields in changes.items()})
    sent = tuple(now - ago for ago in draw(SENT))
    return replace(found, history=replace(found.history, owner_sent_at=sent)), now


@settings(max_examples=150, deadline=None)
@given(any_facts(), st.lists(st.sampled_from(RULES), min_size=1, unique=True), st.sampled_from(RULES))
def test_one_more_rule_never_allows_more(case: tuple[GateFacts, datetime], rules: list[Rule], extra: Rule) -> None:
    found, now = case
    fewer, more = decide(found, now, tuple(rules)), decide(found, now, (*rules, extra))
    assert STRICTNESS[more.outcome] >= STRICTNESS[fewer.outcome]
    if fewer.until and more.until:
        assert more.until >= fewer.until


@settings(max_examples=150, deadline=None)
@given(any_facts())
def test_nothing_is_allowed_outside_any_window_and_until_is_a_good_instant(case: tuple[GateFacts, datetime]) -> None:
    found, now = case
    decision = decide(found, now)
    windows = found.rulebook.windows
    if decision.outcome in (Outcome.ALLOWED, Outcome.DRY_RUN):
        for window in windows:
            there = now.astimezone(ZoneInfo(window.zone))
            assert window.hours.starts_on(there.date()) <= there.time() < window.hours.end
            assert there.weekday() in window.hours.days
    if decision.until is not None:
        assert decision.until > now
        assert all(window.is_open(decision.until) for window in windows)
        assert decide(found, decision.until).outcome is not Outcome.HELD


@settings(max_examples=50, deadline=None)
@given(any_facts())
def test_the_same_facts_at_the_same_time_give_the_same_decision(case: tuple[GateFacts, datetime]) -> None:
    found, now = case
    assert decide(found, now) == decide(found, now.astimezone(CENTRAL))
