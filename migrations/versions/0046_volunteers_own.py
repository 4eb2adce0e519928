"""What volunteers do themselves: register, see, correct, answer, delete; counts and the purge.

Revises: 0045
"""

from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

SKILLS = ("doctor", "nurse", "first_aid", "driver", "boatman", "swim_rescue", "cook", "interpreter",
          "it", "carpenter", "carrier")  # fmt: skip
MEANS = ("has_motorbike", "has_car", "has_truck", "has_boat")

OWN = (
    # Somebody offers help. The person is theirs alone: nothing that another register knows of
    # somebody of this name and number is told to, or changed by, who holds the code.
    """
    CREATE FUNCTION private.post_volunteer(given jsonb, facts jsonb, sender bytea, telephone bytea,
      content bytea, follow bytea, limits jsonb, OUT outcome text)
    LANGUAGE plpgsql AS $$
    DECLARE
      known bytea;
      said register.volunteers := jsonb_populate_record(NULL::register.volunteers,
        jsonb_build_object('days', '1234567', 'hour_from', 0, 'hour_to', 24) || given);
      whose uuid;
      minutes integer := (limits->>'minutes')::int;
    BEGIN
      PERFORM set_config('synchronous_commit', 'on', true), set_config('dieuhanh.actor', 'public', true);
      PERFORM pg_advisory_xact_lock(hashtextextended(said.id::text, 36));
      SELECT k.content_hash INTO known FROM private.volunteer_key AS k WHERE k.volunteer_id = said.id;
      IF FOUND OR EXISTS (SELECT FROM register.volunteers AS v WHERE v.id = said.id) THEN
        outcome := CASE WHEN known IS NOT DISTINCT FROM content THEN 'repeated' ELSE 'conflict' END;
        RETURN;
      END IF;
      IF private.sos_count(sender, minutes) > (limits->>'per_address')::int
        OR private.sos_count(telephone, minutes) > (limits->>'per_phone')::int THEN
        outcome := 'limited';
        RETURN;
      END IF;
      IF NOT EXISTS (SELECT FROM layer.admin_units AS u
        WHERE u.code = facts->>'commune_code' AND u.level = 'commune') THEN
        outcome := 'no_commune';
        RETURN;
      END IF;
      INSERT INTO private.person (name, birth_year, phone, commune_code)
      VALUES (facts->>'name', (facts->>'birth_year')::smallint, facts->>'phone',
        facts->>'commune_code') RETURNING id INTO whose;
      said.person_id := whose;
      PERFORM private.write_volunteer(said);
      INSERT INTO private.volunteer_key (volunteer_id, content_hash, follow_hash)
      VALUES (said.id, content, follow);
      outcome := 'created';
    END $$
    """,
    f"""
    CREATE FUNCTION private.write_volunteer(said register.volunteers) RETURNS void
    LANGUAGE sql AS $$
      INSERT INTO register.volunteers (id, person_id, {", ".join((*SKILLS, *MEANS))}, days,
        hour_from, hour_to, from_day, until_day, radius_km, note, licence, consent)
      SELECT said.id, said.person_id,
        {", ".join(f"coalesce(said.{name}, false)" for name in (*SKILLS, *MEANS))}, said.days,
        said.hour_from, said.hour_to, said.from_day, said.until_day, said.radius_km, said.note,
        said.licence, said.consent
    $$
    """,
    # What the bearer of the code sees: all that is kept, and what they were asked to do.
    """
    CREATE FUNCTION private.volunteer_told(follow bytea) RETURNS jsonb LANGUAGE sql STABLE AS $$
      SELECT to_jsonb(v) - '{version,person_id,geom,place,updated_at,verified_by}'::text[]
        || jsonb_build_object('name', p.name, 'birth_year', p.birth_year, 'phone', p.phone,
        'commune_code', p.commune_code, 'tasks', (
          SELECT coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'state', a.state,
            'hours', a.hours, 'title', t.title, 'kind', t.kind, 'note', t.note,
            'starts_at', t.starts_at, 'ends_at', t.ends_at, 'commune_code', t.commune_code,
            'over', t.state <> 'open' OR t.ends_at < now()) ORDER BY t.starts_at DESC, a.id), '[]')
          FROM register.volunteer_assignments AS a
          JOIN register.volunteer_tasks AS t ON t.id = a.task_id
          WHERE a.volunteer_id = v.id AND a.state <> 'withdrawn'))
      FROM private.volunteer_key AS k JOIN register.volunteers AS v ON v.id = k.volunteer_id
      JOIN private.person AS p ON p.id = v.person_id WHERE k.follow_hash = follow
    $$
    """,
    f"""
    CREATE FUNCTION private.change_volunteer(follow bytea, given jsonb, facts jsonb) RETURNS boolean
    LANGUAGE plpgsql AS $$
    DECLARE
      was register.volunteers;
      becomes register.volunteers;
    BEGIN
      PERFORM set_config('synchronous_commit', 'on', true),
        set_config('dieuhanh.actor', 'volunteer', true);
      SELECT v.* INTO was FROM register.volunteers AS v JOIN private.volunteer_key AS k
        ON k.volunteer_id = v.id WHERE k.follow_hash = follow FOR UPDATE OF v;
      IF NOT FOUND THEN
        RETURN false;
      END IF;
      IF NOT EXISTS (SELECT FROM layer.admin_units AS u
        WHERE u.code = facts->>'commune_code' AND u.level = 'commune') THEN
        PERFORM private.refuse('DH422', 'Hãy chọn xã, phường. / Choose the commune.');
      END IF;
      UPDATE private.person SET name = facts->>'name', phone = facts->>'phone',
        birth_year = (facts->>'birth_year')::smallint, commune_code = facts->>'commune_code',
        used_at = clock_timestamp()
      WHERE id = was.person_id;
      becomes := jsonb_populate_record(was, given - 'id');
      UPDATE register.volunteers SET version = version + 1, active_at = now(),
        {", ".join(f"{name} = becomes.{name}" for name in (*SKILLS, *MEANS))},
        days = becomes.days, hour_from = becomes.hour_from, hour_to = becomes.hour_to,
        from_day = becomes.from_day, until_day = becomes.until_day,
        radius_km = becomes.radius_km, note = becomes.note,
        licence = CASE WHEN verified_at IS NULL THEN becomes.licence ELSE licence END
      WHERE id = was.id;
      RETURN true;
    END $$
    """,
    # `what`: pause, resume, delete, or accept and decline of an assignment. False: no such code.
    """
    CREATE FUNCTION private.volunteer_does(follow bytea, what text, assignment uuid) RETURNS boolean
    LANGUAGE plpgsql AS $$
    DECLARE
      own uuid;
    BEGIN
      PERFORM set_config('synchronous_commit', 'on', true),
        set_config('dieuhanh.actor', 'volunteer', true);
      SELECT k.volunteer_id INTO own FROM private.volunteer_key AS k WHERE k.follow_hash = follow;
      IF NOT FOUND THEN
        RETURN false;
      END IF;
      IF what = 'delete' THEN
        DELETE FROM register.volunteers WHERE id = own;
        RETURN true;
      END IF;
      UPDATE register.volunteers SET active_at = now(), state = CASE what WHEN 'pause' THEN 'paused'
        WHEN 'resume' THEN CASE WHEN verified_at IS NULL THEN 'registered' ELSE 'verified' END
        ELSE state END
      WHERE id = own;
      IF what IN ('accept', 'decline') THEN
        UPDATE register.volunteer_assignments AS a SET answered_at = now(),
          state = CASE what WHEN 'accept' THEN 'accepted' ELSE 'declined' END
        FROM register.volunteer_tasks AS t
        WHERE a.id = assignment AND a.volunteer_id = own AND t.id = a.task_id
          AND t.state = 'open' AND t.ends_at > now() AND a.state IN ('offered', 'accepted');
        IF NOT FOUND THEN
          PERFORM private.refuse('DH409', 'Việc này không còn chờ bạn trả lời.'
            ' / This task does not wait for your answer any more.');
        END IF;
      END IF;
      RETURN true;
    END $$
    """,
    # By district and skill, of those who are not paused; numbers only, for everybody.
    f"""
    CREATE FUNCTION private.volunteer_counts(fewest integer) RETURNS jsonb LANGUAGE sql STABLE AS $$
      SELECT coalesce(jsonb_agg(jsonb_build_object('district_code', c.district_code,
        'skill', c.skill, 'volunteers', c.people) ORDER BY c.district_code, c.skill), '[]')
      FROM (
        SELECT v.district_code, s.skill, count(*) AS people
        FROM register.volunteers AS v, unnest('{{any,{",".join(SKILLS)}}}'::text[]) AS s(skill)
        WHERE v.state <> 'paused' AND v.district_code IS NOT NULL
          AND (s.skill = 'any' OR (to_jsonb(v)->>s.skill)::boolean)
        GROUP BY 1, 2 HAVING count(*) >= fewest) AS c
    $$
    """,
    """
    CREATE FUNCTION private.purge_volunteers(keep_days float8, piece integer) RETURNS integer
    LANGUAGE sql AS $$
      WITH gone AS (
        DELETE FROM register.volunteers WHERE id IN (
          SELECT v.id FROM register.volunteers AS v
          WHERE v.active_at < now() - make_interval(secs => keep_days * 86400)
          ORDER BY v.active_at LIMIT piece FOR UPDATE SKIP LOCKED)
        RETURNING id
      ) SELECT count(*)::integer FROM gone
    $$
    """,
)

PRIVATE = (
    "purge_volunteers(float8, integer)",
    "volunteer_counts(integer)",
    "volunteer_does(bytea, text, uuid)",
    "change_volunteer(bytea, jsonb, jsonb)",
    "volunteer_told(bytea)",
    "post_volunteer(jsonb, jsonb, bytea, bytea, bytea, bytea, jsonb)",
    "write_volunteer(register.volunteers)",
)


def upgrade() -> None:
    for statement in OWN:
        # Straight to the driver, so that a colon stays what it is.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    for name in PRIVATE:
        op.execute(f"DROP FUNCTION private.{name}")
