"""Asking the gate about texts: its facts from the database, for many texts in few queries, and its answer kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from leads.models import Lead
from leads.stages import Stage
from outreach import gate
from outreach.breaker_board import BreakerBoard
from outreach.gate import Decision
from outreach.gate_facts import (
    ConsentFact,
    GateFacts,
    History,
    Limits,
    Recipient,
    SuppressionFact,
    Switches,
    TextDraft,
)
from outreach.ledger import Ledger
from outreach.models import Campaign, CampaignStep, Consent, GateDecision, Message, Suppression, WebhookEvent
from outreach.provider import may_send
from outreach.querysets import audience
from outreach.querysets.messages import Touch, Use
from outreach.rulebooks import Rulebooks

CAPS_LOOK_BACK = timedelta(hours=26)
"""Longer than any local or Pacific day, the one with 25 hours included."""


class Gatekeeper:
    """The facts about one batch of texts (saved or not) at one moment. `take` after each text that will leave."""

    def __init__(self, messages: Sequence[Message], now: datetime, *, planned: Iterable[Use] = ()) -> None:
        self._now = now
        self._live = may_send()
        markets = {message.market.pk: message.market for message in messages if message.market}
        self._rulebooks = Rulebooks(markets.values(), now)
        self.ledger = Ledger(markets.values(), [*Message.objects.uses_since(now - CAPS_LOOK_BACK), *planned])
        self._opening = CampaignStep.objects.opening_texts(m.step.campaign_id for m in messages if m.step)
        self._load_people(messages)
        self._load_touches(messages, now - max([timedelta(days=1), *(_cool_down(m) for m in messages)]))
        self._breakers = BreakerBoard()

    @property
    def rule_set(self) -> str:
        return self._rulebooks.version

    def decide(self, message: Message, at: datetime) -> Decision:
        return gate.decide(self.facts(message, at), at)

    def take(self, message: Message, at: datetime) -> None:
        """Counts a text that is about to leave, so that the next ones of the batch see it."""
        self.ledger.take(message, at)
        self._remember(Touch(message.phone_id, message.owner_id, at, message.step_id in self._opening))
        self._texted.add(message.phone_id)
        self._breakers.take(message)

    def facts(self, message: Message, at: datetime) -> GateFacts:
        return GateFacts(
            switches=self._switches(message),
            recipient=self._recipient(message),
            draft=TextDraft(
                body=message.body,
                sender_names=sender_names(message),
                is_first_text=message.phone_id not in self._texted,
                is_first_touch=message.step_id in self._opening,
            ),
            history=self._history(message),
            limits=self._limits(message, at),
            rulebook=self._rulebooks.for_text(message),
        )

    def _load_people(self, messages: Sequence[Message]) -> None:
        phones = {message.phone_id: message.phone for message in messages}
        owners = {message.owner_id for message in messages if message.owner_id}
        hashes = {bytes(phone.number_hash): pk for pk, phone in phones.items()}
        self._consents: dict[int, list[Consent]] = defaultdict(list)
        for consent in Consent.objects.of_owners(owners):
            self._consents[consent.owner_id].append(consent)
        self._suppressed_numbers: dict[int, list[str]] = defaultdict(list)
        self._suppressed_owners: dict[int, list[str]] = defaultdict(list)
        self._opted_out: dict[int, datetime] = {}
        for row in Suppression.objects.touching_ever(hashes, owners):
            if row.number_hash is not None:
                self._note_stop(hashes[bytes(row.number_hash)], row)
            elif row.owner_id is not None:
                self._suppressed_owners[row.owner_id].append(row.reason)
        self._idle = audience.idle_numbers(owners)
        nameless = {message.owner_id for message in messages if message.owner_id and message.lead_id is None}
        self._put_away = Lead.objects.owners_put_away(nameless) if nameless else set()
        self._listed = audience.listed_numbers(phones)
        self._undecided = Message.objects.undecided(phones, owners)
        self._stored = {hashes[number_hash] for number_hash in WebhookEvent.objects.waiting_hashes(hashes)}
        self._heard = Message.objects.last_heard(phones)
        self._texted = Message.objects.texted_numbers(phones)

    def _note_stop(self, phone_id: int, stop: Suppression) -> None:
        if stop.reason == Suppression.Reason.OPT_OUT:
            self._opted_out[phone_id] = stop.created_at
        if stop.lifted_at is None:
            self._suppressed_numbers[phone_id].append(stop.reason)

    def _load_touches(self, messages: Sequence[Message], since: datetime) -> None:
        self._of_number: dict[int, list[Touch]] = defaultdict(list)
        self._of_owner: dict[int, list[Touch]] = defaultdict(list)
        phones, owners = {m.phone_id for m in messages}, {m.owner_id for m in messages if m.owner_id}
        for touch in Message.objects.touches(phones, owners, since):
            self._remember(touch)

    def _remember(self, touch: Touch) -> None:
        self._of_number[touch.phone_id].append(touch)
        if touch.owner_id is not None:
            self._of_owner[touch.owner_id].append(touch)

    def _switches(self, message: Message) -> Switches:
        market, step = message.market, message.step
        assert market is not None
        paused = (market.pause_reason or "no reason given") if market.paused_at else ""
        why_held, until = self._breakers.why_held(message, self._now)
        return Switches(
            live=self._live,
            market_active=market.active,
            has_sender=message.sender is not None,
            market_paused=paused,
            campaign_paused=_campaign_pause(step.campaign) if step else "",
            breaker_open=why_held,
            breaker_until=until,
        )

    def _recipient(self, message: Message) -> Recipient:
        owner, lead, phone = message.owner, message.lead, message.phone
        replies = [reply for reply in self._undecided if reply.concerns(message)]
        return Recipient(
            owner_kind=owner.kind if owner else "",
            owner_deleted=bool(owner and owner.merged_into_id),
            lead_stage=lead.stage if lead else "",
            lead_archived=bool(lead and (lead.archived_at or lead.stage == Stage.ARCHIVED)),
            lead_deleted=bool(lead and lead.deleted_at),
            leads_put_away=lead is None and message.owner_id in self._put_away,
            lead_moved=has_moved(message),
            parcel_improved=bool(lead and is_improved(lead)),
            line_type=phone.line_type,
            number_bad=phone.status == phone.Status.BAD,
            number_idle=self._why_idle(message),
            lead_of_another=bool(lead and owner and lead.owner_id != owner.pk),
            owner_undecided=bool(lead and lead.owner_changed_at and message.origin != Message.Origin.REPLY),
            unprocessed_inbound=sum(reply.is_unread for reply in replies) + (phone.pk in self._stored),
            doubtful_opt_out=not all(reply.is_unread for reply in replies),
            consents=self._consents_for(message),
            suppressions=self._suppressions_for(message),
        )

    def _why_idle(self, message: Message) -> str:
        """A person may answer whoever has written from the number since it went out of use."""
        idle = self._idle.get((message.owner_id or 0, message.phone_id))
        heard = self._heard.get(message.phone_id)
        if idle is None or (message.origin == Message.Origin.REPLY and heard and heard > idle.since):
            return ""
        return idle.why

    def _consents_for(self, message: Message) -> tuple[ConsentFact, ...]:
        """A person's answer to somebody who wrote to us rests on that text, whether or not the number has an owner. One
        from before an opt-out, or the opt-out itself, is no leave to write, though the stop was lifted since."""
        recorded = [
            ConsentFact(consent.basis, consent.given_at, has_script=True, withdrawn_at=consent.revoked_at)
            for consent in self._consents[message.owner_id or 0]
            if consent.phone_id in (None, message.phone_id)
        ]
        heard, opted_out = self._heard.get(message.phone_id), self._opted_out.get(message.phone_id)
        if heard and message.origin == Message.Origin.REPLY and (opted_out is None or heard > opted_out):
            recorded.append(ConsentFact(Consent.Basis.INBOUND, heard))
        return tuple(recorded)

    def _suppressions_for(self, message: Message) -> tuple[SuppressionFact, ...]:
        listed = [Suppression.Reason.NATIONAL_DNC] if message.phone_id in self._listed else []
        of_number = [*self._suppressed_numbers.get(message.phone_id, []), *map(str, listed)]
        return (
            *(SuppressionFact("number", reason) for reason in of_number),
            *(SuppressionFact("owner", reason) for reason in self._suppressed_owners.get(message.owner_id or 0, [])),
        )

    def _history(self, message: Message) -> History:
        of_owner = self._of_owner.get(message.owner_id or 0, [])
        return History(
            number_sent_at=tuple(touch.at for touch in self._of_number.get(message.phone_id, [])),
            owner_sent_at=tuple(touch.at for touch in of_owner),
            owner_first_touches_at=tuple(touch.at for touch in of_owner if touch.is_first),
        )

    def _limits(self, message: Message, at: datetime) -> Limits:
        assert message.market is not None
        return Limits(
            caps=self.ledger.caps(message, at),
            max_segments=message.market.max_segments,
            cool_down=_cool_down(message),
        )


def gather_facts(message: Message, now: datetime) -> GateFacts:
    return Gatekeeper([message], now).facts(message, now)


def judge(message: Message, now: datetime) -> Decision:
    """The gate's decision about one saved text, stored with it."""
    keeper = Gatekeeper([message], now)
    decision = keeper.decide(message, now)
    as_record(message, decision, now, keeper.rule_set).save()
    return decision


def as_record(message: Message, decision: Decision, at: datetime, rule_set: str) -> GateDecision:
    return GateDecision(
        message=message,
        outcome=decision.outcome,
        until=decision.until,
        summary=decision.reason[:300],
        verdicts=[
            {"rule": verdict.rule, "outcome": verdict.outcome, "reason": verdict.reason}
            for verdict in decision.verdicts
        ],
        states=list(dict.fromkeys(decision.states)),
        local_times=decision.local_times,
        rule_set=rule_set[:40],
        decided_at=at,
    )


def has_moved(message: Message) -> bool:
    """Whether a campaign's text is about a lead that another market works by now."""
    lead, step = message.lead, message.step
    return lead is not None and step is not None and step.campaign.market_id != lead.market_id


def is_improved(lead: Lead) -> bool:
    land, improvement = lead.parcel.land_value, lead.parcel.improvement_value
    return land is not None and improvement is not None and improvement > land


def sender_names(message: Message) -> tuple[str, ...]:
    assert message.market is not None
    writer = message.created_by.first_name if message.created_by and message.origin == Message.Origin.REPLY else ""
    return tuple(name for name in (message.market.company_name, message.market.agent_name, writer) if name)


def _campaign_pause(campaign: Campaign) -> str:
    if campaign.status == Campaign.Status.PAUSED:
        return campaign.pause_reason or "no reason given"
    return "it has ended" if campaign.status == Campaign.Status.ENDED else ""


def _cool_down(message: Message) -> timedelta:
    return timedelta(days=message.market.cooldown_days if message.market else 0)
