"""Admin lists over tables of any size: pages by keyset, and a count that is exact while it is small."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

from core.keyset import decode_cursor, encode_cursor
from core.querysets import counted

LAST = "end"
"""In place of a cursor: the rows before the end of the list."""


class KeysetPaginator(Paginator):
    template_name = "admin/keyset_pagination.html"
    approximate = False

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        number, self.approximate = counted(rows)
        return number


class KeysetChangeList(ChangeList):
    """First, previous, next and last page. The queryset brings `page_after(position, size)` and `page_before`, the
    model's admin `position_of(row)`."""

    after = before = ""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        """Takes the cursors out of the parameters first: no filter, and not to be kept by another choice of filters."""
        self.after = self._take("after") or self.after
        self.before = self._take("before") or self.before
        return super().get_queryset(request, exclude_parameters)

    def _take(self, name: str) -> str:
        self.filter_params.pop(name, None)
        return str(self.params.pop(name, ""))

    def get_results(self, request: HttpRequest) -> None:
        self.paginator = self.model_admin.get_paginator(request, self.queryset, self.list_per_page)
        self.result_list = self._page_before() if self.before else self._page_after()
        if not (self.has_previous or self.has_next):
            self.paginator.count = len(self.result_list)
        self.result_count = self.full_result_count = self.paginator.count
        self.show_full_result_count = self.can_show_all = self.multi_page = False
        self.show_admin_actions = bool(self.result_count)

    def _page_after(self) -> list[Any]:
        position = decode_cursor(self.after) if self.after else None
        rows: list[Any] = self.queryset.page_after(position, self.list_per_page + 1)
        self.has_previous = position is not None
        self.has_next = len(rows) > self.list_per_page
        return rows[: self.list_per_page]

    def _page_before(self) -> list[Any]:
        position = decode_cursor(self.before)
        if position is None and self.before != LAST:
            return self._page_after()
        rows: list[Any] = self.queryset.page_before(position, self.list_per_page + 1)
        if len(rows) <= self.list_per_page:  # the beginning: a whole first page, not the part before the cursor
            return self._page_after()
        self.has_previous, self.has_next = True, self.before != LAST
        return rows[-self.list_per_page :]

    def first_url(self) -> str:
        return self.get_query_string()

    def last_url(self) -> str:
        return self.get_query_string({"before": LAST})

    def previous_url(self) -> str:
        return self._from("before", self.result_list[0]) if self.result_list else self.first_url()

    def next_url(self) -> str:
        return self._from("after", self.result_list[-1])

    def _from(self, name: str, row: Any) -> str:
        admin: Any = self.model_admin
        return self.get_query_string({name: encode_cursor(admin.position_of(row))})
