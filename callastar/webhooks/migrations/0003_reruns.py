from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("webhooks", "0002_catch_up")]
    operations = [
        migrations.AddField(
            "webhookevent",
            "reruns",
            models.PositiveSmallIntegerField(
                default=0, help_text="how often it was run again by itself after it was parked"
            ),
        ),
    ]
