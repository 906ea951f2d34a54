"""What a person decides about a pair of the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from core.results import Result
from leads.merging import merge_owners
from leads.models import DuplicatePair, OwnerMerge

if TYPE_CHECKING:
    from core.models import User


def merge_pair(pair: DuplicatePair, *, by: User | None, into_second: bool = False) -> Result[OwnerMerge]:
    """Into the first, who is known longer, unless told otherwise; the evidence is the reason."""
    owners = (pair.second, pair.first) if into_second else (pair.first, pair.second)
    return merge_owners(*owners, by=by, reason=", ".join(pair.evidence.get("for", [])))


def mark_different(pair: DuplicatePair, *, by: User) -> Result[DuplicatePair]:
    """They never come back to the queue by themselves. Declines with `decided` once it has been decided."""
    return _decide(pair, DuplicatePair.State.OPEN, DuplicatePair.State.DIFFERENT, by)


def reopen_pair(pair: DuplicatePair, *, by: User) -> Result[DuplicatePair]:
    """Takes “different people” back. Declines with `decided` for a pair that is merged or open."""
    return _decide(pair, DuplicatePair.State.DIFFERENT, DuplicatePair.State.OPEN, by)


def _decide(pair: DuplicatePair, expected: str, state: str, by: User) -> Result[DuplicatePair]:
    with transaction.atomic():
        locked: DuplicatePair = DuplicatePair.objects.select_for_update(of=("self",)).get(pk=pair.pk)
        if locked.state != expected:
            return Result.declined("decided", f"This pair is “{locked.get_state_display().lower()}” by now.")
        locked.state, locked.decided_by, locked.decided_at = state, by, timezone.now()
        locked.save(update_fields=["state", "decided_by", "decided_at"])
    return Result.ok(locked)
