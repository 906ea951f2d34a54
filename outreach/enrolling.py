"""Taking owners into a campaign: at its launch, later when asked to, and by itself where the campaign takes in new
leads. Chunk by chunk, each in one transaction with its texts: a killed worker leaves nothing half done, and the next
one goes on with whoever is not in it yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction
from django.utils import timezone

from outreach import audience
from outreach.models import Campaign, CampaignOwner, CampaignStep, StepRun
from outreach.queueing import Judged, draft_texts, judge_drafts, store_judged

if TYPE_CHECKING:
    from leads.models import Lead
    from outreach.audience import Prospect

Kind, Outcome = CampaignStep.Kind, StepRun.Outcome
NO_NUMBER = "no phone number"
ELSEWHERE = "another campaign has the owner under way"
LOOK_AGAIN = timedelta(minutes=5)
"""How often a campaign that takes in new leads looks for them."""
WATCHED_FOR = timedelta(days=3)
"""How long an owner stays in a campaign after its last step: a reply still belongs to it, a bad number still counts."""


@dataclass
class TakenIn:
    """`queued` texts wait to leave, `blocked` ones the rules refused; `others` start with another step or later."""

    queued: int = 0
    blocked: int = 0
    others: int = 0

    @property
    def owners(self) -> int:
        return self.queued + self.blocked + self.others

    def add(self, more: TakenIn) -> None:
        self.queued += more.queued
        self.blocked += more.blocked
        self.others += more.others


@dataclass
class Intake:
    """The owners of one chunk with their first texts and what was done for them."""

    rows: list[CampaignOwner] = field(default_factory=list)
    runs: list[StepRun] = field(default_factory=list)


def take_in_all(campaign: Campaign, now: datetime) -> TakenIn:
    """Everybody who matches and is not in it, within the transaction of the caller, who has locked the campaign."""
    taken, steps = TakenIn(), CampaignStep.objects.of(campaign)
    present = CampaignOwner.objects.of(campaign).owner_ids()
    for chunk in audience.lead_chunks(campaign, present):
        room = _room(campaign)
        if room == 0:
            break
        taken.add(_take_in(campaign, steps, chunk, now, room))
    return taken


def take_in_due(now: datetime | None = None) -> int:
    """The next campaign whose time has come to look for owners; returns how many it took in, in as many transactions
    as there are chunks."""
    now = now or timezone.now()
    campaign = Campaign.objects.to_enrol(now)
    if campaign is None:
        return 0
    total, present = TakenIn(), CampaignOwner.objects.of(campaign).owner_ids()
    for ids in audience.lead_id_chunks(campaign, present):
        taken = _take_in_chunk(campaign, ids, now)
        if taken is None:
            return total.owners
        total.add(taken)
    Campaign.objects.enrolled(campaign, now + LOOK_AGAIN)
    return total.owners


@transaction.atomic
def _take_in_chunk(campaign: Campaign, lead_ids: Sequence[int], now: datetime) -> TakenIn | None:
    """None when the campaign does not run any more, or is full, or another worker is at it."""
    locked = Campaign.objects.lock_running(campaign)
    if locked is None:
        return None
    room = _room(locked)
    if room == 0:
        Campaign.objects.enrolled(locked, None)
        return None
    here = CampaignOwner.objects.of(locked).owner_ids_of_leads(lead_ids)
    leads = [lead for lead in audience.leads_by_id(lead_ids) if lead.owner_id not in here]
    return _take_in(locked, CampaignStep.objects.of(locked), leads, now, room)


def _room(campaign: Campaign) -> int | None:
    """How many more it takes in; None without a limit."""
    if not campaign.max_owners:
        return None
    return max(0, campaign.max_owners - CampaignOwner.objects.of(campaign).not_blocked())


def _take_in(
    campaign: Campaign, steps: list[CampaignStep], leads: list[Lead], now: datetime, room: int | None
) -> TakenIn:
    busy = CampaignOwner.objects.elsewhere(campaign, (lead.owner_id for lead in leads))
    prospects = audience.with_numbers([lead for lead in leads if lead.owner_id not in busy])
    if starts_with_text(steps):
        return _take_in_texted(campaign, steps, prospects, now, room)
    return _take_in_waiting(campaign, steps, within_reach(steps, prospects)[:room], now)


def starts_with_text(steps: Sequence[CampaignStep]) -> bool:
    """Then the first texts are judged and queued at once, and whoever the rules refuse is seen right away."""
    first = steps[0]
    return first.kind == Kind.TEXT and not (first.conditions or first.only_stages or first.delay_days)


def reaches_without_number(steps: Sequence[CampaignStep]) -> bool:
    return any(step.kind == Kind.LETTER for step in steps)


def within_reach(steps: Sequence[CampaignStep], prospects: Sequence[Prospect]) -> list[Prospect]:
    """Without a number only a letter reaches an owner."""
    letters = reaches_without_number(steps)
    return [prospect for prospect in prospects if prospect.phone or letters]


def _take_in_texted(
    campaign: Campaign, steps: list[CampaignStep], prospects: list[Prospect], now: datetime, room: int | None
) -> TakenIn:
    drafts = draft_texts(steps[0], prospects)
    judged = judge_drafts([draft.message for draft in drafts if draft.message], now, room)
    store_judged(judged, now)
    by_owner = {one.message.owner_id: one for one in judged}
    intake, letters = Intake(), reaches_without_number(steps)
    full = room is not None and sum(not one.is_blocked for one in judged) >= room
    for prospect in prospects:
        one = by_owner.get(prospect.lead.owner_id)
        if one is not None:
            _enter_texted(intake, campaign, steps, prospect, one, now)
        elif prospect.phone is None and letters and not full:
            _enter_without_number(intake, campaign, steps, prospect, now)
    _save(intake)
    blocked = sum(one.is_blocked for one in judged)
    return TakenIn(len(judged) - blocked, blocked, len(intake.rows) - len(judged))


def _take_in_waiting(
    campaign: Campaign, steps: list[CampaignStep], prospects: Sequence[Prospect], now: datetime
) -> TakenIn:
    first = steps[0]
    due_at = now + timedelta(days=first.delay_days)
    _save(Intake([_row(campaign, prospect, now, first.position, due_at) for prospect in prospects]))
    return TakenIn(others=len(prospects))


def _enter_texted(
    intake: Intake, campaign: Campaign, steps: list[CampaignStep], prospect: Prospect, one: Judged, now: datetime
) -> None:
    row = _row(campaign, prospect, now, steps[0].position, None)
    row.text = one.message
    outcome = Outcome.BLOCKED if one.is_blocked else Outcome.DONE
    intake.rows.append(row)
    intake.runs.append(run_of(steps[0], row, outcome, one.message.error, now))


def _enter_without_number(
    intake: Intake, campaign: Campaign, steps: list[CampaignStep], prospect: Prospect, now: datetime
) -> None:
    row = _row(campaign, prospect, now, steps[0].position, None)
    intake.rows.append(row)
    intake.runs.append(run_of(steps[0], row, Outcome.SKIPPED, NO_NUMBER, now))
    go_on(row, steps, steps[0], now)


def _row(
    campaign: Campaign, prospect: Prospect, now: datetime, position: int, due_at: datetime | None
) -> CampaignOwner:
    return CampaignOwner(
        campaign=campaign,
        owner_id=prospect.lead.owner_id,
        lead=prospect.lead,
        phone=prospect.phone,
        entered_stage=prospect.lead.stage,
        position=position,
        due_at=due_at,
        entered_at=now,
    )


def run_of(step: CampaignStep, row: CampaignOwner, outcome: str, why: str, now: datetime) -> StepRun:
    return StepRun(
        step=step,
        owner_id=row.owner_id,
        lead_id=row.lead_id,
        outcome=outcome,
        why=why.removeprefix("blocked: ")[:200],
        at=now,
    )


def go_on(row: CampaignOwner, steps: Sequence[CampaignStep], step: CampaignStep, at: datetime) -> None:
    """Puts the row, not saved, before the step that follows, so many days later; after the last it stays a while."""
    following = next((later for later in steps if later.position > step.position), None)
    row.position, row.due_at = place_after(step, following, at)


def place_after(step: CampaignStep, following: CampaignStep | None, at: datetime) -> tuple[int, datetime]:
    """Position and due time of an owner who has passed the step."""
    if following is None:
        return step.position + 1, at + WATCHED_FOR
    return following.position, at + timedelta(days=following.delay_days)


def _save(intake: Intake) -> None:
    CampaignOwner.objects.bulk_create(intake.rows)
    StepRun.objects.bulk_create(intake.runs)


class Candidates(NamedTuple):
    """`elsewhere`: leads of owners whom another campaign has under way."""

    prospects: list[Prospect]
    elsewhere: list[Lead]


def owners_to_take_in(campaign: Campaign) -> Iterator[Candidates]:
    """Who would be taken in now and who would not, chunk by chunk, for a dry run."""
    present = CampaignOwner.objects.of(campaign).owner_ids()
    for chunk in audience.lead_chunks(campaign, present):
        busy = CampaignOwner.objects.elsewhere(campaign, (lead.owner_id for lead in chunk))
        free = [lead for lead in chunk if lead.owner_id not in busy]
        yield Candidates(audience.with_numbers(free), [lead for lead in chunk if lead.owner_id in busy])
