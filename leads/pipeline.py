"""Moving leads between stages: the only way to change a stage."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils import timezone
from django_fsm import (
    Transition,
    get_available_FIELD_transitions,
    get_available_user_FIELD_transitions,
)
from simple_history.utils import bulk_update_with_history

from core.results import Result
from leads.events import record_event, record_events
from leads.models import Event, Lead
from leads.stages import ENDED, Stage

if TYPE_CHECKING:
    from core.models import User

STAGE = Lead._meta.get_field("stage")


def move_lead(lead: Lead, to: str, *, by: User | None, reason: str) -> Result[Lead]:
    """Moves a lead along a declared transition; `by=None` is the system, which needs no permission.

    Declines (nothing written) with code `deleted`, `illegal_move`, `not_permitted` or `parcel_taken`; a lead already
    in `to` succeeds and writes nothing, so that callers may be retried.
    """
    with transaction.atomic():
        locked: Lead = Lead.objects.select_for_update().get(pk=lead.pk)
        if locked.stage == to:
            return Result.ok(locked)
        declined = _why_not(locked, to, by)
        if declined is not None:  # a declined result is false
            return declined
        return Result.ok(_move(locked, to, by, reason))


def move_leads(leads: Iterable[Lead], to: str, *, by: User | None, reason: str) -> list[Lead]:
    """The same for several leads at once; returns those that moved. One that may not move stays as it is."""
    with transaction.atomic():
        locked = Lead.objects.lock_all(lead.pk for lead in leads)
        moving = [lead for lead in locked if lead.stage != to and _why_not(lead, to, by) is None]
        if moving:
            _move_all(moving, to, by, reason)
        return moving


def open_stages(lead: Lead, by: User) -> list[Stage]:
    """Stages this person may move this lead to, in pipeline order."""
    targets = {t.target for t in get_available_user_FIELD_transitions(lead, by, STAGE)}
    return [stage for stage in Stage if stage in targets]


def allow_stage_writes() -> None:
    """Opens the database guard on stages until the end of the transaction. For this module and bulk imports only."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lalw.stage_move', 'on', true)")


def transition_named(name: str) -> tuple[list[str], str]:
    """Stages a declared transition starts from, and the one it leads to."""
    steps = [step for step in STAGE.get_all_transitions(Lead) if step.name == name]
    return [str(step.source) for step in steps], str(steps[0].target)


def _why_not(lead: Lead, to: str, by: User | None) -> Result[Lead] | None:
    if lead.deleted_at is not None:
        return Result.declined("deleted", "The lead was deleted: restore it first.")
    step = _transition(lead, to)
    if step is None:
        return Result.declined("illegal_move", f"A lead cannot go from {lead.stage} to {to}.")
    if by is not None and not step.has_perm(lead, by):
        return Result.declined("not_permitted", f"You may not move a lead to {to}.")
    if lead.stage in ENDED and Lead.objects.open_on(lead.parcel_id).exists():
        return Result.declined("parcel_taken", "Another lead is already open on this parcel.")
    return None


def _move(lead: Lead, to: str, by: User | None, reason: str) -> Lead:
    allow_stage_writes()
    before = lead.stage
    _step(lead, to)
    lead._history_user = by  # type: ignore[attr-defined]  # read by simple-history
    lead._change_reason = reason[:100]  # type: ignore[attr-defined]
    lead.save(update_fields=["stage", "archived_at", "updated_at"])
    record_event(Event.Kind.STAGE_CHANGED, lead=lead, actor=by, **_told(before, to, reason))
    return lead


def _move_all(leads: list[Lead], to: str, by: User | None, reason: str) -> None:
    allow_stage_writes()
    now, before = timezone.now(), {lead.pk: lead.stage for lead in leads}
    for lead in leads:
        _step(lead, to)
        lead.updated_at = now
    written = {"default_user": by, "default_change_reason": reason[:100], "default_date": now}
    bulk_update_with_history(leads, Lead, ["stage", "archived_at", "updated_at"], **written)
    record_events(Event.Kind.STAGE_CHANGED, {lead: _told(before[lead.pk], to, reason) for lead in leads}, actor=by)


def _step(lead: Lead, to: str) -> None:
    step = _transition(lead, to)
    assert step is not None
    method: Callable[[], None] = getattr(lead, step.name)
    method()


def _told(before: str, to: str, reason: str) -> dict[str, Any]:
    return {"from": before, "to": to, "reason": reason}


def _transition(lead: Lead, to: str) -> Transition | None:
    return next((t for t in get_available_FIELD_transitions(lead, STAGE) if t.target == to), None)
