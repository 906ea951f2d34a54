"""Deleting leads, which hides them and stops all contact, and bringing them back. Nothing is lost: the row stays until
the clean-up of its market removes it, if ever (outreach/retention.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.results import Result
from leads.changes import OPEN_ON_PARCEL, Change, Changed, change_leads, why_not
from leads.models import Event
from leads.stages import ENDED, Stage

if TYPE_CHECKING:
    from core.models import User
    from leads.querysets import LeadQuerySet

PERMISSION = "leads.delete_lead"
_ENDED = [str(stage) for stage in ENDED]
_REASON = "jsonb_build_object('reason', %(reason)s::text)"
_NEWER_CHOSEN = """EXISTS (
    SELECT FROM leads_lead newer JOIN chosen USING (id) WHERE newer.parcel_id = lead.parcel_id AND newer.id > lead.id
    AND newer.deleted_at IS NOT NULL AND newer.stage <> ALL(%(ended)s))"""

DELETE = Change(
    kind=Event.Kind.LEAD_DELETED,
    done="deleted",
    sets="deleted_at = %(now)s",
    data=_REASON,
    refusals={
        "deleted already": "lead.deleted_at IS NOT NULL",
        "under contract": f"lead.stage = '{Stage.UNDER_CONTRACT.value}'",
    },
)
RESTORE = Change(
    kind=Event.Kind.LEAD_RESTORED,
    done="restored",
    sets="deleted_at = NULL",
    data=_REASON,
    refusals={
        "not deleted": "lead.deleted_at IS NULL",
        "with another lead open on the parcel": f"lead.stage <> ALL(%(ended)s) AND {OPEN_ON_PARCEL}",
        "with a newer lead on the parcel restored instead": f"lead.stage <> ALL(%(ended)s) AND {_NEWER_CHOSEN}",
    },
    values={"ended": _ENDED},
)


def delete_leads(leads: LeadQuerySet, *, by: User | None, reason: str) -> Result[Changed]:
    """Declines (nothing written) with `not_permitted`, `no_reason` or `nothing_changed`.

    A lead under contract is left as it is: end it first.
    """
    declined = why_not(by, PERMISSION, reason)
    return declined if declined is not None else change_leads(leads, DELETE, by=by, reason=reason)


def restore_leads(leads: LeadQuerySet, *, by: User | None, reason: str) -> Result[Changed]:
    """Declines as `delete_leads`. A lead whose parcel another open lead holds stays deleted."""
    declined = why_not(by, PERMISSION, reason)
    return declined if declined is not None else change_leads(leads, RESTORE, by=by, reason=reason)
