from __future__ import annotations

from django.urls import URLPattern, path
from django.views.decorators.http import require_GET
from django.views.generic import RedirectView

from core.admin import SkinAdminSite
from ops.evidence_page import evidence_view
from ops.reveals import reveal_phone_view
from outreach.retention_page import show as show_deleted


class LandAdminSite(SkinAdminSite):
    """The place where the team works."""

    site_title = "LA Land Wholesale"
    site_header = "LA Land Wholesale"
    index_title = "Today"
    enable_nav_sidebar = True

    def extra_urls(self) -> list[URLPattern]:
        return [
            path("inbox/", RedirectView.as_view(pattern_name="admin:outreach_thread_changelist", query_string=True)),
            path("reveal/phone/<int:pk>/", self.admin_view(reveal_phone_view), name="reveal_phone"),
            path("evidence/<int:pk>/", self.admin_view(evidence_view), name="evidence"),
            path("leads/deleted/", self.admin_view(require_GET(show_deleted)), name="deleted_leads"),
        ]
