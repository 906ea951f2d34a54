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
    from leads.models import MappingProfile


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
