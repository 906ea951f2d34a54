"""Owners on their way through a campaign: what is due is done, in batches, each in one transaction.

A batch takes the rows nobody else holds (SKIP LOCKED), stops those that have to, asks the conditions of the step and
does it. A step has one row of what was done per owner, so a worker that is killed leaves the batch as it was and
nothing is done twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from leads.stages import Stage
from outreach import audience, steps, stops
from outreach.enrolling import Outcome, go_on, place_after, run_of
from outreach.models import CampaignOwner, CampaignStep, Consent, Message, StepRun
from outreach.querysets.messages import REACHED
from outreach.queueing import Judged, draft_texts, judge_drafts, store_judged
from outreach.step_conditions import Standing, why_passed_over
from outreach.steps import Deed

if TYPE_CHECKING:
    from leads.models import PhoneNumber

BATCH = 200
State = CampaignOwner.State
FIELDS = ["state", "position", "due_at", "text", "phone", "ended_at", "stop_reason"]


@transaction.atomic
def advance_due(now: datetime | None = None, limit: int = BATCH) -> int:
    """One step for each of the owners that have waited longest; returns how many were looked at."""
    now = now or timezone.now()
    due = CampaignOwner.objects.lock_due(now, limit)
    for campaign_steps, rows in _by_campaign(stops.keep_going(due, now) if due else []):
        _advance(campaign_steps, rows, now)
    return len(due)


@transaction.atomic
def follow_unsent(now: datetime | None = None, limit: int = BATCH) -> int:
    """Where a text will not reach the owner the next number is tried if this one proved bad, else the next step."""
    now = now or timezone.now()
    unsent = CampaignOwner.objects.lock_unsent(limit)
    for campaign_steps, rows in _by_campaign(stops.keep_going(unsent, now) if unsent else []):
        _try_next_numbers(campaign_steps, rows, now)
    return len(unsent)


def texts_left(messages: Iterable[Message], at: datetime) -> None:
    """The days to the next step count from when the texts really went. Two queries: it is done for every text."""
    steps = {message.pk: message.step for message in messages if message.step is not None}
    if steps:
        following = CampaignStep.objects.all_after(steps.values())
        places = {pk: place_after(step, following.get(step), at) for pk, step in steps.items()}
        CampaignOwner.objects.go_on(places)


def go_on_after_wrong_number(message: Message) -> None:
    """Whoever answered at this number was somebody else: the conversations that stopped go on at the owners' next
    numbers."""
    now = timezone.now()
    with transaction.atomic():
        rows = CampaignOwner.objects.stopped_at(message.phone)
        for row in rows:
            row.state, row.stop_reason, row.ended_at = State.ACTIVE, "", None
            if row.lead.stage == Stage.ENGAGED:  # which the stranger's reply made it
                row.entered_stage = Stage.ENGAGED
        CampaignOwner.objects.bulk_update(rows, [*FIELDS, "entered_stage"])
        for campaign_steps, mine in _by_campaign(stops.keep_going(rows, now) if rows else []):
            _try_next_numbers(campaign_steps, mine, now)


def _by_campaign(rows: Iterable[CampaignOwner]) -> list[tuple[list[CampaignStep], list[CampaignOwner]]]:
    together: dict[int, list[CampaignOwner]] = defaultdict(list)
    for row in rows:
        together[row.campaign_id].append(row)
    return [(CampaignStep.objects.of(mine[0].campaign), mine) for mine in together.values()]


def _advance(campaign_steps: list[CampaignStep], rows: list[CampaignOwner], now: datetime) -> None:
    standings = _standings(rows)
    due: dict[int, list[CampaignOwner]] = defaultdict(list)
    deeds: dict[int, Deed] = {}
    done = StepRun.objects.done_for((row.owner_id for row in rows), [rows[0].campaign_id])
    at_step = {row.pk: _step_of(row, campaign_steps, done) for row in rows}
    for row in rows:
        step = at_step[row.pk]
        why = why_passed_over(step.conditions, step.only_stages, standings[row.pk]) if step else ""
        if why:
            deeds[row.pk] = Deed(Outcome.SKIPPED, why)
        elif step:
            due[step.pk].append(row)
    for step in campaign_steps:
        if due[step.pk]:
            deeds |= steps.do_step(step, due[step.pk], standings, now)
    _write_down(rows, at_step, deeds, campaign_steps, now)


def _step_of(
    row: CampaignOwner, campaign_steps: Sequence[CampaignStep], done: set[tuple[int, int]]
) -> CampaignStep | None:
    """The step that is due; None after the last one. One put in before those already done is not made up for."""
    ahead = (step for step in campaign_steps if step.position >= row.position and (step.pk, row.owner_id) not in done)
    return next(ahead, None)


def _write_down(
    rows: Sequence[CampaignOwner],
    at_step: dict[int, CampaignStep | None],
    deeds: dict[int, Deed],
    campaign_steps: list[CampaignStep],
    now: datetime,
) -> None:
    runs = []
    for row in rows:
        step = at_step[row.pk]
        if step is None:
            row.state, row.ended_at, row.due_at = State.FINISHED, now, None
            continue
        deed = deeds[row.pk]
        if deed.again_at is not None:
            row.position, row.due_at = step.position, deed.again_at
            continue
        runs.append(run_of(step, row, deed.outcome, deed.why, now))
        _move_on(row, step, deed, campaign_steps, now)
    StepRun.objects.bulk_create(runs)
    CampaignOwner.objects.bulk_update(rows, FIELDS)


def _move_on(
    row: CampaignOwner, step: CampaignStep, deed: Deed, campaign_steps: list[CampaignStep], now: datetime
) -> None:
    if deed.text is None:
        go_on(row, campaign_steps, step, now)
    else:
        row.text, row.phone = deed.text, deed.text.phone
        row.position, row.due_at = step.position, None


def _try_next_numbers(campaign_steps: list[CampaignStep], rows: list[CampaignOwner], now: datetime) -> None:
    """The same step again, at the next number, for owners whose number proved bad and who have another."""
    by_id = {step.pk: step for step in campaign_steps}
    tried = Message.objects.numbers_tried(
        [row.text.step_id for row in rows if row.text], [row.owner_id for row in rows]
    )
    usable = audience.textable_of_owners(row.owner_id for row in rows)
    states = Message.objects.campaign_states(rows[0].campaign_id, [row.owner_id for row in rows])
    again: dict[int, list[tuple[CampaignOwner, PhoneNumber]]] = defaultdict(list)
    for row in rows:
        step = by_id.get(row.text.step_id or 0) if row.text else None
        phone = _next_number(row, usable[row.owner_id], tried) if step else None
        if step and phone and _may_repeat(row, step, campaign_steps):
            again[step.pk].append((row, phone))
        else:
            _leave_text(row, step, campaign_steps, now)
            _end_without_text(row, campaign_steps, states[row.owner_id], now)
    for step_id, pairs in again.items():
        _repeat(by_id[step_id], pairs, campaign_steps, now)
    CampaignOwner.objects.bulk_update(rows, FIELDS)


def _next_number(
    row: CampaignOwner, usable: Sequence[PhoneNumber], tried: set[tuple[int, int, int]]
) -> PhoneNumber | None:
    """None while the number that was texted is as good as any: then something else kept the text back."""
    assert row.text is not None
    if any(phone.pk == row.text.phone_id for phone in usable):
        return None
    step_id = row.text.step_id or 0
    return next((phone for phone in usable if (step_id, row.owner_id, phone.pk) not in tried), None)


def _may_repeat(row: CampaignOwner, step: CampaignStep, campaign_steps: Sequence[CampaignStep]) -> bool:
    """Not once a later step was done: the conversation has gone on."""
    following = next((later for later in campaign_steps if later.position > step.position), None)
    return row.position <= (following.position if following else step.position + 1)


def _leave_text(
    row: CampaignOwner, step: CampaignStep | None, campaign_steps: list[CampaignStep], now: datetime
) -> None:
    if row.due_at is None and step is not None:
        go_on(row, campaign_steps, step, now)
    elif row.due_at is None:
        row.due_at = now
    row.text = None


def _end_without_text(row: CampaignOwner, campaign_steps: list[CampaignStep], states: set[str], now: datetime) -> None:
    """No reply can still belong to it where no text has left: the owner is free for another campaign at once."""
    if row.position > campaign_steps[-1].position and not states & set(REACHED):
        row.state, row.ended_at, row.due_at = State.FINISHED, now, None


def _repeat(
    step: CampaignStep,
    pairs: list[tuple[CampaignOwner, PhoneNumber]],
    campaign_steps: list[CampaignStep],
    now: datetime,
) -> None:
    drafts = draft_texts(step, [audience.Prospect(row.lead, phone) for row, phone in pairs])
    tries = {row.owner_id: row.text.number_try for row, _ in pairs if row.text}
    for draft in drafts:
        if draft.message:
            draft.message.number_try = tries[draft.prospect.lead.owner_id] + 1
    judged: list[Judged] = judge_drafts([draft.message for draft in drafts if draft.message], now)
    store_judged(judged, now)
    texts = {one.message.owner_id: one.message for one in judged}
    for row, phone in pairs:
        text = texts.get(row.owner_id)
        if text is None:
            _leave_text(row, step, campaign_steps, now)
        else:
            row.text, row.phone, row.position, row.due_at = text, phone, step.position, None


def _standings(rows: Sequence[CampaignOwner]) -> dict[int, Standing]:
    """How each stands at this moment, in three queries."""
    owners = {row.owner_id for row in rows}
    states = Message.objects.campaign_states(rows[0].campaign_id, owners)
    heard = Message.objects.owners_heard_since(owners, min(row.entered_at for row in rows))
    consents = Consent.objects.numbers_agreed(owners)
    return {
        row.pk: Standing(
            stage=row.lead.stage,
            has_consent=bool(consents[row.owner_id] & {None, row.phone_id}),
            replied=any(at >= row.entered_at for at in heard[row.owner_id]),
            texted=bool(states[row.owner_id] & set(REACHED)),
            delivered="delivered" in states[row.owner_id],
        )
        for row in rows
    }
