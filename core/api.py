"""Shared pieces of the JSON API: who may read, and pages by keyset."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.permissions import DjangoModelPermissions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from core.keyset import Position, decode_cursor, encode_cursor


class ModelPermissions(DjangoModelPermissions):
    """DRF lets every logged-in user read; here reading needs the view permission too."""

    perms_map = {**DjangoModelPermissions.perms_map, "GET": ["%(app_label)s.view_%(model_name)s"]}


class KeysetPagination(BasePagination):
    """Pages that start after the last row seen, not at an offset: as fast at any depth, and no row twice or missed.

    The queryset brings `page_after(position, size)` and the view `position_of(row)`.
    """

    page_size = 50
    max_page_size = 500

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        size = self._size(request)
        rows: list[Any] = queryset.page_after(self._position(request), size + 1)
        self.next_url = None
        if len(rows) > size:
            cursor = encode_cursor(view.position_of(rows[size - 1]))
            self.next_url = replace_query_param(request.build_absolute_uri(), "cursor", cursor)
        return rows[:size]

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self.next_url, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        next_url = {"type": "string", "format": "uri", "nullable": True, "description": "The page after this one."}
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {"next": next_url, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        size = {"type": "integer", "minimum": 1, "maximum": self.max_page_size, "default": self.page_size}
        return [
            {"name": "cursor", "in": "query", "schema": {"type": "string"}, "description": "From `next`."},
            {"name": "page_size", "in": "query", "schema": size},
        ]

    def _size(self, request: Request) -> int:
        asked = request.query_params.get("page_size", str(self.page_size))
        if not asked.isdigit() or not 1 <= int(asked) <= self.max_page_size:
            raise ValidationError({"page_size": f"Must be a whole number from 1 to {self.max_page_size}."})
        return int(asked)

    @staticmethod
    def _position(request: Request) -> Position | None:
        cursor = request.query_params.get("cursor")
        return _decoded(cursor) if cursor else None


def _decoded(cursor: str) -> Position:
    position = decode_cursor(cursor)
    if position is None:
        raise ValidationError({"cursor": "Not a cursor of this list; take it from `next` of the page before."})
    return position
