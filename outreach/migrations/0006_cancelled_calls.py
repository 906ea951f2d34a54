"""Calls that need not be made any more."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('outreach', '0005_list_stops'),
    ]

    operations = [
        migrations.AlterField(
            model_name='calltask',
            name='outcome',
            field=models.CharField(blank=True, choices=[('interested', 'Interested'), ('not_interested', 'Not interested'), ('call_back', 'Call back'), ('no_answer', 'No answer'), ('voicemail', 'Voicemail'), ('wrong_number', 'Wrong number'), ('cancelled', 'Cancelled')], max_length=14),
        ),
        migrations.AlterField(
            model_name='historicalcalltask',
            name='outcome',
            field=models.CharField(blank=True, choices=[('interested', 'Interested'), ('not_interested', 'Not interested'), ('call_back', 'Call back'), ('no_answer', 'No answer'), ('voicemail', 'Voicemail'), ('wrong_number', 'Wrong number'), ('cancelled', 'Cancelled')], max_length=14),
        ),
    ]
