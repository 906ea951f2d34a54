from __future__ import annotations

from django.urls import URLPattern, path

from core.admin import SkinAdminSite
from ops.reveals import reveal_phone_view


class LandAdminSite(SkinAdminSite):
    """The place where the team works."""

    site_title = "LA Land Wholesale"
    site_header = "LA Land Wholesale"
    index_title = "Today"
    enable_nav_sidebar = True

    def extra_urls(self) -> list[URLPattern]:
        return [path("reveal/phone/<int:pk>/", self.admin_view(reveal_phone_view), name="reveal_phone")]
