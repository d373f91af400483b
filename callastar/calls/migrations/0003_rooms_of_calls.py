"""Each call's room gets a row of its own, under the call's key: there was one room for each."""

from django.db import migrations

MOVE = """
INSERT INTO calls_room (id, call_id, provider, state, name, url, attempts, last_error, created_at, ready_at,
                        delete_attempts)
SELECT id, id, provider, state, room_name, room_url, attempts, last_error, created_at, ready_at, 0 FROM calls_call;
UPDATE calls_call SET room_id = id;
"""
MOVE_BACK = """
UPDATE calls_call SET provider = room.provider, room_name = room.name, room_url = room.url,
                      attempts = room.attempts, last_error = room.last_error, ready_at = room.ready_at,
                      state = CASE room.state WHEN 'GONE' THEN 'FAILED' ELSE room.state END
FROM calls_room room WHERE room.call_id = calls_call.id;
UPDATE calls_call SET room_id = NULL;
DELETE FROM calls_room;
"""


class Migration(migrations.Migration):
    dependencies = [("calls", "0002_rooms")]
    operations = [migrations.RunSQL(MOVE, MOVE_BACK)]
