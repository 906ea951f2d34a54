"""Campaigns from draft to end: what a launch would do, the launch itself, pausing, resuming, ending."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from core.results import Result
from core.waking import wake_on_commit
from leads.events import record_event
from leads.models import Event
from outreach import audience
from outreach.audience import Prospect
from outreach.breaker_board import BreakerBoard
from outreach.choosing import Chooser
from outreach.gate import Decision, Outcome
from outreach.gatekeeper import Gatekeeper, as_record
from outreach.models import Campaign, CampaignStep, GateDecision, Message, SenderNumber
from outreach.planning import CampaignPlan, Planner
from outreach.pool import choose_sender
from outreach.wording import write_step

if TYPE_CHECKING:
    from core.models import User

Status = Campaign.Status
BLOCKED_STATE = {Outcome.BLOCKED: Message.State.BLOCKED}


@dataclass(frozen=True)
class Draft:
    """A campaign's text to one owner, not saved; without a message the owner has no number."""

    prospect: Prospect
    message: Message | None


def plan_campaign(campaign: Campaign, now: datetime | None = None) -> CampaignPlan:
    """What a launch now would send to whom and when, by the very gate that will judge it. Sends and queues nothing."""
    now = now or timezone.now()
    step = first_step(campaign)
    planner = Planner(campaign, now)
    for drafts in _drafts(campaign, step) if step else ():
        planner.add([(draft.prospect, draft.message) for draft in drafts])
        if planner.is_full:
            break
    plan = planner.plan()
    campaign.dry_run = plan.as_json()
    campaign.save(update_fields=["dry_run"])
    return plan


def launch_campaign(campaign: Campaign, *, by: User | None) -> Result[int]:
    """Queues one text per owner and returns how many; owners the gate will not let be texted are recorded as blocked.

    Declines with `not_draft`, `no_steps`, `no_variants`, `no_sender`, `market_inactive` or `no_audience`.
    """
    now = timezone.now()
    with transaction.atomic():
        locked = _lock(campaign)
        declined = _why_not_launch(locked)
        if declined is not None:
            return declined
        step = first_step(locked)
        assert step is not None
        reached, queued = _queue(locked, step, now)
        if not reached:
            transaction.set_rollback(True)
            return Result.declined("no_audience", "No owner of this audience has a number; nothing was queued.")
        locked.launched_at = now
        _save(locked, Status.RUNNING, by, "Launched")
        record_event(Event.Kind.CAMPAIGN_LAUNCHED, actor=by, campaign=locked.name, campaign_id=locked.pk, queued=queued)
        _wake()
    campaign.refresh_from_db()
    return Result.ok(queued, f"{queued} texts are queued, {reached - queued} were blocked by the rules.")


def pause_campaign(campaign: Campaign, *, by: User | None, reason: str) -> Result[Campaign]:
    """`by=None` is the system. What is queued stays queued; what the provider has is not called back."""
    if not reason.strip():
        return Result.declined("no_reason", "Say why the campaign is paused.")
    with transaction.atomic():
        locked = _lock(campaign)
        if locked.status != Status.RUNNING:
            return Result.declined("not_running", f"The campaign is {locked.get_status_display().lower()}.")
        locked.pause_reason = reason.strip()[:200]
        _save(locked, Status.PAUSED, by, "Paused")
        record_event(
            Event.Kind.CAMPAIGN_PAUSED,
            actor=by,
            campaign=locked.name,
            campaign_id=locked.pk,
            reason=locked.pause_reason,
        )
    campaign.refresh_from_db()
    return Result.ok(campaign)


def resume_campaign(campaign: Campaign, *, by: User | None) -> Result[Campaign]:
    with transaction.atomic():
        locked = _lock(campaign)
        if locked.status != Status.PAUSED:
            return Result.declined("not_paused", f"The campaign is {locked.get_status_display().lower()}.")
        if reasons := BreakerBoard().reasons_against(_stoppable(locked)):
            return Result.declined("breaker_open", f"Not resumed, a breaker is open: {'; '.join(reasons)}.")
        locked.pause_reason = ""
        _save(locked, Status.RUNNING, by, "Resumed")
        _wake()
    campaign.refresh_from_db()
    return Result.ok(campaign)


def end_campaign(campaign: Campaign, *, by: User | None) -> Result[Campaign]:
    """For good: texts that were not handed over are cancelled."""
    with transaction.atomic():
        locked = _lock(campaign)
        if locked.status not in (Status.RUNNING, Status.PAUSED):
            return Result.declined("not_running", f"The campaign is {locked.get_status_display().lower()}.")
        cancelled = Message.objects.cancel_campaign(locked, "The campaign was ended.")
        locked.ended_at, locked.pause_reason = timezone.now(), ""
        _save(locked, Status.ENDED, by, "Ended")
    campaign.refresh_from_db()
    return Result.ok(campaign, f"The campaign has ended; {cancelled} texts were cancelled.")


def first_step(campaign: Campaign) -> CampaignStep | None:
    return next(iter(CampaignStep.objects.of(campaign)), None)


def _stoppable(campaign: Campaign) -> set[tuple[str, int]]:
    """What a breaker could be over: the campaign, and the templates of its steps."""
    templates = {("template", step.template_id) for step in CampaignStep.objects.of(campaign)}
    return {("campaign", campaign.pk), *templates}


def _why_not_launch(campaign: Campaign) -> Result[int] | None:
    steps = CampaignStep.objects.of(campaign)
    reasons = (
        ("not_draft", campaign.status != Status.DRAFT, "Only a draft can be launched."),
        ("market_inactive", not campaign.market.active, f"The market {campaign.market} is not active."),
        ("no_steps", not steps, "The campaign has no text: add a step."),
        ("no_variants", any(not _has_words(step) for step in steps), "A template has no active wording."),
        ("no_sender", not SenderNumber.objects.usable([campaign.market_id]), "The market has no active sender number."),
    )
    return next((Result.declined(code, words) for code, applies, words in reasons if applies), None)


def _has_words(step: CampaignStep) -> bool:
    return step.template.active and any(variant.active for variant in step.template.variants.all())


def _queue(campaign: Campaign, step: CampaignStep, now: datetime) -> tuple[int, int]:
    """How many owners with a number there are, and how many of them are queued."""
    reached = queued = 0
    for drafts in _drafts(campaign, step):
        messages = [draft.message for draft in drafts if draft.message]
        judged = _judge(messages, campaign, now, queued)
        _store(judged, now)
        reached += len(judged)
        queued += sum(message.state == Message.State.QUEUED for message, _, _ in judged)
        if campaign.max_owners and queued >= campaign.max_owners:
            break
    return reached, queued


def _judge(
    messages: list[Message], campaign: Campaign, now: datetime, queued: int
) -> list[tuple[Message, Decision, str]]:
    judged: list[tuple[Message, Decision, str]] = []
    keeper = Gatekeeper(messages, now)
    for message in messages:
        if campaign.max_owners and queued >= campaign.max_owners:
            break
        decision = keeper.decide(message, now)
        message.state, message.due_at = BLOCKED_STATE.get(decision.outcome, Message.State.QUEUED), now
        message.error = decision.reason[:300] if message.state == Message.State.BLOCKED else ""
        queued += message.state == Message.State.QUEUED
        judged.append((message, decision, keeper.rule_set))
    return judged


def _store(judged: list[tuple[Message, Decision, str]], now: datetime) -> None:
    """Held texts get their decision when they are claimed; a blocked one keeps it as the answer to "why not?"."""
    Message.objects.bulk_create([message for message, _, _ in judged])
    blocked = [row for row in judged if row[0].state == Message.State.BLOCKED]
    GateDecision.objects.bulk_create([as_record(message, decision, now, rules) for message, decision, rules in blocked])


def _drafts(campaign: Campaign, step: CampaignStep) -> Iterator[list[Draft]]:
    """The step's texts to all owners that are not in it yet, worded, in chunks."""
    senders = list(SenderNumber.objects.usable([campaign.market_id]))
    chooser = Chooser([step.template], timezone.now())
    present = Message.objects.owners_in_step(step.pk)
    for chunk in audience.prospects(campaign):
        known = Message.objects.last_senders({prospect.phone.pk for prospect in chunk if prospect.phone})
        fresh = [prospect for prospect in chunk if prospect.lead.owner_id not in present]
        yield [
            Draft(prospect, _draft(step, prospect, pick_sender(senders, known, prospect), chooser))
            for prospect in fresh
        ]


def _draft(step: CampaignStep, prospect: Prospect, sender: SenderNumber | None, chooser: Chooser) -> Message | None:
    if prospect.phone is None:
        return None
    message = write_step(step, prospect.lead, prospect.phone, sender, chooser)
    if message is not None:
        message.market = step.campaign.market
    return message


def pick_sender(senders: list[SenderNumber], known: dict[int, int], prospect: Prospect) -> SenderNumber | None:
    return choose_sender(senders, prospect.phone, known, prospect.lead.owner_id) if prospect.phone else None


def _lock(campaign: Campaign) -> Campaign:
    locked: Campaign = Campaign.objects.select_for_update(of=("self",)).select_related("market").get(pk=campaign.pk)
    return locked


def _save(campaign: Campaign, status: str, by: User | None, why: str) -> None:
    campaign.status = status
    campaign._history_user = by  # type: ignore[attr-defined]
    campaign._change_reason = why  # type: ignore[attr-defined]
    campaign.save(update_fields=["status", "pause_reason", "launched_at", "ended_at"])


def _wake() -> None:
    from outreach.tasks import send_due_messages  # the tasks are built on the services

    wake_on_commit(send_due_messages)
