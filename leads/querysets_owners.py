"""What can be asked of owners and parcels, and how both are found by words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q

from core.querysets import KeysetQuerySet
from leads.querysets_search import RARE, holding, leads_if_rare, words_of
from markets.models import Parish

if TYPE_CHECKING:
    from leads.models import Owner, Parcel


class OwnerQuerySet(KeysetQuerySet["Owner"]):
    def by_id(self, text: str) -> Owner | None:
        """The owner of an id that came from a form."""
        return self.filter(pk=int(text)).first() if text.isdecimal() else None

    def identified(self, name_key: str, mailing_key: str) -> Owner | None:
        """Whom lists know by this name and address; for an owner merged into another the other."""
        same = self.filter(name_key=name_key, mailing_key=mailing_key).select_related("merged_into")
        found = same.order_by(F("merged_into").asc(nulls_first=True), "id").first()
        return found and (found.merged_into or found)

    def named(self, words: str) -> Self:
        """Owners whose name holds all of these words, in whatever order. An owner without a lead is found by how the
        name begins, unless the words are common ones."""
        held = self.filter(holding(words, "name"))
        if (leads := leads_if_rare(words)) is None:
            return held
        return held.filter(pk__in=leads.values("owner").union(self._beginning(words).values("pk")))

    def few_named(self, words: str) -> list[int] | None:
        """Their ids; None when they may be many."""
        if leads_if_rare(words) is None:
            return None
        return list(self.named(words).order_by("-pk").values_list("pk", flat=True)[:RARE])

    def _beginning(self, words: str) -> models.QuerySet[Owner]:
        from leads.owner_names import name_key

        return self.model._base_manager.filter(name_key__startswith=name_key(words)).order_by()


class ParcelQuerySet(KeysetQuerySet["Parcel"]):
    def locked(self, parcel: Parcel) -> Parcel:
        return self.for_page().select_for_update(of=("self",)).get(pk=parcel.pk)

    def for_page(self) -> ParcelQuerySet:
        return self.select_related("parish__market")

    def found_by(self, words: str) -> Self:
        """Parcels whose number or situs holds each of these words. One without a lead is found by its whole number,
        unless the words are common ones."""
        held = self if words_of(words) else self.none()
        for word in words_of(words):
            held = held.filter(Q(number__icontains=word) | Q(situs_address__icontains=word))
        if (leads := leads_if_rare(words)) is None:
            return held
        parishes = Parish.objects.order_by().values("pk")
        numbered = self.model._base_manager.filter(parish__in=parishes, number=words.strip()).order_by()
        return held.filter(pk__in=leads.values("parcel").union(numbered.values("pk")))
