"""Which leads are worked, which were put away, and which were deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F

from leads.stages import ENDED

if TYPE_CHECKING:
    from leads.models import Lead, Owner


class LeadLifecycleQuerySet(models.QuerySet["Lead"]):
    def open(self) -> Self:
        """Leads that hold their parcel: neither ended, archived nor deleted."""
        return self.filter(archived_at__isnull=True, deleted_at__isnull=True).exclude(stage__in=ENDED)

    def best_of_owner(self, owner: Owner) -> Lead | None:
        """The open one with the best score, else the newest that was not deleted."""
        theirs = self.filter(owner=owner).select_related("owner", "market", "parcel__parish__market")
        return theirs.open().order_by(F("score").desc(nulls_last=True), "-pk").first() or theirs.live().first()

    def open_on(self, parcel_id: int) -> Self:
        return self.open().filter(parcel_id=parcel_id)

    def live(self) -> Self:
        return self.filter(deleted_at__isnull=True)

    def deleted(self) -> Self:
        return self.filter(deleted_at__isnull=False)

    def archived(self) -> Self:
        return self.filter(archived_at__isnull=False)

    def unarchived(self) -> Self:
        return self.filter(archived_at__isnull=True)

    def just(self, lead: Lead) -> Self:
        """This one, for services that take any number."""
        return self.filter(pk=lead.pk)

    def owners_put_away(self, owner_ids: set[int]) -> set[int]:
        """Those of these owners who have leads, all of them archived or deleted."""
        theirs = self.filter(owner_id__in=owner_ids).order_by()
        present = theirs.filter(archived_at__isnull=True, deleted_at__isnull=True)
        return set(theirs.values_list("owner_id", flat=True)) - set(present.values_list("owner_id", flat=True))

    def markets_with_land_of(self, market_id: int) -> list[int]:
        """Other markets that hold leads on land in this one's parishes."""
        moved = self.filter(moved_at__isnull=False, parcel__parish__market=market_id).exclude(market=market_id)
        return list(moved.order_by("market_id").values_list("market_id", flat=True).distinct())
