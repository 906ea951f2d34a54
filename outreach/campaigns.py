"""Campaigns from draft to end: the launch, pausing, resuming, ending, and taking in more owners while one runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from core.results import Result
from core.waking import wake_on_commit
from leads.events import record_event
from leads.models import Event
from outreach import audience, stops
from outreach.breaker_board import BreakerBoard
from outreach.enrolling import TakenIn, starts_with_text, take_in_all
from outreach.models import Campaign, CampaignStep, Message, MessageTemplate, SenderNumber

if TYPE_CHECKING:
    from core.models import User

Status, Kind = Campaign.Status, CampaignStep.Kind
AT_ONCE = 1_000
"""Leads up to which a launch or a dry run does its work within the request; more are worked off in the background."""


def launch_campaign(campaign: Campaign, *, by: User | None) -> Result[int]:
    """Takes the owners in and returns how many texts are queued; owners the gate will not let be texted are recorded as
    blocked. A large audience is taken in by the workers after the launch.

    Declines with `not_draft`, `no_steps`, `no_variants`, `no_sender`, `market_inactive` or `no_audience`.
    """
    now = timezone.now()
    with transaction.atomic():
        locked = _lock(campaign)
        declined = _why_not_launch(locked)
        if declined is not None:
            return declined
        large = audience.is_larger_than(locked, AT_ONCE)
        taken = TakenIn() if large else take_in_all(locked, now)
        if not large and not taken.owners:
            return Result.declined("no_audience", audience.why_nobody(locked))
        locked.launched_at = now
        locked.enrol_at = now if large or locked.takes_new_leads else None
        _save(locked, Status.RUNNING, by, "Launched")
        told: dict[str, Any] = {"campaign": locked.name, "campaign_id": locked.pk, "queued": taken.queued}
        record_event(Event.Kind.CAMPAIGN_LAUNCHED, actor=by, **told)
        _wake()
    campaign.refresh_from_db()
    return Result.ok(taken.queued, _launched_words(taken, large=large, texts=starts_with_text(steps_of(campaign))))


def take_in_more(campaign: Campaign, *, by: User | None) -> Result[Campaign]:
    """Owners who match by now and are not in it yet, also after the audience was changed. In the background."""
    with transaction.atomic():
        locked = _lock(campaign)
        if locked.status != Status.RUNNING:
            return Result.declined("not_running", f"The campaign is {locked.get_status_display().lower()}.")
        locked.enrol_at = timezone.now()
        _save(locked, Status.RUNNING, by, "Took in owners who match now")
        _wake()
    campaign.refresh_from_db()
    return Result.ok(campaign, "Owners who match now are taken in; the numbers on this page follow.")


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


def pause_without_words(template: MessageTemplate, *, by: User | None) -> list[Campaign]:
    """Pauses what runs with a template that has no wording in use any more: what waits would leave in words that were
    switched off. Returns what was paused."""
    if template.active and template.variants.in_use():
        return []
    reason = f"The template “{template}” has no wording in use."
    running = list(Campaign.objects.running().texting_with(template))
    return [campaign for campaign in running if pause_campaign(campaign, by=by, reason=reason)]


def resume_campaign(campaign: Campaign, *, by: User | None) -> Result[Campaign]:
    """Declines with `not_paused`, `no_variants` or `breaker_open`."""
    with transaction.atomic():
        locked = _lock(campaign)
        if locked.status != Status.PAUSED:
            return Result.declined("not_paused", f"The campaign is {locked.get_status_display().lower()}.")
        if wordless := _why_no_words(steps_of(locked)):
            return Result.declined("no_variants", f"Not resumed. {wordless}")
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
        locked.ended_at, locked.pause_reason, locked.enrol_at = timezone.now(), "", None
        stops.end_for_all(locked, locked.ended_at)
        cancelled = Message.objects.cancel_campaign(locked, "The campaign was ended.")
        _save(locked, Status.ENDED, by, "Ended")
    campaign.refresh_from_db()
    return Result.ok(campaign, f"The campaign has ended; {cancelled} texts were cancelled.")


def steps_of(campaign: Campaign) -> list[CampaignStep]:
    return CampaignStep.objects.of(campaign)


def _stoppable(campaign: Campaign) -> set[tuple[str, int]]:
    """What a breaker could be over: the campaign, and the templates of its steps."""
    templates = {("template", step.template_id) for step in steps_of(campaign) if step.template_id}
    return {("campaign", campaign.pk), *templates}


def _why_not_launch(campaign: Campaign) -> Result[int] | None:
    steps = steps_of(campaign)
    texts = any(step.kind == Kind.TEXT for step in steps)
    wordless = _why_no_words(steps)
    no_sender = texts and not SenderNumber.objects.usable([campaign.market_id])
    reasons = (
        ("not_draft", campaign.status != Status.DRAFT, "Only a draft can be launched."),
        ("market_inactive", not campaign.market.active, f"The market {campaign.market} is not active."),
        ("no_steps", not steps, "The campaign has no step: add a text, a letter or a call."),
        ("no_variants", bool(wordless), wordless),
        ("no_sender", no_sender, "The market has no active sender number."),
    )
    return next((Result.declined(code, words) for code, applies, words in reasons if applies), None)


def _why_no_words(steps: Sequence[CampaignStep]) -> str:
    names = [f"“{step.template}”" for step in steps if step.template and not _has_words(step.template)]
    if not names:
        return ""
    return f"No wording is in use of {', '.join(dict.fromkeys(names))}: switch one on, or choose another template."


def _has_words(template: MessageTemplate) -> bool:
    return template.active and any(variant.active for variant in template.variants.all())


def _launched_words(taken: TakenIn, *, large: bool, texts: bool) -> str:
    if large:
        return "The owners are taken in and their texts judged in the background; the numbers on this page follow."
    if not texts:
        return f"{taken.owners:,} owner{'' if taken.owners == 1 else 's'} taken in."
    words = f"{taken.queued} texts are queued, {taken.blocked} were blocked by the rules."
    return f"{words} {taken.others} owners without a number wait for the next step." if taken.others else words


def _lock(campaign: Campaign) -> Campaign:
    locked: Campaign = Campaign.objects.select_for_update(of=("self",)).select_related("market").get(pk=campaign.pk)
    return locked


def _save(campaign: Campaign, status: str, by: User | None, why: str) -> None:
    campaign.status = status
    campaign._history_user = by  # type: ignore[attr-defined]
    campaign._change_reason = why  # type: ignore[attr-defined]
    campaign.save(update_fields=["status", "pause_reason", "launched_at", "ended_at", "enrol_at"])


def _wake() -> None:
    from outreach.tasks import advance_campaigns, send_due_messages  # the tasks are built on the services

    wake_on_commit(send_due_messages)
    wake_on_commit(advance_campaigns)
