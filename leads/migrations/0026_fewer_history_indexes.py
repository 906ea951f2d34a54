"""Less work for each row of a list: history of parcels and owners is indexed by record and, where people wrote it, by
them; and the text to search in is taken apart for blanks only where it holds more than single ones."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def _by_people(table: str) -> migrations.RunSQL:
    name = f"{table.removeprefix('leads_')}_by_people"
    return migrations.RunSQL(
        f"CREATE INDEX {name} ON {table} (history_user_id, id) WHERE history_user_id IS NOT NULL", f"DROP INDEX {name}"
    )


_ALL = "owner || ' ' || number || ' ' || situs"
SIMPLE_FIRST = rf"""
CREATE OR REPLACE FUNCTION leads_search_text(owner text, number text, situs text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ' ' || CASE WHEN ({_ALL}) ~ '  |[^ -~]' THEN btrim(regexp_replace(upper({_ALL}), '\s+', ' ', 'g'))
                   ELSE btrim(upper({_ALL})) END;
"""
ALWAYS = rf"""
CREATE OR REPLACE FUNCTION leads_search_text(owner text, number text, situs text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ' ' || btrim(regexp_replace(upper({_ALL}), '\s+', ' ', 'g'));
"""


class Migration(migrations.Migration):

    dependencies = [
        ('leads', '0025_quicker_keys'),
        ('markets', '0007_deleted_leads_kept'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='historicalowner',
            name='history_date',
            field=models.DateTimeField(),
        ),
        migrations.AlterField(
            model_name='historicalowner',
            name='history_user',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='historicalowner',
            name='merged_into',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='leads.owner'),
        ),
        migrations.AlterField(
            model_name='historicalparcel',
            name='history_date',
            field=models.DateTimeField(),
        ),
        migrations.AlterField(
            model_name='historicalparcel',
            name='history_user',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='historicalparcel',
            name='parish',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='markets.parish'),
        ),
        _by_people("leads_historicalowner"),
        _by_people("leads_historicalparcel"),
        migrations.RunSQL(SIMPLE_FIRST, ALWAYS),
    ]
