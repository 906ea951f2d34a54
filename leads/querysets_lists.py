"""Queries about lists: how their columns were mapped before, which parcels are on them, which are fetched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F

from markets.models import Market

if TYPE_CHECKING:
    from datetime import datetime

    from core.models import User
    from leads.models import MappingProfile, Parcel, ParcelList


DISTRESS = ("adjudicated", "delinquent")
"""Kinds of lists that tell of unpaid taxes."""


class ParcelListQuerySet(models.QuerySet["ParcelList"]):
    def of_parcel(self, parcel: Parcel) -> ParcelListQuerySet:
        """The longest first."""
        return self.filter(parcel=parcel).order_by("first_seen", "source")

    def distress_of(self, parcel: Parcel) -> int:
        """How many kinds of lists of unpaid taxes it is on."""
        return self.filter(parcel=parcel, source__in=DISTRESS).order_by().values("source").count()

    def parcels_on(self, source: str) -> models.QuerySet[ParcelList, int]:
        return self.order_by().filter(source=source).values_list("parcel_id", flat=True)


class MappingProfileQuerySet(models.QuerySet["MappingProfile"]):
    def known(self, market: Market, source: str, header: Sequence[str]) -> MappingProfile | None:
        """The mapping that a person gave a list with exactly these columns, in whatever order."""
        from leads.models import header_signature

        found = self.filter(market=market, source=source, signature=header_signature(header))
        return found.select_related("saved_by").first()

    def remember(
        self, market: Market, source: str, header: Sequence[str], mapping: dict[str, str], *, by: User, now: datetime
    ) -> MappingProfile:
        from leads.models import header_signature

        profile = self.known(market, source, header)
        if profile is None:
            profile = self.model(market=market, source=source, signature=header_signature(header), header=list(header))
        elif profile.mapping == mapping:
            return profile
        profile.mapping, profile.saved_by, profile.saved_at = mapping, by, now
        profile._history_user = by  # type: ignore[attr-defined]
        profile.save()
        return profile

    def note_use(self, profile: MappingProfile, now: datetime) -> None:
        self.filter(pk=profile.pk).update(uses=F("uses") + 1, last_used_at=now)

    def for_list(self) -> MappingProfileQuerySet:
        return self.select_related("market", "saved_by")
