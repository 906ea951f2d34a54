from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("outreach", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="webhookevent",
            name="number_hash",
            field=models.BinaryField(
                max_length=32, null=True, editable=False, help_text="Keyed hash of the number a reply came from."
            ),
        ),
        migrations.AddIndex(
            model_name="webhookevent",
            index=models.Index("number_hash", condition=Q(processed_at__isnull=True), name="webhook_waiting_from"),
        ),
    ]
