"""Title and length of the call as they were booked; those of earlier bookings are the offer's of today."""

from django.db import migrations, models

BACKFILL = """
UPDATE bookings_booking AS booking SET offer_title = offer.title, duration_minutes = offer.duration_minutes
FROM offers_calloffer AS offer WHERE offer.id = booking.offer_id
"""


class Migration(migrations.Migration):
    dependencies = [("bookings", "0002_one_index_a_list")]
    operations = [
        migrations.AddField(
            "booking", "offer_title", models.CharField(default="", max_length=120), preserve_default=False
        ),
        migrations.AddField(
            "booking",
            "duration_minutes",
            models.PositiveSmallIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.RunSQL(BACKFILL, migrations.RunSQL.noop),
    ]
