"""Pages of any list that grows without end, for the admin's `KeysetAdmin`."""

from __future__ import annotations

import json
from typing import Any, ClassVar, NamedTuple, Self, TypeVar

from django.db import models
from django.db.models import Max

from core.keyset import Position

Row = TypeVar("Row", bound=models.Model)
LARGE_COUNT = 10_000
"""Rows from which a number is an estimate and shown as “about”."""
CHEAP = 5_000
"""Cost of a plan, in PostgreSQL's units, up to which counting does not hold up a page: some 30 ms."""
SAMPLE = 2_003
LEAST_HITS = 5
MATCHES_WORDS = "~~"
"""How plans write LIKE."""


class Counted(NamedTuple):
    number: int
    approximate: bool


class KeysetQuerySet(models.QuerySet[Row]):
    """Newest first, or in the order of one column that is never empty and then of the id, both in one direction.

    Each page is a range or two of one index: a single OR over column and id would read everything before the page.
    """

    keyset_column: ClassVar[str] = ""
    keyset_descending: ClassVar[bool] = True

    def page_after(self, position: Position | None, size: int) -> list[Row]:
        """The next rows. `position` is that of the last one seen: [id], or [column's value, id]."""
        return self._page(position, size, descending=self.keyset_descending)

    def page_before(self, position: Position | None, size: int) -> list[Row]:
        """The rows before that position, in the order of the list; the last ones of all with None."""
        return self._page(position, size, descending=not self.keyset_descending)[::-1]

    def position_value(self, stored: int) -> Any:
        """The column's value that a position keeps as a whole number."""
        return stored

    def _page(self, position: Position | None, size: int, *, descending: bool) -> list[Row]:
        sign, than = ("-", "lt") if descending else ("", "gt")
        order = [f"{sign}{name}" for name in (self.keyset_column, "pk") if name]
        rows: list[Row] = []
        for part in self._parts(position, than):
            if len(rows) < size:
                rows += part.order_by(*order)[: size - len(rows)]
        return rows

    def _parts(self, position: Position | None, than: str) -> list[Self]:
        column = self.keyset_column
        if position is None or len(position) != 1 + bool(column):
            return [self]
        if not column:
            return [self.filter(**{f"pk__{than}": position[0]})]
        value = self.position_value(position[0])
        return [self.filter(**{column: value, f"pk__{than}": position[1]}), self.filter(**{f"{column}__{than}": value})]


def expected_rows(queryset: models.QuerySet[Any]) -> int:
    """How many rows PostgreSQL's statistics promise, in a millisecond."""
    return int(_plan(queryset)["Plan Rows"])


def counted(queryset: models.QuerySet[Any]) -> Counted:
    """Counted where PostgreSQL expects few rows and little work; else about how many, to two figures."""
    plan = _plan(queryset)
    if plan["Plan Rows"] < LARGE_COUNT and plan["Total Cost"] < CHEAP:
        return Counted(queryset.count(), approximate=False)
    expected = int(plan["Plan Rows"])
    if plan["Plan Rows"] < LARGE_COUNT and MATCHES_WORDS in json.dumps(plan):
        expected = _by_sample(queryset) or expected
    return Counted(rounded(expected), approximate=True)


def rounded(number: int) -> int:
    """To two figures: an estimate is no better."""
    return round(number, 2 - len(str(number)))


def _plan(queryset: models.QuerySet[Any]) -> dict[str, Any]:
    explained = queryset.order_by().select_related(None).values_list("pk").explain(format="json")
    plan: dict[str, Any] = json.loads(explained)[0]["Plan"]
    return plan


def _by_sample(queryset: models.QuerySet[Any]) -> int | None:
    """From how many of SAMPLE ids are among them: of words within a text PostgreSQL has no idea. None when too few are.

    The ids are spread evenly, so that a page says the same number each time it is asked for.
    """
    highest = queryset.model._base_manager.aggregate(highest=Max("pk"))["highest"] or 0
    step = max(1, highest // SAMPLE)
    hits = queryset.filter(pk__in=range(1 + step // 2, highest + 1, step)).count()
    return hits * step if hits >= LEAST_HITS else None
