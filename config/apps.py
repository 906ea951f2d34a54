from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate


class LandAdminConfig(AdminConfig):
    default_site = "config.admin_site.LandAdminSite"


class CompositionConfig(AppConfig):
    """Knows every room: wires roles to the permissions the rooms declare."""

    name = "config"

    def ready(self) -> None:
        from config.roles import sync_roles

        post_migrate.connect(sync_roles, sender=self)
