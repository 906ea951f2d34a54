from __future__ import annotations

from core.admin import SkinAdminSite


class LandAdminSite(SkinAdminSite):
    """The place where the team works."""

    site_title = "LA Land Wholesale"
    site_header = "LA Land Wholesale"
    index_title = "Today"
    enable_nav_sidebar = True
