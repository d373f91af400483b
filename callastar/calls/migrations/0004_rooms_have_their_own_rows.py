"""What a call knew of its room is in the room's own row now."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("calls", "0003_rooms_of_calls")]
    operations = [
        migrations.RemoveConstraint(
            model_name='call',
            name='ready_room_has_url',
        ),
        migrations.RemoveIndex(
            model_name='call',
            name='calls_without_room',
        ),
        migrations.RemoveField(
            model_name='call',
            name='attempts',
        ),
        migrations.RemoveField(
            model_name='call',
            name='last_error',
        ),
        migrations.RemoveField(
            model_name='call',
            name='provider',
        ),
        migrations.RemoveField(
            model_name='call',
            name='ready_at',
        ),
        migrations.RemoveField(
            model_name='call',
            name='room_name',
        ),
        migrations.RemoveField(
            model_name='call',
            name='room_url',
        ),
        migrations.RemoveField(
            model_name='call',
            name='state',
        ),
    ]
