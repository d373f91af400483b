"""Signals say who sent them, old ones are found by their age, and nobody is in a built-in room twice."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("calls", "0004_rooms_have_their_own_rows")]
    operations = [
        # Nothing has written signals before, so there is none without a sender.
        migrations.AddField(
            model_name="signal",
            name="sender",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="calls.presence"
            ),
        ),
        migrations.AddIndex(
            model_name="signal",
            index=models.Index(fields=["created_at"], name="signals_by_age"),
        ),
        migrations.AddConstraint(
            model_name="presence",
            constraint=models.UniqueConstraint(
                condition=Q(left_at=None, seen_at__isnull=False),
                fields=("room", "person_id"),
                name="one_live_session",
            ),
        ),
    ]
