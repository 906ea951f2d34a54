"""Finding leads by words and by lists, and reading them page by page, at any number of leads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Concat, Upper

from core.crypto import blind_index
from core.phones import to_e164
from core.querysets import expected_rows
from leads.querysets_lifecycle import LeadLifecycleQuerySet
from markets.models import Market, Parish

if TYPE_CHECKING:
    from datetime import datetime

    from leads.models import Lead

BEST_FIRST = (F("score").desc(nulls_last=True), F("id").desc())
WORST_FIRST = (F("score").asc(nulls_first=True), F("id").asc())
RARE = 5_000
"""Matches from which it is quicker to look at rows one by one than to collect all that match."""
SHORT = 3
"""Letters from which a trigram index finds a word anywhere; a shorter one is looked for where a word begins."""


class LeadSearchQuerySet(LeadLifecycleQuerySet):
    def searched(self, text: str) -> Self:
        """Leads whose owner, parcel number and situs hold all of these words, in whatever order."""
        found = self if words_of(text) else self.none()
        for word in words_of(text):
            found = found.filter(search__text__contains=_as_stored(word))
        return found

    def matching(
        self, *, market: str = "", parish: str = "", stage: str = "", min_score: int | None = None, search: str = ""
    ) -> Self:
        """Leads of a market (code), parish (name) and stage, from a score on, that words or a whole phone number find;
        what is left out does not narrow.

        Market and parishes are looked up first: with their ids PostgreSQL knows how many leads there are to them, and
        reads a market's in order from one index. A stage of all markets is that of each: their index begins with it.
        """
        found = self.filter(stage=stage) if stage else self
        if min_score is not None:
            found = found.filter(score__gte=min_score)
        if market:
            found = found.filter(market_id=getattr(Market.objects.by_code(market), "pk", None))
        elif stage:
            found = found.filter(market_id__in=list(Market.objects.order_by("pk").values_list("pk", flat=True)))
        if parish:
            found = found.filter(parcel__parish_id__in=Parish.objects.ids_of(parish))
        return found.found_by(search) if search.strip() else found

    def found_by(self, text: str) -> Self:
        """Leads whose owner has this number now, if it is a number we know; else those that hold the words."""
        number = to_e164(text)
        reached = None if number is None else self.reached_at(number)
        return reached if reached is not None and reached.exists() else self.searched(text)

    def reached_at(self, e164: str) -> Self:
        """Leads whose owner has this number now."""
        return self.filter(
            owner__phone_links__phone__number_hash=blind_index(e164), owner__phone_links__until__isnull=True
        )

    def on_list(self, source: str) -> Self:
        from leads.models import ParcelList

        return self.filter(parcel_id__in=ParcelList.objects.parcels_on(source))

    def tagged_as(self, name: str) -> Self:
        """Leads that have the tag of this name in whatever market."""
        from leads.models import LeadTag

        return self.filter(pk__in=LeadTag.objects.leads_tagged(name))

    def roll_changed(self, kind: str, since: datetime) -> Self:
        """Leads of whose parcel a tax roll has said so since then."""
        from leads.models import RollChange

        return self.filter(parcel_id__in=RollChange.objects.parcels_with(kind, since))

    def on_lists(self, count: int) -> Self:
        """Leads whose parcel is on at least so many kinds of lists, looked up lead by lead: they are many."""
        from leads.models import ParcelList

        its_lists = ParcelList.objects.order_by().filter(parcel_id=OuterRef("parcel_id"))
        return self.filter(Exists(its_lists[count - 1 : count]))

    def on_all_lists(self, sources: Iterable[str]) -> Self:
        found = self
        for source in sources:
            found = found.on_list(source)
        return found

    def page_after(self, position: Sequence[Any] | None, size: int) -> list[Lead]:
        """The next leads, best score first, unscored last. `position` is the (score or None, id) of the last one seen.

        Each part is one range of one index: a single OR over score and id would read everything before the page.
        """
        unscored = Q(score__isnull=True)
        if position is None:
            parts = [Q(score__isnull=False), unscored]
        elif position[0] is None:
            parts = [unscored & Q(id__lt=position[1])]
        else:
            parts = [Q(score=position[0], id__lt=position[1]), Q(score__lt=position[0]), unscored]
        return self._read(parts, BEST_FIRST, size)

    def page_before(self, position: Sequence[Any] | None, size: int) -> list[Lead]:
        """The leads before that position, in the order of the list; the last ones of all with None."""
        scored = Q(score__isnull=False)
        if position is None:
            parts = [Q(score__isnull=True), scored]
        elif position[0] is None:
            parts = [Q(score__isnull=True, id__gt=position[1]), scored]
        else:
            parts = [Q(score=position[0], id__gt=position[1]), Q(score__gt=position[0])]
        return self._read(parts, WORST_FIRST, size)[::-1]

    def _read(self, parts: Iterable[Q], order: Sequence[Any], size: int) -> list[Lead]:
        """Which leads first, and then what a list shows of them: joined first, whole rows would be sorted where no
        index has the order, and planning alone took longer than all the rest."""
        rows: list[Lead] = []
        for part in parts:
            if len(rows) < size:
                chosen = self.filter(part).order_by(*order).values("pk")[: size - len(rows)]
                rows += self.model._default_manager.with_list().filter(pk__in=chosen).order_by(*order)
        return rows


def holding(words: str, field: str) -> Q:
    """That the text holds all of these words; nothing does when there are none."""
    every = [Q(**{f"{field}__icontains": word}) for word in words_of(words)]
    return reduce(and_, every) if every else Q(pk__in=[])


def leads_if_rare(words: str) -> models.QuerySet[Lead] | None:
    """Leads found by these words, if PostgreSQL expects few."""
    from leads.models import Lead

    if not words_of(words):
        return Lead.objects.none()
    found = Lead.objects.searched(words).order_by()
    return found if expected_rows(found) < RARE else None


def words_of(text: str) -> list[str]:
    return [word for word in text.split() if any(character.isalnum() for character in word)]


def _as_stored(word: str) -> Any:
    """In the database's own upper case, which is not everywhere that of Python."""
    upper = Upper(Value(word))
    return upper if len(word) >= SHORT else Concat(Value(" "), upper)
