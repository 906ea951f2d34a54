"""Campaigns' texts on their way into the queue: worded, given a sender, judged by the gate and stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from outreach.audience import Prospect
from outreach.choosing import Chooser
from outreach.gate import Decision, Outcome
from outreach.gatekeeper import Gatekeeper, as_record
from outreach.models import CampaignStep, GateDecision, Message, SenderNumber
from outreach.pool import choose_sender
from outreach.shared_numbers import SharedNumbers
from outreach.wording import write_step


@dataclass(frozen=True)
class Draft:
    """A campaign's text to one owner, not saved; without a message the owner has no number, or nothing is worded."""

    prospect: Prospect
    message: Message | None


@dataclass(frozen=True)
class Judged:
    message: Message
    decision: Decision
    rule_set: str

    @property
    def is_blocked(self) -> bool:
        return self.message.state == Message.State.BLOCKED


def draft_texts(step: CampaignStep, prospects: Sequence[Prospect]) -> list[Draft]:
    chooser = Chooser([step.template], timezone.now())
    senders = list(SenderNumber.objects.usable([step.campaign.market_id]))
    known = Message.objects.last_senders({prospect.phone.pk for prospect in prospects if prospect.phone})
    return [
        Draft(prospect, _draft(step, prospect, _sender(senders, known, prospect), chooser)) for prospect in prospects
    ]


def judge_drafts(messages: Sequence[Message], now: datetime, most: int | None = None) -> list[Judged]:
    """Sets state and reason, saves nothing; goes no further once `most` of them may wait in the queue."""
    judged: list[Judged] = []
    keeper, shared, queued = Gatekeeper(messages, now), SharedNumbers(now), 0
    shared.look_up(messages)
    for message in messages:
        if most is not None and queued >= most:
            break
        decision = shared.narrow(message, keeper.decide(message, now))
        blocked = decision.outcome == Outcome.BLOCKED
        message.state, message.due_at = Message.State.BLOCKED if blocked else Message.State.QUEUED, now
        message.error = decision.reason[:300] if blocked else ""
        queued += not blocked
        if not blocked:
            shared.take(message)
        judged.append(Judged(message, decision, keeper.rule_set))
    return judged


def store_judged(judged: Sequence[Judged], now: datetime) -> None:
    """Held texts get their decision when they are claimed; a blocked one keeps it as the answer to "why not?"."""
    Message.objects.bulk_create([one.message for one in judged])
    blocked = [one for one in judged if one.is_blocked]
    GateDecision.objects.store(as_record(one.message, one.decision, now, one.rule_set) for one in blocked)


def _sender(senders: list[SenderNumber], known: dict[int, int], prospect: Prospect) -> SenderNumber | None:
    return choose_sender(senders, prospect.phone, known, prospect.lead.owner_id) if prospect.phone else None


def _draft(step: CampaignStep, prospect: Prospect, sender: SenderNumber | None, chooser: Chooser) -> Message | None:
    if prospect.phone is None:
        return None
    message = write_step(step, prospect.lead, prospect.phone, sender, chooser)
    if message is not None:
        message.market = step.campaign.market
    return message
