"""Reports: who may read and send which, and what was sent, kept as it was.

Revises: 0048
"""

from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

STAFF = ", ".join(
    f"dieuhanh_{role}"
    for role in ("viewer", "analyst", "officer", "rescuer", "operator", "coordinator", "admin")
)

TABLES = (
    # What the records say: which department sends a report ('district': each district does), and
    # which departments gather it. Written by `dieuhanh migrate`.
    """
    CREATE TABLE dieuhanh.report_record (
      id text PRIMARY KEY,
      sender text NOT NULL,
      readers text[] NOT NULL
    )
    """,
    # Numbers as they were when they were sent; a correction is another version. Nobody but
    # `private.send_report` writes here, and nothing is changed or removed.
    """
    CREATE TABLE dieuhanh.report_submission (
      report text NOT NULL,
      district_code text,
      unit text NOT NULL CHECK (char_length(unit) BETWEEN 1 AND 60),
      first date NOT NULL,
      last date NOT NULL CHECK (last >= first),
      version integer NOT NULL CHECK (version >= 1),
      due_at timestamptz NOT NULL,
      sent_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      sent_by text NOT NULL,
      sent_role text NOT NULL,
      note text CHECK (char_length(note) <= 1000),
      content jsonb NOT NULL,
      PRIMARY KEY (report, unit, first, version)
    )
    """,
    "CREATE INDEX ON dieuhanh.report_submission (first, last)",
    # Who entered what in a period is asked of the trail as well as of the feed.
    "CREATE INDEX ON dieuhanh.audit (layer, at)",
    "CREATE INDEX ON register.change (register, at)",
)

RULES = (
    # What the account that acts may do with a report, of one district or (null) of the whole
    # province: `none`, `read` or `send`. Who is limited to layers or places stands for no unit.
    """
    CREATE FUNCTION dieuhanh.report_access(named text, of_district text) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      who private.account;
      known dieuhanh.report_record;
      whole boolean;
    BEGIN
      SELECT * INTO who FROM private.account AS a
      WHERE a.id = dieuhanh.account_id() AND a.disabled_at IS NULL;
      SELECT * INTO known FROM dieuhanh.report_record AS r WHERE r.id = named;
      IF who.id IS NULL OR known.id IS NULL THEN
        RETURN 'none';
      END IF;
      IF who.role IN ('viewer', 'analyst') THEN
        RETURN 'read';
      END IF;
      IF who.role = 'admin' THEN
        RETURN CASE WHEN (known.sender = 'district') = (of_district IS NOT NULL)
          THEN 'send' ELSE 'read' END;
      END IF;
      IF who.role NOT IN ('officer', 'coordinator') OR cardinality(who.layers) > 0
        OR EXISTS (SELECT FROM private.account_place AS p WHERE p.account_id = who.id) THEN
        RETURN 'none';
      END IF;
      whole := cardinality(who.districts) = 0;
      IF known.sender = 'district' AND 'district' = ANY (who.departments)
        AND coalesce(of_district = ANY (who.districts), false)
        OR known.sender <> 'district' AND known.sender = ANY (who.departments)
        AND whole AND of_district IS NULL THEN
        RETURN 'send';
      END IF;
      IF who.departments && array_remove(known.sender || known.readers, 'district')
        AND (whole OR coalesce(of_district = ANY (who.districts), false))
        OR 'district' = ANY (who.departments)
        AND coalesce(of_district = ANY (who.districts), false) THEN
        RETURN 'read';
      END IF;
      RETURN 'none';
    END $$
    """,
    "REVOKE EXECUTE ON FUNCTION dieuhanh.report_access(text, text) FROM PUBLIC",
    f"GRANT EXECUTE ON FUNCTION dieuhanh.report_access(text, text) TO {STAFF}",
    "ALTER TABLE dieuhanh.report_submission ENABLE ROW LEVEL SECURITY",
    f"""
    CREATE POLICY read_own ON dieuhanh.report_submission FOR SELECT TO {STAFF}
    USING (dieuhanh.report_access(report, district_code) <> 'none')
    """,
    f"GRANT SELECT ON dieuhanh.report_submission TO {STAFF}",
    # Keeps a report as it was told, after the version that the sender knew of (0: none). The
    # server calls it in the transaction that read the numbers, so that nobody else's are kept.
    """
    CREATE FUNCTION private.send_report(named text, of_district text, first_day date,
      last_day date, due timestamptz, known integer, said text, told jsonb)
    RETURNS integer LANGUAGE plpgsql AS $$
    DECLARE
      who private.account := private.acting_as('officer', 'coordinator', 'admin');
      unit_id text := coalesce(of_district,
        (SELECT r.sender FROM dieuhanh.report_record AS r WHERE r.id = named));
      newest dieuhanh.report_submission;
      clean text := nullif(btrim(coalesce(said, '')), '');
    BEGIN
      IF dieuhanh.report_access(named, of_district) <> 'send' THEN
        PERFORM private.refuse('DH403',
          'Báo cáo này không do đơn vị của bạn gửi. / This report is not your unit''s to send.');
      END IF;
      -- Of two who send at once, the second learns of the first.
      PERFORM pg_advisory_xact_lock(hashtextextended(
        concat_ws('/', named, unit_id, first_day), 7233038));
      SELECT * INTO newest FROM dieuhanh.report_submission AS s
      WHERE s.report = named AND s.unit = unit_id AND s.first = first_day
      ORDER BY s.version DESC LIMIT 1;
      IF coalesce(newest.version, 0) <> known THEN
        PERFORM private.refuse('DH409', format(
          'Báo cáo đã có bản %s, không phải bản %s mà bạn đã xem; hãy xem lại trước khi gửi.'
          ' / Version %s has been sent, and you have seen version %s; look again before you send.',
          coalesce(newest.version, 0), known, coalesce(newest.version, 0), known),
          jsonb_build_object('version', newest.version, 'by', newest.sent_by,
            'at', newest.sent_at));
      END IF;
      IF known > 0 AND clean IS NULL THEN
        PERFORM private.refuse('DH422',
          'Cần ghi lý do đính chính. / A correction needs a note that says why.');
      END IF;
      INSERT INTO dieuhanh.report_submission (report, district_code, unit, first, last, version,
        due_at, sent_by, sent_role, note, content)
      VALUES (named, of_district, unit_id, first_day, last_day, known + 1, due, who.login,
        who.role, clean, told);
      RETURN known + 1;
    END $$
    """,
)

# What the account that asks has entered for callers, the newest first: codes, and nobody's name.
HOTLINE = (
    # In an operator's name, so that what they enter for callers is known as theirs.
    """
    CREATE FUNCTION private.post_consultation_as(account text, given jsonb, facts jsonb,
      content bytea, follow bytea, sender bytea, telephone bytea, trusted boolean, limits jsonb,
      OUT outcome text, OUT code text, OUT state text, OUT priority text,
      OUT received_at timestamptz)
    LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM set_config('dieuhanh.account', account, true);
      SELECT p.outcome, p.code, p.state, p.priority, p.received_at
      INTO outcome, code, state, priority, received_at
      FROM private.post_consultation(given, facts, content, follow, sender, telephone, trusted,
        limits) AS p;
    END $$
    """,
    """
    CREATE FUNCTION dieuhanh.entered_for_callers(since timestamptz, most integer) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('operator', 'coordinator', 'admin');
    BEGIN
      RETURN (
        WITH mine AS (
          SELECT 'sos' AS kind, r.code, t.at, r.commune_code, r.state
          FROM private.sos_step AS t JOIN layer.sos_requests AS r ON r.id = t.request_id
          WHERE t.kind = 'posted' AND t.actor = who.login AND t.at >= since
          UNION ALL
          SELECT 'declaration', d.id::text, d.received_at, d.commune_code,
            CASE WHEN d.kinds = '{}' THEN NULL ELSE 'flagged' END
          FROM private.declaration AS d WHERE d.account_id = who.id AND d.received_at >= since
          UNION ALL
          SELECT 'consultation', c.code, s.at, c.commune_code, c.state
          FROM private.consultation_step AS s
          JOIN register.consultations AS c ON c.id = s.consultation_id
          WHERE s.kind = 'posted' AND s.actor = who.login AND s.at >= since
        )
        SELECT coalesce(jsonb_agg(jsonb_build_object('kind', m.kind, 'code', m.code, 'at', m.at,
          'commune', (SELECT u.name FROM layer.admin_units AS u WHERE u.code = m.commune_code),
          'state', m.state) ORDER BY m.at DESC), '[]')
        FROM (SELECT * FROM mine ORDER BY at DESC LIMIT most) AS m);
    END $$
    """,
    "REVOKE EXECUTE ON FUNCTION dieuhanh.entered_for_callers(timestamptz, integer) FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION dieuhanh.entered_for_callers(timestamptz, integer)"
    " TO dieuhanh_operator, dieuhanh_coordinator, dieuhanh_admin",
)


def upgrade() -> None:
    for statement in (*TABLES, *RULES, *HOTLINE):
        # Straight to the driver, so that a colon stays what it is.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    op.execute("DROP FUNCTION dieuhanh.entered_for_callers(timestamptz, integer)")
    op.execute(
        "DROP FUNCTION private.post_consultation_as(text, jsonb, jsonb, bytea, bytea, bytea, bytea,"
        " boolean, jsonb)"
    )
    op.execute(
        "DROP FUNCTION private.send_report(text, text, date, date, timestamptz, integer, text, jsonb)"
    )
    op.execute("DROP TABLE dieuhanh.report_submission")
    op.execute("DROP FUNCTION dieuhanh.report_access(text, text)")
    op.execute("DROP TABLE dieuhanh.report_record")
    op.execute("DROP INDEX dieuhanh.audit_layer_at_idx")
    op.execute("DROP INDEX register.change_register_at_idx")
