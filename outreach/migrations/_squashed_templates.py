"""Templates and sender numbers: tables in the form that 0030 left."""

from django.conf import settings
import django.core.validators
from django.db import migrations, models
import django.db.models.deletion
import outreach.models.templates
import simple_history.models


TABLES = [
    migrations.CreateModel(
        name='MessageTemplate',
        fields=[
            ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ('name', models.CharField(max_length=80)),
            ('purpose', models.CharField(choices=[('first_text', 'First text'), ('follow_up', 'Follow-up text'), ('reply', 'Answer to a reply'), ('opt_out', 'Opt-out confirmation'), ('letter', 'Letter')], max_length=10)),
            ('language', models.CharField(choices=[('en', 'English'), ('es', 'Spanish')], default='en', max_length=2)),
            ('active', models.BooleanField(default=True)),
            ('updated_at', models.DateTimeField(auto_now=True)),
            ('market', models.ForeignKey(blank=True, help_text='Empty: for every market without its own.', null=True, on_delete=django.db.models.deletion.PROTECT, to='markets.market')),
            ('goal', models.CharField(choices=[('interested', 'Interested or wants an offer, less opt-outs'), ('replied', 'Replied, less opt-outs')], default='interested', max_length=10)),
            ('learns', models.BooleanField(default=False, verbose_name='let the better wording win')),
            ('least_texts', models.PositiveSmallIntegerField(default=100, help_text='Until it was sent so often a wording keeps at least half of an even share.', validators=[django.core.validators.MinValueValidator(20), django.core.validators.MaxValueValidator(5000)], verbose_name='texts before judging')),
        ],
        options={
            'ordering': ['name'],
            'constraints': [
                models.UniqueConstraint(fields=('market', 'name', 'language'), name='template_name_unique_in_market', nulls_distinct=False),
            ],
        },
    ),
    migrations.CreateModel(
        name='HistoricalMessageTemplate',
        fields=[
            ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
            ('name', models.CharField(max_length=80)),
            ('purpose', models.CharField(choices=[('first_text', 'First text'), ('follow_up', 'Follow-up text'), ('reply', 'Answer to a reply'), ('opt_out', 'Opt-out confirmation'), ('letter', 'Letter')], max_length=10)),
            ('language', models.CharField(choices=[('en', 'English'), ('es', 'Spanish')], default='en', max_length=2)),
            ('active', models.BooleanField(default=True)),
            ('updated_at', models.DateTimeField(blank=True, editable=False)),
            ('history_id', models.AutoField(primary_key=True, serialize=False)),
            ('history_date', models.DateTimeField(db_index=True)),
            ('history_change_reason', models.CharField(max_length=100, null=True)),
            ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ('market', models.ForeignKey(blank=True, db_constraint=False, help_text='Empty: for every market without its own.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='markets.market')),
            ('goal', models.CharField(choices=[('interested', 'Interested or wants an offer, less opt-outs'), ('replied', 'Replied, less opt-outs')], default='interested', max_length=10)),
            ('learns', models.BooleanField(default=False, verbose_name='let the better wording win')),
            ('least_texts', models.PositiveSmallIntegerField(default=100, help_text='Until it was sent so often a wording keeps at least half of an even share.', validators=[django.core.validators.MinValueValidator(20), django.core.validators.MaxValueValidator(5000)], verbose_name='texts before judging')),
        ],
        options={
            'verbose_name': 'historical message template',
            'verbose_name_plural': 'historical message templates',
            'ordering': ('-history_date', '-history_id'),
            'get_latest_by': ('history_date', 'history_id'),
        },
        bases=(simple_history.models.HistoricalChanges, models.Model),
    ),
    migrations.CreateModel(
        name='TemplateVariant',
        fields=[
            ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ('name', models.CharField(default='A', max_length=40)),
            ('body', models.TextField(max_length=1600, validators=[outreach.models.templates.validate_placeholders])),
            ('weight', models.PositiveSmallIntegerField(default=1, validators=[django.core.validators.MinValueValidator(1)])),
            ('active', models.BooleanField(default=True)),
            ('template', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='variants', to='outreach.messagetemplate')),
        ],
        options={
            'ordering': ['template', 'name'],
            'constraints': [
                models.UniqueConstraint(fields=('template', 'name'), name='variant_name_unique'),
                models.CheckConstraint(condition=models.Q(('body', ''), _negated=True), name='variant_has_text'),
            ],
        },
    ),
    migrations.CreateModel(
        name='HistoricalTemplateVariant',
        fields=[
            ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
            ('name', models.CharField(default='A', max_length=40)),
            ('body', models.TextField(max_length=1600, validators=[outreach.models.templates.validate_placeholders])),
            ('weight', models.PositiveSmallIntegerField(default=1, validators=[django.core.validators.MinValueValidator(1)])),
            ('active', models.BooleanField(default=True)),
            ('history_id', models.AutoField(primary_key=True, serialize=False)),
            ('history_date', models.DateTimeField(db_index=True)),
            ('history_change_reason', models.CharField(max_length=100, null=True)),
            ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ('template', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='outreach.messagetemplate')),
        ],
        options={
            'verbose_name': 'historical template variant',
            'verbose_name_plural': 'historical template variants',
            'ordering': ('-history_date', '-history_id'),
            'get_latest_by': ('history_date', 'history_id'),
        },
        bases=(simple_history.models.HistoricalChanges, models.Model),
    ),
    migrations.CreateModel(
        name='SenderNumber',
        fields=[
            ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ('number', models.CharField(max_length=34, unique=True, validators=[django.core.validators.RegexValidator('^(\\+[1-9]\\d{7,14}|MG[0-9a-f]{32})$', 'Use E.164, such as +12255550100, or the id of a messaging service (MG and 32 digits).')])),
            ('label', models.CharField(blank=True, max_length=60)),
            ('active', models.BooleanField(default=True)),
            ('daily_cap', models.PositiveIntegerField(default=200, help_text='Texts a day from this number.')),
            ('created_at', models.DateTimeField(auto_now_add=True)),
            ('market', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sender_numbers', to='markets.market')),
            ('segments_per_minute', models.PositiveIntegerField(default=60, help_text='A long code carries about one segment a second; more only waits at the provider.')),
            ('warm_up_from', models.DateField(blank=True, help_text='First day of a new number: carriers distrust one that starts with hundreds of texts. Empty: no.', null=True, verbose_name='warm up from')),
            ('warm_up_texts', models.PositiveIntegerField(default=20, help_text='So many on the first day, and so many more on each day after it, up to the cap.', validators=[django.core.validators.MinValueValidator(1)], verbose_name='texts on that day')),
        ],
        options={
            'ordering': ['number'],
        },
    ),
    migrations.CreateModel(
        name='HistoricalSenderNumber',
        fields=[
            ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
            ('number', models.CharField(db_index=True, max_length=34, validators=[django.core.validators.RegexValidator('^(\\+[1-9]\\d{7,14}|MG[0-9a-f]{32})$', 'Use E.164, such as +12255550100, or the id of a messaging service (MG and 32 digits).')])),
            ('label', models.CharField(blank=True, max_length=60)),
            ('active', models.BooleanField(default=True)),
            ('daily_cap', models.PositiveIntegerField(default=200, help_text='Texts a day from this number.')),
            ('created_at', models.DateTimeField(blank=True, editable=False)),
            ('history_id', models.AutoField(primary_key=True, serialize=False)),
            ('history_date', models.DateTimeField(db_index=True)),
            ('history_change_reason', models.CharField(max_length=100, null=True)),
            ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ('market', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='markets.market')),
            ('segments_per_minute', models.PositiveIntegerField(default=60, help_text='A long code carries about one segment a second; more only waits at the provider.')),
            ('warm_up_from', models.DateField(blank=True, help_text='First day of a new number: carriers distrust one that starts with hundreds of texts. Empty: no.', null=True, verbose_name='warm up from')),
            ('warm_up_texts', models.PositiveIntegerField(default=20, help_text='So many on the first day, and so many more on each day after it, up to the cap.', validators=[django.core.validators.MinValueValidator(1)], verbose_name='texts on that day')),
        ],
        options={
            'verbose_name': 'historical sender number',
            'verbose_name_plural': 'historical sender numbers',
            'ordering': ('-history_date', '-history_id'),
            'get_latest_by': ('history_date', 'history_id'),
        },
        bases=(simple_history.models.HistoricalChanges, models.Model),
    ),
]
