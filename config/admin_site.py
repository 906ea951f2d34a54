from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET
from django.views.generic import RedirectView

from core.admin import SkinAdminSite
from core.input_lines import is_id
from ops.evidence_page import evidence_view
from ops.reveals import reveal_phone_view
from outreach.retention_page import show as show_deleted


class LandAdminSite(SkinAdminSite):
    """The place where the team works."""

    site_title = "LA Land Wholesale"
    site_header = "LA Land Wholesale"
    index_title = "Today"
    enable_nav_sidebar = True

    def admin_view(self, view: Callable[..., HttpResponseBase], cacheable: bool = False) -> Any:
        return super().admin_view(_of_a_record(view), cacheable)

    def extra_urls(self) -> list[URLPattern]:
        return [
            path("inbox/", RedirectView.as_view(pattern_name="admin:outreach_thread_changelist", query_string=True)),
            path("reveal/phone/<int:pk>/", self.admin_view(reveal_phone_view), name="reveal_phone"),
            path("evidence/<int:pk>/", self.admin_view(evidence_view), name="evidence"),
            path("leads/deleted/", self.admin_view(require_GET(show_deleted)), name="deleted_leads"),
        ]


def _of_a_record(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """An address with something else than a record's number in its place is not found, on every page alike."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not is_id(str(kwargs.get("object_id", 0))):
            raise Http404("the address names no record")
        return view(request, *args, **kwargs)

    return checked
