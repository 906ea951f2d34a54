"""Numbers and owners that are never texted: the one place that adds, lifts and answers for them.

A number is kept as its keyed hash, so it stays suppressed whoever it belongs to, whatever is imported later, and when
its owner's data is deleted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from core.results import Result
from leads.events import record_event
from leads.models import Event, OwnerPhone, PhoneNumber
from outreach.models import Suppression
from outreach.querysets import audience

if TYPE_CHECKING:
    from core.models import User
    from leads.models import Owner


def suppress_number(
    phone_or_hash: PhoneNumber | bytes, reason: str, *, evidence: str, by: User | None = None
) -> tuple[Suppression, bool]:
    """The suppression in force for this number and reason, and whether it is new. One that rested on a list alone does
    so no more: undoing the list leaves it."""
    number_hash = phone_or_hash if isinstance(phone_or_hash, bytes) else bytes(phone_or_hash.number_hash)
    suppression, is_new = Suppression.objects.get_or_create(
        number_hash=number_hash,
        reason=reason,
        lifted_at=None,
        defaults={"evidence": evidence[:300], "created_by": by, "created_at": timezone.now()},
    )
    if suppression.list_import_id is not None:
        _confirm(suppression, evidence)
    return suppression, is_new


def suppress_owner(owner: Owner, reason: str, *, evidence: str, by: User | None = None) -> tuple[Suppression, bool]:
    """The suppression in force for this owner, at every number, and whether it is new."""
    return Suppression.objects.get_or_create(
        owner=owner,
        reason=reason,
        lifted_at=None,
        defaults={"evidence": evidence[:300], "created_by": by, "created_at": timezone.now()},
    )


def lift_suppression(suppression: Suppression, *, by: User | None, reason: str) -> Result[Suppression]:
    """`by=None` is the number's own START. Declines without a reason (`no_reason`) and when lifted already."""
    if not reason.strip():
        return Result.declined("no_reason", "Say why this may be lifted; the reason is kept.")
    with transaction.atomic():
        locked: Suppression = Suppression.objects.select_for_update(of=("self",)).get(pk=suppression.pk)
        if locked.lifted_at is not None:
            return Result.declined("already_lifted", "This was lifted before.")
        _lift(locked, by, reason.strip(), timezone.now())
        return Result.ok(locked)


def active_suppressions(phone: PhoneNumber, owner: Owner | None) -> list[tuple[str, str]]:
    """Everything that forbids texting this owner at this number, as ("number" or "owner", reason), for the gate."""
    found = [("number", row.reason) for row in Suppression.objects.of_number(phone.number_hash)]
    if owner is not None:
        found += [("owner", row.reason) for row in Suppression.objects.of_owner(owner)]
    if audience.listed_numbers([phone.pk]):
        found.append(("number", Suppression.Reason.NATIONAL_DNC.value))
    return list(dict.fromkeys(found))


def active_reasons(phone: PhoneNumber, owner: Owner | None) -> list[str]:
    return list(dict.fromkeys(reason for _, reason in active_suppressions(phone, owner)))


def _confirm(suppression: Suppression, evidence: str) -> None:
    suppression.list_import = None
    suppression.evidence = f"{suppression.evidence}; {evidence}"[:300]
    suppression.save(update_fields=["list_import", "evidence"])


def _lift(suppression: Suppression, by: User | None, reason: str, now: datetime) -> None:
    suppression.lifted_at, suppression.lifted_by, suppression.lift_reason = now, by, reason[:300]
    suppression.save(update_fields=["lifted_at", "lifted_by", "lift_reason"])
    told: Sequence[Owner | None] = _owners(suppression) or [None]
    for owner in told:
        record_event(
            Event.Kind.OPT_OUT_LIFTED,
            owner=owner,
            actor=by,
            suppression=suppression.pk,
            suppressed_for=suppression.reason,
            reason=reason,
        )


def _owners(suppression: Suppression) -> list[Owner]:
    if suppression.owner is not None:
        return [suppression.owner]
    phone = PhoneNumber.objects.by_hash(suppression.number_hash)
    return OwnerPhone.objects.owners_of(phone) if phone else []
