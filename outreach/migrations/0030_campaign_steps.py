"""Owners have rows of their own in a campaign. Those whom a campaign that goes on has texted get theirs."""


import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


ENTER = """
INSERT INTO outreach_campaignowner
    (campaign_id, owner_id, lead_id, phone_id, state, entered_stage, position, due_at, text_id, stop_reason, entered_at)
SELECT DISTINCT ON (step.campaign_id, text.owner_id)
    step.campaign_id, text.owner_id, text.lead_id, text.phone_id, 'active', 'qualified',
    step.position + (text.state <> 'queued')::int,
    CASE WHEN text.state IN ('queued', 'sending', 'uncertain') THEN NULL ELSE coalesce(text.sent_at, now()) END,
    text.id, '', text.created_at
FROM outreach_message text
JOIN outreach_campaignstep step ON step.id = text.step_id
JOIN outreach_campaign campaign ON campaign.id = step.campaign_id AND campaign.status IN ('running', 'paused')
WHERE text.owner_id IS NOT NULL AND text.lead_id IS NOT NULL
ORDER BY step.campaign_id, text.owner_id, step.position DESC
"""
TOLD = """
INSERT INTO outreach_steprun (step_id, owner_id, lead_id, outcome, why, at)
SELECT text.step_id, text.owner_id, text.lead_id,
    CASE WHEN text.state = 'blocked' THEN 'blocked' ELSE 'done' END,
    CASE WHEN text.state = 'blocked' THEN left(text.error, 200) ELSE '' END, text.created_at
FROM outreach_message text
JOIN outreach_campaignowner present ON present.owner_id = text.owner_id
JOIN outreach_campaignstep step ON step.id = text.step_id AND step.campaign_id = present.campaign_id
WHERE text.lead_id IS NOT NULL
"""


class Migration(migrations.Migration):

    dependencies = [
        ('leads', '0031_owner_language'),
        ('markets', '0007_deleted_leads_kept'),
        ('outreach', '0040_inbox'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CampaignOwner',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('active', 'Under way'), ('finished', 'All steps done'), ('stopped', 'Stopped')], default='active', max_length=8)),
                ('entered_stage', models.CharField(choices=[('ingested', 'Ingested'), ('qualified', 'Qualified'), ('disqualified', 'Disqualified'), ('contacted', 'Contacted'), ('engaged', 'Engaged'), ('hot', 'Hot'), ('offer_made', 'Offer made'), ('under_contract', 'Under contract'), ('closed', 'Closed'), ('dead', 'Dead'), ('archived', 'Archived')], max_length=16)),
                ('position', models.PositiveSmallIntegerField(default=1, help_text='Of the next step, or of the one on its way.')),
                ('due_at', models.DateTimeField(null=True)),
                ('stop_reason', models.CharField(blank=True, choices=[('opt_out', 'the owner said stop'), ('replied', 'the owner replied'), ('merged', 'the owner is the same as another one'), ('new_owner', 'the parcel has a new owner'), ('put_away', 'the lead was deleted or archived'), ('moved', 'the lead has moved to another market'), ('stage', "the lead's stage was changed"), ('ended', 'the campaign was ended')], default='', max_length=12)),
                ('entered_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': 'owner in a campaign',
                'verbose_name_plural': 'owners in a campaign',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='DryRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('outdated', 'Outdated')], default='waiting', max_length=8)),
                ('asked_at', models.DateTimeField()),
                ('heartbeat_at', models.DateTimeField(help_text='Last sign of life of the worker on it.', null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('looked_at', models.PositiveIntegerField(default=0, help_text='Owners so far.')),
                ('expected', models.PositiveIntegerField(default=0, help_text='Owners in the audience, as far as counted.')),
                ('error', models.CharField(blank=True, max_length=200)),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='DryRunLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('lead_id', models.BigIntegerField()),
                ('phone_id', models.BigIntegerField(null=True)),
                ('sender_id', models.BigIntegerField(null=True)),
                ('variant', models.CharField(blank=True, max_length=40)),
                ('outcome', models.CharField(max_length=8)),
                ('reasons', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                ('at', models.DateTimeField(null=True)),
                ('segments', models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='StepRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outcome', models.CharField(choices=[('done', 'Done'), ('blocked', 'Blocked by the rules'), ('skipped', 'Passed over')], max_length=7)),
                ('why', models.CharField(blank=True, max_length=200)),
                ('at', models.DateTimeField()),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.AddField(
            model_name="message",
            name="number_try",
            field=models.PositiveSmallIntegerField(
                db_default=1,
                default=1,
                editable=False,
                help_text="2: the step's first number proved bad, this is the next one.",
            ),
        ),
        migrations.RemoveConstraint(
            model_name='message',
            name='message_one_per_step_and_owner',
        ),
        migrations.AddField(
            model_name='campaign',
            name='consent',
            field=models.CharField(blank=True, choices=[('has', 'Only owners with consent for texts'), ('lacks', 'Only owners without consent for texts')], db_default='', default='', max_length=5),
        ),
        migrations.AddField(
            model_name='campaign',
            name='enrol_at',
            field=models.DateTimeField(blank=True, editable=False, help_text='When owners of the audience are to be taken in next.', null=True),
        ),
        migrations.AddField(
            model_name='campaign',
            name='lists',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('tax_roll', 'Tax roll'), ('adjudicated', 'Adjudicated list'), ('delinquent', 'Delinquent list'), ('gis', 'GIS parcels'), ('skip_trace', 'Skip trace'), ('sales', 'Sales'), ('do_not_call', 'National do-not-call list'), ('state_dnc', 'State do-not-call list'), ('litigator', 'Litigator list')], max_length=12), blank=True, db_default=[], default=list, help_text='On all of these lists. None chosen: whatever lists they are on.', size=None),
        ),
        migrations.AddField(
            model_name='campaign',
            name='tags',
            field=models.ManyToManyField(blank=True, help_text='With any of these tags. None chosen: tagged or not.', to='leads.tag'),
        ),
        migrations.AddField(
            model_name='campaign',
            name='takes_new_leads',
            field=models.BooleanField(db_default=False, default=False, help_text='While it runs, owners who come to match later are taken in by themselves.', verbose_name='takes in new leads'),
        ),
        migrations.AddField(
            model_name='campaignstep',
            name='conditions',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('no_reply', 'only without a reply'), ('not_delivered', 'only if no text was delivered'), ('delivered', 'only if a text was delivered'), ('not_texted', 'only if no text has left'), ('no_consent', 'only without consent for texts'), ('consent', 'only with consent for texts')], max_length=13), blank=True, db_default=[], default=list, size=None),
        ),
        migrations.AddField(
            model_name='campaignstep',
            name='kind',
            field=models.CharField(choices=[('text', 'Text'), ('letter', 'Letter'), ('call', 'Call'), ('wait', 'Wait')], db_default='text', default='text', max_length=6),
        ),
        migrations.AddField(
            model_name='campaignstep',
            name='only_stages',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('ingested', 'Ingested'), ('qualified', 'Qualified'), ('disqualified', 'Disqualified'), ('contacted', 'Contacted'), ('engaged', 'Engaged'), ('hot', 'Hot'), ('offer_made', 'Offer made'), ('under_contract', 'Under contract'), ('closed', 'Closed'), ('dead', 'Dead'), ('archived', 'Archived')], max_length=16), blank=True, db_default=[], default=list, size=None),
        ),
        migrations.AddField(
            model_name='historicalcampaign',
            name='consent',
            field=models.CharField(blank=True, choices=[('has', 'Only owners with consent for texts'), ('lacks', 'Only owners without consent for texts')], db_default='', default='', max_length=5),
        ),
        migrations.AddField(
            model_name='historicalcampaign',
            name='enrol_at',
            field=models.DateTimeField(blank=True, editable=False, help_text='When owners of the audience are to be taken in next.', null=True),
        ),
        migrations.AddField(
            model_name='historicalcampaign',
            name='lists',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('tax_roll', 'Tax roll'), ('adjudicated', 'Adjudicated list'), ('delinquent', 'Delinquent list'), ('gis', 'GIS parcels'), ('skip_trace', 'Skip trace'), ('sales', 'Sales'), ('do_not_call', 'National do-not-call list'), ('state_dnc', 'State do-not-call list'), ('litigator', 'Litigator list')], max_length=12), blank=True, db_default=[], default=list, help_text='On all of these lists. None chosen: whatever lists they are on.', size=None),
        ),
        migrations.AddField(
            model_name='historicalcampaign',
            name='takes_new_leads',
            field=models.BooleanField(db_default=False, default=False, help_text='While it runs, owners who come to match later are taken in by themselves.', verbose_name='takes in new leads'),
        ),
        migrations.AddField(
            model_name='historicalcampaignstep',
            name='conditions',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('no_reply', 'only without a reply'), ('not_delivered', 'only if no text was delivered'), ('delivered', 'only if a text was delivered'), ('not_texted', 'only if no text has left'), ('no_consent', 'only without consent for texts'), ('consent', 'only with consent for texts')], max_length=13), blank=True, db_default=[], default=list, size=None),
        ),
        migrations.AddField(
            model_name='historicalcampaignstep',
            name='kind',
            field=models.CharField(choices=[('text', 'Text'), ('letter', 'Letter'), ('call', 'Call'), ('wait', 'Wait')], db_default='text', default='text', max_length=6),
        ),
        migrations.AddField(
            model_name='historicalcampaignstep',
            name='only_stages',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('ingested', 'Ingested'), ('qualified', 'Qualified'), ('disqualified', 'Disqualified'), ('contacted', 'Contacted'), ('engaged', 'Engaged'), ('hot', 'Hot'), ('offer_made', 'Offer made'), ('under_contract', 'Under contract'), ('closed', 'Closed'), ('dead', 'Dead'), ('archived', 'Archived')], max_length=16), blank=True, db_default=[], default=list, size=None),
        ),
        migrations.AddField(
            model_name='letterexport',
            name='closed_at',
            field=models.DateTimeField(blank=True, help_text="When a campaign's file was downloaded: later letters go into another one.", null=True),
        ),
        migrations.AddField(
            model_name='letterexport',
            name='step',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='letter_exports', to='outreach.campaignstep'),
        ),
        migrations.AlterField(
            model_name='campaignstep',
            name='template',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='outreach.messagetemplate'),
        ),
        migrations.AddConstraint(
            model_name='campaignstep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['text', 'letter']), ('template__isnull', False)), models.Q(('kind__in', ['call', 'wait']), ('template__isnull', True)), _connector='OR'), name='campaign_step_template_fits_kind'),
        ),
        migrations.AddConstraint(
            model_name='letterexport',
            constraint=models.UniqueConstraint(condition=models.Q(('closed_at__isnull', True), ('step__isnull', False)), fields=('step',), name='letter_export_open_once'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.UniqueConstraint(condition=models.Q(('step__isnull', False)), fields=('step', 'owner', 'number_try'), name='message_one_per_step_owner_and_try'),
        ),
        migrations.AddField(
            model_name='campaignowner',
            name='campaign',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='enrolments', to='outreach.campaign'),
        ),
        migrations.AddField(
            model_name='campaignowner',
            name='lead',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='campaigns', to='leads.lead'),
        ),
        migrations.AddField(
            model_name='campaignowner',
            name='owner',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='campaigns', to='leads.owner'),
        ),
        migrations.AddField(
            model_name='campaignowner',
            name='phone',
            field=models.ForeignKey(help_text='The number spoken to.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='leads.phonenumber'),
        ),
        migrations.AddField(
            model_name='campaignowner',
            name='text',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='outreach.message'),
        ),
        migrations.AddField(
            model_name='dryrun',
            name='asked_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='dryrun',
            name='campaign',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='dry_runs', to='outreach.campaign'),
        ),
        migrations.AddField(
            model_name='dryrunline',
            name='run',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='outreach.dryrun'),
        ),
        migrations.AddField(
            model_name='steprun',
            name='lead',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='leads.lead'),
        ),
        migrations.AddField(
            model_name='steprun',
            name='owner',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='leads.owner'),
        ),
        migrations.AddField(
            model_name='steprun',
            name='step',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='outreach.campaignstep'),
        ),
        migrations.AddIndex(
            model_name='campaignowner',
            index=models.Index(condition=models.Q(('due_at__isnull', False), ('state', 'active')), fields=['due_at', 'id'], name='campaign_owner_due'),
        ),
        migrations.AddIndex(
            model_name='campaignowner',
            index=models.Index(condition=models.Q(('text__isnull', False)), fields=['text'], name='campaign_owner_text'),
        ),
        migrations.AddIndex(
            model_name='campaignowner',
            index=models.Index(fields=['campaign', 'state', 'id'], name='campaign_owner_state'),
        ),
        migrations.AddConstraint(
            model_name='campaignowner',
            constraint=models.UniqueConstraint(fields=('campaign', 'owner'), name='campaign_owner_once'),
        ),
        migrations.AddConstraint(
            model_name='campaignowner',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'stopped'), models.Q(('stop_reason', ''), _negated=True)), models.Q(models.Q(('state', 'stopped'), _negated=True), ('stop_reason', '')), _connector='OR'), name='campaign_owner_stop_has_reason'),
        ),
        migrations.AddConstraint(
            model_name='campaignowner',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('state', 'active')), models.Q(models.Q(('state', 'active'), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='campaign_owner_end_has_date'),
        ),
        migrations.AddIndex(
            model_name='dryrun',
            index=models.Index(condition=models.Q(('state__in', ['waiting', 'running'])), fields=['id'], name='dry_run_to_do'),
        ),
        migrations.AddIndex(
            model_name='dryrunline',
            index=models.Index(fields=['run', 'outcome', 'id'], name='dry_run_line_outcome'),
        ),
        migrations.AddIndex(
            model_name='dryrunline',
            index=django.contrib.postgres.indexes.GinIndex(fields=['reasons'], name='dry_run_line_reasons'),
        ),
        migrations.AddConstraint(
            model_name='steprun',
            constraint=models.UniqueConstraint(fields=('step', 'owner'), name='step_run_once'),
        ),
        migrations.RunSQL(ENTER, migrations.RunSQL.noop),
        migrations.RunSQL(TOLD, migrations.RunSQL.noop),
    ]
