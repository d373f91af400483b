"""The table of the cache that all processes share (the shape that Django's `createcachetable` makes)."""

from django.db import migrations


class Migration(migrations.Migration):
    initial = True
    operations = (
        migrations.RunSQL(
            """
            CREATE TABLE core_cache (
                cache_key varchar(255) NOT NULL PRIMARY KEY,
                value text NOT NULL,
                expires timestamptz NOT NULL
            );
            CREATE INDEX core_cache_expires ON core_cache (expires);
            """,
            "DROP TABLE core_cache",
        ),
    )
