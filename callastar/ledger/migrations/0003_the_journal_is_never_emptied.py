"""The database refuses to empty the journal as well, which no trigger on its rows would see.

Whoever empties a database on purpose, a demonstration's or a test run's, says so to that database first:
`ALTER DATABASE … SET callastar.journal_may_be_emptied = 'on'` (for new connections) or `SET …` in the session.
"""

from django.db import migrations

GUARDS = """
CREATE FUNCTION ledger_refuse_emptying() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('callastar.journal_may_be_emptied', true) IS DISTINCT FROM 'on' THEN
        RAISE EXCEPTION 'ledger: what was posted is never removed (% on %)', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'posted_for_ever';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER ledger_entry_is_kept BEFORE TRUNCATE ON ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_emptying();
CREATE TRIGGER ledger_line_is_kept BEFORE TRUNCATE ON ledger_line
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_emptying();
"""

NO_GUARDS = """
DROP TRIGGER ledger_line_is_kept ON ledger_line;
DROP TRIGGER ledger_entry_is_kept ON ledger_entry;
DROP FUNCTION ledger_refuse_emptying();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_the_database_guards")]
    operations = [migrations.RunSQL(GUARDS, NO_GUARDS)]
