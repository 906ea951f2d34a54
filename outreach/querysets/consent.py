from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import OuterRef, Q, Subquery

from core.crypto import blind_index
from leads.models import PhoneNumber

if TYPE_CHECKING:
    from leads.models import Owner
    from outreach.models import Consent, Suppression


class ConsentQuerySet(models.QuerySet["Consent"]):
    def in_force(self) -> ConsentQuerySet:
        return self.filter(revoked_at__isnull=True)

    def covering(self, owner: Owner, phone: PhoneNumber | None) -> ConsentQuerySet:
        """This owner's unrevoked consents for this number or for any number, newest first."""
        return self.in_force().filter(Q(phone=phone) | Q(phone__isnull=True), owner=owner).order_by("-given_at", "-pk")

    def for_number_of(self, owner: Owner, phone: PhoneNumber) -> ConsentQuerySet:
        return self.in_force().filter(owner=owner, phone=phone)

    def of_owners(self, owner_ids: Iterable[int]) -> ConsentQuerySet:
        return self.filter(owner_id__in=list(owner_ids)).order_by("-given_at", "-pk")

    def evidence_about(self, phone: PhoneNumber, owner_ids: Iterable[int]) -> ConsentQuerySet:
        """Every consent that was ever good for the number, whoever gave it: for it, or for any number of these owners;
        the first first."""
        about = Q(phone=phone) | Q(phone__isnull=True, owner_id__in=list(owner_ids))
        return self.filter(about).select_related("owner", "recorded_by").order_by("given_at", "pk")

    def numbers_agreed(self, owner_ids: Iterable[int]) -> dict[int, set[int | None]]:
        """Owner -> numbers their consents in force are for; None among them: any number."""
        agreed: dict[int, set[int | None]] = defaultdict(set)
        for owner_id, phone_id in (
            self.in_force().filter(owner_id__in=list(owner_ids)).values_list("owner_id", "phone_id")
        ):
            agreed[owner_id].add(phone_id)
        return agreed

    def touched_by_opt_out(self, phone: PhoneNumber, owners: Iterable[Owner]) -> ConsentQuerySet:
        """Consents for the number, whoever gave them, and the sharing owners' consents for any number."""
        return self.in_force().filter(Q(phone=phone) | Q(phone__isnull=True, owner__in=owners))

    def owners_merged(self, owner_id: int) -> None:
        """Two owners have become this one: who withdrew under either name withdrew what was given before under both.

        A withdrawal for one number reaches that number's consents, one for any number all of them.
        """
        withdrawn = self.filter(owner_id=OuterRef("owner_id"), revoked_at__gte=OuterRef("given_at"))
        reaching = withdrawn.filter(Q(phone__isnull=True) | Q(phone=OuterRef("phone"))).order_by("revoked_at", "pk")
        outdated = self.in_force().filter(owner_id=owner_id).annotate(at=Subquery(reaching.values("revoked_at")[:1]))
        for consent in outdated.filter(at__isnull=False):
            consent.revoked_at = consent.at
            consent.save(update_fields=["revoked_at"])


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    def active(self) -> SuppressionQuerySet:
        return self.filter(lifted_at__isnull=True)

    def lifted(self) -> SuppressionQuerySet:
        return self.filter(lifted_at__isnull=False)

    def with_number(self, e164: str) -> SuppressionQuerySet:
        return self.filter(number_hash=blind_index(e164))

    def for_list(self) -> SuppressionQuerySet:
        """With `area_code` of the number's record, where we have one: the number itself is never joined."""
        phones = PhoneNumber.objects.order_by().filter(number_hash=OuterRef("number_hash"))
        area_code = Subquery(phones.values("area_code")[:1])
        return self.select_related("owner", "created_by", "lifted_by", "list_import").annotate(area_code=area_code)

    def of_number(self, number_hash: bytes) -> SuppressionQuerySet:
        return self.active().filter(number_hash=number_hash)

    def of_owner(self, owner: Owner) -> SuppressionQuerySet:
        return self.active().filter(owner=owner)

    def touching(self, number_hashes: Iterable[bytes], owner_ids: Iterable[int]) -> SuppressionQuerySet:
        return self.active().filter(Q(number_hash__in=list(number_hashes)) | Q(owner_id__in=list(owner_ids)))

    def touching_ever(self, number_hashes: Iterable[bytes], owner_ids: Iterable[int]) -> SuppressionQuerySet:
        """Those in force, and opt-outs of the numbers that were lifted; the first first. Each part has its index."""
        numbers, owners = list(number_hashes), list(owner_ids)
        in_force = Q(lifted_at__isnull=True, number_hash__in=numbers) | Q(lifted_at__isnull=True, owner_id__in=owners)
        lifted = Q(lifted_at__isnull=False, number_hash__in=numbers, reason="opt_out")
        return self.filter(in_force | lifted).order_by("created_at", "pk")

    def evidence_about(self, phone: PhoneNumber, owner_ids: Iterable[int]) -> SuppressionQuerySet:
        """Every stop of the number or of these owners, the lifted ones too; the first first."""
        about = Q(number_hash=phone.number_hash) | Q(owner_id__in=list(owner_ids))
        return self.filter(about).select_related("owner", "created_by", "lifted_by").order_by("created_at", "pk")

    def reasons_among(self, number_hashes: Iterable[bytes]) -> dict[bytes, set[str]]:
        """Those of these numbers that are suppressed -> why."""
        found: dict[bytes, set[str]] = defaultdict(set)
        in_force = self.active().filter(number_hash__in=list(number_hashes))
        for number_hash, reason in in_force.values_list("number_hash", "reason"):
            found[bytes(number_hash or b"")].add(reason)
        return found

    def owners_among(self, owner_ids: Iterable[int]) -> set[int]:
        """Which of these owners are suppressed, at whatever number."""
        return set(self.active().filter(owner__in=list(owner_ids)).values_list("owner", flat=True))

    def made_since(self, moment: datetime) -> SuppressionQuerySet:
        return self.filter(created_at__gte=moment)

    def for_reason(self, reason: str) -> SuppressionQuerySet:
        return self.filter(reason=reason)

    def owners_parted(self, owner_ids: list[int]) -> None:
        """One owner has become these again: what is in force on any of them stays in force on all of them."""
        in_force = list(self.active().filter(owner_id__in=owner_ids).order_by("pk"))
        held = {(row.owner_id, row.reason) for row in in_force}
        for row in in_force:
            for owner_id in owner_ids:
                if (owner_id, row.reason) not in held:
                    held.add((owner_id, row.reason))
                    self.create(owner_id=owner_id, reason=row.reason, evidence=row.evidence,
                                created_by_id=row.created_by_id, created_at=row.created_at)  # fmt: skip
