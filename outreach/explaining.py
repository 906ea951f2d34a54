"""Why a lead or a number may or may not be texted at some moment: the gate is asked, as it is for sending, and nothing
is written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from core.results import Result
from leads.models import Lead, Owner, OwnerPhone, PhoneNumber
from markets.models import Market
from outreach.area_codes import area_code_of, considered_states, state_of_area_code
from outreach.audience import with_numbers
from outreach.gate import Decision, decide, next_allowed
from outreach.gatekeeper import Gatekeeper
from outreach.models import Message
from outreach.sending import prepare_texts
from outreach.wording import sign

if TYPE_CHECKING:
    from outreach.gate_facts import GateFacts

Origin = Message.Origin
SAMPLE = "About your land."


@dataclass(frozen=True)
class Explanation:
    """`message` is the waiting text that was judged, or a sample (not saved) where none waits. `next_allowed`: the
    first instant from `at` on at which everything that is a matter of time allows, whatever else keeps the text back.
    `states`: why each is considered."""

    message: Message
    at: datetime
    decision: Decision
    next_allowed: datetime | None
    states: dict[str, tuple[str, ...]]
    rule_set: str

    @property
    def is_sample(self) -> bool:
        return self.message.pk is None


@dataclass(frozen=True)
class Recipient:
    phone: PhoneNumber
    owner: Owner | None
    lead: Lead | None
    market: Market


def explain_lead(lead: Lead, at: datetime, *, as_reply: bool = False) -> Result[Explanation]:
    """About the text that waits for the lead, else about a sample to the owner's best number. Declines with
    `no_number`."""
    waiting = None if as_reply else Message.objects.next_waiting(lead=lead)
    if waiting is not None:
        return Result.ok(_explain(waiting, at))
    phone = with_numbers([lead])[0].phone
    if phone is None:
        return Result.declined("no_number", f"lead {lead.pk} has no phone number in use: send a letter instead")
    return Result.ok(_explain(_sample(Recipient(phone, lead.owner, lead, lead.market), as_reply), at))


def explain_number(number: str, at: datetime, *, as_reply: bool = False) -> Result[Explanation]:
    """About the text that waits for the number, else about a sample to the first owner who has it; a number that nobody
    knows is judged by its area code. Declines with `no_market`."""
    phone = PhoneNumber.objects.by_number(number)
    waiting = Message.objects.next_waiting(phone=phone) if phone and not as_reply else None
    if waiting is not None:
        return Result.ok(_explain(waiting, at))
    recipient = _recipient(phone or PhoneNumber(number=number, area_code=area_code_of(number)))
    if recipient is None:
        return Result.declined("no_market", "there is no market to text for: add one, or run seed_reference_data")
    return Result.ok(_explain(_sample(recipient, as_reply), at))


def _recipient(phone: PhoneNumber) -> Recipient | None:
    """Whom a text to this number would be meant for, and in which market's name."""
    owner = next(iter(OwnerPhone.objects.owners_of(phone)), None) if phone.pk else None
    lead = Lead.objects.best_of_owner(owner) if owner else None
    market = lead.market if lead else Market.objects.nearest_to(state_of_area_code(phone.area_code))
    return Recipient(phone, owner, lead, market) if market else None


def _sample(to: Recipient, as_reply: bool) -> Message:
    """What would be texted: a few words that say who writes and how to stop it."""
    return Message(
        direction=Message.Direction.OUT,
        origin=Origin.REPLY if as_reply else Origin.CAMPAIGN,
        state=Message.State.QUEUED,
        phone=to.phone,
        owner=to.owner,
        lead=to.lead,
        market=to.market,
        body=sign(SAMPLE, to.market, [to.market.company_name], is_first_text=True),
    )


def _explain(message: Message, at: datetime) -> Explanation:
    prepare_texts([message])
    keeper = Gatekeeper([message], at)
    facts = _facts(keeper, message, at)
    return Explanation(message, at, decide(facts, at), next_allowed(facts, at), _states(message), keeper.rule_set)


def _facts(keeper: Gatekeeper, message: Message, at: datetime) -> GateFacts:
    """A sample stands for a campaign's first touch, so that the cool-down counts."""
    facts = keeper.facts(message, at)
    if message.pk is None and message.origin == Origin.CAMPAIGN:
        return replace(facts, draft=replace(facts.draft, is_first_touch=True))
    return facts


def _states(message: Message) -> dict[str, tuple[str, ...]]:
    market, lead, owner = message.market, message.lead, message.owner
    assert market is not None
    found = considered_states(
        parcel=lead.parcel.parish.market.state if lead else "",
        market=market.state if lead else "",
        mailing=owner.mailing_state if owner else "",
        area_code=message.phone.area_code,
    )
    return {**found, market.state: (*found.get(market.state, ()), "the market's own hours")}
