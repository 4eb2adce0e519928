"""Volunteers: who offers which help where, the tasks they are assigned to, and being forgotten.

Revises: 0034f
"""

from alembic import op

revision = "0036"
down_revision = "0035a"
branch_labels = None
depends_on = None

SKILLS = ("doctor", "nurse", "first_aid", "driver", "boatman", "swim_rescue", "cook", "interpreter",
          "it", "carpenter", "carrier")  # fmt: skip
MEANS = ("has_motorbike", "has_car", "has_truck", "has_boat")
_FLAGS = ",\n".join(f"      {name} boolean NOT NULL DEFAULT false" for name in (*SKILLS, *MEANS))
_SKILL_CODES = ", ".join(f"'{name}'" for name in SKILLS)
KINDS = ("'supplies', 'transport', 'kitchen', 'care', 'vaccination', 'checkpoint', 'rescue',"
         " 'clean_up', 'call_centre', 'other'")  # fmt: skip

TABLES = (
    # No volunteer is at two tasks at once: an index over a volunteer and a time says so.
    "CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA public",
    f"""
    CREATE TABLE register.volunteers (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      version bigint NOT NULL DEFAULT 1,
      person_id uuid NOT NULL REFERENCES private.person,
      place text NOT NULL DEFAULT 'general',
      state text NOT NULL DEFAULT 'registered',
{_FLAGS},
      days text NOT NULL DEFAULT '1234567',
      hour_from integer NOT NULL DEFAULT 0,
      hour_to integer NOT NULL DEFAULT 24,
      from_day date,
      until_day date,
      radius_km integer,
      note text,
      licence text,
      verified_at timestamptz(0),
      verified_by text,
      consent text NOT NULL DEFAULT 'paper',
      consented_at timestamptz(0) NOT NULL DEFAULT now(),
      active_at timestamptz(0) NOT NULL DEFAULT now(),
      geom geography(Point, 4326),
      commune_code text,
      district_code text,
      made_at timestamptz(0) NOT NULL DEFAULT now(),
      updated_at timestamptz(0) NOT NULL DEFAULT now(),
      CONSTRAINT ck_volunteers_place_code CHECK ("place" IN ('general', 'medical')),
      CONSTRAINT ck_volunteers_state_code CHECK ("state" IN ('registered', 'verified', 'paused')),
      CONSTRAINT ck_volunteers_days CHECK (days ~ '^1?2?3?4?5?6?7?$' AND days <> ''),
      CONSTRAINT ck_volunteers_hours CHECK (0 <= hour_from AND hour_from < hour_to AND hour_to <= 24),
      CONSTRAINT ck_volunteers_order CHECK (from_day <= until_day),
      CONSTRAINT ck_volunteers_radius CHECK (radius_km BETWEEN 1 AND 500),
      CONSTRAINT ck_volunteers_verified CHECK (state <> 'verified' OR verified_at IS NOT NULL),
      CONSTRAINT ck_volunteers_lengths CHECK (char_length(note) <= 500
        AND char_length(licence) <= 80 AND char_length(consent) <= 20)
    )
    """,
    "CREATE INDEX volunteers_near ON register.volunteers USING gist (geom) WHERE state <> 'paused'",
    "CREATE INDEX volunteers_active ON register.volunteers (active_at)",
    # What opens a volunteer's own page, and the account that a verified doctor works with.
    """
    CREATE TABLE private.volunteer_key (
      volunteer_id uuid PRIMARY KEY REFERENCES register.volunteers ON DELETE CASCADE,
      content_hash bytea,
      follow_hash bytea UNIQUE,
      account_id bigint UNIQUE REFERENCES private.account ON DELETE SET NULL
    )
    """,
    f"""
    CREATE TABLE register.volunteer_tasks (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      version bigint NOT NULL DEFAULT 1,
      place text NOT NULL,
      home_commune text,
      title text NOT NULL,
      kind text NOT NULL,
      starts_at timestamptz(0) NOT NULL,
      ends_at timestamptz(0) NOT NULL,
      skill text,
      wanted integer NOT NULL DEFAULT 1,
      state text NOT NULL DEFAULT 'open',
      note text,
      sos_id uuid UNIQUE,
      geom geography(Point, 4326),
      commune_code text,
      district_code text,
      made_at timestamptz(0) NOT NULL DEFAULT now(),
      updated_at timestamptz(0) NOT NULL DEFAULT now(),
      CONSTRAINT ck_volunteer_tasks_kind_code CHECK ("kind" IN ({KINDS})),
      CONSTRAINT ck_volunteer_tasks_skill_code CHECK ("skill" IN ({_SKILL_CODES})),
      CONSTRAINT ck_volunteer_tasks_state_code CHECK ("state" IN ('open', 'done', 'cancelled')),
      CONSTRAINT ck_volunteer_tasks_wanted CHECK (wanted BETWEEN 1 AND 500),
      CONSTRAINT ck_volunteer_tasks_time CHECK (starts_at < ends_at
        AND ends_at <= starts_at + interval '31 days'),
      CONSTRAINT ck_volunteer_tasks_sos CHECK ((place = 'sos') = (sos_id IS NOT NULL)),
      CONSTRAINT ck_volunteer_tasks_lengths CHECK (char_length(title) <= 160
        AND char_length(note) <= 500)
    )
    """,
    # Who was forgotten stays as a number: the row without the volunteer.
    """
    CREATE TABLE register.volunteer_assignments (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      version bigint NOT NULL DEFAULT 1,
      place text NOT NULL,
      volunteer_id uuid REFERENCES register.volunteers ON DELETE SET NULL,
      task_id uuid NOT NULL REFERENCES register.volunteer_tasks ON DELETE CASCADE,
      during tstzrange NOT NULL,
      state text NOT NULL DEFAULT 'offered',
      hours double precision,
      assigned_by text NOT NULL,
      answered_at timestamptz(0),
      commune_code text,
      district_code text,
      made_at timestamptz(0) NOT NULL DEFAULT now(),
      updated_at timestamptz(0) NOT NULL DEFAULT now(),
      CONSTRAINT ck_volunteer_assignments_state_code CHECK (
        "state" IN ('offered', 'accepted', 'declined', 'withdrawn', 'done')),
      CONSTRAINT ck_volunteer_assignments_hours CHECK (hours BETWEEN 0 AND 744),
      CONSTRAINT volunteer_at_one_task EXCLUDE USING gist (volunteer_id WITH =, during WITH &&)
        WHERE (state IN ('offered', 'accepted'))
    )
    """,
    "CREATE INDEX ON register.volunteer_assignments (task_id)",
    "CREATE INDEX ON register.volunteer_assignments (volunteer_id)",
    "CREATE UNIQUE INDEX ON register.volunteer_assignments (task_id, volunteer_id)"
    " WHERE state IN ('offered', 'accepted', 'done')",
)

RULES = (
    # A point of a commune, for distances; nobody's house.
    """
    CREATE FUNCTION private.commune_point(commune text) RETURNS geography
    LANGUAGE sql STABLE AS $$
      SELECT ST_PointOnSurface(u.geom)::geography FROM layer.admin_units AS u
      WHERE u.code = commune AND u.level = 'commune'
    $$
    """,
    """
    CREATE FUNCTION register.keep_volunteer() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      NEW.place := CASE WHEN NEW.doctor OR NEW.nurse THEN 'medical' ELSE 'general' END;
      IF TG_OP = 'INSERT' OR NEW.commune_code IS DISTINCT FROM OLD.commune_code THEN
        NEW.geom := private.commune_point(NEW.commune_code);
      END IF;
      -- What nobody has looked at is not verified.
      IF TG_OP = 'UPDATE' AND OLD.verified_at IS NOT NULL AND NEW.doctor AND NOT OLD.doctor
        AND NEW.verified_at = OLD.verified_at THEN
        NEW.state := CASE NEW.state WHEN 'verified' THEN 'registered' ELSE NEW.state END;
        NEW.verified_at := NULL;
        NEW.verified_by := NULL;
      END IF;
      RETURN NEW;
    END $$
    """,
    # After `a_keep`, which says in which commune somebody lives.
    "CREATE TRIGGER b_volunteer BEFORE INSERT OR UPDATE ON register.volunteers"
    " FOR EACH ROW EXECUTE FUNCTION register.keep_volunteer()",
    # Whoever goes takes all with them: what was known of the person, and what was changed.
    """
    CREATE FUNCTION register.forget_volunteer() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      UPDATE register.volunteer_assignments SET state = 'withdrawn'
      WHERE volunteer_id IS NULL AND state IN ('offered', 'accepted');
      DELETE FROM register.change AS c WHERE c.register = 'volunteers' AND c.row_id = OLD.id;
      BEGIN
        DELETE FROM private.person WHERE id = OLD.person_id;
      EXCEPTION WHEN foreign_key_violation THEN
        -- Another register is about the same person, and says how long.
        NULL;
      END;
      RETURN NULL;
    END $$
    """,
    # After `a_note` and the foreign keys.
    "CREATE TRIGGER z_forget AFTER DELETE ON register.volunteers"
    " FOR EACH ROW EXECUTE FUNCTION register.forget_volunteer()",
    """
    CREATE FUNCTION register.keep_task() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      busy integer;
    BEGIN
      IF NEW.place = 'commune' THEN
        SELECT u.code, u.parent_code INTO NEW.commune_code, NEW.district_code
        FROM layer.admin_units AS u WHERE u.code = NEW.home_commune AND u.level = 'commune';
        IF NOT FOUND THEN
          PERFORM private.refuse('DH422',
            'Hãy chọn xã, phường của việc. / Choose the commune of the task.');
        END IF;
        NEW.geom := private.commune_point(NEW.commune_code);
      ELSIF NEW.place = 'sos' THEN
        SELECT r.commune_code, r.district_code, r.geom_exact::geography
        INTO NEW.commune_code, NEW.district_code, NEW.geom
        FROM layer.sos_requests AS r WHERE r.id = NEW.sos_id;
      ELSIF NEW.place LIKE '%/%' THEN
        EXECUTE format('SELECT ST_PointOnSurface(geom)::geography FROM layer.%I WHERE id::text = $1',
          split_part(NEW.place, '/', 1)) INTO NEW.geom USING split_part(NEW.place, '/', 2);
      ELSE
        PERFORM private.refuse('DH422', 'Không có nơi này. / There is no such place.');
      END IF;
      IF TG_OP = 'UPDATE' THEN
        SELECT count(*) INTO busy FROM register.volunteer_assignments AS a
        WHERE a.task_id = NEW.id AND a.state IN ('offered', 'accepted');
        IF NEW.wanted < busy AND NEW.wanted < OLD.wanted THEN
          PERFORM private.refuse('DH409', format(
            'Đã phân công %s người; số cần không thể ít hơn. / %s are assigned; no fewer can be wanted.',
            busy, busy));
        END IF;
      END IF;
      RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER b_task BEFORE INSERT OR UPDATE ON register.volunteer_tasks"
    " FOR EACH ROW EXECUTE FUNCTION register.keep_task()",
    # A task at another time takes its volunteers along, if they have the time.
    """
    CREATE FUNCTION register.move_task() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      UPDATE register.volunteer_assignments SET place = NEW.place
      WHERE task_id = NEW.id AND state IN ('offered', 'accepted');
      RETURN NULL;
    EXCEPTION WHEN exclusion_violation THEN
      PERFORM private.refuse('DH409',
        'Có người đã phân công bận việc khác vào giờ mới.'
        ' / Somebody who is assigned has another task at the new time.');
    END $$
    """,
    "CREATE TRIGGER c_task AFTER UPDATE ON register.volunteer_tasks FOR EACH ROW"
    " WHEN ((OLD.starts_at, OLD.ends_at, OLD.place, OLD.commune_code) IS DISTINCT FROM"
    " (NEW.starts_at, NEW.ends_at, NEW.place, NEW.commune_code))"
    " EXECUTE FUNCTION register.move_task()",
    # Where and when is the task's.
    """
    CREATE FUNCTION register.keep_assignment() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      SELECT t.place, t.commune_code, t.district_code, tstzrange(t.starts_at, t.ends_at)
      INTO NEW.place, NEW.commune_code, NEW.district_code, NEW.during
      FROM register.volunteer_tasks AS t WHERE t.id = NEW.task_id;
      RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER b_assignment BEFORE INSERT OR UPDATE ON register.volunteer_assignments"
    " FOR EACH ROW EXECUTE FUNCTION register.keep_assignment()",
)

MATCHING = (
    # Whether somebody offers what a task wants when it is: the skill, the days, the hours of a
    # task of one day. A doctor counts once the health department has seen the licence.
    """
    CREATE FUNCTION private.volunteer_suits(
      v register.volunteers, skill text, starts_at timestamptz, ends_at timestamptz
    ) RETURNS boolean LANGUAGE sql STABLE AS $$
      SELECT v.state <> 'paused'
        AND (skill IS NULL OR (to_jsonb(v)->>skill)::boolean)
        AND (skill IS DISTINCT FROM 'doctor' OR v.state = 'verified')
        AND coalesce(v.from_day <= l.first, true) AND coalesce(v.until_day >= l.last, true)
        AND NOT EXISTS (SELECT FROM generate_series(l.first, l.last, interval '1 day') AS g(day)
          WHERE position(extract(isodow FROM g.day)::text IN v.days) = 0)
        AND (l.first <> l.last OR (v.hour_from <= extract(hour FROM l.begins)
          AND v.hour_to * 60 >= extract(hour FROM l.ends) * 60 + extract(minute FROM l.ends)))
      FROM (SELECT s.begins, s.ends, s.begins::date AS first, s.ends::date AS last
        FROM (SELECT starts_at AT TIME ZONE p.time_zone AS begins,
            (ends_at - interval '1 second') AT TIME ZONE p.time_zone AS ends
          FROM register.province AS p) AS s) AS l
    $$
    """,
    # A task for one who assigns: officers whose row it is, coordination where it is an SOS's.
    """
    CREATE FUNCTION private.task_for(task uuid, who private.account, locks boolean)
    RETURNS register.volunteer_tasks LANGUAGE plpgsql AS $$
    DECLARE
      found register.volunteer_tasks;
    BEGIN
      IF locks THEN
        SELECT * INTO found FROM register.volunteer_tasks WHERE id = task FOR UPDATE;
      ELSE
        SELECT * INTO found FROM register.volunteer_tasks WHERE id = task;
      END IF;
      IF who.role IN ('operator', 'coordinator') AND found.sos_id IS NOT NULL THEN
        PERFORM private.sos_for(found.sos_id, who, false);
      ELSE
        PERFORM private.require_row('volunteer_tasks', task);
      END IF;
      RETURN found;
    END $$
    """,
    # The nearest who suit and are free, by an index over points; each as far away as they go.
    """
    CREATE FUNCTION dieuhanh.volunteers_near(task uuid, most integer) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('officer', 'operator', 'coordinator', 'admin');
      wanted register.volunteer_tasks := private.task_for(task, who, false);
      reached text[] := CASE WHEN who.role = 'officer' THEN dieuhanh.reach('volunteers')
        ELSE '{*}' END;
    BEGIN
      RETURN (
        SELECT coalesce(jsonb_agg(jsonb_build_object('id', n.id, 'name', p.name,
          'birth_year', p.birth_year, 'phone', p.phone, 'commune_code', n.commune_code,
          'state', n.state, 'metres', round(n.metres), 'skills', n.skills) ORDER BY n.metres), '[]')
        FROM (
          SELECT v.id, v.person_id, v.commune_code, v.state, v.geom <-> wanted.geom AS metres,
            ARRAY(SELECT j.key FROM jsonb_each(to_jsonb(v)) AS j WHERE j.value = 'true') AS skills
          FROM register.volunteers AS v
          WHERE v.state <> 'paused'
            AND private.volunteer_suits(v, wanted.skill, wanted.starts_at, wanted.ends_at)
            AND coalesce(ST_DWithin(v.geom, wanted.geom, v.radius_km * 1000), true)
            AND reached && dieuhanh.place_keys(v.place, v.district_code)
            AND NOT EXISTS (SELECT FROM register.volunteer_assignments AS a
              WHERE a.volunteer_id = v.id AND (a.task_id = task OR (a.state IN ('offered', 'accepted')
                AND a.during && tstzrange(wanted.starts_at, wanted.ends_at))))
          ORDER BY v.geom <-> wanted.geom LIMIT most) AS n
        JOIN private.person AS p ON p.id = n.person_id);
    END $$
    """,
    # A task with who is assigned to it and how to reach them.
    """
    CREATE FUNCTION private.task_told(task register.volunteer_tasks) RETURNS jsonb
    LANGUAGE sql STABLE AS $$
      SELECT jsonb_build_object('id', task.id, 'title', task.title, 'kind', task.kind,
        'place', task.place, 'commune_code', task.commune_code,
        'district_code', task.district_code, 'starts_at', task.starts_at, 'ends_at', task.ends_at,
        'skill', task.skill, 'wanted', task.wanted, 'state', task.state, 'note', task.note,
        'sos', (SELECT r.code FROM layer.sos_requests AS r WHERE r.id = task.sos_id),
        'assigned', count(a.id) FILTER (WHERE a.state IN ('offered', 'accepted')),
        'people', coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'name', p.name,
          'phone', p.phone, 'state', a.state, 'hours', a.hours) ORDER BY a.made_at, a.id)
          FILTER (WHERE a.id IS NOT NULL), '[]'))
      FROM (SELECT 1) AS one
      LEFT JOIN register.volunteer_assignments AS a ON a.task_id = task.id
      LEFT JOIN register.volunteers AS v ON v.id = a.volunteer_id
      LEFT JOIN private.person AS p ON p.id = v.person_id
    $$
    """,
    """
    CREATE FUNCTION dieuhanh.volunteer_task(task uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('officer', 'operator', 'coordinator', 'admin');
    BEGIN
      RETURN private.task_told(private.task_for(task, who, false));
    END $$
    """,
    # The task's row is locked first, then the index refuses who is busy: of many who assign at
    # once none assigns one too many, and nobody is at two tasks.
    """
    CREATE FUNCTION dieuhanh.assign_volunteer(task uuid, volunteer uuid) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('officer', 'operator', 'coordinator', 'admin');
      wanted register.volunteer_tasks := private.task_for(task, who, true);
      found register.volunteers;
      busy integer;
    BEGIN
      IF who.role = 'officer' THEN
        PERFORM private.require_row('volunteers', volunteer);
      END IF;
      SELECT * INTO found FROM register.volunteers AS v WHERE v.id = volunteer FOR UPDATE;
      IF found.id IS NULL THEN
        PERFORM private.refuse('DH404', 'Không có tình nguyện viên này. / There is no such volunteer.');
      END IF;
      IF wanted.state <> 'open' OR wanted.ends_at < now() THEN
        PERFORM private.refuse('DH409', 'Việc này đã kết thúc. / This task is over.');
      END IF;
      SELECT count(*) INTO busy FROM register.volunteer_assignments AS a
      WHERE a.task_id = task AND a.state IN ('offered', 'accepted');
      IF busy >= wanted.wanted THEN
        PERFORM private.refuse('DH409', format(
          'Đã đủ %s người. / There are %s already, as many as wanted.', busy, busy));
      END IF;
      IF NOT private.volunteer_suits(found, wanted.skill, wanted.starts_at, wanted.ends_at) THEN
        PERFORM private.refuse('DH409',
          'Người này không có kỹ năng cần, không rảnh vào giờ đó hoặc đang tạm nghỉ.'
          ' / This volunteer has not the skill, has no time then, or is paused.');
      END IF;
      INSERT INTO register.volunteer_assignments (place, volunteer_id, task_id, during, assigned_by)
      VALUES (wanted.place, volunteer, task, 'empty', dieuhanh.actor());
      RETURN private.task_told(wanted);
    EXCEPTION WHEN exclusion_violation OR unique_violation THEN
      PERFORM private.refuse('DH409',
        'Người này đã có việc vào giờ đó. / This volunteer has a task at that time already.');
    END $$
    """,
    # The task of an SOS: made once, for so many hours from now.
    """
    CREATE FUNCTION dieuhanh.sos_task(
      request uuid, skill text, wanted integer, hours integer
    ) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('operator', 'coordinator', 'admin');
      place layer.sos_requests := private.sos_for(request, who, true);
      found uuid;
    BEGIN
      IF NOT dieuhanh.sos_open(place.state) THEN
        PERFORM private.refuse('DH409', format(
          'Yêu cầu %s đã kết thúc. / Request %s is over.', place.code, place.code));
      END IF;
      INSERT INTO register.volunteer_tasks AS t (place, title, kind, starts_at, ends_at, skill,
        wanted, sos_id)
      VALUES ('sos', 'SOS ' || place.code, 'rescue', now(), now() + make_interval(hours => hours),
        skill, wanted, request)
      ON CONFLICT (sos_id) DO UPDATE SET skill = excluded.skill, state = 'open',
        wanted = greatest(excluded.wanted, t.wanted),
        ends_at = greatest(t.ends_at, least(excluded.ends_at, t.starts_at + interval '31 days'))
      RETURNING t.id INTO found;
      RETURN found;
    END $$
    """,
    # How many volunteers an SOS has; for all who may work on it.
    """
    CREATE FUNCTION dieuhanh.sos_volunteers(request uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('rescuer', 'operator', 'coordinator', 'admin');
    BEGIN
      PERFORM private.sos_for(request, who, false);
      RETURN (SELECT jsonb_build_object('task', (
          SELECT t.id FROM register.volunteer_tasks AS t WHERE t.sos_id = request),
        'assigned', count(*) FILTER (WHERE a.state IN ('offered', 'accepted', 'done')),
        'accepted', count(*) FILTER (WHERE a.state IN ('accepted', 'done')))
      FROM register.volunteer_assignments AS a
      JOIN register.volunteer_tasks AS t ON t.id = a.task_id WHERE t.sos_id = request);
    END $$
    """,
    # The tasks that the caller may assign to, the next to begin first.
    """
    CREATE FUNCTION dieuhanh.volunteer_tasks_open(most integer) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('officer', 'operator', 'coordinator', 'admin');
      reached text[] := CASE WHEN who.role IN ('officer', 'admin')
        THEN dieuhanh.reach('volunteer_tasks') ELSE '{}' END;
    BEGIN
      RETURN (SELECT coalesce(jsonb_agg(private.task_told(o.task) - 'people'
          ORDER BY (o.task).starts_at, (o.task).id), '[]')
        FROM (SELECT t AS task FROM register.volunteer_tasks AS t
          WHERE t.state = 'open' AND t.ends_at > now()
            AND (reached && dieuhanh.place_keys(t.place, t.district_code)
              OR (who.role IN ('operator', 'coordinator') AND t.sos_id IS NOT NULL
                AND (cardinality(who.districts) = 0 OR t.district_code = ANY (who.districts))))
          ORDER BY t.starts_at, t.id LIMIT most) AS o);
    END $$
    """,
)

ACTIONS = (
    # A doctor's licence is for the health department to look at; others for who keeps the row.
    """
    CREATE FUNCTION dieuhanh.volunteers_verify(row_id uuid, facts jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('officer', 'admin');
      found register.volunteers;
      named private.account;
    BEGIN
      PERFORM private.require_row('volunteers', row_id);
      SELECT * INTO found FROM register.volunteers AS v WHERE v.id = row_id FOR UPDATE;
      IF (found.doctor OR found.nurse) AND who.role <> 'admin'
        AND NOT 'health' = ANY (who.departments) THEN
        PERFORM private.refuse('DH403',
          'Chứng chỉ hành nghề do Sở Y tế xác nhận. / The health department verifies licences.');
      END IF;
      IF found.doctor AND coalesce(facts->>'licence', found.licence) IS NULL THEN
        PERFORM private.refuse('DH422',
          'Cần số chứng chỉ hành nghề. / The number of the licence is needed.');
      END IF;
      IF facts->>'login' IS NOT NULL THEN
        SELECT * INTO named FROM private.account AS a
        WHERE a.login = facts->>'login' AND a.disabled_at IS NULL;
        IF named.id IS NULL OR NOT found.doctor THEN
          PERFORM private.refuse('DH422', 'Tài khoản phải có sẵn và là của một bác sĩ.'
            ' / The account must exist and be that of a doctor.');
        END IF;
        INSERT INTO private.volunteer_key AS k (volunteer_id, account_id) VALUES (row_id, named.id)
        ON CONFLICT (volunteer_id) DO UPDATE SET account_id = excluded.account_id;
      END IF;
      UPDATE register.volunteers SET state = 'verified', verified_at = now(),
        verified_by = dieuhanh.actor(), licence = coalesce(facts->>'licence', licence)
      WHERE id = row_id;
    EXCEPTION WHEN unique_violation THEN
      PERFORM private.refuse('DH409', 'Tài khoản này là của một bác sĩ khác.'
        ' / This account is another doctor''s.');
    END $$
    """,
    """
    CREATE FUNCTION dieuhanh.volunteers_pause(row_id uuid, facts jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      PERFORM private.acting_as('officer', 'admin');
      PERFORM private.require_row('volunteers', row_id);
      UPDATE register.volunteers SET state = 'paused' WHERE id = row_id;
    END $$
    """,
    """
    CREATE FUNCTION dieuhanh.volunteers_resume(row_id uuid, facts jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      PERFORM private.acting_as('officer', 'admin');
      PERFORM private.require_row('volunteers', row_id);
      UPDATE register.volunteers SET
        state = CASE WHEN verified_at IS NULL THEN 'registered' ELSE 'verified' END
      WHERE id = row_id AND state = 'paused';
    END $$
    """,
    # Who came has so many hours; who was offered and never answered did not come.
    """
    CREATE FUNCTION dieuhanh.volunteer_tasks_finish(row_id uuid, facts jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('officer', 'operator', 'coordinator', 'admin');
      found register.volunteer_tasks := private.task_for(row_id, who, true);
    BEGIN
      IF found.state <> 'open' THEN
        PERFORM private.refuse('DH409', 'Việc này đã kết thúc. / This task is over.');
      END IF;
      UPDATE register.volunteer_tasks SET state = 'done' WHERE id = row_id;
      UPDATE register.volunteer_assignments SET
        state = CASE state WHEN 'accepted' THEN 'done' ELSE 'withdrawn' END,
        hours = CASE state WHEN 'accepted' THEN coalesce((facts->>'hours')::float8,
          round((extract(epoch FROM found.ends_at - found.starts_at) / 3600)::numeric, 1)) END
      WHERE task_id = row_id AND state IN ('offered', 'accepted');
    END $$
    """,
    """
    CREATE FUNCTION dieuhanh.volunteer_tasks_cancel(row_id uuid, facts jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      PERFORM private.acting_as('officer', 'admin');
      PERFORM private.require_row('volunteer_tasks', row_id);
      UPDATE register.volunteer_tasks SET state = 'cancelled', note = coalesce(facts->>'note', note)
      WHERE id = row_id;
      UPDATE register.volunteer_assignments SET state = 'withdrawn'
      WHERE task_id = row_id AND state IN ('offered', 'accepted');
    END $$
    """,
    """
    CREATE FUNCTION dieuhanh.volunteer_assignments_withdraw(row_id uuid, facts jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('officer', 'operator', 'coordinator', 'admin');
      of_task uuid := (SELECT a.task_id FROM register.volunteer_assignments AS a WHERE a.id = row_id);
    BEGIN
      PERFORM private.task_for(of_task, who, true);
      UPDATE register.volunteer_assignments SET state = 'withdrawn'
      WHERE id = row_id AND state IN ('offered', 'accepted');
    END $$
    """,
    """
    CREATE FUNCTION dieuhanh.volunteer_assignments_done(row_id uuid, facts jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      PERFORM private.acting_as('officer', 'admin');
      PERFORM private.require_row('volunteer_assignments', row_id);
      UPDATE register.volunteer_assignments SET state = 'done', hours = (facts->>'hours')::float8
      WHERE id = row_id AND state IN ('accepted', 'done');
      IF NOT FOUND THEN
        PERFORM private.refuse('DH409', 'Người này chưa nhận việc. / This volunteer has not accepted.');
      END IF;
    END $$
    """,
)

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

KEEPERS = "dieuhanh_officer, dieuhanh_admin"
ASSIGNERS = f"{KEEPERS}, dieuhanh_operator, dieuhanh_coordinator"
CALLED = {
    **{
        f"{name}(uuid, jsonb)": KEEPERS
        for name in ("volunteers_verify", "volunteers_pause", "volunteers_resume",
                     "volunteer_tasks_cancel", "volunteer_assignments_done")
    },
    "volunteer_tasks_finish(uuid, jsonb)": ASSIGNERS,
    "volunteer_assignments_withdraw(uuid, jsonb)": ASSIGNERS,
    "volunteers_near(uuid, integer)": ASSIGNERS,
    "volunteer_task(uuid)": ASSIGNERS,
    "volunteer_tasks_open(integer)": ASSIGNERS,
    "assign_volunteer(uuid, uuid)": ASSIGNERS,
    "sos_task(uuid, text, integer, integer)":
        "dieuhanh_operator, dieuhanh_coordinator, dieuhanh_admin",
    "sos_volunteers(uuid)":
        "dieuhanh_rescuer, dieuhanh_operator, dieuhanh_coordinator, dieuhanh_admin",
}  # fmt: skip
PRIVATE = (
    "purge_volunteers(float8, integer)",
    "volunteer_counts(integer)",
    "volunteer_does(bytea, text, uuid)",
    "change_volunteer(bytea, jsonb, jsonb)",
    "volunteer_told(bytea)",
    "post_volunteer(jsonb, jsonb, bytea, bytea, bytea, bytea, jsonb)",
    "write_volunteer(register.volunteers)",
    "task_told(register.volunteer_tasks)",
    "task_for(uuid, private.account, boolean)",
    "volunteer_suits(register.volunteers, text, timestamptz, timestamptz)",
)


def upgrade() -> None:
    grants = (
        statement
        for name, callers in CALLED.items()
        for statement in (
            f"REVOKE EXECUTE ON FUNCTION dieuhanh.{name} FROM PUBLIC",
            f"GRANT EXECUTE ON FUNCTION dieuhanh.{name} TO {callers}",
        )
    )
    # What writes a row before what calls it: SQL functions are checked as they are made.
    for statement in (*TABLES, *RULES, *MATCHING, *ACTIONS, *OWN, *grants):
        # Straight to the driver, so that a colon stays what it is.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    for name in CALLED:
        op.execute(f"DROP FUNCTION dieuhanh.{name}")
    for name in PRIVATE:
        op.execute(f"DROP FUNCTION private.{name}")
    op.execute("DROP TABLE private.volunteer_key")
    for table in ("volunteer_assignments", "volunteer_tasks", "volunteers"):
        op.execute(f"DROP TABLE register.{table} CASCADE")
    for name in ("keep_volunteer", "forget_volunteer", "keep_task", "move_task", "keep_assignment"):
        op.execute(f"DROP FUNCTION register.{name}()")
    op.execute("DROP FUNCTION private.commune_point(text)")
