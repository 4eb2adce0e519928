"""Alerts as messages: English texts, numbered issues, and what came in from other systems.

Revises: 0012
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

COLUMNS = {"event_en": 100, "headline_en": 160, "description_en": 4000, "instruction_en": 4000}

# A bulk load, by who may act as the owner of the table.
_BULK = """(coalesce(current_setting('dieuhanh.bulk', true), '') = 'on' AND pg_has_role(
        CASE current_setting('role') WHEN 'none' THEN session_user
          ELSE current_setting('role')::name END, current_user, 'MEMBER'))"""

STATEMENTS = (
    *(
        f"ALTER TABLE layer.alerts ADD COLUMN {name} TEXT,"
        f' ADD CONSTRAINT ck_alerts_{name}_length CHECK (char_length("{name}") <= {most})'
        for name, most in COLUMNS.items()
    ),
    # Every change of what an alert says is a message of its own, which the earlier ones must be
    # told apart from. Also of an alert that was deleted and is taken back.
    f"""
    CREATE FUNCTION private.issue_alert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      kept constant text[] := '{{feature,search,geom_3857,updated_at,revision,sent,message}}';
      last integer;
    BEGIN
      IF {_BULK} THEN
        RETURN NEW;
      END IF;
      IF TG_OP = 'INSERT' THEN
        SELECT max((c.after->>'revision')::integer) INTO last FROM dieuhanh.history AS c
        WHERE c.layer = 'alerts' AND c.feature_id = NEW.id::text;
      ELSIF to_jsonb(NEW) - kept IS DISTINCT FROM to_jsonb(OLD) - kept
        OR NEW.message <> OLD.message THEN
        last := OLD.revision;
      ELSE
        NEW.revision := OLD.revision;
        NEW.sent := OLD.sent;
        RETURN NEW;
      END IF;
      -- Whatever number and time were written: they are no one's to choose.
      NEW.revision := coalesce(last, 0) + 1;
      NEW.sent := now();
      IF last IS NOT NULL AND NEW.message = 'Alert' THEN
        NEW.message := 'Update';
      END IF;
      RETURN NEW;
    END $$
    """,
    # Before the derived trigger, which writes the row as a feature.
    """
    CREATE TRIGGER a_alert_issue BEFORE INSERT OR UPDATE ON layer.alerts
    FOR EACH ROW EXECUTE FUNCTION private.issue_alert()
    """,
    # The earlier messages of an alert that everybody may read.
    """
    CREATE FUNCTION dieuhanh.alert_issues(alert uuid) RETURNS TABLE (revision integer,
      sent timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
      SELECT DISTINCT ON (1) (c.after->>'revision')::integer, (c.after->>'sent')::timestamptz
      FROM layer.alerts AS a JOIN dieuhanh.history AS c
        ON c.layer = 'alerts' AND c.feature_id = a.id::text
      WHERE a.id = alert AND (c.after->>'revision')::integer < a.revision
      ORDER BY 1, c.id
    $$
    """,
    # Messages of other systems that were taken in, each once.
    """
    CREATE TABLE private.cap_message (
      sender text NOT NULL,
      identifier text NOT NULL,
      alert_id uuid NOT NULL,
      sent timestamptz NOT NULL,
      taken_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (sender, identifier)
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        # Straight to the driver, so that a colon stays what it is.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    op.execute("DROP TABLE private.cap_message")
    op.execute("DROP FUNCTION dieuhanh.alert_issues(uuid)")
    op.execute("DROP TRIGGER a_alert_issue ON layer.alerts")
    op.execute("DROP FUNCTION private.issue_alert()")
    for name in COLUMNS:
        op.execute(f"ALTER TABLE layer.alerts DROP COLUMN {name}")
