"""Everything of the room as 0002 left it (ADR 31): the tables, and the triggers that mark leads to score."""

from django.conf import settings
from django.db import migrations

from core.migration_operations import AtOnce
from scoring.migrations._squashed_marks import MARKS
from scoring.migrations._squashed_scores import TABLES


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("scoring", "0001_initial"),
        ("scoring", "0002_incremental_scores"),
    ]
    dependencies = [("leads", "0001_squashed_0031_owner_language"), ("markets", "0001_squashed_0007_deleted_leads_kept"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        AtOnce(TABLES),
        *MARKS,
    ]
