"""The database itself refuses an entry that does not add up, and any change of what was posted."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION ledger_check_entry(checked uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    expected integer;
    found integer;
    unbalanced text;
BEGIN
    SELECT line_count INTO expected FROM ledger_entry WHERE id = checked;
    SELECT count(*) INTO found FROM ledger_line WHERE entry_id = checked;
    IF found < 2 OR found <> expected THEN
        RAISE EXCEPTION 'ledger: entry % has % lines instead of %', checked, found, expected
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'entry_has_its_lines';
    END IF;
    SELECT string_agg(currency || ' ' || total, ', ') INTO unbalanced FROM (
        SELECT currency, sum(amount) AS total FROM ledger_line WHERE entry_id = checked
        GROUP BY currency HAVING sum(amount) <> 0
    ) AS sums;
    IF unbalanced IS NOT NULL THEN
        RAISE EXCEPTION 'ledger: entry % does not add up: %', checked, unbalanced
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'entry_adds_up';
    END IF;
END $$;

CREATE FUNCTION ledger_check_new_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ledger_check_entry(NEW.id);
    RETURN NULL;
END $$;

CREATE FUNCTION ledger_check_new_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ledger_check_entry(NEW.entry_id);
    RETURN NULL;
END $$;

CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ledger: what was posted is never changed (% on %); post a reversing entry', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'posted_for_ever';
END $$;

-- At commit, when all lines of the entry are there.
CREATE CONSTRAINT TRIGGER ledger_entry_adds_up AFTER INSERT ON ledger_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_check_new_entry();
CREATE CONSTRAINT TRIGGER ledger_line_adds_up AFTER INSERT ON ledger_line
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_check_new_line();

CREATE TRIGGER ledger_entry_stays BEFORE UPDATE OR DELETE ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_line_stays BEFORE UPDATE OR DELETE ON ledger_line
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
"""

NO_GUARDS = """
DROP TRIGGER ledger_line_stays ON ledger_line;
DROP TRIGGER ledger_entry_stays ON ledger_entry;
DROP TRIGGER ledger_line_adds_up ON ledger_line;
DROP TRIGGER ledger_entry_adds_up ON ledger_entry;
DROP FUNCTION ledger_refuse_change();
DROP FUNCTION ledger_check_new_line();
DROP FUNCTION ledger_check_new_entry();
DROP FUNCTION ledger_check_entry(uuid);
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [migrations.RunSQL(GUARDS, NO_GUARDS)]
