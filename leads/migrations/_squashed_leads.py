"""Leads, their tags and their events: tables in the form that 0031 left."""

from django.conf import settings
import django.contrib.postgres.fields
import django.core.validators
from django.db import migrations, models
import django.db.models.deletion
import django.db.models.functions.text
import django_fsm
import simple_history.models


TABLES = [
    migrations.CreateModel(
        name='Lead',
        fields=[
            ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ('stage', django_fsm.FSMField(choices=[('ingested', 'Ingested'), ('qualified', 'Qualified'), ('disqualified', 'Disqualified'), ('contacted', 'Contacted'), ('engaged', 'Engaged'), ('hot', 'Hot'), ('offer_made', 'Offer made'), ('under_contract', 'Under contract'), ('closed', 'Closed'), ('dead', 'Dead'), ('archived', 'Archived')], default='ingested', max_length=16, protected=True)),
            ('score', models.PositiveSmallIntegerField(blank=True, editable=False, null=True)),
            ('score_reasons', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, default=list, editable=False, help_text='One per factor; `reasons` reads them.', size=None)),
            ('scored_at', models.DateTimeField(blank=True, editable=False, null=True)),
            ('next_action_at', models.DateTimeField(blank=True, null=True)),
            ('archived_at', models.DateTimeField(blank=True, editable=False, null=True)),
            ('deleted_at', models.DateTimeField(blank=True, editable=False, null=True)),
            ('created_at', models.DateTimeField(auto_now_add=True)),
            ('updated_at', models.DateTimeField(auto_now=True)),
            ('assigned_to', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='leads', to=settings.AUTH_USER_MODEL)),
            ('market', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='leads', to='markets.market')),
            ('owner', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='leads', to='leads.owner')),
            ('parcel', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='leads', to='leads.parcel')),
            ('score_version', models.PositiveIntegerField(blank=True, editable=False, help_text="Version of the market's weights.", null=True)),
            ('owner_changed_at', models.DateTimeField(blank=True, editable=False, help_text='The parcel has another owner; a person has to decide.', null=True)),
            ('moved_at', models.DateTimeField(blank=True, editable=False, help_text='Since when it is in another market than its parish, if it is.', null=True)),
        ],
        options={
            'ordering': [models.OrderBy(models.F('score'), descending=True, nulls_last=True), '-id'],
            'permissions': [
                ('qualify_lead', 'Can qualify or disqualify leads'),
                ('work_lead', 'Can move leads through contact and conversation'),
                ('offer_lead', 'Can make offers'),
                ('contract_lead', 'Can move leads under contract and close them'),
                ('archive_lead', 'Can archive and reactivate leads'),
                ('assign_lead', 'Can assign many leads at once'),
                ('transfer_lead', 'Can move leads to another market'),
            ],
            'indexes': [
                models.Index(models.F('market'), models.OrderBy(models.F('score'), descending=True, nulls_last=True), models.OrderBy(models.F('id'), descending=True), name='lead_market_score'),
                models.Index(models.OrderBy(models.F('score'), descending=True, nulls_last=True), models.OrderBy(models.F('id'), descending=True), name='lead_score'),
                models.Index(condition=models.Q(('owner_changed_at__isnull', False)), fields=['owner_changed_at'], name='lead_owner_changed'),
                models.Index(condition=models.Q(('deleted_at__isnull', False)), fields=['market', 'deleted_at'], name='lead_deleted'),
                models.Index(condition=models.Q(('moved_at__isnull', False)), fields=['market'], name='lead_moved'),
                models.Index(models.F('market'), models.F('stage'), models.OrderBy(models.F('score'), descending=True, nulls_last=True), models.OrderBy(models.F('id'), descending=True), name='lead_market_stage_score'),
                models.Index(condition=models.Q(('assigned_to__isnull', False)), fields=['assigned_to', 'next_action_at'], name='lead_assigned_next'),
                models.Index(models.F('assigned_to'), models.OrderBy(models.F('score'), descending=True, nulls_last=True), models.OrderBy(models.F('id'), descending=True), condition=models.Q(('assigned_to__isnull', False)), name='lead_assigned_score'),
            ],
            'constraints': [
                models.UniqueConstraint(condition=models.Q(('archived_at__isnull', True), ('deleted_at__isnull', True), models.Q(('stage__in', ['closed', 'dead', 'archived']), _negated=True)), fields=('parcel',), name='lead_open_once_per_parcel'),
                models.CheckConstraint(condition=models.Q(('stage__in', ['ingested', 'qualified', 'disqualified', 'contacted', 'engaged', 'hot', 'offer_made', 'under_contract', 'closed', 'dead', 'archived'])), name='lead_stage_known'),
                models.CheckConstraint(condition=models.Q(models.Q(('archived_at__isnull', True), ('stage__in', ['ingested', 'qualified', 'disqualified', 'contacted', 'engaged', 'hot', 'offer_made', 'under_contract', 'closed', 'dead'])), models.Q(('archived_at__isnull', False), ('stage', 'archived')), _connector='OR'), name='lead_archived_has_date'),
                models.CheckConstraint(condition=models.Q(('score__isnull', True), ('score__lte', 100), _connector='OR'), name='lead_score_to_100'),
            ],
        },
        bases=(django_fsm.FSMModelMixin, models.Model),
    ),
    migrations.CreateModel(
        name='HistoricalLead',
        fields=[
            ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
            ('stage', django_fsm.FSMField(choices=[('ingested', 'Ingested'), ('qualified', 'Qualified'), ('disqualified', 'Disqualified'), ('contacted', 'Contacted'), ('engaged', 'Engaged'), ('hot', 'Hot'), ('offer_made', 'Offer made'), ('under_contract', 'Under contract'), ('closed', 'Closed'), ('dead', 'Dead'), ('archived', 'Archived')], default='ingested', max_length=16, protected=True)),
            ('score', models.PositiveSmallIntegerField(blank=True, editable=False, null=True)),
            ('score_reasons', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, default=list, editable=False, help_text='One per factor; `reasons` reads them.', size=None)),
            ('scored_at', models.DateTimeField(blank=True, editable=False, null=True)),
            ('next_action_at', models.DateTimeField(blank=True, null=True)),
            ('archived_at', models.DateTimeField(blank=True, editable=False, null=True)),
            ('deleted_at', models.DateTimeField(blank=True, editable=False, null=True)),
            ('created_at', models.DateTimeField(blank=True, editable=False)),
            ('updated_at', models.DateTimeField(blank=True, editable=False)),
            ('history_id', models.AutoField(primary_key=True, serialize=False)),
            ('history_date', models.DateTimeField(db_index=True)),
            ('history_change_reason', models.CharField(max_length=100, null=True)),
            ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ('assigned_to', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
            ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ('market', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='markets.market')),
            ('owner', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='leads.owner')),
            ('parcel', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='leads.parcel')),
            ('score_version', models.PositiveIntegerField(blank=True, editable=False, help_text="Version of the market's weights.", null=True)),
            ('owner_changed_at', models.DateTimeField(blank=True, editable=False, help_text='The parcel has another owner; a person has to decide.', null=True)),
            ('moved_at', models.DateTimeField(blank=True, editable=False, help_text='Since when it is in another market than its parish, if it is.', null=True)),
        ],
        options={
            'verbose_name': 'historical lead',
            'verbose_name_plural': 'historical leads',
            'ordering': ('-history_date', '-history_id'),
            'get_latest_by': ('history_date', 'history_id'),
        },
        bases=(simple_history.models.HistoricalChanges, models.Model),
    ),
    migrations.CreateModel(
        name='Tag',
        fields=[
            ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ('name', models.CharField(max_length=40, validators=[django.core.validators.RegexValidator('^[^,]*\\w[^,]*$', 'A tag has a letter or a digit, and no comma.')])),
            ('created_at', models.DateTimeField(auto_now_add=True)),
            ('market', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='tags', to='markets.market')),
        ],
        options={
            'ordering': ['market', 'name'],
            'constraints': [
                models.UniqueConstraint(models.F('market'), django.db.models.functions.text.Lower('name'), name='tag_once_per_market'),
            ],
        },
    ),
    migrations.CreateModel(
        name='LeadTag',
        fields=[
            ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ('tagged_at', models.DateTimeField()),
            ('lead', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='tagged', to='leads.lead')),
            ('tagged_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ('tag', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='tagged', to='leads.tag')),
        ],
        options={
            'ordering': ['lead', 'tag'],
            'indexes': [models.Index(fields=['tag', 'lead'], name='lead_tag_leads')],
            'constraints': [models.UniqueConstraint(fields=('lead', 'tag'), name='lead_tag_once')],
        },
    ),
    migrations.CreateModel(
        name='Event',
        fields=[
            ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ('kind', models.CharField(choices=[('LeadCreated', 'Lead created'), ('LeadScored', 'Lead scored'), ('StageChanged', 'Stage changed'), ('OwnerChanged', 'Parcel changed owner'), ('OwnerChangeSettled', 'Owner change decided'), ('OwnersMerged', 'Duplicate owners merged'), ('OwnersParted', 'Merge of owners undone'), ('ListImported', 'List imported'), ('RollChanged', 'Changed on a new tax roll'), ('ListUndone', 'List import undone'), ('WeightsChanged', 'Score weights changed'), ('MarketScored', 'Market scored'), ('NumberEnded', 'Number ended'), ('NumberReopened', 'Number opened again'), ('NumberConfirmed', 'Number confirmed'), ('NumberUnconfirmed', 'Confirmation withdrawn'), ('NumberPorted', 'Number moved to another carrier'), ('LeadAssigned', 'Lead assigned'), ('LeadTagged', 'Tag put on'), ('LeadUntagged', 'Tag taken off'), ('LeadMoved', 'Moved to another market'), ('LeadDeleted', 'Lead deleted'), ('LeadRestored', 'Lead restored'), ('LeadsChanged', 'Leads changed together'), ('LeadsCleanedUp', 'Deleted leads cleaned up'), ('NoteAdded', 'Note added'), ('ConsentGiven', 'Consent recorded'), ('LetterExported', 'Letter exported'), ('CallLogged', 'Call logged'), ('CampaignLaunched', 'Campaign launched'), ('CampaignPaused', 'Campaign paused'), ('CampaignStopped', 'Campaign stopped for the owner'), ('MessageSent', 'Text sent'), ('MessageFailed', 'Text failed'), ('ReplyReceived', 'Reply received'), ('ReplyLabelled', 'Reply labelled'), ('OwnerOptedOut', 'Owner opted out'), ('OptOutLifted', 'Opt-out lifted'), ('ListFeedWaiting', 'List feed waits for a person'), ('ListFeedFailed', 'List feed failed'), ('NumberStopped', 'Number stopped by a do-not-call list'), ('ProviderAlarm', 'Provider alarm')], max_length=20)),
            ('data', models.JSONField(blank=True, default=dict)),
            ('created_at', models.DateTimeField()),
            ('handled_at', models.DateTimeField(blank=True, null=True)),
            ('actor', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
            ('lead', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='events', to='leads.lead')),
            ('owner', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='events', to='leads.owner')),
        ],
        options={
            'ordering': ['-created_at', '-id'],
            'indexes': [
                models.Index(models.F('lead'), models.OrderBy(models.F('created_at'), descending=True), name='event_lead_created'),
                models.Index(models.F('owner'), models.OrderBy(models.F('created_at'), descending=True), name='event_owner_created'),
                models.Index(condition=models.Q(('handled_at__isnull', True)), fields=['id'], name='event_outbox'),
                models.Index(fields=['created_at', 'id'], name='event_created'),
                models.Index(condition=models.Q(('actor__isnull', False)), fields=['actor'], name='event_actor'),
            ],
            'constraints': [
                models.CheckConstraint(condition=models.Q(('kind', ''), _negated=True), name='event_has_kind'),
            ],
        },
    ),
]
