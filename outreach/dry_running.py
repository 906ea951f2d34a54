"""Dry runs: a small one at once, a large one by a worker, which tells how far it is. Nothing is sent or queued.

A run that is dropped (the campaign was changed) or taken over (its worker was silent for too long) stops at the next
chunk; one that begins again begins with no lines.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from core.waking import wake_on_commit
from outreach import audience
from outreach.campaigns import AT_ONCE, steps_of
from outreach.enrolling import ELSEWHERE, NO_NUMBER, owners_to_take_in, starts_with_text, within_reach
from outreach.models import Campaign, CampaignStep, Consent, DryRun, DryRunLine
from outreach.other_touches import OtherTouches
from outreach.planning import CampaignPlan, PlannedText, Planner
from outreach.queueing import draft_texts
from outreach.step_conditions import Standing, why_passed_over
from outreach.steps import FOLLOWS_NOTHING, follows_nothing

if TYPE_CHECKING:
    from core.models import User
    from leads.models import Lead
    from outreach.audience import Prospect
    from outreach.models import MessageTemplate

logger = logging.getLogger(__name__)
SILENCE = timedelta(minutes=2)
"""After so long without a sign of life a run is another worker's."""
MOST_ATTEMPTS = 3
State = DryRun.State


@dataclass(frozen=True)
class FirstText:
    """The first text of a campaign, and how many days after the launch it is due. `opens`: the launch queues it."""

    step: CampaignStep
    after: timedelta
    opens: bool


def plan_campaign(campaign: Campaign, now: datetime | None = None, *, by: User | None = None) -> CampaignPlan:
    """What a launch now would send to whom and when, by the very gate that will judge it. Sends and queues nothing."""
    now = now or timezone.now()
    run = _new_run(campaign, by, now, State.RUNNING)
    plan = _go_through(run, campaign, now)
    assert plan is not None
    return plan


def ask_dry_run(campaign: Campaign, *, by: User | None) -> DryRun:
    """Done when it comes back, unless the audience is large: then a worker does it."""
    now = timezone.now()
    if not audience.is_larger_than(campaign, AT_ONCE):
        plan_campaign(campaign, now, by=by)
        return DryRun.objects.newest(campaign)  # type: ignore[return-value]
    with transaction.atomic():
        run = _new_run(campaign, by, now, State.WAITING)
        _wake()
    return run


def run_due() -> int:
    """Does the dry run that has waited longest; returns the owners it looked at."""
    with transaction.atomic():
        run = DryRun.objects.claim(timezone.now(), SILENCE)
    if run is None:
        return 0
    try:
        plan = _go_through(run, run.campaign, timezone.now()) if run.attempts <= MOST_ATTEMPTS else None
    except Exception as error:
        logger.exception("dry run %s failed", run.pk)
        DryRun.objects.fail(run, f"{type(error).__name__}: {error}".splitlines()[0])
        return 0
    if plan is None and run.attempts > MOST_ATTEMPTS:
        DryRun.objects.fail(run, "Its worker was stopped several times.")
    return plan.owners if plan else 0


def drop_dry_run(campaign: Campaign) -> None:
    """It told about the campaign as it was."""
    DryRun.objects.drop(campaign)
    campaign.dry_run = None


def drop_dry_runs_with(template: MessageTemplate) -> None:
    """Of campaigns not launched yet: their figures were those of other words."""
    for campaign in Campaign.objects.drafts().texting_with(template):
        drop_dry_run(campaign)
        campaign.save(update_fields=["dry_run"])


@transaction.atomic
def _new_run(campaign: Campaign, by: User | None, now: datetime, state: str) -> DryRun:
    DryRun.objects.drop(campaign)
    expected = audience.count_up_to(campaign, campaign.max_owners or audience.COUNTED)
    return DryRun.objects.create(
        campaign=campaign, state=state, asked_by=by, asked_at=now, heartbeat_at=now, expected=expected, attempts=1
    )


def _go_through(run: DryRun, campaign: Campaign, now: datetime) -> CampaignPlan | None:
    """None when the run is not this worker's any more."""
    first, steps = first_text(campaign), steps_of(campaign)
    planner = Planner(campaign, now, now + first.after if first else None)
    room = None if first and first.opens else campaign.max_owners
    entered, touches = 0, OtherTouches(steps, now)
    DryRunLine.objects.forget(run)
    for prospects, elsewhere in owners_to_take_in(campaign) if steps else ():
        place = len(planner.texts)
        entering = within_reach(steps, prospects)[: None if room is None else room - entered]
        entered += len(entering)
        touches.look_at(entering)
        _look_at(planner, first, entering)
        _leave_out(planner, steps, prospects, elsewhere)
        _store(run, planner.since(place))
        if not DryRun.objects.beat(run, planner.owners, timezone.now()):
            return None
        if planner.is_full or entered == room:
            break
    return _finish(run, campaign, planner, touches)


@transaction.atomic
def _finish(run: DryRun, campaign: Campaign, planner: Planner, touches: OtherTouches) -> CampaignPlan | None:
    if not DryRun.objects.finish(run):
        return None
    plan = planner.plan()
    campaign.dry_run = plan.as_json() | {"touches": [touch.as_json() for touch in touches.touches]}
    campaign.save(update_fields=["dry_run"])
    return plan


def first_text(campaign: Campaign) -> FirstText | None:
    days, steps = 0, steps_of(campaign)
    for step in steps:
        days += step.delay_days
        if step.kind == CampaignStep.Kind.TEXT:
            return FirstText(step, timedelta(days=days), opens=starts_with_text(steps))
    return None


def _leave_out(
    planner: Planner, steps: list[CampaignStep], prospects: list[Prospect], elsewhere: Iterable[Lead]
) -> None:
    for lead in elsewhere:
        planner.pass_over(lead, ELSEWHERE)
    for prospect in prospects:
        if not within_reach(steps, [prospect]):
            planner.pass_over(prospect.lead, NO_NUMBER)


def _look_at(planner: Planner, first: FirstText | None, prospects: list[Prospect]) -> None:
    if first is None:
        planner.untexted += len(prospects)
        return
    refused = _refused(first, prospects)
    for prospect in prospects:
        if refused[prospect.lead.pk]:
            planner.pass_over(prospect.lead, refused[prospect.lead.pk])
    meant = [prospect for prospect in prospects if not refused[prospect.lead.pk]]
    planner.add([(draft.prospect, draft.message) for draft in draft_texts(first.step, meant)])


def _refused(first: FirstText, prospects: list[Prospect]) -> dict[int, str]:
    """Lead -> why the step passes the owner over, as things stand now."""
    step = first.step
    agreed = Consent.objects.numbers_agreed(prospect.lead.owner_id for prospect in prospects)
    found = {}
    for prospect in prospects:
        numbers = {None, prospect.phone.pk if prospect.phone else None}
        consent = bool(agreed[prospect.lead.owner_id] & numbers)
        standing = Standing(prospect.lead.stage, consent, replied=False, texted=False, delivered=False)
        idle = FOLLOWS_NOTHING if not first.opens and follows_nothing(step, standing) else ""
        found[prospect.lead.pk] = why_passed_over(step.conditions, step.only_stages, standing) or idle
    return found


def _store(run: DryRun, texts: Iterable[PlannedText]) -> None:
    DryRunLine.objects.bulk_create(
        DryRunLine(
            run=run,
            lead_id=text.lead_id,
            phone_id=text.phone_id,
            sender_id=text.sender_id,
            variant=text.variant,
            outcome=text.outcome,
            reasons=[reason for reason in text.reason.split("; ") if reason],
            at=text.at,
            segments=text.segments,
        )
        for text in texts
    )


def _wake() -> None:
    from outreach.tasks import run_dry_runs  # the tasks are built on the services

    wake_on_commit(run_dry_runs)
