"""Where each owner of a campaign stands: the numbers of each step, and the list behind them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from core.keyset import decode_cursor, encode_cursor
from core.phones import mask
from leads.models import Lead
from outreach.models import Campaign, CampaignOwner, CampaignStep, Message, StepRun
from outreach.querysets.stops import STOPS, StopReason

PAGE = 50
SHOWN = 5
State, Outcome = CampaignOwner.State, StepRun.Outcome


@dataclass(frozen=True)
class StepLine:
    """`step` None: after the last one. `waiting`: owners whose next step it is, or whose text of it waits to leave."""

    step: CampaignStep | None
    position: int
    waiting: int
    outcomes: Mapping[str, int] = field(default_factory=dict)

    @property
    def done(self) -> int:
        return self.outcomes.get(Outcome.DONE, 0)

    @property
    def blocked(self) -> int:
        return self.outcomes.get(Outcome.BLOCKED, 0)

    @property
    def skipped(self) -> int:
        return self.outcomes.get(Outcome.SKIPPED, 0)


@dataclass(frozen=True)
class OwnerLine:
    row: CampaignOwner
    phone: str
    next_step: CampaignStep | None
    last: StepRun | None

    @property
    def stands(self) -> str:
        """In words: what comes next, or how it ended."""
        if self.row.state == State.STOPPED:
            return f"Stopped: {self.row.stop_words}"
        if self.row.state == State.FINISHED:
            return "All steps done"
        if self.row.due_at is None:
            return self._text_waits()
        if self.next_step is None:
            return "All steps done; a reply still belongs to it"
        return f"Next: {self.next_step.get_kind_display().lower()}"

    def _text_waits(self) -> str:
        text = self.row.text
        if text is None:
            return "Waits"
        if text.state == Message.State.QUEUED:
            return f"Text waits to leave{': ' + text.error if text.error else ''}"
        return f"Text: {text.get_state_display().lower()}"


def step_lines(campaign: Campaign) -> list[StepLine]:
    waiting: dict[int, int] = defaultdict(int)
    for position, state, count in CampaignOwner.objects.counts(campaign):
        if state == State.ACTIVE:
            waiting[position] += count
    outcomes: dict[int, dict[str, int]] = defaultdict(dict)
    for step_id, outcome, count in StepRun.objects.counts(campaign):
        outcomes[step_id][outcome] = count
    steps = CampaignStep.objects.of(campaign)
    lines = [StepLine(step, step.position, waiting.pop(step.position, 0), outcomes[step.pk]) for step in steps]
    after = sum(waiting.values())
    return [*lines, StepLine(None, max(waiting), after)] if after else lines


def stop_lines(campaign: Campaign) -> list[tuple[str, str, int]]:
    """Code, words, owners."""
    return [(code, STOPS[StopReason(code)].words, n) for code, n in CampaignOwner.objects.stop_counts(campaign)]


def owners_page(request: HttpRequest, campaign: Campaign) -> HttpResponse:
    asked = {name: request.GET.get(name, "") for name in ("state", "position", "reason")}
    rows = CampaignOwner.objects.of(campaign).narrowed(**asked).for_list()
    position = decode_cursor(request.GET.get("after", ""))
    page = rows.page_after(position, PAGE + 1)
    shown = page[:PAGE]
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "opts": Campaign._meta,
        "title": f"Owners of “{campaign.name}”",
        "campaign": campaign,
        "lines": owner_lines(campaign, shown),
        "states": State.choices,
        "reasons": stop_lines(campaign),
        "steps": CampaignStep.objects.of(campaign),
        "asked": asked,
        "next_cursor": encode_cursor([shown[-1].pk]) if len(page) > PAGE else "",
        "is_first": position is None,
    }
    return TemplateResponse(request, "admin/outreach/campaign/owners.html", context)


def owner_lines(campaign: Campaign, rows: list[CampaignOwner]) -> list[OwnerLine]:
    return _lines(rows, {campaign.pk: CampaignStep.objects.of(campaign)})


def campaigns_of(lead: Lead) -> list[OwnerLine]:
    """The campaigns the lead's owner is or was in, with where each stands."""
    rows = list(CampaignOwner.objects.about(lead)[:SHOWN])
    steps: dict[int, list[CampaignStep]] = defaultdict(list)
    for step in CampaignStep.objects.of_campaigns(row.campaign_id for row in rows) if rows else ():
        steps[step.campaign_id].append(step)
    return _lines(rows, steps)


def _lines(rows: list[CampaignOwner], steps: Mapping[int, list[CampaignStep]]) -> list[OwnerLine]:
    last = StepRun.objects.last_of(rows) if rows else {}
    return [
        OwnerLine(
            row,
            mask(row.phone.number) if row.phone else "no number",
            next((step for step in steps.get(row.campaign_id, ()) if step.position >= row.position), None),
            last.get((row.campaign_id, row.owner_id)),
        )
        for row in rows
    ]
