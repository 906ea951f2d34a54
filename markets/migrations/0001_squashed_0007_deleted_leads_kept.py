"""Everything of the room as 0007 left it (ADR 31)."""

from django.conf import settings
from django.db import migrations

from core.migration_operations import AtOnce
from markets.migrations._squashed_markets import TABLES


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("markets", "0001_initial"),
        ("markets", "0002_auto_merge_owners"),
        ("markets", "0003_hours_in_order"),
        ("markets", "0004_event_age"),
        ("markets", "0005_phone_lookups"),
        ("markets", "0006_owner_change"),
        ("markets", "0007_deleted_leads_kept"),
    ]
    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        AtOnce(TABLES),
    ]
