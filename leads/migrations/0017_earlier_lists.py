from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("leads", "0016_keys_in_sets")]

    operations = [
        migrations.AddField(
            model_name="parcellist",
            name="earlier",
            field=models.JSONField(
                editable=False,
                help_text="The lists of this kind before that one, with when each named it.",
                null=True,
            ),
        ),
    ]
