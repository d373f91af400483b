"""Asked for every minute: calls that are over and still have their room."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("calls", "0005_mailbox_of_the_built_in_room")]
    operations = [
        migrations.AddIndex(
            model_name="call",
            index=models.Index(
                fields=["ends_at"], name="calls_with_room", condition=models.Q(room__isnull=False)
            ),
        ),
    ]
