"""The contact rules as they stand in the database, put together for one recipient."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from leads.models import Owner
from leads.stages import Stage
from markets.contact_hours import FEDERAL, UNKNOWN
from markets.models import ContactRule, EmergencyHold, Holiday, Market
from markets.seed_rules import WITHOUT_ROWS
from outreach.area_codes import considered_states, zones_of_area_code, zones_of_state
from outreach.gate import RULE_SET_VERSION
from outreach.gate_facts import ColdTextDecision, Rulebook, StateFacts
from outreach.gate_facts import EmergencyHold as HoldFact

if TYPE_CHECKING:
    from outreach.models import Message


class Rulebooks:
    """Loads rules, holidays, emergencies and the markets' decisions once, in a handful of queries, for one batch."""

    def __init__(self, markets: Iterable[Market], now: datetime) -> None:
        rules = list(ContactRule.objects.with_last_change())
        self._hours = {rule.state: rule.as_hours() for rule in rules}
        self._holidays: dict[str, dict[date, str]] = defaultdict(dict)
        for state, day, name in Holiday.objects.values_list("state", "date", "name"):
            self._holidays[state][day] = name
        self._holds = tuple(
            HoldFact(hold.state, hold.starts_at, hold.ends_at, hold.reason)
            for hold in EmergencyHold.objects.not_ended(now)
        )
        self._cold = {market.pk: cold_text_decision(market) for market in markets}
        changed = rules[0].last_change if rules else None
        self.version = f"{RULE_SET_VERSION}, rules of {changed:%Y-%m-%d %H:%M:%S}" if changed else RULE_SET_VERSION

    def for_text(self, message: Message) -> Rulebook:
        market = message.market
        assert market is not None
        return Rulebook(
            federal=self._hours.get(FEDERAL, WITHOUT_ROWS[FEDERAL]),
            unknown=self._hours.get(UNKNOWN, WITHOUT_ROWS[UNKNOWN]),
            federal_holidays=self._holidays[FEDERAL],
            states=(*self._states(message, market), self._house_hours(market)),
            emergencies=self._holds,
            cold_text=self._cold.get(market.pk),
            kinds_never_contacted=frozenset(str(kind) for kind in Owner.NEVER_CONTACTED),
            stages_not_contacted=frozenset({str(Stage.DISQUALIFIED), str(Stage.DEAD)}),
        )

    def _states(self, message: Message, market: Market) -> list[StateFacts]:
        """Parcel, market, mailing address, area code; a state known by its area code alone has that code's clocks
        only."""
        code = message.phone.area_code
        mailing = message.owner.mailing_state if message.owner else ""
        land = message.lead.parcel.parish.market.state if message.lead else ""
        worked_in = market.state if message.lead else ""
        considered = considered_states(parcel=land, market=worked_in, mailing=mailing, area_code=code)
        return [
            StateFacts(
                state=state,
                hours=self._hours.get(state),
                zones=zones_of_area_code(code) if why == ("area code",) else zones_of_state(state),
                holidays=self._holidays[state],
            )
            for state, why in considered.items()
        ]

    def _house_hours(self, market: Market) -> StateFacts:
        """The market's own hours, which can only be stricter than the law's."""
        own = self._hours.get(market.state)
        cap = own.max_per_24h if own else None
        return StateFacts(market.state, replace(market.as_hours(), max_per_24h=cap), (market.timezone,), ours=True)


def cold_text_decision(market: Market) -> ColdTextDecision | None:
    """Who allowed texts without consent, and when, from the market's history; without a name it is no decision."""
    if not market.allows_texts_without_consent:
        return None
    decided = Market.objects.decision_to_text_without_consent(market)
    if decided is None or decided.history_user is None:
        return None
    return ColdTextDecision(
        decided.history_user.get_username(), market.texts_without_consent_reason, decided.history_date
    )
