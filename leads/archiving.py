"""Archiving and reactivating a selection of leads: the transitions of `leads.stages`, for all in one statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.results import Result
from leads.changes import OPEN_ON_PARCEL, Change, Changed, change_leads, why_not
from leads.models import Event
from leads.pipeline import transition_named
from leads.stages import ENDED

if TYPE_CHECKING:
    from core.models import User
    from leads.querysets import LeadQuerySet

_NEWER_CHOSEN = """EXISTS (
    SELECT FROM leads_lead newer JOIN chosen USING (id) WHERE newer.parcel_id = lead.parcel_id AND newer.id > lead.id
    AND newer.deleted_at IS NULL AND newer.stage = ANY(%(sources)s))"""


def archive_leads(leads: LeadQuerySet, *, by: User | None, reason: str) -> Result[Changed]:
    """Declines (nothing written) with `not_permitted`, `no_reason` or `nothing_changed`."""
    refusals = {
        "deleted": "lead.deleted_at IS NOT NULL",
        "archived already": "lead.stage <> ALL(%(sources)s)",
    }
    return _move(leads, _change("archive", "archived", "archived_at = %(now)s", refusals), by, reason)


def reactivate_leads(leads: LeadQuerySet, *, by: User | None, reason: str) -> Result[Changed]:
    """Declines as `archive_leads`. Of several leads of one parcel the newest comes back, and none while another is
    open on it."""
    refusals = {
        "deleted": "lead.deleted_at IS NOT NULL",
        "neither archived nor dead": "lead.stage <> ALL(%(sources)s)",
        "with another lead open on the parcel": OPEN_ON_PARCEL,
        "with a newer lead on the parcel reactivated instead": _NEWER_CHOSEN,
    }
    return _move(leads, _change("reactivate", "reactivated", "archived_at = NULL", refusals), by, reason)


def _change(name: str, done: str, dates: str, refusals: dict[str, str]) -> Change:
    """The declared transition of that name; `dates` is what its body sets."""
    sources, target = transition_named(name)
    return Change(
        kind=Event.Kind.STAGE_CHANGED,
        done=done,
        sets=f"stage = %(target)s, {dates}",
        before="lead.stage",
        data="jsonb_build_object('from', before, 'to', stage, 'reason', %(reason)s::text)",
        refusals=refusals,
        moves_stage=True,
        values={"sources": sources, "target": target, "ended": [str(stage) for stage in ENDED]},
    )


def _move(leads: LeadQuerySet, change: Change, by: User | None, reason: str) -> Result[Changed]:
    declined = why_not(by, "leads.archive_lead", reason)
    if declined is not None:
        return declined
    return change_leads(leads, change, by=by, reason=reason)
