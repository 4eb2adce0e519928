"""What stands behind a request for help: report, timeline, photos, assignments; its state machine.

Revises: 0007
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# No foreign keys to the layers' tables: a load may empty those, and a history may bring back
# what was deleted. Reports outlive their request until they are purged.
TABLES = (
    # The key of follow tokens, proofs and hashed addresses; made once, never shown.
    """
    CREATE TABLE private.sos_key (
      one boolean PRIMARY KEY DEFAULT true CHECK (one),
      key bytea NOT NULL DEFAULT
        sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
    )
    """,
    "INSERT INTO private.sos_key DEFAULT VALUES",
    """
    CREATE TABLE private.sos_report (
      request_id uuid PRIMARY KEY,
      content_hash bytea NOT NULL,
      follow_hash bytea NOT NULL UNIQUE,
      other_contents integer NOT NULL DEFAULT 0,
      name text CHECK (char_length(name) <= 120),
      phone text CHECK (char_length(phone) <= 20),
      phone_hash bytea,
      note text CHECK (char_length(note) <= 4000),
      needs text[],
      address text CHECK (char_length(address) <= 300),
      on_behalf_of text CHECK (char_length(on_behalf_of) <= 120),
      position_source text NOT NULL
        CHECK (position_source IN ('gps', 'coordinates', 'map_link', 'plus_code', 'commune')),
      sender_hash bytea,
      proof_hash bytea UNIQUE,
      flags text[] NOT NULL DEFAULT '{}',
      received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      closed_at timestamptz,
      purged_at timestamptz
    )
    """,
    "CREATE INDEX ON private.sos_report (phone_hash, received_at) WHERE phone_hash IS NOT NULL",
    "CREATE INDEX ON private.sos_report (closed_at) WHERE purged_at IS NULL",
    """
    CREATE TABLE private.sos_intake (
      request_id uuid PRIMARY KEY REFERENCES private.sos_report,
      code text NOT NULL UNIQUE,
      post jsonb NOT NULL,
      reasons text[] NOT NULL,
      state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'released', 'rejected')),
      decided_at timestamptz,
      decided_by text,
      note text
    )
    """,
    "CREATE INDEX ON private.sos_intake (request_id) WHERE state = 'waiting'",
    """
    CREATE TABLE private.sos_step (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      request_id uuid NOT NULL,
      at timestamptz NOT NULL DEFAULT clock_timestamp(),
      actor text NOT NULL,
      kind text NOT NULL CHECK (kind IN ('posted', 'state', 'priority', 'note', 'photo',
        'assign', 'decline', 'hand_over', 'merge', 'unmerge', 'merged_in', 'deleted')),
      from_value text,
      to_value text,
      note text CHECK (char_length(note) <= 4000)
    )
    """,
    "CREATE INDEX ON private.sos_step (request_id, id)",
    "CREATE INDEX ON private.sos_step (at) WHERE note IS NOT NULL",
    """
    CREATE TABLE private.sos_photo (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      request_id uuid NOT NULL,
      source_hash bytea NOT NULL,
      bytes integer NOT NULL,
      width integer NOT NULL,
      height integer NOT NULL,
      at timestamptz NOT NULL DEFAULT clock_timestamp(),
      UNIQUE (request_id, source_hash)
    )
    """,
    # Files that no row above stands for, or not yet: noted before a file is written and when a row
    # goes, so that a crash leaves nothing that is not known of.
    """
    CREATE TABLE private.sos_photo_loose (
      id uuid PRIMARY KEY,
      since timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """,
    """
    CREATE TABLE private.sos_assignment (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      request_id uuid NOT NULL,
      team_id bigint NOT NULL,
      at timestamptz NOT NULL DEFAULT clock_timestamp(),
      actor text NOT NULL,
      ended_at timestamptz,
      outcome text CHECK (outcome IN ('done', 'declined', 'handed_over', 'withdrawn'))
    )
    """,
    # Of two who assign at once, one wins.
    "CREATE UNIQUE INDEX ON private.sos_assignment (request_id) WHERE ended_at IS NULL",
    "CREATE INDEX ON private.sos_assignment (team_id) WHERE ended_at IS NULL",
    """
    CREATE TABLE private.sos_merge (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      request_id uuid NOT NULL,
      into_id uuid NOT NULL CHECK (into_id <> request_id),
      at timestamptz NOT NULL DEFAULT clock_timestamp(),
      actor text NOT NULL,
      undone_at timestamptz,
      undone_by text
    )
    """,
    "CREATE UNIQUE INDEX ON private.sos_merge (request_id) WHERE undone_at IS NULL",
    "CREATE INDEX ON private.sos_merge (into_id) WHERE undone_at IS NULL",
    """
    CREATE TABLE private.team_contact (
      team_id bigint PRIMARY KEY,
      leader text,
      phone text
    )
    """,
    """
    CREATE TABLE private.team_member (
      team_id bigint NOT NULL,
      account_id bigint NOT NULL REFERENCES private.account ON DELETE CASCADE,
      PRIMARY KEY (account_id, team_id)
    )
    """,
    # Counts for the limits: by minute, and in lanes so that writers do not wait for one another.
    # Not worth a log: after a crash the limits begin anew.
    """
    CREATE UNLOGGED TABLE private.sos_rate (
      subject bytea NOT NULL,
      minute timestamptz NOT NULL,
      lane integer NOT NULL,
      posts integer NOT NULL DEFAULT 1,
      PRIMARY KEY (subject, minute, lane)
    )
    """,
    "CREATE INDEX ON private.sos_rate (minute)",
)

RULES = (
    # Points by the facts; docs/rescue.md says the same in words.
    """
    CREATE FUNCTION dieuhanh.sos_priority(
      category text, people integer, injured integer, children integer, elderly integer
    ) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
      SELECT CASE WHEN points >= 7 THEN 'critical' WHEN points >= 5 THEN 'high'
        WHEN points >= 3 THEN 'medium' ELSE 'low' END
      FROM (SELECT
        CASE category WHEN 'landslide' THEN 5 WHEN 'medical' THEN 5 WHEN 'trapped' THEN 5
          WHEN 'missing' THEN 4 WHEN 'evacuation' THEN 3 WHEN 'medicine' THEN 2 ELSE 1 END
        + CASE WHEN injured >= 5 THEN 4 WHEN injured > 0 THEN 3 ELSE 0 END
        + CASE WHEN children > 0 OR elderly > 0 THEN 1 ELSE 0 END
        + CASE WHEN people >= 50 THEN 2 WHEN people >= 10 THEN 1 ELSE 0 END AS points
      ) AS facts
    $$
    """,
    """
    CREATE FUNCTION dieuhanh.sos_may_become(was text, becomes text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
      SELECT CASE was
        WHEN 'new' THEN becomes IN ('verified', 'cancelled', 'duplicate', 'false')
        WHEN 'verified' THEN becomes IN ('assigned', 'cancelled', 'duplicate', 'false')
        WHEN 'assigned' THEN becomes IN
          ('verified', 'en_route', 'cancelled', 'duplicate', 'false')
        WHEN 'en_route' THEN becomes IN
          ('verified', 'assigned', 'on_site', 'cancelled', 'duplicate', 'false')
        WHEN 'on_site' THEN becomes IN
          ('verified', 'assigned', 'resolved', 'cancelled', 'duplicate', 'false')
        ELSE false END
    $$
    """,
    """
    CREATE FUNCTION dieuhanh.sos_open(state text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT state IN ('new', 'verified', 'assigned', 'en_route', 'on_site') $$
    """,
)

_BULK = """(coalesce(current_setting('dieuhanh.bulk', true), '') = 'on' AND pg_has_role(
        CASE current_setting('role') WHEN 'none' THEN session_user
          ELSE current_setting('role')::name END, current_user, 'MEMBER'))"""

TRIGGERS = (
    # Before `dieuhanh_row`, which writes the ready-made feature from what is set here.
    f"""
    CREATE FUNCTION dieuhanh.sos_guard() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      IF {_BULK} THEN
        RETURN NEW;
      END IF;
      IF TG_OP = 'INSERT' THEN
        NEW.priority := coalesce(NEW.priority, dieuhanh.sos_priority(
          NEW.category, NEW.people, NEW.injured, NEW.children, NEW.elderly));
        -- A request begins as new, or verified by who enters it. One that was deleted and is
        -- brought back is what it was, but its team and what it was merged into are gone.
        IF NEW.state NOT IN ('new', 'verified') THEN
          IF NOT EXISTS (SELECT FROM private.sos_step WHERE request_id = NEW.id) THEN
            RAISE EXCEPTION USING ERRCODE = 'DH409', MESSAGE = format(
              'Yêu cầu mới phải ở trạng thái new hoặc verified, không phải %s.'
              ' / A new request is new or verified, not %s.', NEW.state, NEW.state);
          END IF;
          IF NEW.state IN ('assigned', 'en_route', 'on_site', 'duplicate') THEN
            NEW.state := 'verified';
          END IF;
        END IF;
        IF NEW.state = 'resolved' THEN
          NEW.resolved_at := coalesce(NEW.resolved_at, now());
        END IF;
        RETURN NEW;
      END IF;
      IF NEW.state IS DISTINCT FROM OLD.state THEN
        -- Out of a merge a request goes back to where it was, once the merge is undone.
        IF NOT dieuhanh.sos_may_become(OLD.state, NEW.state) AND NOT (
          OLD.state = 'duplicate'
          AND NOT EXISTS (SELECT FROM private.sos_merge AS m
            WHERE m.request_id = NEW.id AND m.undone_at IS NULL)
          AND NEW.state IS NOT DISTINCT FROM (
            SELECT step.from_value FROM private.sos_step AS step
            WHERE step.request_id = NEW.id AND step.kind = 'state'
              AND step.to_value = 'duplicate'
            ORDER BY step.id DESC LIMIT 1)
        ) THEN
          RAISE EXCEPTION USING ERRCODE = 'DH409', MESSAGE = format(
            'Yêu cầu %s đang ở trạng thái %s, không thể chuyển sang %s.'
            ' / Request %s is %s; it cannot become %s.',
            OLD.code, OLD.state, NEW.state, OLD.code, OLD.state, NEW.state);
        END IF;
        IF NEW.state = 'duplicate' AND NOT EXISTS (SELECT FROM private.sos_merge AS m
          WHERE m.request_id = NEW.id AND m.undone_at IS NULL) THEN
          RAISE EXCEPTION USING ERRCODE = 'DH409', MESSAGE = format(
            'Yêu cầu %s chỉ thành trùng lặp khi được gộp vào yêu cầu khác.'
            ' / Request %s becomes a duplicate by being merged into another one.',
            OLD.code, OLD.code);
        END IF;
        IF OLD.state = 'verified' AND NEW.state = 'assigned' AND NOT EXISTS (
          SELECT FROM private.sos_assignment AS a
          WHERE a.request_id = NEW.id AND a.ended_at IS NULL) THEN
          RAISE EXCEPTION USING ERRCODE = 'DH409', MESSAGE = format(
            'Yêu cầu %s chưa có đội nào; hãy phân công cho một đội.'
            ' / Request %s has no team; assign one.', OLD.code, OLD.code);
        END IF;
        NEW.resolved_at := CASE WHEN NEW.state = 'resolved' THEN now() END;
      END IF;
      -- A priority that the facts gave follows them; one that a person gave stays.
      IF NEW.priority = OLD.priority AND OLD.priority = dieuhanh.sos_priority(
        OLD.category, OLD.people, OLD.injured, OLD.children, OLD.elderly) THEN
        NEW.priority := dieuhanh.sos_priority(
          NEW.category, NEW.people, NEW.injured, NEW.children, NEW.elderly);
      END IF;
      RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER a_sos_guard BEFORE INSERT OR UPDATE ON layer.sos_requests
    FOR EACH ROW EXECUTE FUNCTION dieuhanh.sos_guard()
    """,
    # The note for the step comes in a setting of the transaction, and is used once.
    """
    CREATE FUNCTION private.sos_note_step(
      request uuid, what text, was text, becomes text, said text DEFAULT NULL
    ) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO private.sos_step (request_id, actor, kind, from_value, to_value, note)
      VALUES (request, dieuhanh.actor(), what, was, becomes,
        coalesce(said, nullif(current_setting('dieuhanh.note', true), '')));
      PERFORM set_config('dieuhanh.note', '', true);
    END $$
    """,
    """
    CREATE FUNCTION private.sos_end_assignment(request uuid, how text) RETURNS bigint
    LANGUAGE plpgsql AS $$
    DECLARE
      team bigint;
    BEGIN
      UPDATE private.sos_assignment AS a SET ended_at = clock_timestamp(), outcome = how
      WHERE a.request_id = request AND a.ended_at IS NULL RETURNING a.team_id INTO team;
      UPDATE layer.rescue_teams AS t SET state = 'free'
      WHERE t.id = team AND t.state = 'busy' AND NOT EXISTS (
        SELECT FROM private.sos_assignment AS a WHERE a.team_id = team AND a.ended_at IS NULL);
      RETURN team;
    END $$
    """,
    f"""
    CREATE FUNCTION dieuhanh.sos_record() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      IF {_BULK} THEN
        RETURN NULL;
      END IF;
      IF TG_OP = 'DELETE' THEN
        PERFORM private.sos_note_step(OLD.id, 'deleted', OLD.state, NULL);
        PERFORM private.sos_end_assignment(OLD.id, 'withdrawn');
        UPDATE private.sos_report SET closed_at = now()
        WHERE request_id = OLD.id AND closed_at IS NULL;
        RETURN NULL;
      END IF;
      IF NEW.state IS DISTINCT FROM OLD.state THEN
        PERFORM private.sos_note_step(NEW.id, 'state', OLD.state, NEW.state);
        IF NOT dieuhanh.sos_open(NEW.state) OR NEW.state = 'verified' THEN
          PERFORM private.sos_end_assignment(
            NEW.id, CASE NEW.state WHEN 'resolved' THEN 'done' ELSE 'withdrawn' END);
        END IF;
        UPDATE private.sos_report
        SET closed_at = CASE WHEN NOT dieuhanh.sos_open(NEW.state) THEN now() END
        WHERE request_id = NEW.id
          AND (closed_at IS NOT NULL) IS DISTINCT FROM (NOT dieuhanh.sos_open(NEW.state));
      END IF;
      IF NEW.priority IS DISTINCT FROM OLD.priority THEN
        PERFORM private.sos_note_step(NEW.id, 'priority', OLD.priority, NEW.priority);
      END IF;
      RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER sos_record AFTER UPDATE ON layer.sos_requests FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state OR OLD.priority IS DISTINCT FROM NEW.priority)
    EXECUTE FUNCTION dieuhanh.sos_record()
    """,
    """
    CREATE TRIGGER sos_deleted AFTER DELETE ON layer.sos_requests
    FOR EACH ROW EXECUTE FUNCTION dieuhanh.sos_record()
    """,
    # By statement, so that a large load queues nothing for each row.
    f"""
    CREATE FUNCTION dieuhanh.sos_posted() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      IF NOT {_BULK} THEN
        INSERT INTO private.sos_step (request_id, actor, kind, to_value)
        SELECT id, dieuhanh.actor(), 'posted', state FROM new_rows;
      END IF;
      RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER sos_posted AFTER INSERT ON layer.sos_requests
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION dieuhanh.sos_posted()
    """,
    """
    CREATE FUNCTION dieuhanh.team_moved() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.geom IS DISTINCT FROM OLD.geom OR NEW.geom_exact IS DISTINCT FROM OLD.geom_exact THEN
        NEW.position_at := now();
      END IF;
      RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER a_team_moved BEFORE UPDATE ON layer.rescue_teams
    FOR EACH ROW EXECUTE FUNCTION dieuhanh.team_moved()
    """,
)


def upgrade() -> None:
    for statement in (*TABLES, *RULES, *TRIGGERS):
        # Straight to the driver, so that a colon stays what it is.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    op.execute("DROP FUNCTION dieuhanh.sos_guard() CASCADE")
    op.execute("DROP FUNCTION dieuhanh.sos_record() CASCADE")
    op.execute("DROP FUNCTION dieuhanh.sos_posted() CASCADE")
    op.execute("DROP FUNCTION dieuhanh.team_moved() CASCADE")
