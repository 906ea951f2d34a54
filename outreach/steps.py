"""What each kind of step does for the owners it is due for: read the table at the end to know."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from leads.models import Lead, Owner, PhoneNumber
from markets.models import EmergencyHold
from outreach import audience, letters
from outreach.audience import Prospect
from outreach.calls import call_about
from outreach.enrolling import NO_NUMBER, Outcome
from outreach.gatekeeper import is_improved
from outreach.models import CallTask, CampaignOwner, CampaignStep, Letter, LetterExport, Message, MessageTemplate
from outreach.queueing import draft_texts, judge_drafts, store_judged
from outreach.step_conditions import Standing

NOT_CALLABLE = "no number that may be called"
FOLLOWS_NOTHING = "no text has left that it could follow"
SOON = timedelta(seconds=30)
TOMORROW = timedelta(days=1)


@dataclass(frozen=True)
class Deed:
    """What came of a step for one owner. `text`: one that was stored, waiting or blocked; the next step waits for what
    becomes of it. `again_at`: it could not be done now, nothing was written."""

    outcome: str
    why: str = ""
    text: Message | None = None
    again_at: datetime | None = None


Rows = Sequence[CampaignOwner]
Standings = Mapping[int, Standing]


def do_step(step: CampaignStep, rows: Rows, standings: Standings, now: datetime) -> dict[int, Deed]:
    """By row; call it in the transaction that holds the rows."""
    return KINDS[CampaignStep.Kind(step.kind)](step, rows, standings, now)


def _text(step: CampaignStep, rows: Rows, standings: Standings, now: datetime) -> dict[int, Deed]:
    deeds, chosen = _choose_numbers(step, rows, standings, now)
    drafts = draft_texts(step, [Prospect(row.lead, phone) for row, phone in chosen])
    judged = judge_drafts([draft.message for draft in drafts if draft.message], now)
    store_judged(judged, now)
    texts = {one.message.owner_id: one for one in judged}
    for row, _ in chosen:
        one = texts.get(row.owner_id)
        if one is None:
            deeds[row.pk] = Deed(Outcome.SKIPPED, "the template has no active wording")
        elif one.is_blocked:
            deeds[row.pk] = Deed(Outcome.BLOCKED, one.message.error, one.message)
        else:
            deeds[row.pk] = Deed(Outcome.DONE, "", one.message)
    return deeds


def _choose_numbers(
    step: CampaignStep, rows: Rows, standings: Standings, now: datetime
) -> tuple[dict[int, Deed], list[tuple[CampaignOwner, PhoneNumber]]]:
    """The number spoken to while it may be used, else the owner's best; and who gets no text at all."""
    deeds: dict[int, Deed] = {}
    chosen: list[tuple[CampaignOwner, PhoneNumber]] = []
    best = {prospect.lead.pk: prospect.phone for prospect in audience.with_numbers([row.lead for row in rows])}
    usable = audience.textable_of_owners(row.owner_id for row in rows)
    phones = {row.pk: _number(row, usable[row.owner_id]) or best[row.lead_id] for row in rows}
    free = PhoneNumber.objects.lock_free(phone.pk for phone in phones.values() if phone)
    for row in rows:
        phone = phones[row.pk]
        if phone is None:
            deeds[row.pk] = Deed(Outcome.SKIPPED, NO_NUMBER)
        elif follows_nothing(step, standings[row.pk]):
            deeds[row.pk] = Deed(Outcome.SKIPPED, FOLLOWS_NOTHING)
        elif phone.pk not in free:  # a reply from it is being read at this moment
            deeds[row.pk] = Deed("", again_at=now + SOON)
        else:
            chosen.append((row, phone))
    return deeds, chosen


def _number(row: CampaignOwner, usable: Sequence[PhoneNumber]) -> PhoneNumber | None:
    return next((phone for phone in usable if phone.pk == row.phone_id), next(iter(usable), None))


def follows_nothing(step: CampaignStep, standing: Standing) -> bool:
    template = step.template
    return bool(template and template.purpose == MessageTemplate.Purpose.FOLLOW_UP and not standing.texted)


def _letter(step: CampaignStep, rows: Rows, standings: Standings, now: datetime) -> dict[int, Deed]:
    refusals = why_no_letters([row.lead for row in rows], now)
    refused = {row.pk: refusals[row.lead_id] for row in rows}
    going = [row for row in rows if not refused[row.pk]]
    if going:
        export = LetterExport.objects.collecting(step)
        letters.write_letters(export, [row.lead for row in going], by=None)
    return {row.pk: Deed(Outcome.SKIPPED, why) if (why := refused[row.pk]) else Deed(Outcome.DONE) for row in rows}


def why_no_letters(leads: Sequence[Lead], now: datetime) -> dict[int, str]:
    """Lead -> why its owner gets no letter, empty where one can go out."""
    written = Letter.objects.owners_written_to((lead.owner_id for lead in leads), now - letters.NOT_AGAIN_FOR)
    return {lead.pk: _why_no_letter(lead, written) for lead in leads}


def why_no_calls(leads: Sequence[Lead], numbers: Mapping[int, Sequence[PhoneNumber]]) -> dict[int, str]:
    """The same for a call; `numbers`: owner -> those that may be called."""
    return {lead.pk: _never_contacted(lead) or ("" if numbers[lead.owner_id] else NOT_CALLABLE) for lead in leads}


def _why_no_letter(lead: Lead, written: set[int]) -> str:
    owner = lead.owner
    whole = all((owner.mailing_street, owner.mailing_city, owner.mailing_state, owner.mailing_zip))
    if lead.owner_id in written:
        return f"a letter went out within the last {letters.NOT_AGAIN_FOR.days} days"
    return _never_contacted(lead) or ("" if whole else "the mailing address is not complete")


def _never_contacted(lead: Lead) -> str:
    if lead.owner.kind in Owner.NEVER_CONTACTED:
        return f"a {lead.owner.kind} owner is never contacted"
    return "the parcel is improved" if is_improved(lead) else ""


def _call(step: CampaignStep, rows: Rows, standings: Standings, now: datetime) -> dict[int, Deed]:
    if EmergencyHold.objects.in_force(now).in_state(step.campaign.market.state):
        return {row.pk: Deed("", again_at=now + TOMORROW) for row in rows}
    numbers = audience.callable_of_owners(row.owner_id for row in rows)
    refusals = why_no_calls([row.lead for row in rows], numbers)
    reason = f"Campaign “{step.campaign.name}”"[:120]
    deeds, tasks = {}, []
    for row in rows:
        phone, why = next(iter(numbers[row.owner_id]), None), refusals[row.lead_id]
        deeds[row.pk] = Deed(Outcome.SKIPPED, why) if why else Deed(Outcome.DONE)
        if not why:
            tasks.append((row.pk, call_about(row.lead, phone, reason, now)))
    new = {task.lead_id for task in CallTask.objects.add_missing(task for _, task in tasks)}
    waits = Deed(Outcome.SKIPPED, "a call is on the list already")
    return deeds | {pk: waits for pk, task in tasks if task.lead_id not in new}


def _wait(step: CampaignStep, rows: Rows, standings: Standings, now: datetime) -> dict[int, Deed]:
    return {row.pk: Deed(Outcome.DONE) for row in rows}


Doing = Callable[[CampaignStep, Rows, Standings, datetime], dict[int, Deed]]
KINDS: Mapping[CampaignStep.Kind, Doing] = {
    CampaignStep.Kind.TEXT: _text,
    CampaignStep.Kind.LETTER: _letter,
    CampaignStep.Kind.CALL: _call,
    CampaignStep.Kind.WAIT: _wait,
}
