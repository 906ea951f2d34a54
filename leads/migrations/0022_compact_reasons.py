"""The reasons of a score as one text per factor instead of JSON objects: half the room, a third of the time."""

import django.contrib.postgres.fields
from django.db import migrations, models

TABLES = ("leads_lead", "leads_historicallead")
TO_TEXTS = """
CREATE FUNCTION leads_reasons_as_texts(reasons jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT COALESCE(array_agg(format('%s %s/%s %s', r ->> 'factor', r ->> 'points', r ->> 'max', r ->> 'reason')
                              ORDER BY position), '{}')
    FROM jsonb_array_elements(reasons) WITH ORDINALITY AS each(r, position)
$$;
"""
TO_JSON = r"""
CREATE FUNCTION leads_reasons_as_json(reasons text[]) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT COALESCE(jsonb_agg(jsonb_build_object('factor', m[1], 'points', m[2]::int, 'max', m[3]::int, 'reason', m[4])
                              ORDER BY position), '[]')
    FROM unnest(reasons) WITH ORDINALITY AS each(r, position), regexp_match(r, '^(\S+) (\d+)/(\d+) (.*)$') AS m
$$;
"""


def _alter(kind: str, function: str) -> str:
    changed = "ALTER TABLE {} ALTER score_reasons TYPE {} USING {}(score_reasons);"
    return "".join(changed.format(table, kind, function) for table in TABLES)


THERE = f"{TO_TEXTS}{_alter('text[]', 'leads_reasons_as_texts')}DROP FUNCTION leads_reasons_as_texts(jsonb);"
BACK = f"{TO_JSON}{_alter('jsonb', 'leads_reasons_as_json')}DROP FUNCTION leads_reasons_as_json(text[]);"


def _field() -> django.contrib.postgres.fields.ArrayField:
    return django.contrib.postgres.fields.ArrayField(
        base_field=models.TextField(),
        blank=True,
        default=list,
        editable=False,
        help_text="One per factor; `reasons` reads them.",
        size=None,
    )


class Migration(migrations.Migration):
    dependencies = [("leads", "0021_lifecycle")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(THERE, BACK)],
            state_operations=[
                migrations.AlterField("lead", "score_reasons", _field()),
                migrations.AlterField("historicallead", "score_reasons", _field()),
            ],
        )
    ]
