"""That an owner agreed to be texted: recorded with what it rests on, and withdrawn by an opt-out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from core.phones import mask
from core.results import Result
from leads.events import record_event
from leads.models import Event
from outreach.models import Consent

if TYPE_CHECKING:
    from core.models import User
    from leads.models import Owner, PhoneNumber


def record_consent(
    owner: Owner, basis: str, *, evidence: str, by: User | None = None, phone: PhoneNumber | None = None
) -> Consent:
    """Without `phone` it covers any number of the owner. Raises ValueError for an unknown basis or no evidence."""
    if basis not in Consent.Basis.values:
        raise ValueError(f"“{basis}” is no basis for a consent")
    if not evidence.strip():
        raise ValueError("a consent needs the words or the source it rests on")
    with transaction.atomic():
        consent: Consent = Consent.objects.create(
            owner=owner, phone=phone, basis=basis, evidence=evidence, given_at=timezone.now(), recorded_by=by
        )
        record_event(Event.Kind.CONSENT_GIVEN, owner=owner, actor=by, consent=consent.pk, basis=basis)
    return consent


def current_consent(owner: Owner, phone: PhoneNumber | None) -> Consent | None:
    """The newest consent in force for this number, or for any number of this owner."""
    consent: Consent | None = Consent.objects.covering(owner, phone).first()
    return consent


def revoke_consents(phone: PhoneNumber, owners: Iterable[Owner]) -> int:
    """Withdraws every consent for the number and, since one cannot tell which of them wrote, the any-number consents
    of all owners who share it."""
    withdrawn = list(Consent.objects.touched_by_opt_out(phone, owners))
    now = timezone.now()
    for consent in withdrawn:
        consent.revoked_at = now
        consent.save(update_fields=["revoked_at"])
    return len(withdrawn)


def end_consents(owner: Owner, phone: PhoneNumber, *, reason: str) -> int:
    """Ends this owner's consents for this number alone; those of others for it, and for any number, stay."""
    ended = list(Consent.objects.for_number_of(owner, phone))
    now = timezone.now()
    for consent in ended:
        consent.revoked_at = now
        consent._change_reason = reason[:100]
        consent.save(update_fields=["revoked_at"])
    if ended:
        record_event(Event.Kind.NOTE_ADDED, owner=owner, text=f"Consent for {mask(phone.number)} ended: {reason}.")
    return len(ended)


def withdraw_consent(consent: Consent, *, by: User) -> Result[Consent]:
    """By a person who was told so. Declines with `withdrawn`; a stop by the number itself is `opt_outs.opt_out`."""
    with transaction.atomic():
        locked: Consent = Consent.objects.select_for_update(of=("self",)).get(pk=consent.pk)
        if locked.revoked_at is not None:
            return Result.declined("withdrawn", "This consent was withdrawn before.")
        locked.revoked_at = timezone.now()
        locked._history_user = by  # type: ignore[attr-defined]  # read by simple-history
        locked.save(update_fields=["revoked_at"])
        record_event(Event.Kind.NOTE_ADDED, owner=locked.owner, actor=by, text="Consent withdrawn.")
    return Result.ok(locked)
