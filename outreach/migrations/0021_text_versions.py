from django.db import migrations

# Texts made before versions were kept: the version of their wording at the time they were handed over.
VERSIONS = """
UPDATE outreach_message m SET wording_version = (
    SELECT h.history_id FROM outreach_historicaltemplatevariant h
    WHERE h.id = m.variant_id AND h.history_date <= COALESCE(m.claimed_at, m.created_at)
    ORDER BY h.history_date DESC, h.history_id DESC LIMIT 1)
WHERE m.variant_id IS NOT NULL AND m.wording_version IS NULL
"""
# Replies that came before: the last text from a template that their number had been sent, in the 30 days before.
ANSWERS = """
UPDATE outreach_message r SET answers_id = a.id, variant_id = a.variant_id, wording_version = a.wording_version
FROM (SELECT r.id AS reply_id, (
          SELECT m.id FROM outreach_message m
          WHERE m.phone_id = r.phone_id AND m.direction = 'out' AND m.variant_id IS NOT NULL
            AND m.state IN ('sending', 'sent', 'delivered', 'undelivered', 'uncertain')
            AND m.claimed_at <= r.due_at AND m.claimed_at > r.due_at - interval '30 days'
          ORDER BY m.claimed_at DESC, m.id DESC LIMIT 1) AS id
      FROM outreach_message r WHERE r.direction = 'in' AND r.answers_id IS NULL) t
     JOIN outreach_message a ON a.id = t.id
WHERE r.id = t.reply_id
"""


class Migration(migrations.Migration):
    dependencies = [("outreach", "0020_learning")]

    operations = [
        migrations.RunSQL(VERSIONS, migrations.RunSQL.noop),
        migrations.RunSQL(ANSWERS, migrations.RunSQL.noop),
    ]
