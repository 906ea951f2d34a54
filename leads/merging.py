"""Making one owner of two, and two of one again.

Whatever points at the absorbed owner is found through the models' relations, so rooms above this one need not be
known here. A repository that has to keep a promise over both owners (opt-outs, withdrawn consents) says so with
`owners_merged(owner_id)` or `owners_parted(owner_ids)`, which are called inside the transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import ForeignKey
from django.utils import timezone

from core.results import Result
from leads.events import record_event
from leads.models import DuplicatePair, Event, Owner, OwnerMerge
from leads.querysets_duplicates import Pointer

if TYPE_CHECKING:
    from core.models import User

Ids = dict[str, list[Any]]

NEVER_MOVED = frozenset({"Event", "ArchivedEvent", "OwnerMerge", "DuplicatePair", "PersonalDataAccess", "Thread"})
"""What records the past stays as it was written; timelines read the events of merged owners too. A conversation is
computed anew from the messages that move."""


def merge_owners(kept: Owner, absorbed: Owner, *, by: User | None, reason: str) -> Result[OwnerMerge]:
    """Everything of `absorbed` becomes `kept`'s, except what a unique rule forbids: that stays and is listed.

    Declines, with nothing written, with `same_owner`, `already_merged` or `loop`. `by=None` is the system.
    """
    if kept.pk == absorbed.pk:
        return Result.declined("same_owner", "These are the same owner already.")
    with transaction.atomic():
        kept, absorbed = _locked(kept.pk, absorbed.pk)
        declined = _why_not(kept, absorbed)
        if declined is not None:  # a declined result is false
            return declined
        return Result.ok(_merge(kept, absorbed, by, reason.strip()))


def undo_merge(merge: OwnerMerge, *, by: User | None) -> Result[OwnerMerge]:
    """Exactly the rows that moved go back, if they are still the kept owner's; the others are listed in `left`.

    Declines with `already_undone`, or with `later_merge` while a later merge of either owner is in force.
    """
    with transaction.atomic():
        kept, absorbed = _locked(merge.kept_id, merge.absorbed_id)
        current: OwnerMerge = OwnerMerge.objects.select_for_update(of=("self",)).get(pk=merge.pk)
        if current.undone_at is not None:
            return Result.declined("already_undone", "This merge was undone before.")
        if later := OwnerMerge.objects.later_than(current).for_list().first():
            return Result.declined("later_merge", f"First undo the later merge of {later.absorbed} into {later.kept}.")
        return Result.ok(_undo(current, kept, absorbed, by))


def pointers() -> Iterator[Pointer]:
    """Every column of the project that names an owner and moves with a merge."""
    for relation in Owner._meta.related_objects:
        model = relation.related_model
        if isinstance(relation.field, ForeignKey) and isinstance(model, type) and model.__name__ not in NEVER_MOVED:
            yield Pointer(relation.field)


def _locked(first_id: int, second_id: int) -> tuple[Owner, Owner]:
    """Both, locked in the order of their ids; a row that names one of them cannot be added meanwhile."""
    ids = sorted({first_id, second_id})
    owners = {pk: Owner.objects.select_for_update(of=("self",)).get(pk=pk) for pk in ids}
    return owners[first_id], owners[second_id]


def _why_not(kept: Owner, absorbed: Owner) -> Result[OwnerMerge] | None:
    if kept.merged_into_id == absorbed.pk:
        return Result.declined("loop", f"{kept} was merged into {absorbed} before; undo that merge instead.")
    for owner in (absorbed, kept):
        if owner.merged_into_id is not None:
            return Result.declined("already_merged", f"{owner} was merged into {owner.merged_into} before.")
    return None


def _merge(kept: Owner, absorbed: Owner, by: User | None, reason: str) -> OwnerMerge:
    moved: Ids = {}
    stayed: Ids = {}
    now = timezone.now()
    for pointer in pointers():
        clashing = pointer.clashing(absorbed.pk, kept.pk)
        ids = set(pointer.rows(absorbed.pk).values_list("pk", flat=True)) - clashing
        _note(moved, pointer, _move(pointer, absorbed.pk, kept.pk, ids, by, f"Merged into owner {kept.pk}"))
        _note(stayed, pointer, clashing)
    _point(absorbed, kept, by, reason or "Merged as a duplicate")
    _tell("owners_merged", kept.pk)
    merge: OwnerMerge = OwnerMerge.objects.create(
        kept=kept, absorbed=absorbed, moved=moved, stayed=stayed, reason=reason[:300], merged_by=by, merged_at=now
    )
    DuplicatePair.objects.between(kept, absorbed).update(state="merged", decided_by=by, decided_at=now)
    _record(Event.Kind.OWNERS_MERGED, merge, by, reason=reason, moved=_counts(moved), stayed=_counts(stayed))
    return merge


def _undo(merge: OwnerMerge, kept: Owner, absorbed: Owner, by: User | None) -> OwnerMerge:
    now = timezone.now()
    left: Ids = {}
    for pointer in pointers():
        ids = merge.moved.get(pointer.label, [])
        movable = set(ids) - pointer.clashing(kept.pk, absorbed.pk)
        back = _move(pointer, kept.pk, absorbed.pk, movable, by, f"Merge into owner {kept.pk} undone")
        _note(left, pointer, set(ids) - set(back))
    _point(absorbed, None, by, f"Merge into owner {kept.pk} undone")
    _tell("owners_parted", [kept.pk, absorbed.pk])
    merge.left, merge.undone_by, merge.undone_at = left, by, now
    merge.save(update_fields=["left", "undone_by", "undone_at"])
    DuplicatePair.objects.between(kept, absorbed).update(state="different", decided_by=by, decided_at=now)
    _record(Event.Kind.OWNERS_PARTED, merge, by, left=_counts(left))
    return merge


def _move(pointer: Pointer, from_id: int, to_id: int, ids: set[Any], by: User | None, reason: str) -> list[Any]:
    moved = pointer.move(from_id, to_id, ids)
    if moved and hasattr(pointer.field.model._meta, "simple_history_manager_attribute"):
        _write_history(list(pointer.among(to_id, moved)), by, reason)
    return moved


def _point(absorbed: Owner, at: Owner | None, by: User | None, reason: str) -> None:
    absorbed.merged_into = at
    absorbed._history_user = by  # type: ignore[attr-defined]  # read by simple-history
    absorbed._change_reason = reason[:100]  # type: ignore[attr-defined]
    absorbed.save(update_fields=["merged_into"])


def _write_history(rows: list[models.Model], by: User | None, reason: str) -> None:
    manager: Any = getattr(type(rows[0]), rows[0]._meta.simple_history_manager_attribute)  # type: ignore[attr-defined]
    manager.bulk_history_create(rows, update=True, default_user=by, default_change_reason=reason[:100])


def _tell(hook: str, owners: int | list[int]) -> None:
    for model in dict.fromkeys(pointer.field.model for pointer in pointers()):
        listener = getattr(model._default_manager, hook, None)
        if listener is not None:
            listener(owners)


def _note(ids: Ids, pointer: Pointer, added: set[Any] | list[Any]) -> None:
    if added:
        ids[pointer.label] = sorted(added)


def _counts(ids: Ids) -> dict[str, int]:
    return {label: len(rows) for label, rows in ids.items()}


def _record(kind: Event.Kind, merge: OwnerMerge, by: User | None, **data: Any) -> None:
    names: dict[str, Any] = {"kept": merge.kept.name, "absorbed": merge.absorbed.name, "absorbed_id": merge.absorbed_id}
    record_event(kind, owner=merge.kept, actor=by, merge=merge.pk, **names, **data)
