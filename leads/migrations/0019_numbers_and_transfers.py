"""Numbers that end and are confirmed, and leads whose parcel has changed hands."""
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('leads', '0018_more_sources'),
        ('markets', '0006_owner_change'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='ownerphone',
            options={'ordering': ['rank', 'id'], 'permissions': [('reopen_ownerphone', 'Can open a number again that somebody else ended')]},
        ),
        migrations.AlterModelOptions(
            name='parcel',
            options={'ordering': ['-id'], 'permissions': [('transfer_parcel', 'Can record that a parcel has a new owner')]},
        ),
        migrations.AddField(
            model_name='historicallead',
            name='owner_changed_at',
            field=models.DateTimeField(blank=True, editable=False, help_text='The parcel has another owner; a person has to decide.', null=True),
        ),
        migrations.AddField(
            model_name='historicalownerphone',
            name='confirm_note',
            field=models.CharField(blank=True, db_default='', default='', editable=False, max_length=200),
        ),
        migrations.AddField(
            model_name='historicalownerphone',
            name='confirmed_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='historicalownerphone',
            name='end_note',
            field=models.CharField(blank=True, db_default='', default='', editable=False, help_text='Who says so.', max_length=200),
        ),
        migrations.AddField(
            model_name='historicalownerphone',
            name='end_reason',
            field=models.CharField(blank=True, choices=[('disconnected', 'Disconnected'), ('reassigned', 'Belongs to somebody else')], db_default='', default='', editable=False, max_length=12),
        ),
        migrations.AddField(
            model_name='historicalownerphone',
            name='ended_by',
            field=models.ForeignKey(blank=True, db_constraint=False, editable=False, help_text='Empty: the provider or a reply.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='lead',
            name='owner_changed_at',
            field=models.DateTimeField(blank=True, editable=False, help_text='The parcel has another owner; a person has to decide.', null=True),
        ),
        migrations.AddField(
            model_name='ownerphone',
            name='confirm_note',
            field=models.CharField(blank=True, db_default='', default='', editable=False, max_length=200),
        ),
        migrations.AddField(
            model_name='ownerphone',
            name='confirmed_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='ownerphone',
            name='end_note',
            field=models.CharField(blank=True, db_default='', default='', editable=False, help_text='Who says so.', max_length=200),
        ),
        migrations.AddField(
            model_name='ownerphone',
            name='end_reason',
            field=models.CharField(blank=True, choices=[('disconnected', 'Disconnected'), ('reassigned', 'Belongs to somebody else')], db_default='', default='', editable=False, max_length=12),
        ),
        migrations.AddField(
            model_name='ownerphone',
            name='ended_by',
            field=models.ForeignKey(blank=True, editable=False, help_text='Empty: the provider or a reply.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='event',
            name='kind',
            field=models.CharField(choices=[('LeadCreated', 'Lead created'), ('LeadScored', 'Lead scored'), ('StageChanged', 'Stage changed'), ('OwnerChanged', 'Parcel changed owner'), ('OwnerChangeSettled', 'Owner change decided'), ('OwnersMerged', 'Duplicate owners merged'), ('OwnersParted', 'Merge of owners undone'), ('ListImported', 'List imported'), ('RollChanged', 'Changed on a new tax roll'), ('ListUndone', 'List import undone'), ('WeightsChanged', 'Score weights changed'), ('MarketScored', 'Market scored'), ('NumberEnded', 'Number ended'), ('NumberReopened', 'Number opened again'), ('NumberConfirmed', 'Number confirmed'), ('NumberUnconfirmed', 'Confirmation withdrawn'), ('NumberPorted', 'Number moved to another carrier'), ('LeadAssigned', 'Lead assigned'), ('NoteAdded', 'Note added'), ('ConsentGiven', 'Consent recorded'), ('LetterExported', 'Letter exported'), ('CallLogged', 'Call logged'), ('CampaignLaunched', 'Campaign launched'), ('CampaignPaused', 'Campaign paused'), ('MessageSent', 'Text sent'), ('MessageFailed', 'Text failed'), ('ReplyReceived', 'Reply received'), ('ReplyLabelled', 'Reply labelled'), ('OwnerOptedOut', 'Owner opted out'), ('OptOutLifted', 'Opt-out lifted'), ('NumberStopped', 'Number stopped by a do-not-call list'), ('ProviderAlarm', 'Provider alarm')], max_length=20),
        ),
        migrations.AddIndex(
            model_name='lead',
            index=models.Index(condition=models.Q(('owner_changed_at__isnull', False)), fields=['owner_changed_at'], name='lead_owner_changed'),
        ),
        migrations.AddConstraint(
            model_name='ownerphone',
            constraint=models.CheckConstraint(condition=models.Q(('end_reason', ''), ('until__isnull', False), _connector='OR'), name='owner_phone_end_reason_has_date'),
        ),
    ]
