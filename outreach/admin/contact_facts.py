"""May this owner be contacted? In short, for pages of the rooms below."""

from __future__ import annotations

from django.urls import reverse

from leads.admin.owner_sides import Cell
from leads.models import Owner, OwnerPhone
from outreach.models import Consent, Suppression


def contact_facts(owner: Owner) -> list[Cell]:
    """Opt-outs of the owner and of its numbers, then consents, the withdrawn ones too."""
    hashes = [bytes(link.phone.number_hash) for link in OwnerPhone.objects.of_owner(owner)]
    stops = Suppression.objects.touching(hashes, [owner.pk])
    return [*map(_stop, stops), *map(_consent, Consent.objects.of_owners([owner.pk]))]


def _stop(suppression: Suppression) -> Cell:
    whom = "every number" if suppression.owner_id else "one number"
    note = f"{whom}, since {suppression.created_at:%b %-d, %Y}"
    page = reverse("admin:outreach_suppression_change", args=[suppression.pk])
    return Cell(suppression.get_reason_display(), page, note, bad=True)


def _consent(consent: Consent) -> Cell:
    until = f", withdrawn {consent.revoked_at:%b %-d, %Y}" if consent.revoked_at else ""
    return Cell(f"Consent: {consent.get_basis_display().lower()}", note=f"{consent.given_at:%b %-d, %Y}{until}")
