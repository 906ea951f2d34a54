"""The dry run of a campaign: the gate's answer for every owner, day after day until the queue would be empty."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from core.phones import mask
from leads.models import Lead, PhoneNumber
from outreach.audience import Prospect
from outreach.enrolling import NO_NUMBER
from outreach.gate import Decision, Outcome
from outreach.gatekeeper import Gatekeeper
from outreach.ledger import caps_of
from outreach.models import Campaign, Message
from outreach.provider import may_send
from outreach.querysets.messages import Use
from outreach.shared_numbers import SharedNumbers

SAMPLE = 50
WORDED = 2_000
"""Texts of which the words are kept: the samples are among them, and fifty thousand would fill the memory."""
MOST_HOLDS = 40
"""A text is followed through so many waits; one that is still held then counts as waiting."""


@dataclass(frozen=True)
class PlannedText:
    """What would become of one owner's text. `at` None: it does not leave, or nobody can say when."""

    lead_id: int
    owner: str
    phone_id: int | None
    sender_id: int | None
    outcome: str
    at: datetime | None
    reason: str
    segments: int
    body: str
    variant: str = ""

    def as_json(self) -> dict[str, Any]:
        """Ids in place of the owner and the numbers."""
        plain = {name: value for name, value in vars(self).items() if name not in ("lead_id", "owner", "at")}
        return plain | {"lead": self.lead_id, "at": self.at.isoformat() if self.at else None}


@dataclass(frozen=True)
class CampaignPlan:
    """`by_reason`: why owners get no text, in words. `cost` in dollars. `caps`: cap -> (used with this, limit).

    `days`: date in the market -> texts that leave on it. `variants`: wording -> texts.
    `to_look_up`: numbers of unknown line type, planned as mobile ones; the look-up before the text may stop some.
    """

    at: datetime
    live: bool
    owners: int
    to_send: int
    waiting: int
    blocked: int
    without_number: int
    to_look_up: int
    today: int
    segments: int
    cost: Decimal
    first_at: datetime | None
    last_at: datetime | None
    by_reason: dict[str, int]
    caps: dict[str, tuple[int, int]]
    days: dict[str, int]
    variants: dict[str, int]
    texts: tuple[PlannedText, ...] = field(repr=False)

    def as_json(self) -> dict[str, Any]:
        """Without names, numbers or words of more than a sample."""
        plain = {name: value for name, value in vars(self).items() if name not in ("texts", "cost", "caps")}
        plain |= {name: moment.isoformat() if moment else None for name, moment in self._moments().items()}
        plain |= {"cost": str(self.cost), "caps": {name: list(cap) for name, cap in self.caps.items()}}
        return plain | {"sample": self._sample(leaving=True), "kept_back": self._sample(leaving=False)}

    def _sample(self, *, leaving: bool) -> list[dict[str, Any]]:
        texts = (text for text in self.texts if (text.outcome == Outcome.ALLOWED) == leaving)
        return [text.as_json() for text in islice(texts, SAMPLE)]

    def _moments(self) -> dict[str, datetime | None]:
        return {"at": self.at, "first_at": self.first_at, "last_at": self.last_at}


class Planner:
    """`start`: when the text is due at the earliest, of a campaign that begins with something else. `untexted`: owners
    of one that has no text."""

    def __init__(self, campaign: Campaign, now: datetime, start: datetime | None = None) -> None:
        self.campaign, self.now = campaign, now
        self.texts: list[PlannedText] = []
        self.untexted = 0
        self.caps: dict[str, tuple[int, int]] = {}
        self._unknown_lines: set[int] = set()
        self._uses: list[Use] = []
        self._shared = SharedNumbers(now)
        self._not_blocked = 0
        self._from = start or now

    @property
    def is_full(self) -> bool:
        most = self.campaign.max_owners
        return bool(most) and self._not_blocked >= (most or 0)

    @property
    def owners(self) -> int:
        return len(self.texts) + self.untexted

    def add(self, drafts: Sequence[tuple[Prospect, Message | None]]) -> None:
        messages = [message for _, message in drafts if message]
        self._suppose_mobile(message.phone for message in messages)
        self._shared.look_up(messages)
        keeper = Gatekeeper(messages, self.now, planned=self._uses)
        for prospect, message in drafts:
            if self.is_full:
                return
            text = self._follow(keeper, prospect, message)
            self._not_blocked += text.outcome != Outcome.BLOCKED
            self.texts.append(text)
            if message is not None:
                self._note_caps(keeper, message)

    def pass_over(self, lead: Lead, why: str) -> None:
        """An owner who would not be taken in, or for whom the step would not be done."""
        if self.is_full:
            return
        self.texts.append(self._text(Prospect(lead, None), Outcome.BLOCKED, None, why, None))

    def since(self, place: int) -> Iterator[PlannedText]:
        return islice(self.texts, place, None)

    def plan(self) -> CampaignPlan:
        leaving = [text for text in self.texts if text.outcome == Outcome.ALLOWED]
        moments = [text.at for text in leaving if text.at]
        segments = sum(text.segments for text in leaving)
        outcomes = Counter(text.outcome for text in self.texts)
        return CampaignPlan(
            at=self.now,
            live=may_send(),
            owners=self.owners,
            to_send=len(leaving),
            waiting=outcomes[Outcome.HELD],
            blocked=outcomes[Outcome.BLOCKED],
            without_number=sum(text.reason == NO_NUMBER for text in self.texts),
            to_look_up=len(self._unknown_lines),
            today=sum(self._is_today(moment) for moment in moments),
            segments=segments,
            cost=(self.campaign.market.segment_cost * segments).quantize(Decimal("0.01")),
            first_at=min(moments, default=None),
            last_at=max(moments, default=None),
            by_reason=dict(Counter(text.reason for text in self.texts if text.reason).most_common()),
            caps=self.caps,
            days=dict(sorted(Counter(self._day(moment).isoformat() for moment in moments).items())),
            variants=dict(Counter(text.variant for text in leaving if text.variant).most_common()),
            texts=tuple(self.texts),
        )

    def _suppose_mobile(self, phones: Iterable[PhoneNumber]) -> None:
        """Each is looked up before its text leaves, but not for a plan: a look-up costs money."""
        for phone in phones:
            if phone.line_type == PhoneNumber.LineType.UNKNOWN and may_send():
                self._unknown_lines.add(phone.pk)
                phone.line_type = PhoneNumber.LineType.MOBILE

    def _follow(self, keeper: Gatekeeper, prospect: Prospect, message: Message | None) -> PlannedText:
        if message is None:
            return self._text(prospect, Outcome.BLOCKED, None, NO_NUMBER, message)
        at = self._from
        for _ in range(MOST_HOLDS):
            decision = self._shared.narrow(message, keeper.decide(message, at))
            if decision.outcome != Outcome.HELD or decision.until is None:
                break
            self._wait_for_caps(decision)
            at = max(decision.until, self._from)
        if decision.outcome != Outcome.BLOCKED:
            self._shared.take(message)
        if decision.outcome in (Outcome.ALLOWED, Outcome.DRY_RUN):
            keeper.take(message, at)
            self._uses.append(_use(message, at))
            return self._text(prospect, Outcome.ALLOWED, at, "", message)
        return self._text(prospect, decision.outcome, decision.until, _why(decision), message)

    def _wait_for_caps(self, decision: Decision) -> None:
        """What one text finds used up, the next ones find used up as well: they start looking after it."""
        for verdict in decision.verdicts:
            if verdict.rule == "caps" and verdict.until:
                self._from = max(self._from, verdict.until)

    def _note_caps(self, keeper: Gatekeeper, message: Message) -> None:
        """Those of a day: a minute says nothing about a campaign. Each of our numbers has one of its own."""
        for row, cap in zip(caps_of(message, self.now), keeper.ledger.caps(message, self.now), strict=True):
            if row.zone is not None:
                name = _of_sender(message) if row.scope == "sender" else row.name
                self.caps[name] = (cap.used, cap.limit)

    def _is_today(self, moment: datetime) -> bool:
        return self._day(moment) == self._day(self.now)

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self.campaign.market.zone).date()

    def _text(
        self, prospect: Prospect, outcome: str, at: datetime | None, reason: str, message: Message | None
    ) -> PlannedText:
        return PlannedText(
            lead_id=prospect.lead.pk,
            owner=prospect.lead.owner.name,
            phone_id=message.phone_id if message else None,
            sender_id=message.sender_id if message else None,
            outcome=outcome,
            at=at,
            reason=reason,
            segments=message.segments if message else 0,
            body=message.body if message and len(self.texts) < WORDED else "",
            variant=_wording(message) if message else "",
        )


def _wording(message: Message) -> str:
    """Its name, and how its template differs from the step's: the Spanish A is not the English one."""
    if message.variant is None or message.step is None:
        return ""
    used, named = message.variant.template, message.step.template
    differs = [
        str(used.get_language_display()) if used.language != named.language else "",
        "the market's own" if used.market_id != named.market_id else "",
    ]
    words = ", ".join(filter(None, differs))
    return f"{message.variant.name} ({words})"[:40] if words else message.variant.name


def _of_sender(message: Message) -> str:
    sender = message.sender
    return f"texts a day from {sender.label or mask(sender.number)}" if sender else ""


def _why(decision: Decision) -> str:
    return "; ".join(verdict.reason for verdict in decision.verdicts if verdict.outcome == decision.outcome)


def _use(message: Message, at: datetime) -> Use:
    campaign = message.step.campaign_id if message.step else None
    return Use(message.market_id, campaign, message.sender_id, message.phone.carrier, message.segments, at)
