"""What no code may bypass: stages change only through the pipeline, events are never rewritten."""

from django.db import migrations, models

STAGE_GUARD = """
CREATE FUNCTION leads_guard_stage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('lalw.stage_move', true) IS DISTINCT FROM 'on' THEN
        RAISE EXCEPTION 'a lead''s stage changes only through leads.pipeline.move_lead'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER lead_stage_moves BEFORE UPDATE OF stage ON leads_lead
    FOR EACH ROW WHEN (NEW.stage IS DISTINCT FROM OLD.stage) EXECUTE FUNCTION leads_guard_stage();
CREATE TRIGGER lead_born_ingested BEFORE INSERT ON leads_lead
    FOR EACH ROW WHEN (NEW.stage <> 'ingested') EXECUTE FUNCTION leads_guard_stage();
"""
EVENT_GUARD = """
CREATE FUNCTION leads_guard_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.handled_at IS NOT NULL OR (to_jsonb(NEW) - 'handled_at') <> (to_jsonb(OLD) - 'handled_at') THEN
        RAISE EXCEPTION 'events are append-only: only handled_at may be set, once'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER event_append_only BEFORE UPDATE ON leads_event
    FOR EACH ROW EXECUTE FUNCTION leads_guard_event();
"""


class Migration(migrations.Migration):
    dependencies = [("leads", "0003_fewer_indexes")]
    operations = [
        migrations.AddField("lead", "score_version", models.PositiveIntegerField(blank=True, editable=False, help_text="Version of the market's weights.", null=True)),
        migrations.AddField("historicallead", "score_version", models.PositiveIntegerField(blank=True, editable=False, help_text="Version of the market's weights.", null=True)),
        migrations.RunSQL(
            STAGE_GUARD,
            "DROP TRIGGER lead_stage_moves ON leads_lead; DROP TRIGGER lead_born_ingested ON leads_lead;"
            " DROP FUNCTION leads_guard_stage();",
        ),
        migrations.RunSQL(
            EVENT_GUARD, "DROP TRIGGER event_append_only ON leads_event; DROP FUNCTION leads_guard_event();"
        ),
    ]
