"""What becomes of the leads of a parcel that changes hands, by market."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('markets', '0005_phone_lookups'),
    ]

    operations = [
        migrations.AddField(
            model_name='historicalmarket',
            name='on_owner_change',
            field=models.CharField(choices=[('follow', 'The lead follows the new owner'), ('close', 'The lead is closed, the new owner gets one of their own'), ('decide', 'The lead waits for a person')], default='follow', help_text='What becomes of its open lead. Leads with an offer made or under contract always wait for a person.', max_length=7, verbose_name='when a parcel changes hands'),
        ),
        migrations.AddField(
            model_name='market',
            name='on_owner_change',
            field=models.CharField(choices=[('follow', 'The lead follows the new owner'), ('close', 'The lead is closed, the new owner gets one of their own'), ('decide', 'The lead waits for a person')], default='follow', help_text='What becomes of its open lead. Leads with an offer made or under contract always wait for a person.', max_length=7, verbose_name='when a parcel changes hands'),
        ),
    ]
