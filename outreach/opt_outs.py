"""Stop means stop: at once, for the number, in every market, for all owners who share it, for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from leads.events import record_event
from leads.models import Event, OwnerPhone, PhoneNumber
from outreach import sending, stops
from outreach.consents import revoke_consents
from outreach.models import CallTask, Suppression
from outreach.suppressions import lift_suppression, suppress_number

if TYPE_CHECKING:
    from core.models import User


def opt_out(phone: PhoneNumber, *, evidence: str, by: User | None = None) -> bool:
    """Everything an opt-out does, in one transaction; True when the number was not opted out before.

    The number's row is locked first, so that two replies of one number are dealt with one after the other.
    """
    with transaction.atomic():
        PhoneNumber.objects.select_for_update().get(pk=phone.pk)
        owners = OwnerPhone.objects.owners_of(phone)
        _, is_new = suppress_number(phone, Suppression.Reason.OPT_OUT, evidence=evidence, by=by)
        revoke_consents(phone, owners)
        sending.cancel_queued(phone=phone, reason="The number opted out.")
        CallTask.objects.cancel_to(phone, "The number opted out.", timezone.now())
        stops.stop_for_owners(owner.pk for owner in owners)
        for owner in owners:
            sending.cancel_queued(owner=owner, reason="The owner opted out.")
        if is_new:
            for told in owners or [None]:
                record_event(Event.Kind.OWNER_OPTED_OUT, owner=told, actor=by, phone=phone.pk, evidence=evidence[:300])
    return is_new


def opt_in_again(phone: PhoneNumber, *, evidence: str) -> bool:
    """START from the number itself: lifts its opt-out, and no other suppression. True when there was one."""
    opt_outs = Suppression.objects.of_number(phone.number_hash).for_reason(Suppression.Reason.OPT_OUT)
    results = [lift_suppression(row, by=None, reason=f"The number sent “{evidence}”.") for row in opt_outs]
    return any(results)
