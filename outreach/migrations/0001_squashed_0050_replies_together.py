"""Everything of the room as 0050 and 0030 left it (ADR 31): the tables, and how replies are read at first."""

from django.conf import settings
from django.db import migrations

from core.migration_operations import AtOnce
from outreach.migrations import _squashed_campaigns as campaigns
from outreach.migrations import _squashed_messages as messages
from outreach.migrations import _squashed_permission as permission
from outreach.migrations import _squashed_replies as replies
from outreach.migrations import _squashed_templates as templates


def first_policy(apps, schema_editor):
    apps.get_model("outreach", "ReadingPolicy").objects.get_or_create(
        pk=1, defaults={"small_model": settings.OPENAI_MODEL}
    )


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("outreach", "0001_initial"),
        ("outreach", "0002_webhookevent_number_hash"),
        ("outreach", "0003_sending"),
        ("outreach", "0004_phone_lookups"),
        ("outreach", "0005_list_stops"),
        ("outreach", "0006_cancelled_calls"),
        ("outreach", "0007_list_pages"),
        ("outreach", "0008_tracing"),
        ("outreach", "0009_breakers"),
        ("outreach", "0010_reply_tiers"),
        ("outreach", "0011_sender_pool"),
        ("outreach", "0020_learning"),
        ("outreach", "0021_text_versions"),
        ("outreach", "0030_campaign_steps"),
        ("outreach", "0040_inbox"),
        ("outreach", "0050_replies_together"),
    ]
    dependencies = [("leads", "0001_squashed_0031_owner_language"), ("markets", "0001_squashed_0007_deleted_leads_kept"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        AtOnce([*templates.TABLES, *campaigns.TABLES, *messages.TABLES, *permission.TABLES, *replies.TABLES]),
        migrations.RunPython(first_policy, migrations.RunPython.noop),
    ]
