from django.apps import AppConfig, apps
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate


class LandAdminConfig(AdminConfig):
    default_site = "config.admin_site.LandAdminSite"


class CompositionConfig(AppConfig):
    """Knows every room: wires roles to the permissions the rooms declare."""

    name = "config"

    def ready(self) -> None:
        from config.list_followers import follow
        from config.roles import sync_roles
        from config.tasks import deliver_events
        from core.waking import wake
        from leads.announcements import listen
        from leads.imports.scorer import set_scorer
        from outreach.seeds import seed_outreach
        from scoring.importing import ImportScorer

        listen(lambda: wake(deliver_events))
        follow()
        set_scorer(ImportScorer())

        # Emitted per app that has models, in order: after the last room every permission can exist.
        post_migrate.connect(sync_roles, sender=apps.get_app_config("ops"))
        post_migrate.connect(seed_outreach, sender=apps.get_app_config("outreach"))
