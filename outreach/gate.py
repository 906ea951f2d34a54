"""The one gate: may this text leave now? Pure rules over plain facts; the decision is the evidence that is kept."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from outreach.area_codes import state_name
from outreach.gate_facts import Cap, GateFacts
from outreach.hours import closed_reasons, in_words, next_open, rules_in_words
from outreach.rendering import identifies_sender, includes_opt_out_wording, unresolved
from outreach.segments import measure

RULE_SET_VERSION = "4"
DAY = timedelta(hours=24)
LISTS = {"national_dnc": "national do-not-call list", "state_dnc": "state do-not-call list"}
LEAVES_WITHIN = timedelta(minutes=2)
"""From the judgment of a text to its arrival: it has to be lawful all that time. Workers act on no older judgment."""


class Outcome(StrEnum):
    ALLOWED = "allowed"
    DRY_RUN = "dry_run"
    HELD = "held"
    BLOCKED = "blocked"


STRICTNESS = {outcome: rank for rank, outcome in enumerate(Outcome)}


@dataclass(frozen=True)
class Verdict:
    """`until` None on a held verdict: until somebody acts or something is processed, not until a time."""

    rule: str
    outcome: Outcome
    reason: str = ""
    until: datetime | None = None


@dataclass(frozen=True)
class Decision:
    """`until` is set only when held for a known time, and is itself an instant at which nothing is held any more."""

    outcome: Outcome
    until: datetime | None
    reason: str
    verdicts: tuple[Verdict, ...]
    states: tuple[str, ...]
    local_times: dict[str, str]
    rule_set_version: str = RULE_SET_VERSION


Rule = Callable[[GateFacts, datetime], Verdict]


def _verdict(rule: str, reason: str, bad: Outcome, until: datetime | None = None) -> Verdict:
    return Verdict(rule, bad, reason, until) if reason else Verdict(rule, Outcome.ALLOWED)


def live_switch(facts: GateFacts, now: datetime) -> Verdict:
    reasons = [
        "" if facts.switches.live else "the live switch is off",
        "" if facts.switches.market_active else "the market is not active",
    ]
    return _verdict("live_switch", "; ".join(filter(None, reasons)), Outcome.DRY_RUN)


def not_paused(facts: GateFacts, now: datetime) -> Verdict:
    reasons = [
        facts.switches.market_paused and f"the market is paused: {facts.switches.market_paused}",
        facts.switches.campaign_paused and f"the campaign is paused: {facts.switches.campaign_paused}",
        "" if facts.switches.has_sender else "the market has no active sender number",
    ]
    return _verdict("not_paused", "; ".join(filter(None, reasons)), Outcome.HELD)


def breaker(facts: GateFacts, now: datetime) -> Verdict:
    """Held, not recorded as a dry run: the texts leave when the breaker has closed, and none is lost."""
    why, until = facts.switches.breaker_open, facts.switches.breaker_until
    is_over = until is not None and until <= now
    return _verdict("breaker", f"a breaker is open: {why}" if why and not is_over else "", Outcome.HELD, until)


def contactable(facts: GateFacts, now: datetime) -> Verdict:
    person, book = facts.recipient, facts.rulebook
    reasons = [
        f"a {person.owner_kind} owner is never contacted" if person.owner_kind in book.kinds_never_contacted else "",
        "the owner's record was deleted" if person.owner_deleted else "",
        f"the lead is {person.lead_stage}" if person.lead_stage in book.stages_not_contacted else "",
        "the lead is archived" if person.lead_archived else "",
        "the lead was deleted" if person.lead_deleted else "",
        "every lead of the owner is archived or deleted" if person.leads_put_away else "",
        "the lead has moved to another market than the campaign's" if person.lead_moved else "",
        "the parcel is improved" if person.parcel_improved else "",
    ]
    return _verdict("contactable", "; ".join(filter(None, reasons)), Outcome.BLOCKED)


def ownership(facts: GateFacts, now: datetime) -> Verdict:
    if facts.recipient.lead_of_another:
        return Verdict("ownership", Outcome.BLOCKED, "the parcel has a new owner")
    reason = "the parcel has a new owner: a person has to decide" if facts.recipient.owner_undecided else ""
    return _verdict("ownership", reason, Outcome.HELD)


def consent(facts: GateFacts, now: datetime) -> Verdict:
    cold = facts.rulebook.cold_text
    good = [fact for fact in facts.recipient.consents if fact.good_at(now)]
    if good:
        return Verdict("consent", Outcome.ALLOWED, f"{good[0].basis.replace('_', ' ')}, {good[0].given_at:%-d %b %Y}")
    if cold is not None and cold.good_at(now):
        return Verdict("consent", Outcome.ALLOWED, f"no consent; market decision by {cold.by}: {cold.reason}")
    return Verdict("consent", Outcome.BLOCKED, "no consent good for a text: send a letter or call instead")


def suppression(facts: GateFacts, now: datetime) -> Verdict:
    found = [
        f"the {fact.scope} is suppressed: {LISTS.get(fact.reason) or fact.reason.replace('_', ' ')}"
        for fact in facts.recipient.suppressions
    ]
    return _verdict("suppression", "; ".join(found), Outcome.BLOCKED)


def unread_reply(facts: GateFacts, now: datetime) -> Verdict:
    reasons = [
        "a reply of this number or owner is not processed yet" if facts.recipient.unprocessed_inbound else "",
        "a reply may be an opt-out: a person has to decide" if facts.recipient.doubtful_opt_out else "",
    ]
    return _verdict("unread_reply", "; ".join(filter(None, reasons)), Outcome.HELD)


def line(facts: GateFacts, now: datetime) -> Verdict:
    kind = facts.recipient.line_type or "unknown"
    if facts.recipient.number_idle:
        return Verdict("line", Outcome.BLOCKED, facts.recipient.number_idle)
    if facts.recipient.number_bad:
        return Verdict("line", Outcome.BLOCKED, "the number is known to be bad")
    if kind == "unknown":
        return Verdict("line", Outcome.HELD, "the line type is unknown: look it up first")
    textable = kind in facts.rulebook.textable_lines
    name = kind if kind.endswith("line") else f"{kind} line"
    return _verdict("line", "" if textable else f"a {name} cannot be texted", Outcome.BLOCKED)


def hours(facts: GateFacts, now: datetime) -> Verdict:
    windows, arrives = facts.rulebook.windows, now + LEAVES_WITHIN
    if reasons := closed_reasons(windows, now):
        return Verdict("hours", Outcome.HELD, "; ".join(reasons), next_open(windows, now))
    if reasons := closed_reasons(windows, arrives):
        late = f"it might arrive too late: {'; '.join(reasons)}"
        return Verdict("hours", Outcome.HELD, late, next_open(windows, arrives))
    return Verdict("hours", Outcome.ALLOWED, rules_in_words(windows))


def emergency(facts: GateFacts, now: datetime) -> Verdict:
    considered = {state.state for state in facts.rulebook.considered}
    moments = (now, now + LEAVES_WITHIN)
    holds = [h for h in facts.rulebook.emergencies if h.state in considered and any(map(h.on_at, moments))]
    reasons = [f"emergency in {state_name(hold.state)}: {hold.why}" for hold in holds]
    ends = [hold.ends_at for hold in holds]
    known = [end for end in ends if end is not None]
    until = max(known) if known and len(known) == len(ends) else None
    return _verdict("emergency", "; ".join(reasons), Outcome.HELD, until)


def frequency(facts: GateFacts, now: datetime) -> Verdict:
    caps = [row.max_per_24h for row in facts.rulebook.hours] + [facts.limits.max_per_24h]
    known = [cap for cap in caps if cap is not None]
    if not known:
        return Verdict("frequency", Outcome.ALLOWED)
    cap = min(known)
    histories = (facts.history.number_sent_at, facts.history.owner_sent_at)
    full = [sent for sent in (_last_day(times, now) for times in histories) if len(sent) >= cap]
    reason = f"{cap} texts in 24 h already" if full else ""
    until = max(sent[-cap] + DAY for sent in full) if full and cap > 0 else None
    return _verdict("frequency", reason, Outcome.HELD, until)


def cool_down(facts: GateFacts, now: datetime) -> Verdict:
    touches = facts.history.owner_first_touches_at if facts.draft.is_first_touch else ()
    until = max(touches, default=now) + facts.limits.cool_down
    cooling = bool(touches) and until > now
    return _verdict("cool_down", "this owner had a first touch lately" if cooling else "", Outcome.HELD, until)


def caps(facts: GateFacts, now: datetime) -> Verdict:
    segments = measure(facts.draft.body).count
    full = [cap for cap in facts.limits.caps if now < cap.resets_at and _over(cap, cap.used, segments)]
    never = [cap for cap in facts.limits.caps if _over(cap, 0, segments)]
    names = ", ".join(dict.fromkeys(cap.name for cap in [*full, *never]))
    until = None if never else max((cap.resets_at for cap in full), default=None)
    return _verdict("caps", f"used up: {names}" if names else "", Outcome.HELD, until)


def text(facts: GateFacts, now: datetime) -> Verdict:
    draft, most = facts.draft, facts.limits.max_segments
    leftover, segments = unresolved(draft.body), measure(draft.body).count
    reasons = [
        "" if draft.body.strip() else "the text is empty",
        "" if identifies_sender(draft.body, draft.sender_names) else "the text does not say who sends it",
        "the first text that reaches a number must say how to opt out"
        if draft.is_first_text and not includes_opt_out_wording(draft.body)
        else "",
        f"a placeholder is not filled in: {leftover}" if leftover else "",
        f"{segments} segments, {most} allowed" if segments > most else "",
    ]
    return _verdict("text", "; ".join(filter(None, reasons)), Outcome.BLOCKED)


RULES: tuple[Rule, ...] = (
    live_switch,
    not_paused,
    breaker,
    contactable,
    ownership,
    consent,
    suppression,
    unread_reply,
    line,
    hours,
    emergency,
    frequency,
    cool_down,
    caps,
    text,
)


TIME_RULES: tuple[Rule, ...] = (hours, emergency, frequency, cool_down, caps)
"""Those that are a matter of time alone: waiting long enough satisfies each, unless nobody knows how long."""


def next_allowed(facts: GateFacts, now: datetime) -> datetime | None:
    """The first instant from this one on at which every rule about time allows, whatever the others say; None when
    nobody knows."""
    found = decide(facts, now, TIME_RULES)
    return now.astimezone(UTC) if found.outcome is Outcome.ALLOWED else found.until


def decide(facts: GateFacts, now: datetime, rules: tuple[Rule, ...] = RULES) -> Decision:
    """`now` must be aware. The strictest verdict wins: blocked, then held, then dry run, then allowed."""
    if now.tzinfo is None:
        raise ValueError("the gate needs an aware instant")
    now = now.astimezone(UTC)
    verdicts = tuple(rule(facts, now) for rule in rules)
    outcome = max((verdict.outcome for verdict in verdicts), key=STRICTNESS.__getitem__, default=Outcome.BLOCKED)
    until = _released_at(facts, now, verdicts, rules) if outcome is Outcome.HELD else None
    zones = facts.rulebook.zones
    return Decision(
        outcome=outcome,
        until=until,
        reason=_in_words(outcome, verdicts, in_words(until, now, zones[0]) if until else ""),
        verdicts=verdicts,
        states=tuple(state.state for state in facts.rulebook.considered),
        local_times={window.zone: f"{window.local(now):%a %Y-%m-%d %H:%M %Z}" for window in facts.rulebook.windows},
    )


def _released_at(
    facts: GateFacts, now: datetime, verdicts: tuple[Verdict, ...], rules: tuple[Rule, ...]
) -> datetime | None:
    """The first instant found at which no rule holds; None when one of them waits for something else than time."""
    until = now
    while held := [verdict for verdict in verdicts if verdict.outcome is Outcome.HELD]:
        times = [verdict.until for verdict in held if verdict.until is not None and verdict.until > until]
        if len(times) < len(held):
            return None
        until = max(times).astimezone(UTC)
        verdicts = tuple(rule(facts, until) for rule in rules)
    return until


def _in_words(outcome: Outcome, verdicts: tuple[Verdict, ...], until: str) -> str:
    reasons = "; ".join(verdict.reason for verdict in verdicts if verdict.outcome is outcome)
    if outcome is Outcome.HELD:
        return f"held until {until}: {reasons}" if until else f"held: {reasons}"
    return "allowed" if outcome is Outcome.ALLOWED else f"{outcome.replace('_', ' ')}: {reasons}"


def _last_day(times: tuple[datetime, ...], now: datetime) -> list[datetime]:
    return sorted(moment for moment in times if moment > now - DAY)


def _over(cap: Cap, used: int, segments: int) -> bool:
    return used + (segments if cap.counts_segments else 1) > cap.limit
