"""The letters and calls of a campaign before its launch: how many owners could get each, and why others could not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from leads.models import Lead
from outreach import audience
from outreach.audience import Prospect
from outreach.models import CampaignStep, Consent, Suppression
from outreach.querysets.stops import NUMBERS_THAT_STOP, STOPS, StopReason
from outreach.step_conditions import CONDITIONS
from outreach.steps import why_no_calls, why_no_letters

Kind = CampaignStep.Kind


@dataclass
class Touch:
    """`at_most`: what owners do until then, such as answer, is not known yet. `reasons`: why not -> owners."""

    step: CampaignStep
    at_most: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        return {"step": self.step.in_words, "at_most": self.at_most, "reasons": dict(self.reasons.most_common())}


class OtherTouches:
    def __init__(self, steps: Sequence[CampaignStep], now: datetime) -> None:
        self.touches = [Touch(step) for step in steps if step.kind in (Kind.LETTER, Kind.CALL)]
        self._now = now

    def look_at(self, prospects: Sequence[Prospect]) -> None:
        """Of one chunk, who enters the campaign."""
        if not self.touches:
            return
        leads = [prospect.lead for prospect in prospects]
        agreed = Consent.objects.numbers_agreed(lead.owner_id for lead in leads)
        stopped = _stopped(prospects)
        for touch in self.touches:
            refusals = self._refusals(touch.step, leads) | stopped
            for lead in leads:
                why = refusals[lead.pk] or _consent_wanted(touch.step, bool(agreed.get(lead.owner_id)))
                touch.at_most += not why
                touch.reasons.update([why] if why else [])

    def _refusals(self, step: CampaignStep, leads: Sequence[Lead]) -> dict[int, str]:
        if step.kind == Kind.LETTER:
            return why_no_letters(leads, self._now)
        return why_no_calls(leads, audience.callable_of_owners(lead.owner_id for lead in leads))


def _stopped(prospects: Sequence[Prospect]) -> dict[int, str]:
    """Leads for which the campaign stops before any step."""
    reasons = Suppression.objects.reasons_among(_hash(prospect) for prospect in prospects)
    owners = Suppression.objects.owners_among(prospect.lead.owner_id for prospect in prospects)
    return {
        prospect.lead.pk: STOPS[StopReason.OPT_OUT].words
        for prospect in prospects
        if prospect.lead.owner_id in owners or reasons.get(_hash(prospect), set()) & set(NUMBERS_THAT_STOP)
    }


def _hash(prospect: Prospect) -> bytes:
    return bytes(prospect.phone.number_hash) if prospect.phone else b""


def _consent_wanted(step: CampaignStep, agreed: bool) -> str:
    """Of the step's conditions the ones that can be asked before it is due."""
    failing = "no_consent" if agreed else "consent"
    return CONDITIONS[failing].why_not if failing in step.conditions else ""
