"""Consent, stops and breakers: tables in the form that 0030 left."""

from django.conf import settings
import django.core.validators
from django.db import migrations, models
import django.db.models.deletion
import simple_history.models


TABLES = [
    migrations.CreateModel(
        name='Consent',
        fields=[
            ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ('basis', models.CharField(choices=[('web_form', 'Web form'), ('inbound', 'They contacted us first'), ('letter_reply', 'Keyword or QR reply to a letter'), ('verbal', 'Said so on the phone (script read)'), ('existing_deal', 'Existing deal')], max_length=14)),
            ('evidence', models.TextField(help_text='Words, form address, recording or message the consent rests on.')),
            ('given_at', models.DateTimeField()),
            ('revoked_at', models.DateTimeField(blank=True, null=True)),
            ('created_at', models.DateTimeField(auto_now_add=True)),
            ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='consents', to='leads.owner')),
            ('phone', models.ForeignKey(blank=True, help_text='Empty: any number of this owner.', null=True, on_delete=django.db.models.deletion.PROTECT, to='leads.phonenumber')),
            ('recorded_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL)),
        ],
        options={
            'ordering': ['-given_at'],
            'constraints': [
                models.CheckConstraint(condition=models.Q(('evidence', ''), _negated=True), name='consent_has_evidence'),
            ],
        },
    ),
    migrations.CreateModel(
        name='HistoricalConsent',
        fields=[
            ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
            ('basis', models.CharField(choices=[('web_form', 'Web form'), ('inbound', 'They contacted us first'), ('letter_reply', 'Keyword or QR reply to a letter'), ('verbal', 'Said so on the phone (script read)'), ('existing_deal', 'Existing deal')], max_length=14)),
            ('evidence', models.TextField(help_text='Words, form address, recording or message the consent rests on.')),
            ('given_at', models.DateTimeField()),
            ('revoked_at', models.DateTimeField(blank=True, null=True)),
            ('created_at', models.DateTimeField(blank=True, editable=False)),
            ('history_id', models.AutoField(primary_key=True, serialize=False)),
            ('history_date', models.DateTimeField(db_index=True)),
            ('history_change_reason', models.CharField(max_length=100, null=True)),
            ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ('owner', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='leads.owner')),
            ('phone', models.ForeignKey(blank=True, db_constraint=False, help_text='Empty: any number of this owner.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='leads.phonenumber')),
            ('recorded_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
        ],
        options={
            'verbose_name': 'historical consent',
            'verbose_name_plural': 'historical consents',
            'ordering': ('-history_date', '-history_id'),
            'get_latest_by': ('history_date', 'history_id'),
        },
        bases=(simple_history.models.HistoricalChanges, models.Model),
    ),
    migrations.CreateModel(
        name='Suppression',
        fields=[
            ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ('number_hash', models.BinaryField(blank=True, max_length=32, null=True)),
            ('reason', models.CharField(choices=[('opt_out', 'Opted out'), ('wrong_number', 'Wrong number'), ('deceased', 'Deceased'), ('national_dnc', 'National do-not-call list'), ('state_dnc', 'State do-not-call list'), ('litigator', 'Known litigator'), ('provider', 'Refused by the provider'), ('manual', 'Stopped by a person')], max_length=14)),
            ('evidence', models.CharField(blank=True, help_text='The words or the source it rests on.', max_length=300)),
            ('created_at', models.DateTimeField()),
            ('lifted_at', models.DateTimeField(blank=True, null=True)),
            ('lift_reason', models.CharField(blank=True, max_length=300)),
            ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ('lifted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='suppressions', to='leads.owner')),
            ('list_import', models.ForeignKey(blank=True, db_index=False, editable=False, help_text='The list that it rests on alone: empty once anything else has said the same.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='leads.listimport')),
        ],
        options={
            'ordering': ['-created_at'],
            'permissions': [('lift_suppression', 'Can lift an opt-out, with a reason')],
            'indexes': [
                models.Index(condition=models.Q(('list_import__isnull', False)), fields=['list_import'], name='suppression_of_list'),
            ],
            'constraints': [
                models.CheckConstraint(condition=models.Q(models.Q(('number_hash__isnull', False), ('owner__isnull', True)), models.Q(('number_hash__isnull', True), ('owner__isnull', False)), _connector='OR'), name='suppression_of_number_or_owner'),
                models.UniqueConstraint(condition=models.Q(('lifted_at__isnull', True)), fields=('number_hash', 'reason'), name='suppression_number_once'),
                models.UniqueConstraint(condition=models.Q(('lifted_at__isnull', True)), fields=('owner', 'reason'), name='suppression_owner_once'),
                models.CheckConstraint(condition=models.Q(('lifted_at__isnull', True), models.Q(('lift_reason', ''), _negated=True), _connector='OR'), name='suppression_lift_says_why'),
            ],
        },
    ),
    migrations.CreateModel(
        name='HistoricalSuppression',
        fields=[
            ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
            ('number_hash', models.BinaryField(blank=True, max_length=32, null=True)),
            ('reason', models.CharField(choices=[('opt_out', 'Opted out'), ('wrong_number', 'Wrong number'), ('deceased', 'Deceased'), ('national_dnc', 'National do-not-call list'), ('state_dnc', 'State do-not-call list'), ('litigator', 'Known litigator'), ('provider', 'Refused by the provider'), ('manual', 'Stopped by a person')], max_length=14)),
            ('evidence', models.CharField(blank=True, help_text='The words or the source it rests on.', max_length=300)),
            ('created_at', models.DateTimeField()),
            ('lifted_at', models.DateTimeField(blank=True, null=True)),
            ('lift_reason', models.CharField(blank=True, max_length=300)),
            ('history_id', models.AutoField(primary_key=True, serialize=False)),
            ('history_date', models.DateTimeField(db_index=True)),
            ('history_change_reason', models.CharField(max_length=100, null=True)),
            ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ('created_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
            ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ('lifted_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
            ('owner', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='leads.owner')),
            ('list_import', models.ForeignKey(blank=True, db_constraint=False, editable=False, help_text='The list that it rests on alone: empty once anything else has said the same.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='leads.listimport')),
        ],
        options={
            'verbose_name': 'historical suppression',
            'verbose_name_plural': 'historical suppressions',
            'ordering': ('-history_date', '-history_id'),
            'get_latest_by': ('history_date', 'history_id'),
        },
        bases=(simple_history.models.HistoricalChanges, models.Model),
    ),
    migrations.CreateModel(
        name='BreakerRule',
        fields=[
            ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ('scope', models.CharField(choices=[('template', 'Template'), ('campaign', 'Campaign'), ('sender', 'Sender number'), ('provider', 'Provider')], max_length=8, verbose_name='of one')),
            ('signal', models.CharField(choices=[('filtered', 'filtered by carriers'), ('opted_out', 'answered with an opt-out'), ('wrong_number', 'sent to a wrong number'), ('not_delivered', 'refused or not delivered'), ('unanswered', 'not answered by the provider')], max_length=13, verbose_name='texts')),
            ('least', models.PositiveSmallIntegerField(default=5, help_text='So many texts, and', validators=[django.core.validators.MinValueValidator(1)], verbose_name='at least')),
            ('percent', models.PositiveSmallIntegerField(default=5, help_text='of all that were sent', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100)], verbose_name='at least percent')),
            ('window_minutes', models.PositiveIntegerField(default=1440, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(43200)], verbose_name='within (minutes)')),
            ('cool_down_minutes', models.PositiveIntegerField(default=1440, help_text='Afterwards a few texts are tried; it doubles each time they go wrong.', validators=[django.core.validators.MinValueValidator(1)], verbose_name='cool-down (minutes)')),
            ('probes', models.PositiveSmallIntegerField(default=3, help_text='0: only a person lets texts go on.', validators=[django.core.validators.MaxValueValidator(100)], verbose_name='texts to try')),
            ('active', models.BooleanField(default=True)),
            ('updated_at', models.DateTimeField(auto_now=True)),
        ],
        options={
            'ordering': ['scope', 'signal'],
            'constraints': [
                models.UniqueConstraint(fields=('scope', 'signal'), name='breaker_rule_once'),
                models.CheckConstraint(condition=models.Q(models.Q(('scope', 'provider'), ('signal', 'unanswered')), models.Q(models.Q(('scope', 'provider'), _negated=True), models.Q(('signal', 'unanswered'), _negated=True)), _connector='OR'), name='breaker_rule_provider_unanswered'),
            ],
        },
    ),
    migrations.CreateModel(
        name='HistoricalBreakerRule',
        fields=[
            ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
            ('scope', models.CharField(choices=[('template', 'Template'), ('campaign', 'Campaign'), ('sender', 'Sender number'), ('provider', 'Provider')], max_length=8, verbose_name='of one')),
            ('signal', models.CharField(choices=[('filtered', 'filtered by carriers'), ('opted_out', 'answered with an opt-out'), ('wrong_number', 'sent to a wrong number'), ('not_delivered', 'refused or not delivered'), ('unanswered', 'not answered by the provider')], max_length=13, verbose_name='texts')),
            ('least', models.PositiveSmallIntegerField(default=5, help_text='So many texts, and', validators=[django.core.validators.MinValueValidator(1)], verbose_name='at least')),
            ('percent', models.PositiveSmallIntegerField(default=5, help_text='of all that were sent', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100)], verbose_name='at least percent')),
            ('window_minutes', models.PositiveIntegerField(default=1440, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(43200)], verbose_name='within (minutes)')),
            ('cool_down_minutes', models.PositiveIntegerField(default=1440, help_text='Afterwards a few texts are tried; it doubles each time they go wrong.', validators=[django.core.validators.MinValueValidator(1)], verbose_name='cool-down (minutes)')),
            ('probes', models.PositiveSmallIntegerField(default=3, help_text='0: only a person lets texts go on.', validators=[django.core.validators.MaxValueValidator(100)], verbose_name='texts to try')),
            ('active', models.BooleanField(default=True)),
            ('updated_at', models.DateTimeField(blank=True, editable=False)),
            ('history_id', models.AutoField(primary_key=True, serialize=False)),
            ('history_date', models.DateTimeField(db_index=True)),
            ('history_change_reason', models.CharField(max_length=100, null=True)),
            ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
        ],
        options={
            'verbose_name': 'historical breaker rule',
            'verbose_name_plural': 'historical breaker rules',
            'ordering': ('-history_date', '-history_id'),
            'get_latest_by': ('history_date', 'history_id'),
        },
        bases=(simple_history.models.HistoricalChanges, models.Model),
    ),
    migrations.CreateModel(
        name='Breaker',
        fields=[
            ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ('subject_id', models.PositiveBigIntegerField(help_text='Key of the template, campaign or number; 0: the provider.')),
            ('subject', models.CharField(max_length=100)),
            ('state', models.CharField(choices=[('open', 'Open'), ('half_open', 'Trying'), ('closed', 'Closed')], default='open', max_length=9)),
            ('reason', models.CharField(max_length=200)),
            ('times_opened', models.PositiveSmallIntegerField(default=1)),
            ('opened_at', models.DateTimeField()),
            ('retry_at', models.DateTimeField(help_text='When a few texts are tried; empty: only a person closes it.', null=True)),
            ('half_open_at', models.DateTimeField(null=True)),
            ('closed_at', models.DateTimeField(null=True)),
            ('close_reason', models.CharField(blank=True, max_length=200)),
            ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ('paused', models.ManyToManyField(help_text='Campaigns that it paused.', related_name='+', to='outreach.campaign')),
            ('rule', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='breakers', to='outreach.breakerrule')),
        ],
        options={
            'ordering': ['-id'],
            'permissions': [('close_breaker', 'Can close a breaker, with a reason')],
            'indexes': [
                models.Index(condition=models.Q(('closed_at__isnull', False)), fields=['closed_at'], name='breaker_closed'),
            ],
            'constraints': [
                models.UniqueConstraint(condition=models.Q(('state', 'closed'), _negated=True), fields=('rule', 'subject_id'), name='breaker_open_once'),
                models.CheckConstraint(condition=models.Q(('state', 'closed'), ('closed_at__isnull', True), _connector='XOR'), name='breaker_closed_has_date'),
            ],
        },
    ),
]
