"""What is added to a request after it was sent, once each; teams at work that can take another.

Revises: 0015
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

KINDS = (
    "'posted', 'state', 'priority', 'note', 'photo', 'assign', 'decline', 'hand_over', 'merge',"
    " 'unmerge', 'merged_in', 'deleted'"
)

ADDITIONS = (
    "ALTER TABLE private.sos_step DROP CONSTRAINT sos_step_kind_check",
    f"""
    ALTER TABLE private.sos_step ADD CONSTRAINT sos_step_kind_check
      CHECK (kind IN ({KINDS}, 'details'))
    """,
    # What the sender names an addition by, so that one sent again is the same one.
    """
    CREATE TABLE private.sos_addition (
      request_id uuid NOT NULL,
      id uuid NOT NULL,
      content_hash bytea NOT NULL,
      PRIMARY KEY (request_id, id)
    )
    """,
    # A digest of a phone number gives the number away: it goes with the rest.
    """
    CREATE FUNCTION private.sos_forget_additions() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      DELETE FROM private.sos_addition WHERE request_id = NEW.request_id;
      RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER sos_purged AFTER UPDATE ON private.sos_report FOR EACH ROW
    WHEN (OLD.purged_at IS NULL AND NEW.purged_at IS NOT NULL)
    EXECUTE FUNCTION private.sos_forget_additions()
    """,
    """
    CREATE FUNCTION private.sos_value(value jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
      SELECT CASE jsonb_typeof(value)
        WHEN 'array' THEN nullif(array_to_string(
          ARRAY(SELECT jsonb_array_elements_text(value)), ', '), '')
        ELSE value #>> '{}' END
    $$
    """,
    # What is new in an addition and what it was before, a line each; those who go read Vietnamese.
    """
    CREATE FUNCTION private.sos_difference(was jsonb, becomes jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE AS $$
      SELECT string_agg(format('%s: %s%s', names.title,
        private.sos_value(was->names.name) || ' → ', private.sos_value(becomes->names.name)),
        E'\\n' ORDER BY names.place)
      FROM unnest(
        '{people,injured,children,elderly,needs,address,phone,name,on_behalf_of}'::text[],
        '{Số người,Bị thương,Trẻ em,Người cao tuổi,Cần,Địa chỉ,Điện thoại,Người báo,Báo thay cho}'
          ::text[]) WITH ORDINALITY AS names(name, title, place)
      WHERE becomes ? names.name AND becomes->names.name IS DISTINCT FROM was->names.name
    $$
    """,
    # Fields of a request that its reporter gives later: what is needed is added to, all else
    # replaced. What was there before stays readable in the timeline.
    """
    CREATE FUNCTION private.sos_complete(request uuid, details jsonb, phone_key bytea)
    RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
      counts constant text[] := '{people,injured,children,elderly}';
      held private.sos_intake;
      place layer.sos_requests;
      report private.sos_report;
      kept uuid;
      was jsonb;
      said text;
    BEGIN
      SELECT * INTO held FROM private.sos_intake WHERE request_id = request FOR UPDATE;
      SELECT * INTO place FROM layer.sos_requests WHERE id = request FOR UPDATE;
      IF NOT coalesce(dieuhanh.sos_open(place.state) OR place.state = 'duplicate',
        held.state = 'waiting', false) THEN
        PERFORM private.refuse('DH409',
          'Yêu cầu này đã kết thúc nên không nhận thêm thông tin; hãy gửi một yêu cầu mới.'
          ' / This request is over and takes no more details; send a new one.');
      END IF;
      SELECT * INTO report FROM private.sos_report WHERE request_id = request FOR UPDATE;
      was := jsonb_strip_nulls(coalesce(held.post, '{}') || to_jsonb(report)
        || CASE WHEN place.id IS NULL THEN '{}' ELSE to_jsonb(place) END);
      IF details ? 'needs' THEN
        details := details || jsonb_build_object('needs', ARRAY(
          SELECT need FROM unnest(report.needs
            || ARRAY(SELECT jsonb_array_elements_text(details->'needs')))
            WITH ORDINALITY AS n(need, place)
          GROUP BY need ORDER BY min(n.place) LIMIT 40));
      END IF;
      said := left(private.sos_difference(was, details), 4000);
      IF said IS NULL THEN
        RETURN;
      END IF;
      UPDATE private.sos_report SET name = coalesce(details->>'name', name),
        phone = coalesce(details->>'phone', phone),
        phone_hash = coalesce(phone_key, phone_hash),
        needs = CASE WHEN details ? 'needs'
          THEN ARRAY(SELECT jsonb_array_elements_text(details->'needs')) ELSE needs END,
        address = coalesce(details->>'address', address),
        on_behalf_of = coalesce(details->>'on_behalf_of', on_behalf_of)
      WHERE request_id = request;
      PERFORM private.sos_note_step(request, 'details', NULL, NULL, said);
      IF place.id IS NULL THEN
        UPDATE private.sos_intake SET post = post || (
          SELECT coalesce(jsonb_object_agg(d.key, d.value), '{}') FROM jsonb_each(details) AS d
          WHERE d.key = ANY (counts))
        WHERE request_id = request;
        RETURN;
      END IF;
      -- Also where no column of the layer changes: whoever watches is to read it again.
      UPDATE layer.sos_requests SET updated_at = now(),
        people = coalesce((details->>'people')::int, people),
        injured = coalesce((details->>'injured')::int, injured),
        children = coalesce((details->>'children')::int, children),
        elderly = coalesce((details->>'elderly')::int, elderly)
      WHERE id = request;
      -- Whoever works on what it was merged into has to know, too.
      SELECT m.into_id INTO kept FROM private.sos_merge AS m
      WHERE m.request_id = request AND m.undone_at IS NULL;
      IF kept IS NOT NULL THEN
        PERFORM private.sos_note_step(kept, 'details', place.code, NULL, said);
        UPDATE layer.sos_requests SET updated_at = now() WHERE id = kept;
      END IF;
    END $$
    """,
    # Fields, a note or a cancellation by the one with the follow token; with an id, once. The
    # function of three values stays for a server of the version before, while that goes on.
    """
    CREATE FUNCTION private.sos_add(follow bytea, addition uuid, content bytea, details jsonb,
      phone_key bytea, said text, cancels boolean) RETURNS jsonb
    LANGUAGE plpgsql AS $$
    DECLARE
      request uuid;
    BEGIN
      PERFORM set_config('synchronous_commit', 'on', true),
        set_config('dieuhanh.actor', 'reporter', true);
      SELECT request_id INTO request FROM private.sos_report WHERE follow_hash = follow;
      IF NOT FOUND THEN
        RETURN NULL;
      END IF;
      IF addition IS NOT NULL THEN
        INSERT INTO private.sos_addition (request_id, id, content_hash)
        VALUES (request, addition, content) ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
          IF NOT EXISTS (SELECT FROM private.sos_addition AS a WHERE a.request_id = request
            AND a.id = addition AND a.content_hash = content) THEN
            PERFORM private.refuse('DH409',
              'Phần bổ sung với mã id này đã được gửi với nội dung khác.'
              ' / An addition with this id was sent before with other content.');
          END IF;
          RETURN private.sos_followed(follow);
        END IF;
      END IF;
      IF details <> '{}' OR (said IS NOT NULL AND NOT cancels) THEN
        IF (SELECT count(*) FROM private.sos_step WHERE request_id = request
            AND kind IN ('note', 'details') AND actor = 'reporter') >= 50 THEN
          PERFORM private.refuse('DH409',
            'Yêu cầu này đã có quá nhiều ghi chú; hãy gọi tổng đài.'
            ' / This request has too many notes already; please call the hotline.');
        END IF;
      END IF;
      IF details <> '{}' THEN
        PERFORM private.sos_complete(request, details, phone_key);
      END IF;
      IF cancels THEN
        PERFORM set_config('dieuhanh.note', coalesce(said, ''), true);
        UPDATE layer.sos_requests SET state = 'cancelled'
        WHERE id = request AND state <> 'cancelled';
        UPDATE private.sos_intake SET state = 'rejected', decided_at = now(),
          decided_by = 'reporter' WHERE request_id = request AND state = 'waiting';
      ELSIF said IS NOT NULL THEN
        PERFORM private.sos_note_step(request, 'note', NULL, NULL, said);
        UPDATE layer.sos_requests SET updated_at = now()
        WHERE id = request AND dieuhanh.sos_open(state);
      END IF;
      RETURN private.sos_followed(follow);
    END $$
    """,
)

TEAMS = (
    # Suitable teams that have tasks already, the nearest first, in a straight line: when they set
    # out is not known, so that a way by road would say no more.
    """
    CREATE FUNCTION dieuhanh.sos_busy_teams(request uuid, srid integer, most integer)
    RETURNS TABLE (id bigint, code text, name text, kind text, capacity integer,
      carries_all boolean, position_at timestamptz, distance_m float8, travel_min float8,
      "by" text, tasks jsonb)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    #variable_conflict use_column
    DECLARE
      who private.account := private.acting_as('operator', 'coordinator', 'admin');
      place layer.sos_requests := private.sos_for(request, who, false);
      spot geometry := ST_Transform(place.geom_exact, srid);
    BEGIN
      RETURN QUERY
        WITH busy AS MATERIALIZED (
          SELECT t.*, ST_Distance(ST_Transform(t.geom_exact, srid), spot) AS metres,
            CASE WHEN t.boat AND place.category = 'trapped' THEN 12 ELSE 30 END AS kmh
          FROM layer.rescue_teams AS t
          WHERE t.state = 'busy' AND dieuhanh.team_can(t, place.category)
            AND NOT EXISTS (SELECT FROM private.sos_assignment AS a
              WHERE a.request_id = request AND a.team_id = t.id AND a.ended_at IS NULL)
        )
        SELECT b.id, b.code, b.name, b.kind, b.capacity,
          b.capacity >= coalesce(place.people, 1), b.position_at,
          round(b.metres::numeric)::float8,
          round((b.metres * 1.4 / 1000 / b.kmh * 60)::numeric, 1)::float8, 'straight',
          (SELECT coalesce(jsonb_agg(jsonb_build_object('code', r.code, 'state', r.state)
             ORDER BY a.at, a.id), '[]')
           FROM private.sos_assignment AS a JOIN layer.sos_requests AS r ON r.id = a.request_id
           WHERE a.team_id = b.id AND a.ended_at IS NULL)
        FROM busy AS b ORDER BY b.metres, b.id LIMIT most;
    END $$
    """,
    "REVOKE EXECUTE ON FUNCTION dieuhanh.sos_busy_teams(uuid, integer, integer) FROM PUBLIC",
    """
    GRANT EXECUTE ON FUNCTION dieuhanh.sos_busy_teams(uuid, integer, integer)
      TO dieuhanh_rescuer, dieuhanh_operator, dieuhanh_coordinator, dieuhanh_admin
    """,
)


def upgrade() -> None:
    for statement in (*ADDITIONS, *TEAMS):
        # Straight to the driver, so that a colon stays what it is.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    op.execute("DROP FUNCTION dieuhanh.sos_busy_teams(uuid, integer, integer)")
    op.execute("DROP FUNCTION private.sos_add(bytea, uuid, bytea, jsonb, bytea, text, boolean)")
    op.execute("DROP FUNCTION private.sos_complete(uuid, jsonb, bytea)")
    op.execute("DROP FUNCTION private.sos_difference(jsonb, jsonb)")
    op.execute("DROP FUNCTION private.sos_value(jsonb)")
    op.execute("DROP FUNCTION private.sos_forget_additions() CASCADE")
    op.execute("DROP TABLE private.sos_addition")
    # Such steps say what was added; without their kind they are notes.
    op.execute("UPDATE private.sos_step SET kind = 'note' WHERE kind = 'details'")
    op.execute("ALTER TABLE private.sos_step DROP CONSTRAINT sos_step_kind_check")
    op.execute(f"ALTER TABLE private.sos_step ADD CHECK (kind IN ({KINDS}))")
