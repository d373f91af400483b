import callastar.core.timezones
from django.db import migrations, models


class Migration(migrations.Migration):
    """Only Python's default changes; the database is not touched."""

    dependencies = [
        ('accounts', '0002_email_in_capitals'),
    ]

    operations = [
        migrations.AlterField(
            model_name='user',
            name='timezone',
            field=models.CharField(default=callastar.core.timezones.platform_zone, max_length=64, validators=[callastar.core.timezones.is_time_zone]),
        ),
    ]
