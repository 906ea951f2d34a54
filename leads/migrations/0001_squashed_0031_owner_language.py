"""Everything of the room as 0031 left it (ADR 31): the tables, what keeps the text to search in, and the guards."""

from django.conf import settings
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations

from core.migration_operations import AtOnce
from leads.migrations import _squashed_archive as archive
from leads.migrations import _squashed_guards as guards
from leads.migrations import _squashed_leads as leads
from leads.migrations import _squashed_lists as lists
from leads.migrations import _squashed_owners as owners
from leads.migrations import _squashed_parcels as parcels
from leads.migrations import _squashed_search as search


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("leads", "0001_initial"),
        ("leads", "0002_list_flags"),
        ("leads", "0003_fewer_indexes"),
        ("leads", "0004_guards"),
        ("leads", "0005_duplicates"),
        ("leads", "0006_weights_changed"),
        ("leads", "0007_list_undo"),
        ("leads", "0008_workbook_sheets"),
        ("leads", "0009_mapping_profiles"),
        ("leads", "0010_list_stacking"),
        ("leads", "0011_event_archive"),
        ("leads", "0012_lead_search"),
        ("leads", "0013_owner_people"),
        ("leads", "0014_roll_changes"),
        ("leads", "0015_import_speed"),
        ("leads", "0016_keys_in_sets"),
        ("leads", "0017_earlier_lists"),
        ("leads", "0018_more_sources"),
        ("leads", "0019_numbers_and_transfers"),
        ("leads", "0020_list_feeds"),
        ("leads", "0021_lifecycle"),
        ("leads", "0022_compact_reasons"),
        ("leads", "0023_list_pages"),
        ("leads", "0024_best_leads_of_a_rep"),
        ("leads", "0025_quicker_keys"),
        ("leads", "0026_fewer_history_indexes"),
        ("leads", "0030_tags"),
        ("leads", "0031_owner_language"),
    ]
    dependencies = [("markets", "0001_squashed_0007_deleted_leads_kept"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        TrigramExtension(),
        AtOnce([*owners.TABLES, *parcels.TABLES, *lists.TABLES, *leads.TABLES, *search.TABLES, *archive.TABLES]),
        *search.SEARCH,
        *guards.GUARDS,
    ]
