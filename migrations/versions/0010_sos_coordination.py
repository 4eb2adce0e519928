"""Coordinating requests for help: steps, teams, duplicates, moderation; who may do what.

Revises: 0009
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# A refusal carries a message for people, in both languages, and a code that says its kind:
# DH403 not yours to do, DH404 no such thing, DH409 the state of things, DH422 what was sent. Logs of
# PostgreSQL keep the message: a person is named in the detail alone, as JSON.
PERMISSION = (
    "ALTER TABLE layer.alerts ALTER expires SET DEFAULT now() + interval '24 hours'",
    """
    CREATE FUNCTION private.refuse(kind text, said text, about jsonb DEFAULT NULL)
    RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION USING ERRCODE = kind, MESSAGE = said, DETAIL = coalesce(about::text, '');
    END $$
    """,
    # The account that acts, if it has one of the roles; of a person's own login too.
    """
    CREATE FUNCTION private.acting_as(VARIADIC roles text[]) RETURNS private.account
    LANGUAGE plpgsql STABLE AS $$
    DECLARE
      who private.account;
    BEGIN
      SELECT * INTO who FROM private.account
      WHERE id = dieuhanh.account_id() AND disabled_at IS NULL AND role = ANY (roles);
      IF NOT FOUND THEN
        PERFORM private.refuse('DH403', format(
          'Việc này dành cho: %s. / This is for: %s.',
          array_to_string(roles, ', '), array_to_string(roles, ', ')));
      END IF;
      RETURN who;
    END $$
    """,
    # A request, locked, for one who may work on it: coordination in its own districts, and the
    # team that has it.
    """
    CREATE FUNCTION private.sos_for(request uuid, who private.account, locks boolean)
    RETURNS layer.sos_requests LANGUAGE plpgsql AS $$
    DECLARE
      found layer.sos_requests;
    BEGIN
      IF locks THEN
        SELECT * INTO found FROM layer.sos_requests WHERE id = request FOR UPDATE;
      ELSE
        SELECT * INTO found FROM layer.sos_requests WHERE id = request;
      END IF;
      IF found.id IS NULL THEN
        PERFORM private.refuse('DH404', 'Không có yêu cầu này. / There is no such request.');
      END IF;
      IF who.role = 'rescuer' THEN
        IF NOT EXISTS (
          SELECT FROM private.sos_assignment AS a JOIN private.team_member AS m USING (team_id)
          WHERE a.request_id = request AND a.ended_at IS NULL AND m.account_id = who.id) THEN
          PERFORM private.refuse('DH403', format(
            'Yêu cầu %s không phải nhiệm vụ của đội bạn. / Request %s is not your team''s.',
            found.code, found.code));
        END IF;
      ELSIF who.role <> 'admin' AND cardinality(who.districts) > 0
        AND NOT coalesce(found.district_code = ANY (who.districts), true) THEN
        PERFORM private.refuse('DH403', format(
          'Yêu cầu %s nằm ngoài địa bàn của bạn. / Request %s is outside of your districts.',
          found.code, found.code));
      END IF;
      RETURN found;
    END $$
    """,
    """
    CREATE FUNCTION private.team_name(team bigint) RETURNS text LANGUAGE sql STABLE AS
    $$ SELECT name FROM layer.rescue_teams WHERE id = team $$
    """,
)

STEPS = (
    """
    CREATE FUNCTION dieuhanh.step_sos(request uuid, becomes text, said text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('rescuer', 'operator', 'coordinator', 'admin');
      was layer.sos_requests := private.sos_for(request, who, true);
    BEGIN
      IF becomes = 'duplicate' OR was.state = 'duplicate' THEN
        PERFORM private.refuse('DH409',
          'Trùng lặp được ghi bằng cách gộp hoặc tách yêu cầu.'
          ' / A request becomes a duplicate by merge, and is one no more by unmerge.');
      END IF;
      IF who.role = 'rescuer' AND becomes NOT IN ('en_route', 'on_site', 'resolved') THEN
        PERFORM private.refuse('DH403',
          'Đội cứu hộ chỉ báo en_route, on_site, resolved, hoặc từ chối nhiệm vụ.'
          ' / A team reports en_route, on_site and resolved, or declines.');
      END IF;
      IF becomes = was.state THEN
        PERFORM private.refuse('DH409', format(
          'Yêu cầu %s đã ở trạng thái %s. / Request %s is %s already.',
          was.code, was.state, was.code, was.state));
      END IF;
      PERFORM set_config('dieuhanh.note', coalesce(said, ''), true);
      UPDATE layer.sos_requests SET state = becomes WHERE id = request;
    END $$
    """,
    """
    CREATE FUNCTION dieuhanh.set_sos_priority(request uuid, becomes text, said text)
    RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('coordinator', 'admin');
      was layer.sos_requests := private.sos_for(request, who, true);
    BEGIN
      IF coalesce(said, '') = '' THEN
        PERFORM private.refuse('DH422',
          'Cần lý do đổi mức ưu tiên. / A change of priority needs a reason.');
      END IF;
      IF was.priority = becomes THEN
        RETURN;
      END IF;
      PERFORM set_config('dieuhanh.note', said, true);
      UPDATE layer.sos_requests SET priority = becomes WHERE id = request;
    END $$
    """,
    """
    CREATE FUNCTION dieuhanh.note_sos(request uuid, said text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('rescuer', 'operator', 'coordinator', 'admin');
    BEGIN
      PERFORM private.sos_for(request, who, false);
      PERFORM private.sos_note_step(request, 'note', NULL, NULL, said);
    END $$
    """,
)

TEAMS = (
    # Locks the request, then the team: of two who assign at once the second finds what the first
    # did, and is told.
    """
    CREATE FUNCTION dieuhanh.assign_sos(request uuid, team bigint, said text, also boolean)
    RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('operator', 'coordinator', 'admin');
      was layer.sos_requests := private.sos_for(request, who, true);
      present record;
    BEGIN
      SELECT a.actor, a.at, coalesce(t.name, '?') AS team INTO present
      FROM private.sos_assignment AS a
      LEFT JOIN layer.rescue_teams AS t ON t.id = a.team_id
      WHERE a.request_id = request AND a.ended_at IS NULL;
      IF FOUND THEN
        PERFORM private.refuse('DH409', format(
          'Yêu cầu %s đã được phân công cho %s; muốn đổi hãy bàn giao.'
          ' / Request %s is assigned to %s already; hand it over to change that.',
          was.code, present.team, was.code, present.team),
          jsonb_build_object('by', present.actor, 'at', present.at, 'team', present.team));
      END IF;
      IF NOT dieuhanh.sos_open(was.state) THEN
        PERFORM private.refuse('DH409', format(
          'Yêu cầu %s đang ở trạng thái %s, không thể phân công.'
          ' / Request %s is %s; it cannot be assigned.',
          was.code, was.state, was.code, was.state));
      END IF;
      -- To assign is to have verified.
      IF was.state = 'new' THEN
        UPDATE layer.sos_requests SET state = 'verified' WHERE id = request;
      END IF;
      PERFORM private.sos_give(was, team, also, who.login);
      PERFORM private.sos_note_step(request, 'assign', NULL, private.team_name(team), said);
      UPDATE layer.sos_requests SET state = 'assigned' WHERE id = request AND state <> 'assigned';
    END $$
    """,
    """
    CREATE FUNCTION private.sos_give(
      request layer.sos_requests, team bigint, also boolean, actor_name text
    ) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
      chosen layer.rescue_teams;
      busy_with text;
    BEGIN
      SELECT * INTO chosen FROM layer.rescue_teams WHERE id = team FOR UPDATE;
      IF chosen.id IS NULL THEN
        PERFORM private.refuse('DH404', format(
          'Không có đội số %s. / There is no team %s.', team, team));
      END IF;
      IF chosen.state <> 'free' AND NOT (chosen.state = 'busy' AND also) THEN
        SELECT string_agg(r.code, ', ') INTO busy_with FROM private.sos_assignment AS a
        JOIN layer.sos_requests AS r ON r.id = a.request_id
        WHERE a.team_id = team AND a.ended_at IS NULL;
        busy_with := coalesce(': ' || busy_with, '');
        PERFORM private.refuse('DH409', format(
          'Đội %s không rảnh (%s%s). / Team %s is not free (%s%s).',
          chosen.name, chosen.state, busy_with, chosen.name, chosen.state, busy_with));
      END IF;
      INSERT INTO private.sos_assignment (request_id, team_id, actor)
      VALUES (request.id, team, actor_name);
      UPDATE layer.rescue_teams SET state = 'busy' WHERE id = team AND state <> 'busy';
    END $$
    """,
    """
    CREATE FUNCTION dieuhanh.decline_sos(request uuid, said text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('rescuer', 'operator', 'coordinator', 'admin');
      was layer.sos_requests := private.sos_for(request, who, true);
      team bigint := private.sos_end_assignment(request, 'declined');
    BEGIN
      IF team IS NULL THEN
        PERFORM private.refuse('DH409', format(
          'Yêu cầu %s chưa phân công cho đội nào. / Request %s is assigned to no team.',
          was.code, was.code));
      END IF;
      PERFORM private.sos_note_step(request, 'decline', private.team_name(team), NULL, said);
      UPDATE layer.sos_requests SET state = 'verified' WHERE id = request;
    END $$
    """,
    """
    CREATE FUNCTION dieuhanh.hand_over_sos(request uuid, team bigint, said text, also boolean)
    RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('operator', 'coordinator', 'admin');
      was layer.sos_requests := private.sos_for(request, who, true);
      before bigint := (SELECT a.team_id FROM private.sos_assignment AS a
        WHERE a.request_id = request AND a.ended_at IS NULL);
    BEGIN
      IF before IS NULL OR before = team THEN
        PERFORM private.refuse('DH409', format(
          'Yêu cầu %s không có đội khác để bàn giao. / Request %s has no other team to take from.',
          was.code, was.code));
      END IF;
      -- Both always in the same order, so that two who swap teams do not wait for each other.
      PERFORM FROM layer.rescue_teams WHERE id IN (before, team) ORDER BY id FOR UPDATE;
      PERFORM private.sos_end_assignment(request, 'handed_over');
      PERFORM private.sos_give(was, team, also, who.login);
      PERFORM private.sos_note_step(request, 'hand_over',
        private.team_name(before), private.team_name(team), said);
      UPDATE layer.sos_requests SET state = 'assigned' WHERE id = request AND state <> 'assigned';
    END $$
    """,
    """
    CREATE FUNCTION dieuhanh.move_team(team bigint, lon float8, lat float8, accuracy float8)
    RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('rescuer', 'operator', 'coordinator', 'admin');
    BEGIN
      IF who.role = 'rescuer' AND NOT EXISTS (SELECT FROM private.team_member
        WHERE account_id = who.id AND team_id = team) THEN
        PERFORM private.refuse('DH403', 'Đây không phải đội của bạn. / This is not your team.');
      END IF;
      UPDATE layer.rescue_teams SET accuracy_m = accuracy, position_at = now(),
        geom_exact = ST_SetSRID(ST_MakePoint(lon, lat), 4326) WHERE id = team;
      IF NOT FOUND THEN
        PERFORM private.refuse('DH404', format(
          'Không có đội số %s. / There is no team %s.', team, team));
      END IF;
    END $$
    """,
    # Contacts and members; coordination's to set. Gives the names that are no rescuer's account:
    # if there are any, nothing is changed.
    """
    CREATE FUNCTION dieuhanh.set_team(team bigint, leader text, phone text, members text[])
    RETURNS text[]
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('coordinator', 'admin');
      unknown text[] := ARRAY(SELECT m FROM unnest(members) AS m WHERE NOT EXISTS (
        SELECT FROM private.account AS a WHERE a.login = m AND a.role = 'rescuer'));
    BEGIN
      PERFORM FROM layer.rescue_teams WHERE id = team FOR UPDATE;
      IF NOT FOUND THEN
        PERFORM private.refuse('DH404', format(
          'Không có đội số %s. / There is no team %s.', team, team));
      END IF;
      IF cardinality(unknown) > 0 THEN
        RETURN unknown;
      END IF;
      INSERT INTO private.team_contact AS c (team_id, leader, phone) VALUES (team, leader, phone)
      ON CONFLICT (team_id) DO UPDATE SET leader = excluded.leader, phone = excluded.phone;
      DELETE FROM private.team_member WHERE team_id = team;
      INSERT INTO private.team_member (team_id, account_id)
      SELECT team, a.id FROM private.account AS a WHERE a.login = ANY (members);
      RETURN unknown;
    END $$
    """,
    # What a kind of request needs of a team; NULL: any team will do.
    """
    CREATE FUNCTION dieuhanh.team_can(team layer.rescue_teams, category text) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS $$
      SELECT CASE category WHEN 'trapped' THEN team.boat WHEN 'landslide' THEN team.digging
        WHEN 'missing' THEN team.digging OR team.boat WHEN 'medical' THEN team.medical
        WHEN 'medicine' THEN team.medical OR team.supplies
        WHEN 'food_water' THEN team.supplies WHEN 'evacuation' THEN team.transport OR team.boat
        WHEN 'shelter' THEN team.transport ELSE true END
    $$
    """,
)


def upgrade() -> None:
    for statement in (*PERMISSION, *STEPS, *TEAMS):
        # Straight to the driver, so that a colon stays what it is.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    for name in ("refuse", "acting_as", "sos_for", "team_name", "sos_give"):
        op.execute(f"DROP FUNCTION private.{name} CASCADE")
