"""Assigning volunteers: who suits a task, the nearest first; what is done to tasks and people.

Revises: 0044
"""

from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

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
    for statement in (*MATCHING, *ACTIONS, *grants):
        # Straight to the driver, so that a colon stays what it is.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    for name in CALLED:
        op.execute(f"DROP FUNCTION dieuhanh.{name}")
    for name in PRIVATE:
        op.execute(f"DROP FUNCTION private.{name}")
