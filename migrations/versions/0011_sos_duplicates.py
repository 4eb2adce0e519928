"""Duplicates of requests for help, the moderation queue, and what coordination reads.

Revises: 0010
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

DUPLICATES = (
    # Candidates in one query: the same phone within three days, or near in place and time.
    """
    CREATE FUNCTION dieuhanh.sos_duplicates(request uuid, srid integer, most integer)
    RETURNS TABLE (id uuid, code text, category text, state text, priority text, people integer,
      reported_at timestamptz, distance_m float8, minutes float8, score float8, reasons text[])
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('operator', 'coordinator', 'admin');
      mine layer.sos_requests := private.sos_for(request, who, false);
      key bytea := (SELECT r.phone_hash FROM private.sos_report AS r WHERE r.request_id = request);
      spot geometry := ST_Transform(mine.geom_exact, srid);
    BEGIN
      RETURN QUERY
        WITH candidate AS (
          SELECT o.id FROM layer.sos_requests AS o
          WHERE o.geom_exact && ST_Expand(mine.geom_exact, 0.01)
            AND o.reported_at BETWEEN mine.reported_at - interval '1 day'
              AND mine.reported_at + interval '1 day'
          UNION
          SELECT r.request_id FROM private.sos_report AS r
          WHERE r.phone_hash = key AND r.received_at BETWEEN
            mine.reported_at - interval '3 days' AND mine.reported_at + interval '3 days'
        ), measured AS (
          SELECT o.*, ST_Distance(ST_Transform(o.geom_exact, srid), spot) AS metres,
            abs(extract(epoch FROM o.reported_at - mine.reported_at)) / 60 AS apart,
            coalesce(r.phone_hash = key, false) AS phones, o.category = mine.category AS kinds
          FROM candidate AS c JOIN layer.sos_requests AS o USING (id)
          LEFT JOIN private.sos_report AS r ON r.request_id = o.id
          WHERE o.id <> request AND o.state <> 'duplicate'
        ), scored AS (
          SELECT m.*, round((0.5 * m.phones::int
            + 0.3 * greatest(0, 1 - m.metres / 500)
            + 0.1 * greatest(0, 1 - m.apart / 1440)
            + 0.1 * m.kinds::int)::numeric, 3)::float8 AS points
          FROM measured AS m
          -- Near counts together with the kind, a phone counts alone.
          WHERE m.phones OR (m.metres <= 500 AND m.kinds) OR m.metres <= 50
        )
        SELECT s.id, s.code, s.category, s.state, s.priority, s.people, s.reported_at,
          round(s.metres::numeric)::float8, round(s.apart::numeric)::float8, s.points,
          array_remove(ARRAY[CASE WHEN s.phones THEN 'phone' END,
            CASE WHEN s.metres <= 500 THEN 'distance' END,
            CASE WHEN s.apart <= 1440 THEN 'time' END,
            CASE WHEN s.kinds THEN 'category' END], NULL)
        FROM scored AS s ORDER BY s.points DESC, s.metres, s.id LIMIT most;
    END $$
    """,
    """
    CREATE FUNCTION dieuhanh.merge_sos(request uuid, into_request uuid, said text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('operator', 'coordinator', 'admin');
      was layer.sos_requests;
      kept layer.sos_requests;
    BEGIN
      IF request = into_request THEN
        PERFORM private.refuse('DH422',
          'Không thể gộp một yêu cầu vào chính nó. / A request cannot be merged into itself.');
      END IF;
      -- Always in the same order, so that two merges do not wait for each other.
      PERFORM FROM layer.sos_requests WHERE id IN (request, into_request) ORDER BY id FOR UPDATE;
      was := private.sos_for(request, who, true);
      kept := private.sos_for(into_request, who, true);
      IF kept.state = 'duplicate' THEN
        PERFORM private.refuse('DH409', format(
          'Yêu cầu %s tự nó đã là trùng lặp. / Request %s is a duplicate itself.',
          kept.code, kept.code));
      END IF;
      IF EXISTS (SELECT FROM private.sos_merge WHERE into_id = request AND undone_at IS NULL) THEN
        PERFORM private.refuse('DH409', format(
          'Đã có yêu cầu khác gộp vào %s. / Others are merged into request %s.',
          was.code, was.code));
      END IF;
      PERFORM set_config('dieuhanh.note', coalesce(said, ''), true);
      IF NOT dieuhanh.sos_may_become(was.state, 'duplicate') THEN
        PERFORM private.refuse('DH409', format(
          'Yêu cầu %s đang ở trạng thái %s, không thể gộp.'
          ' / Request %s is %s; it cannot be merged.',
          was.code, was.state, was.code, was.state));
      END IF;
      INSERT INTO private.sos_merge (request_id, into_id, actor)
      VALUES (request, into_request, who.login);
      UPDATE layer.sos_requests SET state = 'duplicate' WHERE id = request;
      PERFORM private.sos_note_step(request, 'merge', was.code, kept.code, said);
      PERFORM private.sos_note_step(into_request, 'merged_in', was.code, kept.code, said);
    END $$
    """,
    """
    CREATE FUNCTION dieuhanh.unmerge_sos(request uuid, said text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('operator', 'coordinator', 'admin');
      was layer.sos_requests := private.sos_for(request, who, true);
      target uuid;
      before text;
    BEGIN
      IF was.state <> 'duplicate' THEN
        PERFORM private.refuse('DH409', format(
          'Yêu cầu %s không phải trùng lặp. / Request %s is no duplicate.', was.code, was.code));
      END IF;
      UPDATE private.sos_merge SET undone_at = clock_timestamp(), undone_by = who.login
      WHERE request_id = request AND undone_at IS NULL RETURNING into_id INTO target;
      SELECT s.from_value INTO before FROM private.sos_step AS s
      WHERE s.request_id = request AND s.kind = 'state' AND s.to_value = 'duplicate'
      ORDER BY s.id DESC LIMIT 1;
      IF before IS NULL THEN
        PERFORM private.refuse('DH409', format(
          'Không rõ trạng thái trước của %s. / What request %s was before is not known.',
          was.code, was.code));
      END IF;
      UPDATE layer.sos_requests SET state = before WHERE id = request;
      PERFORM private.sos_note_step(request, 'unmerge', NULL, NULL, said);
      IF target IS NOT NULL THEN
        PERFORM private.sos_note_step(target, 'unmerge', was.code, NULL, said);
      END IF;
      -- The merge had taken the team away: what needed one has to be assigned anew.
      IF before IN ('assigned', 'en_route', 'on_site') THEN
        UPDATE layer.sos_requests SET state = 'verified' WHERE id = request;
      END IF;
    END $$
    """,
)

QUEUE = (
    """
    CREATE FUNCTION dieuhanh.sos_intake(most integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      PERFORM private.acting_as('operator', 'coordinator', 'admin');
      RETURN (SELECT coalesce(jsonb_agg(to_jsonb(w) ORDER BY w.received_at), '[]') FROM (
        SELECT i.request_id AS id, i.code, i.reasons, i.post->>'category' AS category,
          (i.post->>'people')::int AS people, (i.post->>'injured')::int AS injured,
          (i.post->>'lon')::float8 AS lon, (i.post->>'lat')::float8 AS lat,
          r.name, r.phone, r.note, r.needs, r.address, r.received_at
        FROM private.sos_intake AS i JOIN private.sos_report AS r USING (request_id)
        WHERE i.state = 'waiting' ORDER BY r.received_at LIMIT most) AS w);
    END $$
    """,
    """
    CREATE FUNCTION dieuhanh.decide_sos(request uuid, releases boolean, said text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('operator', 'coordinator', 'admin');
      held private.sos_intake;
    BEGIN
      SELECT * INTO held FROM private.sos_intake WHERE request_id = request FOR UPDATE;
      IF held.request_id IS NULL THEN
        PERFORM private.refuse('DH404',
          'Không có tin này trong hàng đợi. / There is no such post in the queue.');
      END IF;
      IF held.state <> 'waiting' THEN
        PERFORM private.refuse('DH409', format(
          'Tin %s đã được quyết định: %s. / It has been decided on %s: %s.',
          held.code, held.state, held.code, held.state),
          jsonb_build_object('by', held.decided_by, 'at', held.decided_at));
      END IF;
      UPDATE private.sos_intake SET state = CASE WHEN releases THEN 'released' ELSE 'rejected' END,
        decided_at = now(), decided_by = who.login, note = said WHERE request_id = request;
      IF releases THEN
        PERFORM private.sos_insert(request, held.code, held.post);
      END IF;
    END $$
    """,
    # A request that proves to be spam leaves the layer; its report stays to know the next by.
    """
    CREATE FUNCTION dieuhanh.mark_sos_spam(request uuid, said text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('operator', 'coordinator', 'admin');
      was layer.sos_requests := private.sos_for(request, who, true);
    BEGIN
      IF was.state NOT IN ('new', 'verified') THEN
        PERFORM private.refuse('DH409', format(
          'Yêu cầu %s đang %s. / Request %s is %s; only a new one can be spam.',
          was.code, was.state, was.code, was.state));
      END IF;
      IF EXISTS (SELECT FROM private.sos_merge WHERE into_id = request AND undone_at IS NULL) THEN
        PERFORM private.refuse('DH409', format(
          'Đã có yêu cầu khác gộp vào %s. / Others are merged into request %s.',
          was.code, was.code));
      END IF;
      INSERT INTO private.sos_intake (request_id, code, post, reasons, state, decided_at,
        decided_by, note)
      SELECT r.request_id, was.code, '{}', r.flags, 'rejected', now(), who.login, said
      FROM private.sos_report AS r WHERE r.request_id = request
      ON CONFLICT (request_id) DO UPDATE SET state = 'rejected', decided_at = now(),
        decided_by = who.login, note = said;
      PERFORM set_config('dieuhanh.note', coalesce(said, ''), true);
      DELETE FROM layer.sos_requests WHERE id = request;
    END $$
    """,
)

READING = (
    """
    CREATE FUNCTION dieuhanh.sos_detail(request uuid) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('rescuer', 'operator', 'coordinator', 'admin');
      found layer.sos_requests := private.sos_for(request, who, false);
    BEGIN
      RETURN to_jsonb(found) - '{geom,geom_exact,geom_3857,feature,search,tile_x,tile_y,tile_key}'
          ::text[]
        || jsonb_build_object(
          'lon', ST_X(found.geom_exact), 'lat', ST_Y(found.geom_exact),
          'report', (
            SELECT jsonb_build_object('name', r.name, 'phone', r.phone, 'note', r.note,
              'needs', r.needs, 'address', r.address, 'on_behalf_of', r.on_behalf_of,
              'position_source', r.position_source, 'flags', r.flags,
              'received_at', r.received_at, 'purged_at', r.purged_at)
            FROM private.sos_report AS r WHERE r.request_id = request),
          'team', (
            SELECT jsonb_build_object('id', t.id, 'name', t.name, 'since', a.at,
              'leader', c.leader, 'phone', c.phone, 'lon', ST_X(t.geom_exact),
              'lat', ST_Y(t.geom_exact), 'position_at', t.position_at)
            FROM private.sos_assignment AS a JOIN layer.rescue_teams AS t ON t.id = a.team_id
            LEFT JOIN private.team_contact AS c ON c.team_id = t.id
            WHERE a.request_id = request AND a.ended_at IS NULL),
          'merged_into', (
            SELECT m.into_id FROM private.sos_merge AS m
            WHERE m.request_id = request AND m.undone_at IS NULL),
          'merged', (
            SELECT coalesce(jsonb_agg(m.request_id ORDER BY m.id), '[]')
            FROM private.sos_merge AS m WHERE m.into_id = request AND m.undone_at IS NULL),
          'photos', (
            SELECT coalesce(jsonb_agg(jsonb_build_object('id', p.id, 'width', p.width,
              'height', p.height, 'at', p.at) ORDER BY p.at, p.id), '[]')
            FROM private.sos_photo AS p WHERE p.request_id = request),
          'steps', (
            SELECT coalesce(jsonb_agg(jsonb_build_object('at', s.at, 'actor', s.actor,
              'kind', s.kind, 'from', s.from_value, 'to', s.to_value, 'note', s.note)
              ORDER BY s.id), '[]')
            FROM private.sos_step AS s WHERE s.request_id = request));
    END $$
    """,
    # Whether a photo is one that the caller may see.
    """
    CREATE FUNCTION dieuhanh.sos_photo(request uuid, photo uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('rescuer', 'operator', 'coordinator', 'admin');
    BEGIN
      IF who.role = 'rescuer' OR EXISTS (SELECT FROM layer.sos_requests AS r WHERE r.id = request)
      THEN
        PERFORM private.sos_for(request, who, false);
      END IF;
      RETURN EXISTS (SELECT FROM private.sos_photo AS p
        WHERE p.id = photo AND p.request_id = request);
    END $$
    """,
)

CALLED = (
    "step_sos(uuid, text, text)",
    "set_sos_priority(uuid, text, text)",
    "note_sos(uuid, text)",
    "assign_sos(uuid, bigint, text, boolean)",
    "decline_sos(uuid, text)",
    "hand_over_sos(uuid, bigint, text, boolean)",
    "move_team(bigint, float8, float8, float8)",
    "set_team(bigint, text, text, text[])",
    "sos_duplicates(uuid, integer, integer)",
    "merge_sos(uuid, uuid, text)",
    "unmerge_sos(uuid, text)",
    "sos_intake(integer)",
    "decide_sos(uuid, boolean, text)",
    "mark_sos_spam(uuid, text)",
    "sos_detail(uuid)",
    "sos_photo(uuid, uuid)",
)
# Each function looks at the account itself; roles that have no business here do not get that far.
CALLERS = "dieuhanh_rescuer, dieuhanh_operator, dieuhanh_coordinator, dieuhanh_admin"
GRANTS = (
    *(f"REVOKE EXECUTE ON FUNCTION dieuhanh.{name} FROM PUBLIC" for name in CALLED),
    *(f"GRANT EXECUTE ON FUNCTION dieuhanh.{name} TO {CALLERS}" for name in CALLED),
)


def upgrade() -> None:
    for statement in (*DUPLICATES, *QUEUE, *READING, *GRANTS):
        # Straight to the driver, so that a colon stays what it is.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    for name in CALLED:
        op.execute(f"DROP FUNCTION dieuhanh.{name}")
