"""Posting a request for help in one round trip, following it, and forgetting who posted it.

Revises: 0008
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

FUNCTIONS = (
    # Counts this post and says how many there were in the last `window_minutes`, this one too.
    """
    CREATE FUNCTION private.sos_count(who bytea, window_minutes integer) RETURNS bigint
    LANGUAGE plpgsql AS $$
    DECLARE
      earlier bigint;
    BEGIN
      SELECT coalesce(sum(posts), 0) INTO earlier FROM private.sos_rate
      WHERE subject = who AND minute > now() - make_interval(mins => window_minutes);
      INSERT INTO private.sos_rate AS r (subject, minute, lane)
      VALUES (who, date_trunc('minute', now()), pg_backend_pid() % 16)
      ON CONFLICT (subject, minute, lane) DO UPDATE SET posts = r.posts + 1;
      RETURN earlier + 1;
    END $$
    """,
    # What a repeated post is answered: the same if it says the same.
    """
    CREATE FUNCTION private.sos_repeated(request uuid, content bytea, OUT outcome text,
      OUT code text, OUT state text, OUT received_at timestamptz, OUT flags text[])
    LANGUAGE plpgsql AS $$
    DECLARE
      known private.sos_report;
    BEGIN
      SELECT * INTO known FROM private.sos_report WHERE request_id = request;
      IF known.content_hash IS DISTINCT FROM content THEN
        -- Guesses at what somebody else posted are few, and then of no use.
        UPDATE private.sos_report SET other_contents = other_contents + 1
        WHERE request_id = request;
        outcome := 'conflict';
        RETURN;
      END IF;
      outcome := CASE WHEN known.other_contents > 8 THEN 'repeated_silent' ELSE 'repeated' END;
      received_at := known.received_at;
      flags := known.flags;
      SELECT r.code, r.state INTO code, state FROM layer.sos_requests AS r WHERE r.id = request;
      IF NOT FOUND THEN
        SELECT i.code, i.state INTO code, state FROM private.sos_intake AS i
        WHERE i.request_id = request;
      END IF;
    END $$
    """,
    """
    CREATE FUNCTION private.sos_insert(request uuid, code_given text, post jsonb,
      OUT code text, OUT state text, OUT commune_code text)
    LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO layer.sos_requests AS r (id, code, category, people, injured, children,
        elderly, channel, accuracy_m, geom)
      VALUES (request, coalesce(code_given, 'S' || nextval('layer.sos_requests_number')),
        post->>'category', (post->>'people')::int, (post->>'injured')::int,
        (post->>'children')::int, (post->>'elderly')::int, post->>'channel',
        (post->>'accuracy_m')::float8,
        ST_SetSRID(ST_MakePoint((post->>'lon')::float8, (post->>'lat')::float8), 4326))
      ON CONFLICT (id) DO NOTHING
      RETURNING r.code, r.state, r.commune_code INTO code, state, commune_code;
    END $$
    """,
    # All of a post in one statement of its caller, so in one transaction: what is answered with
    # a code is on disk. Outcomes: created, waiting, repeated, repeated_silent, conflict, limited,
    # no_commune.
    """
    CREATE FUNCTION private.post_sos(post jsonb, content bytea, follow bytea, sender bytea,
      phone_key bytea, proof bytea, account text, limits jsonb,
      OUT outcome text, OUT code text, OUT state text, OUT received_at timestamptz,
      OUT flags text[], OUT wait_s integer)
    LANGUAGE plpgsql AS $$
    DECLARE
      request uuid := (post->>'id')::uuid;
      minutes integer := (limits->>'minutes')::int;
      trusted boolean := account <> '';
      from_sender bigint := 0;
      from_phone bigint := 0;
      placed record;
      commune text;
    BEGIN
      PERFORM set_config('synchronous_commit', 'on', true),
        set_config('dieuhanh.account', account, true),
        set_config('dieuhanh.actor', 'public', true);
      flags := '{}';
      IF EXISTS (SELECT FROM private.sos_report WHERE request_id = request) THEN
        SELECT * INTO outcome, code, state, received_at, flags
        FROM private.sos_repeated(request, content);
        RETURN;
      END IF;
      IF NOT trusted THEN
        from_sender := private.sos_count(sender, minutes);
        IF phone_key IS NOT NULL THEN
          from_phone := private.sos_count(phone_key, minutes);
        END IF;
      END IF;
      IF from_sender > (limits->>'per_address')::int OR from_phone > (limits->>'per_phone')::int
      THEN
        IF proof IS NULL OR EXISTS (SELECT FROM private.sos_report WHERE proof_hash = proof) THEN
          outcome := 'limited';
          wait_s := 60;
          RETURN;
        END IF;
        flags := flags || 'over_limit'::text;
      END IF;
      IF from_phone > (limits->>'notable_phone')::int THEN
        flags := flags || 'many_from_phone'::text;
      END IF;
      IF (post->>'links')::boolean AND NOT trusted THEN
        flags := flags || 'links'::text;
      END IF;
      IF phone_key IS NOT NULL AND EXISTS (
        SELECT FROM private.sos_report AS r JOIN private.sos_intake AS i USING (request_id)
        WHERE r.phone_hash = phone_key AND i.state = 'rejected' AND i.decided_by <> 'reporter'
          AND i.decided_at > now() - interval '30 days') THEN
        flags := flags || 'earlier_spam'::text;
      END IF;
      IF post ? 'commune_code' THEN
        -- Somewhere in the commune; the accuracy says how far it reaches.
        SELECT ST_PointOnSurface(u.geom) AS spot, sqrt(u.area_km2 / pi()) * 1000 AS reach
        INTO placed FROM layer.admin_units AS u
        WHERE u.code = post->>'commune_code' AND u.level = 'commune';
        IF NOT FOUND THEN
          outcome := 'no_commune';
          RETURN;
        END IF;
        post := post || jsonb_build_object('lon', ST_X(placed.spot), 'lat', ST_Y(placed.spot),
          'accuracy_m', round(placed.reach));
      END IF;
      IF NOT trusted AND flags && '{over_limit,links,earlier_spam}'::text[] THEN
        outcome := 'waiting';
        state := 'waiting';
        code := 'S' || nextval('layer.sos_requests_number');
      ELSE
        outcome := 'created';
        SELECT i.code, i.state, i.commune_code INTO code, state, commune
        FROM private.sos_insert(request, NULL, post) AS i;
        IF code IS NULL THEN
          SELECT * INTO outcome, code, state, received_at, flags
          FROM private.sos_repeated(request, content);
          RETURN;
        END IF;
        IF commune IS NULL THEN
          flags := flags || 'outside'::text;
        END IF;
      END IF;
      INSERT INTO private.sos_report AS r (request_id, content_hash, follow_hash, name, phone,
        phone_hash, note, needs, address, on_behalf_of, position_source, sender_hash,
        proof_hash, flags)
      VALUES (request, content, follow, post->>'name', post->>'phone', phone_key, post->>'note',
        ARRAY(SELECT jsonb_array_elements_text(post->'needs')), post->>'address',
        post->>'on_behalf_of', post->>'position_source', sender,
        CASE WHEN 'over_limit' = ANY (post_sos.flags) THEN proof END, post_sos.flags)
      ON CONFLICT (request_id) DO NOTHING RETURNING r.received_at INTO post_sos.received_at;
      IF NOT FOUND THEN
        SELECT * INTO outcome, code, state, received_at, flags
        FROM private.sos_repeated(request, content);
        RETURN;
      END IF;
      IF outcome = 'waiting' THEN
        INSERT INTO private.sos_intake (request_id, code, post, reasons)
        VALUES (request, code, post - '{name,phone,note,needs,address,on_behalf_of}'::text[],
          flags);
      END IF;
    END $$
    """,
    # What the one with the follow token may know; NULL if there is no such token.
    """
    CREATE FUNCTION private.sos_followed(follow bytea) RETURNS jsonb
    LANGUAGE sql STABLE AS $$
      SELECT jsonb_build_object(
        'id', report.request_id,
        'code', coalesce(request.code, intake.code),
        'state', coalesce(request.state, intake.state, 'deleted'),
        'category', request.category, 'priority', request.priority,
        'received_at', report.received_at, 'resolved_at', request.resolved_at,
        'merged_into', (
          SELECT other.code FROM private.sos_merge AS merge
          JOIN layer.sos_requests AS other ON other.id = merge.into_id
          WHERE merge.request_id = report.request_id AND merge.undone_at IS NULL),
        'team', (
          SELECT team.name FROM private.sos_assignment AS a
          JOIN layer.rescue_teams AS team ON team.id = a.team_id
          WHERE a.request_id = report.request_id AND a.ended_at IS NULL),
        'photos', (SELECT count(*) FROM private.sos_photo AS p
          WHERE p.request_id = report.request_id),
        'steps', (
          SELECT coalesce(jsonb_agg(jsonb_build_object('at', step.at, 'state', step.to_value)
            ORDER BY step.id), '[]')
          FROM private.sos_step AS step
          WHERE step.request_id = report.request_id AND step.kind IN ('posted', 'state')))
      FROM private.sos_report AS report
      LEFT JOIN layer.sos_requests AS request ON request.id = report.request_id
      LEFT JOIN private.sos_intake AS intake ON intake.request_id = report.request_id
      WHERE report.follow_hash = follow
    $$
    """,
    # A note or a cancellation by the one with the follow token.
    """
    CREATE FUNCTION private.sos_add(follow bytea, said text, cancels boolean) RETURNS jsonb
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
      IF cancels THEN
        PERFORM set_config('dieuhanh.note', coalesce(said, ''), true);
        UPDATE layer.sos_requests SET state = 'cancelled'
        WHERE id = request AND state <> 'cancelled';
        UPDATE private.sos_intake SET state = 'rejected', decided_at = now(),
          decided_by = 'reporter' WHERE request_id = request AND state = 'waiting';
      ELSIF said IS NOT NULL THEN
        IF (SELECT count(*) FROM private.sos_step
            WHERE request_id = request AND kind = 'note' AND actor = 'reporter') >= 50 THEN
          RAISE EXCEPTION USING ERRCODE = 'DH409', MESSAGE =
            'Yêu cầu này đã có quá nhiều ghi chú; hãy gọi tổng đài.'
            ' / This request has too many notes already; please call the hotline.';
        END IF;
        PERFORM private.sos_note_step(request, 'note', NULL, NULL, said);
      END IF;
      RETURN private.sos_followed(follow);
    END $$
    """,
    # An image of a request, as the change feed and the audit trail keep it, no more exact than
    # what everybody sees.
    """
    CREATE FUNCTION private.sos_coarse(image jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
      SELECT CASE WHEN image ? 'geom_exact'
        THEN image || jsonb_build_object('geom_exact', image->'geom') ELSE image END
    $$
    """,
    # Personal data of what was closed or rejected long enough ago: who, how to reach them, what
    # they said, photos, and the exact place. A duplicate is kept as long as what it was merged
    # into is open. Gives how many requests; at most as many as asked for, so that locks are short.
    """
    CREATE FUNCTION private.purge_sos(keep_days integer, most integer) RETURNS integer
    LANGUAGE plpgsql AS $$
    DECLARE
      until timestamptz := now() - make_interval(days => keep_days);
      gone uuid[];
      rest uuid[];
    BEGIN
      -- One at a time: two would wait for each other's rows.
      PERFORM pg_advisory_xact_lock(7233005);
      PERFORM set_config('dieuhanh.actor', 'purge', true);
      DELETE FROM private.sos_rate WHERE minute < now() - interval '1 day';
      gone := ARRAY(
        SELECT r.request_id FROM private.sos_report AS r
        WHERE r.purged_at IS NULL
          AND (r.closed_at < until OR EXISTS (
            SELECT FROM private.sos_intake AS i WHERE i.request_id = r.request_id
              AND i.state = 'rejected' AND i.decided_at < until))
          AND NOT EXISTS (
            SELECT FROM private.sos_merge AS m JOIN layer.sos_requests AS k ON k.id = m.into_id
            WHERE m.request_id = r.request_id AND m.undone_at IS NULL
              AND dieuhanh.sos_open(k.state))
        LIMIT most FOR UPDATE OF r SKIP LOCKED);
      -- Requests that somebody entered by editing the layer have no report.
      rest := ARRAY(
        SELECT DISTINCT q.id FROM private.sos_step AS s
        JOIN layer.sos_requests AS q ON q.id = s.request_id
        WHERE s.kind = 'state' AND s.at < until AND NOT dieuhanh.sos_open(s.to_value)
          AND NOT dieuhanh.sos_open(q.state) AND q.geom_exact IS DISTINCT FROM q.geom
          AND NOT EXISTS (SELECT FROM private.sos_report AS r WHERE r.request_id = q.id)
          AND NOT EXISTS (
            SELECT FROM private.sos_step AS later WHERE later.request_id = q.id
              AND later.kind = 'state' AND later.at >= until)
        LIMIT most - cardinality(gone));
      gone := gone || rest;
      UPDATE private.sos_report SET name = NULL, phone = NULL, phone_hash = NULL, note = NULL,
        needs = NULL, address = NULL, on_behalf_of = NULL, sender_hash = NULL,
        content_hash = '', follow_hash = sha256(uuid_send(gen_random_uuid())), purged_at = now()
      WHERE request_id = ANY (gone);
      UPDATE private.sos_intake SET post = '{}', note = NULL WHERE request_id = ANY (gone);
      -- Also what was said of a request after it had been purged.
      UPDATE private.sos_step AS s SET note = NULL
      WHERE s.note IS NOT NULL AND s.at < until AND (s.request_id = ANY (gone) OR EXISTS (
        SELECT FROM private.sos_report AS r
        WHERE r.request_id = s.request_id AND r.purged_at IS NOT NULL));
      UPDATE private.sos_step SET note = NULL
      WHERE request_id = ANY (gone) AND note IS NOT NULL;
      WITH photo AS (
        DELETE FROM private.sos_photo WHERE request_id = ANY (gone) RETURNING id
      ) INSERT INTO private.sos_photo_loose (id, since) SELECT id, '-infinity' FROM photo;
      UPDATE layer.sos_requests SET geom_exact = geom, accuracy_m = greatest(accuracy_m, 100)
      WHERE id = ANY (gone) AND geom_exact IS DISTINCT FROM geom;
      UPDATE dieuhanh.change
      SET before = private.sos_coarse(before), after = private.sos_coarse(after)
      WHERE layer = 'sos_requests' AND feature_id = ANY (gone::text[]);
      UPDATE dieuhanh.audit
      SET before = private.sos_coarse(before), after = private.sos_coarse(after)
      WHERE layer = 'sos_requests' AND feature_id = ANY (gone::text[]);
      RETURN cardinality(gone);
    END $$
    """,
)


def upgrade() -> None:
    for statement in FUNCTIONS:
        # Straight to the driver, so that a colon stays what it is.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    for name in ("post_sos", "sos_count", "sos_repeated", "sos_insert", "sos_followed",
                 "sos_add", "purge_sos", "sos_coarse"):  # fmt: skip
        op.execute(f"DROP FUNCTION private.{name}")
