"""What can be asked about duplicate owners and merges, and about whatever points at an owner."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Exists, ForeignKey, OuterRef, Q, UniqueConstraint

from core.querysets import KeysetQuerySet
from leads.querysets_search import holding

if TYPE_CHECKING:
    from leads.models import DuplicatePair, Owner, OwnerMerge

SCORE_PLACES = 4
"""Of a pair's score; its place in the list is kept without the point."""


class DuplicatePairQuerySet(KeysetQuerySet["DuplicatePair"]):
    keyset_column = "score"

    def position_value(self, stored: int) -> Decimal:
        return Decimal(stored).scaleb(-SCORE_PLACES)

    def found_by(self, words: str) -> DuplicatePairQuerySet:
        """Pairs one of whom has a name that holds all of these words."""
        from leads.models import Owner

        owners = Owner.objects.few_named(words)
        if owners is not None:
            return self.filter(Q(first_id__in=owners) | Q(second_id__in=owners))
        return self.filter(holding(words, "first__name") | holding(words, "second__name"))

    def queue(self) -> DuplicatePairQuerySet:
        """Pairs to decide, best score first; a pair one of whom has been merged meanwhile is no pair any more."""
        both = Q(first__merged_into__isnull=True, second__merged_into__isnull=True)
        return self.filter(both, state="open").order_by("-score", "-id")

    def in_state(self, state: str) -> DuplicatePairQuerySet:
        return self.queue() if state == "open" else self.filter(state=state)

    def for_list(self) -> DuplicatePairQuerySet:
        return self.select_related("first", "second", "decided_by").defer("first__email", "second__email")

    def between(self, one: Owner, other: Owner) -> DuplicatePairQuerySet:
        return self.filter(first_id=min(one.pk, other.pk), second_id=max(one.pk, other.pk))

    def after(self, pair: DuplicatePair) -> DuplicatePair | None:
        """The next of the queue behind this one, else the best of the others."""
        queue = self.queue()
        behind = Q(score__lt=pair.score) | Q(score=pair.score, id__lt=pair.pk)
        return queue.filter(behind).first() or queue.exclude(pk=pair.pk).first()

    def to_merge_unasked(self) -> list[int]:
        """Ids of certain pairs where every market in which either owner has land or a lead merges without asking."""
        both = self._owners().filter(pk__in=[OuterRef("first_id"), OuterRef("second_id")])
        certain = self.queue().filter(Exists(both.filter(_in_market(True))), evidence__certain=True)
        return list(certain.exclude(Exists(both.filter(_in_market(False)))).values_list("pk", flat=True))

    def _owners(self) -> models.QuerySet[Owner]:
        owner: Any = self.model._meta.get_field("first").related_model
        return owner._base_manager.order_by()


def _in_market(merging: bool) -> Q:
    """Owners with a lead or present land in a market that merges without asking, or in one that does not."""
    land = Q(ownerships__until__isnull=True, ownerships__parcel__parish__market__auto_merge_owners=merging)
    return Q(leads__market__auto_merge_owners=merging) | land


class OwnerMergeQuerySet(models.QuerySet["OwnerMerge"]):
    def in_force(self) -> OwnerMergeQuerySet:
        return self.filter(undone_at__isnull=True)

    def later_than(self, merge: OwnerMerge) -> OwnerMergeQuerySet:
        """Merges in force that were built upon this one."""
        owners = [merge.kept_id, merge.absorbed_id]
        built_on = Q(kept_id__in=owners) | Q(absorbed_id__in=owners)
        return self.in_force().filter(built_on, pk__gt=merge.pk)

    def for_list(self) -> OwnerMergeQuerySet:
        people = ("kept", "absorbed", "merged_by", "undone_by")
        return self.select_related(*people).defer("kept__email", "absorbed__email")


@dataclass(frozen=True)
class Pointer:
    """One column by which rows of some table name their owner."""

    field: ForeignKey[Any, Any]

    @property
    def label(self) -> str:
        return f"{self.field.model._meta.label}.{self.field.name}"

    def rows(self, owner_id: int) -> models.QuerySet[Any]:
        return self._all().filter(**{self.field.attname: owner_id})

    def among(self, owner_id: int, ids: Iterable[Any]) -> models.QuerySet[Any]:
        return self.rows(owner_id).filter(pk__in=list(ids))

    def clashing(self, owner_id: int, other_id: int) -> set[Any]:
        """Ids of rows of the one that a unique rule forbids the other to have, because of a row of its own."""
        clashes: set[Any] = set()
        for condition, columns in self._unique_rules():
            same = {column: OuterRef(column) for column in columns}
            taken = self.rows(other_id).filter(condition, **same)
            clashes.update(self.rows(owner_id).filter(condition, Exists(taken)).values_list("pk", flat=True))
        return clashes

    def move(self, from_id: int, to_id: int, ids: Iterable[Any]) -> list[Any]:
        """Those of the rows that are still the first owner's become the second's; their ids."""
        moving = sorted(self.among(from_id, ids).values_list("pk", flat=True))
        self._all().filter(pk__in=moving).update(**{self.field.attname: to_id})
        return moving

    def _all(self) -> models.QuerySet[Any]:
        return self.field.model._base_manager.order_by()

    def _unique_rules(self) -> list[tuple[Q, tuple[str, ...]]]:
        """Condition and the other columns of each unique rule that names the owner."""
        name = self.field.name
        rules = [c for c in self.field.model._meta.constraints if isinstance(c, UniqueConstraint) and name in c.fields]
        found = [(rule.condition or Q(), tuple(f for f in rule.fields if f != name)) for rule in rules]
        return [*found, (Q(), ())] if self.field.unique else found
