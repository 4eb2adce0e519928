"""Stays in quarantine: the tables, what is admitted where, the prescribed tests, purged in time.

Revises: 0028
"""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

KEEPERS = "dieuhanh_officer, dieuhanh_admin"
STAFF = "dieuhanh_viewer, dieuhanh_analyst, dieuhanh_coordinator, dieuhanh_operator, " + KEEPERS
_PLACE = "place ~ '^(quarantine_sites|hotels)/[0-9]{1,18}$' OR place IN ('home', 'medical')"

TABLES = (
    *(
        f"ALTER TABLE layer.{layer} ADD COLUMN cameras_working integer,"
        f' ADD CONSTRAINT ck_{layer}_cameras_working_min CHECK ("cameras_working" >= 0),'
        f" ADD CONSTRAINT ck_{layer}_cameras_working_of_cameras CHECK (cameras_working <= cameras)"
        for layer in ("quarantine_sites", "hotels")
    ),
    # The province's own regimes, written by `dieuhanh migrate`.
    """
    CREATE TABLE register.quarantine_regime (
      id text PRIMARY KEY,
      days integer NOT NULL CHECK (days BETWEEN 1 AND 365),
      tests integer[] NOT NULL
    )
    """,
    # `since` is the first day of quarantine, also of who came from another place.
    f"""
    CREATE TABLE register.stays (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      version bigint NOT NULL DEFAULT 1,
      person_id uuid NOT NULL REFERENCES private.person,
      place text NOT NULL,
      facility text,
      room text,
      regime text NOT NULL,
      since date NOT NULL,
      admitted_at timestamptz(0) NOT NULL DEFAULT date_trunc('second', now()),
      due_until date NOT NULL,
      state text NOT NULL DEFAULT 'admitted',
      released_at timestamptz(0),
      decision text,
      reason text,
      over_reason text,
      follows uuid REFERENCES register.stays ON DELETE SET NULL,
      commune_code text,
      district_code text,
      made_at timestamptz(0) NOT NULL DEFAULT now(),
      updated_at timestamptz(0) NOT NULL DEFAULT now(),
      CONSTRAINT ck_stays_place CHECK ({_PLACE}),
      CONSTRAINT ck_stays_state_code CHECK (
        "state" IN ('admitted', 'transferred', 'released', 'absconded', 'died')),
      CONSTRAINT ck_stays_ended CHECK ((state = 'admitted') = (released_at IS NULL)),
      CONSTRAINT ck_stays_order CHECK (released_at >= admitted_at),
      CONSTRAINT ck_stays_facility CHECK (place <> 'medical' OR facility IS NOT NULL),
      CONSTRAINT ck_stays_lengths CHECK (char_length(facility) <= 160
        AND char_length(room) <= 40 AND char_length(decision) <= 80
        AND char_length(reason) <= 500 AND char_length(over_reason) <= 500)
    )
    """,
    "CREATE UNIQUE INDEX stays_one_at_a_time ON register.stays (person_id)"
    " WHERE state = 'admitted'",
    "CREATE INDEX stays_present ON register.stays (place) WHERE state = 'admitted'",
    "CREATE INDEX stays_ended ON register.stays (released_at) WHERE released_at IS NOT NULL",
    f"""
    CREATE TABLE register.quarantine_tests (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      version bigint NOT NULL DEFAULT 1,
      person_id uuid NOT NULL REFERENCES private.person,
      stay_id uuid NOT NULL REFERENCES register.stays ON DELETE CASCADE,
      place text NOT NULL,
      due_on date NOT NULL,
      taken_at timestamptz(0),
      result text,
      laboratory text,
      void boolean NOT NULL DEFAULT false,
      commune_code text,
      district_code text,
      made_at timestamptz(0) NOT NULL DEFAULT now(),
      updated_at timestamptz(0) NOT NULL DEFAULT now(),
      CONSTRAINT ck_quarantine_tests_place CHECK ({_PLACE}),
      CONSTRAINT ck_quarantine_tests_result_code CHECK (
        "result" IN ('negative', 'positive', 'inconclusive')),
      CONSTRAINT ck_quarantine_tests_taken CHECK (result IS NULL OR taken_at IS NOT NULL),
      CONSTRAINT ck_quarantine_tests_laboratory_length CHECK (char_length(laboratory) <= 160)
    )
    """,
    "CREATE INDEX ON register.quarantine_tests (stay_id)",
    # How many of a place's `occupied` the register lists: people of a site, rooms of a hotel.
    """
    CREATE TABLE register.occupancy (
      place text PRIMARY KEY,
      listed integer NOT NULL CHECK (listed >= 0)
    )
    """,
    # What is kept of stays whose persons have been forgotten.
    """
    CREATE TABLE register.stay_day (
      place text NOT NULL,
      commune_code text NOT NULL,
      day date NOT NULL,
      admissions integer NOT NULL DEFAULT 0,
      releases integer NOT NULL DEFAULT 0,
      person_days integer NOT NULL DEFAULT 0,
      PRIMARY KEY (place, commune_code, day)
    )
    """,
)

OCCUPANCY = (
    # The features of places locked until the commit, always in the same order.
    """
    CREATE FUNCTION private.lock_places(places text[]) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
      one text;
    BEGIN
      FOR one IN SELECT DISTINCT p FROM unnest(places) AS p
        WHERE p ~ '^(quarantine_sites|hotels)/[0-9]{1,18}$' ORDER BY p
      LOOP
        EXECUTE format('SELECT FROM layer.%I WHERE id = $1 FOR UPDATE', split_part(one, '/', 1))
        USING split_part(one, '/', 2)::bigint;
      END LOOP;
    END $$
    """,
    # How many the register lists: at a site each person counts, at a hotel each room once.
    """
    CREATE FUNCTION private.listed(at_place text, until date DEFAULT NULL) RETURNS integer
    LANGUAGE sql STABLE AS $$
      SELECT CASE WHEN at_place LIKE 'hotels/%'
        THEN count(DISTINCT coalesce(dieuhanh.fold(btrim(s.room)), s.id::text)) ELSE count(*) END::integer
      FROM register.stays AS s
      WHERE s.place = at_place AND s.state = 'admitted' AND (until IS NULL OR s.due_until > until)
    $$
    """,
    # Brings `occupied` of a place in step with the register, in the same transaction. Whom the
    # register does not list stays counted: only the difference is added.
    """
    CREATE FUNCTION private.count_place(at_place text, is_reasoned boolean) RETURNS void
    LANGUAGE plpgsql AS $$
    DECLARE
      number bigint := split_part(at_place, '/', 2)::bigint;
      present integer;
      before integer;
      more integer;
      site layer.quarantine_sites;
      hotel layer.hotels;
    BEGIN
      PERFORM private.lock_places(ARRAY[at_place]);
      present := private.listed(at_place);
      SELECT o.listed INTO before FROM register.occupancy AS o WHERE o.place = at_place;
      more := present - coalesce(before, 0);
      IF more = 0 THEN
        RETURN;
      END IF;
      INSERT INTO register.occupancy (place, listed) VALUES (at_place, present)
      ON CONFLICT (place) DO UPDATE SET listed = excluded.listed;
      IF at_place LIKE 'hotels/%' THEN
        SELECT * INTO hotel FROM layer.hotels WHERE id = number;
        IF more > 0 THEN
          PERFORM private.require_room(hotel, present, more, is_reasoned);
        END IF;
        UPDATE layer.hotels SET occupied = occupied + more,
          state = CASE
            WHEN more > 0 AND state IN ('available', 'standby') AND present >= rooms_quarantine
              THEN 'full'
            WHEN more < 0 AND state = 'full' AND present < rooms_quarantine THEN 'available'
            ELSE state END
        WHERE id = number;
        RETURN;
      END IF;
      UPDATE layer.quarantine_sites SET occupied = occupied + more,
        state = CASE
          WHEN more > 0 AND state IN ('ready', 'receiving')
            THEN CASE WHEN occupied + more >= capacity THEN 'full' ELSE 'receiving' END
          WHEN more < 0 AND state = 'full' AND occupied + more < capacity THEN 'receiving'
          ELSE state END
      WHERE id = number RETURNING * INTO site;
      IF more > 0 AND site.state = 'closed' THEN
        PERFORM private.refuse('DH409', format('%s đã ngừng hoạt động. / %s is closed.',
          site.name, site.name));
      END IF;
      IF more > 0 AND site.occupied > site.capacity AND NOT is_reasoned THEN
        PERFORM private.refuse('DH409', format(
          '%s đã đủ %s người; tiếp nhận thêm phải ghi lý do vượt sức chứa.'
          ' / %s has its %s people; to admit more takes a reason.',
          site.name, site.capacity, site.name, site.capacity),
          jsonb_build_object('capacity', site.capacity, 'occupied', site.occupied - more));
      END IF;
    END $$
    """,
    """
    CREATE FUNCTION private.require_room(
      hotel layer.hotels, present integer, more integer, is_reasoned boolean
    ) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
      IF NOT hotel.paid_quarantine OR hotel.state = 'closed' THEN
        PERFORM private.refuse('DH409', format(
          '%s không nhận cách ly. / %s takes nobody in quarantine.', hotel.name, hotel.name));
      END IF;
      -- A room that is not there cannot be given, whatever the reason.
      IF hotel.occupied + more > hotel.rooms OR (present > hotel.rooms_quarantine AND NOT is_reasoned) THEN
        PERFORM private.refuse('DH409', format(
          '%s đã hết phòng (%s phòng cách ly, %s / %s phòng đang dùng); vượt số phòng cách ly phải'
          ' ghi lý do. / %s has no room free (%s for quarantine, %s of %s in use); beyond those for'
          ' quarantine takes a reason.',
          hotel.name, hotel.rooms_quarantine, hotel.occupied, hotel.rooms,
          hotel.name, hotel.rooms_quarantine, hotel.occupied, hotel.rooms),
          jsonb_build_object('capacity', hotel.rooms_quarantine, 'occupied', present - more));
      END IF;
    END $$
    """,
    # After each statement, once for each place that it touched.
    """
    CREATE FUNCTION register.count_stays() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      one record;
    BEGIN
      IF private.is_bulk() THEN
        RETURN NULL;
      END IF;
      IF TG_OP = 'INSERT' THEN
        FOR one IN SELECT n.place, bool_and(n.over_reason IS NOT NULL) AS is_reasoned
          FROM new_rows AS n WHERE n.place LIKE '%/%' GROUP BY n.place ORDER BY n.place
        LOOP
          PERFORM private.count_place(one.place, one.is_reasoned);
        END LOOP;
      ELSIF TG_OP = 'UPDATE' THEN
        FOR one IN SELECT n.place, bool_and(n.over_reason IS NOT NULL) AS is_reasoned FROM (
            SELECT place, over_reason FROM new_rows UNION ALL
            SELECT place, over_reason FROM old_rows) AS n
          WHERE n.place LIKE '%/%' GROUP BY n.place ORDER BY n.place
        LOOP
          PERFORM private.count_place(one.place, one.is_reasoned);
        END LOOP;
      ELSE
        FOR one IN SELECT DISTINCT o.place FROM old_rows AS o WHERE o.place LIKE '%/%' ORDER BY 1
        LOOP
          PERFORM private.count_place(one.place, true);
        END LOOP;
      END IF;
      RETURN NULL;
    END $$
    """,
    *(
        f"CREATE TRIGGER b_count_{operation.lower()} AFTER {operation} ON register.stays"
        f" REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION register.count_stays()"
        for operation, tables in (
            ("INSERT", "NEW TABLE AS new_rows"),
            ("UPDATE", "OLD TABLE AS old_rows NEW TABLE AS new_rows"),
            ("DELETE", "OLD TABLE AS old_rows"),
        )
    ),
    # Whoever types `occupied` cannot say fewer than the register lists, and a place where
    # somebody is stays.
    """
    CREATE FUNCTION register.hold_place() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      present integer;
    BEGIN
      IF private.is_bulk() THEN
        RETURN coalesce(NEW, OLD);
      END IF;
      SELECT o.listed INTO present FROM register.occupancy AS o
      WHERE o.place = TG_TABLE_NAME || '/' || OLD.id;
      IF coalesce(present, 0) = 0 THEN
        RETURN coalesce(NEW, OLD);
      END IF;
      IF TG_OP = 'DELETE' OR NEW.id <> OLD.id THEN
        PERFORM private.refuse('DH409', format(
          '%s đang có người cách ly, không xóa được. / Somebody is in quarantine at %s; it stays.',
          OLD.name, OLD.name));
      ELSIF NEW.occupied < least(present, OLD.occupied) THEN
        PERFORM private.refuse('DH409', format(
          'Sổ cách ly đang ghi %s ở %s; số đang dùng không thể ít hơn.'
          ' / The register lists %s at %s; no fewer can be occupied.',
          present, OLD.name, present, OLD.name));
      END IF;
      RETURN NEW;
    END $$
    """,
    *(
        f"CREATE TRIGGER hold_place BEFORE UPDATE OR DELETE ON layer.{layer}"
        " FOR EACH ROW EXECUTE FUNCTION register.hold_place()"
        for layer in ("quarantine_sites", "hotels")
    ),
)

RULES = (
    """
    CREATE FUNCTION register.begin_stay() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      rule register.quarantine_regime;
    BEGIN
      SELECT * INTO rule FROM register.quarantine_regime AS r WHERE r.id = NEW.regime;
      IF NOT FOUND THEN
        PERFORM private.refuse('DH422', format('Không có chế độ cách ly %s.'
          ' / There is no regime %s.', NEW.regime, NEW.regime));
      END IF;
      IF NEW.admitted_at > now() + interval '5 minutes' THEN
        PERFORM private.refuse('DH422', 'Thời điểm vào ở tương lai. / Admitted in the future.');
      END IF;
      IF EXISTS (SELECT FROM register.stays AS s
        WHERE s.person_id = NEW.person_id AND s.state = 'admitted' AND s.id <> NEW.id) THEN
        PERFORM private.refuse('DH409', 'Người này đang cách ly ở một nơi khác trong sổ.'
          ' / This person is in quarantine at another place already.');
      END IF;
      -- Who is transferred keeps the first day and the end.
      NEW.since := coalesce(NEW.since, dieuhanh.local_day(NEW.admitted_at));
      NEW.due_until := coalesce(NEW.due_until, NEW.since + rule.days);
      RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER begin_stay BEFORE INSERT ON register.stays"
    " FOR EACH ROW EXECUTE FUNCTION register.begin_stay()",
    # The tests that are still to come when the stay is entered; who comes by transfer brings them.
    """
    CREATE FUNCTION register.prescribe_tests() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      IF TG_OP = 'INSERT' AND NEW.follows IS NULL THEN
        INSERT INTO register.quarantine_tests (person_id, stay_id, place, due_on)
        SELECT NEW.person_id, NEW.id, NEW.place, NEW.since + d.day - 1
        FROM register.quarantine_regime AS r, unnest(r.tests) AS d(day)
        WHERE r.id = NEW.regime AND NEW.since + d.day - 1 >= dieuhanh.today();
      ELSIF TG_OP = 'UPDATE' AND OLD.state = 'admitted' AND NEW.state <> 'admitted' THEN
        UPDATE register.quarantine_tests SET void = true
        WHERE stay_id = NEW.id AND taken_at IS NULL AND NOT void;
      END IF;
      RETURN NULL;
    END $$
    """,
    "CREATE TRIGGER c_prescribe AFTER INSERT OR UPDATE ON register.stays"
    " FOR EACH ROW EXECUTE FUNCTION register.prescribe_tests()",
    # A result without a time was taken now.
    """
    CREATE FUNCTION register.take_test() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.result IS NOT NULL AND NEW.taken_at IS NULL THEN
        NEW.taken_at := now();
      END IF;
      RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER take_test BEFORE UPDATE ON register.quarantine_tests"
    " FOR EACH ROW EXECUTE FUNCTION register.take_test()",
)

ACTIONS = (
    # A stay that goes on, locked, for one who keeps it.
    """
    CREATE FUNCTION private.present_stay(row_id uuid) RETURNS register.stays
    LANGUAGE plpgsql AS $$
    DECLARE
      found register.stays;
    BEGIN
      PERFORM private.acting_as('officer', 'admin');
      PERFORM private.require_row('stays', row_id);
      SELECT * INTO found FROM register.stays AS s WHERE s.id = row_id FOR UPDATE;
      IF found.state <> 'admitted' THEN
        PERFORM private.refuse('DH409', 'Lượt cách ly này đã kết thúc. / This stay has ended.');
      END IF;
      RETURN found;
    END $$
    """,
    """
    CREATE FUNCTION private.ended_at(was register.stays, facts jsonb) RETURNS timestamptz
    LANGUAGE plpgsql AS $$
    DECLARE
      -- To the second, as the table keeps it, which must not come out before the admission.
      at timestamptz := date_trunc('second', coalesce((facts->>'at')::timestamptz, now()));
    BEGIN
      IF at > now() + interval '5 minutes' OR at < was.admitted_at THEN
        PERFORM private.refuse('DH422', 'Thời điểm phải sau lúc vào và không ở tương lai.'
          ' / The time must be after the admission, and not in the future.');
      END IF;
      RETURN at;
    END $$
    """,
    # One stay ends and the next begins, or neither does.
    """
    CREATE FUNCTION dieuhanh.stays_transfer(row_id uuid, facts jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      was register.stays := private.present_stay(row_id);
      at timestamptz := private.ended_at(was, facts);
      made uuid;
      moved uuid[];
    BEGIN
      IF facts->>'place' = was.place
        AND facts->>'facility' IS NOT DISTINCT FROM was.facility THEN
        PERFORM private.refuse('DH409',
          'Người này đang ở chính nơi đó. / This person is at that very place.');
      END IF;
      PERFORM private.lock_places(ARRAY[was.place, facts->>'place']);
      moved := ARRAY(SELECT q.id FROM register.quarantine_tests AS q
        WHERE q.stay_id = was.id AND q.taken_at IS NULL AND NOT q.void);
      UPDATE register.stays SET state = 'transferred', released_at = at,
        decision = coalesce(facts->>'decision', decision), reason = coalesce(facts->>'reason', reason)
      WHERE id = was.id;
      INSERT INTO register.stays (person_id, place, facility, room, regime, since, admitted_at,
        due_until, decision, over_reason, follows)
      VALUES (was.person_id, facts->>'place', facts->>'facility', facts->>'room', was.regime,
        was.since, at, was.due_until, facts->>'decision', facts->>'over_reason', was.id)
      RETURNING id INTO made;
      UPDATE register.quarantine_tests SET stay_id = made, place = facts->>'place', void = false
      WHERE id = ANY (moved);
    END $$
    """,
    """
    CREATE FUNCTION dieuhanh.stays_release(row_id uuid, facts jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      was register.stays := private.present_stay(row_id);
      at timestamptz := private.ended_at(was, facts);
    BEGIN
      IF dieuhanh.local_day(at) < was.due_until AND facts->>'reason' IS NULL THEN
        PERFORM private.refuse('DH409', format(
          'Chưa hết hạn cách ly (%s); cho về sớm phải ghi lý do.'
          ' / The quarantine lasts until %s; to release earlier takes a reason.',
          to_char(was.due_until, 'DD/MM/YYYY'), was.due_until));
      END IF;
      IF 'positive' = (SELECT q.result FROM register.quarantine_tests AS q
        WHERE q.stay_id = was.id AND q.result IS NOT NULL ORDER BY q.taken_at DESC LIMIT 1) THEN
        PERFORM private.refuse('DH409',
          'Kết quả xét nghiệm gần nhất dương tính: phải chuyển đến cơ sở y tế.'
          ' / The last test is positive: transfer to a medical facility.');
      END IF;
      UPDATE register.stays SET state = 'released', released_at = at,
        decision = coalesce(facts->>'decision', decision), reason = coalesce(facts->>'reason', reason)
      WHERE id = was.id;
    END $$
    """,
    """
    CREATE FUNCTION dieuhanh.stays_extend(row_id uuid, facts jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      was register.stays := private.present_stay(row_id);
      until date := (facts->>'due_until')::date;
    BEGIN
      IF until <= was.due_until OR until > dieuhanh.today() + 365 THEN
        PERFORM private.refuse('DH422', format(
          'Hạn mới phải sau %s và trong vòng một năm. / The new end must be after %s, within a year.',
          to_char(was.due_until, 'DD/MM/YYYY'), was.due_until));
      END IF;
      UPDATE register.stays SET due_until = until, reason = facts->>'reason',
        decision = coalesce(facts->>'decision', decision)
      WHERE id = was.id;
    END $$
    """,
    """
    CREATE FUNCTION dieuhanh.stays_end(row_id uuid, facts jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      was register.stays := private.present_stay(row_id);
    BEGIN
      IF coalesce(facts->>'state', '') NOT IN ('absconded', 'died') THEN
        PERFORM private.refuse('DH422',
          'Phải là bỏ trốn hoặc tử vong. / Must be absconded or died.');
      END IF;
      UPDATE register.stays SET state = facts->>'state',
        released_at = private.ended_at(was, facts), reason = facts->>'reason'
      WHERE id = was.id;
    END $$
    """,
)

KEEPING = (
    # Stays that ended so many days ago become numbers by place and day; their rows, tests and
    # history go.
    """
    CREATE FUNCTION private.purge_stays(keep_days float8, piece integer) RETURNS integer
    LANGUAGE plpgsql AS $$
    DECLARE
      gone uuid[];
    BEGIN
      PERFORM set_config('dieuhanh.bulk', 'on', true);
      gone := ARRAY(SELECT s.id FROM register.stays AS s
        WHERE s.released_at < now() - make_interval(secs => keep_days * 86400)
        ORDER BY s.released_at LIMIT piece FOR UPDATE SKIP LOCKED);
      PERFORM private.count_days(gone);
      DELETE FROM register.change AS c WHERE c.row_id = ANY (gone) OR c.row_id IN (
        SELECT q.id FROM register.quarantine_tests AS q WHERE q.stay_id = ANY (gone));
      DELETE FROM register.stays WHERE id = ANY (gone);
      RETURN cardinality(gone);
    END $$
    """,
    """
    CREATE FUNCTION private.count_days(stays uuid[]) RETURNS void LANGUAGE sql AS $$
      INSERT INTO register.stay_day AS d (place, commune_code, day, admissions, releases, person_days)
      SELECT s.place, coalesce(s.commune_code, ''), g.day::date,
        count(*) FILTER (WHERE g.day = dieuhanh.local_day(s.admitted_at)),
        count(*) FILTER (WHERE g.day = dieuhanh.local_day(s.released_at)),
        count(*)
      FROM register.stays AS s, generate_series(dieuhanh.local_day(s.admitted_at),
        dieuhanh.local_day(s.released_at), interval '1 day') AS g(day)
      WHERE s.id = ANY (stays) GROUP BY 1, 2, 3
      ON CONFLICT (place, commune_code, day) DO UPDATE SET
        admissions = d.admissions + excluded.admissions,
        releases = d.releases + excluded.releases,
        person_days = d.person_days + excluded.person_days
    $$
    """,
)

FIGURES = (
    # Only numbers. Officers get those of the stays they keep, the others of staff all of them.
    """
    CREATE FUNCTION dieuhanh.quarantine_figures() RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as(
        'viewer', 'analyst', 'operator', 'coordinator', 'officer', 'admin');
      reached text[] := CASE WHEN who.role = 'officer' THEN dieuhanh.reach('stays') ELSE '{*}' END;
      today date := dieuhanh.today();
      found jsonb;
    BEGIN
      SELECT jsonb_build_object(
        'today', today,
        'present', count(*) FILTER (WHERE s.state = 'admitted'),
        'home', count(*) FILTER (WHERE s.state = 'admitted' AND s.place = 'home'),
        'medical', count(*) FILTER (WHERE s.state = 'admitted' AND s.place = 'medical'),
        'quarantine_sites', count(*) FILTER (
          WHERE s.state = 'admitted' AND s.place LIKE 'quarantine_sites/%'),
        'hotels', count(*) FILTER (WHERE s.state = 'admitted' AND s.place LIKE 'hotels/%'),
        'admitted_today', count(*) FILTER (
          WHERE s.follows IS NULL AND dieuhanh.local_day(s.admitted_at) = today),
        'released_today', count(*) FILTER (
          WHERE s.state = 'released' AND dieuhanh.local_day(s.released_at) = today),
        'due_today', count(*) FILTER (WHERE s.state = 'admitted' AND s.due_until = today),
        'overdue', count(*) FILTER (WHERE s.state = 'admitted' AND s.due_until < today),
        'absconded', count(*) FILTER (WHERE s.state = 'absconded'))
      INTO found FROM register.stays AS s
      WHERE reached && dieuhanh.place_keys(s.place, s.district_code);
      SELECT found || jsonb_build_object(
        'tests_today', count(*) FILTER (WHERE q.due_on = today),
        'tests_overdue', count(*) FILTER (WHERE q.due_on < today))
      INTO found FROM register.quarantine_tests AS q
      WHERE q.taken_at IS NULL AND NOT q.void
        AND reached && dieuhanh.place_keys(q.place, q.district_code);
      RETURN found || jsonb_build_object('places', (
        SELECT coalesce(jsonb_agg(p.told ORDER BY p.place), '[]')
        FROM private.quarantine_places(today) AS p
        WHERE reached && dieuhanh.place_keys(p.place, p.district)));
    END $$
    """,
    # Each place with its free beds or rooms today and on the next fourteen days, if everybody
    # leaves on the day they are due and nobody comes. Whom the register does not list stay.
    """
    CREATE FUNCTION private.quarantine_places(today date)
    RETURNS TABLE (place text, district text, told jsonb) LANGUAGE sql STABLE AS $$
      WITH places AS (
        SELECT 'quarantine_sites/' || id AS place, name, district_code, state, capacity, occupied,
          capacity AS whole, cameras, cameras_working
        FROM layer.quarantine_sites
        UNION ALL
        SELECT 'hotels/' || id, name, district_code, state, rooms_quarantine, occupied, rooms,
          cameras, cameras_working
        FROM layer.hotels WHERE paid_quarantine
      ), leaving AS (
        SELECT s.place, CASE WHEN s.place LIKE 'hotels/%' THEN dieuhanh.fold(btrim(s.room)) END AS room,
          CASE WHEN s.room IS NULL OR s.place NOT LIKE 'hotels/%' THEN s.id END AS id,
          max(s.due_until) AS until
        FROM register.stays AS s WHERE s.state = 'admitted' AND s.place LIKE '%/%'
        GROUP BY 1, 2, 3
      ), days AS (
        SELECT l.place, count(*) AS listed, ARRAY(
            SELECT count(*) FILTER (WHERE x.until > today + g.n)
            FROM generate_series(0, 14) AS g(n), leaving AS x WHERE x.place = l.place
            GROUP BY g.n ORDER BY g.n) AS staying
        FROM leaving AS l GROUP BY l.place
      )
      SELECT p.place, p.district_code, jsonb_build_object('place', p.place, 'name', p.name,
        'state', p.state, 'capacity', p.capacity, 'occupied', p.occupied,
        'listed', coalesce(d.listed, 0), 'cameras', p.cameras,
        'cameras_working', p.cameras_working,
        'free', (
          SELECT jsonb_agg(CASE WHEN p.state = 'closed' THEN 0 ELSE least(p.capacity,
            p.whole - p.occupied + coalesce(d.listed, 0)) - coalesce(d.staying[n + 1], 0) END
            ORDER BY n)
          FROM generate_series(0, 14) AS n))
      FROM places AS p LEFT JOIN days AS d ON d.place = p.place
    $$
    """,
    # People in quarantine at home, by commune; a number under five is not told.
    """
    CREATE FUNCTION dieuhanh.home_quarantine() RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
      SELECT coalesce(jsonb_agg(jsonb_build_object('commune_code', c.code, 'people', c.people)
        ORDER BY c.code), '[]')
      FROM (SELECT s.commune_code AS code, count(*) AS people FROM register.stays AS s
            WHERE s.state = 'admitted' AND s.place = 'home' AND s.commune_code IS NOT NULL
            GROUP BY s.commune_code HAVING count(*) >= 5) AS c
    $$
    """,
    # Admissions, releases and person-days by place and day, of the stays that are there and of
    # those that are forgotten.
    """
    CREATE FUNCTION dieuhanh.quarantine_days(first date, last date) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as(
        'viewer', 'analyst', 'operator', 'coordinator', 'officer', 'admin');
      reached text[] := CASE WHEN who.role = 'officer' THEN dieuhanh.reach('stays') ELSE '{*}' END;
    BEGIN
      RETURN (
        SELECT coalesce(jsonb_agg(jsonb_build_object('day', d.day, 'admissions', d.admissions,
          'releases', d.releases, 'person_days', d.person_days) ORDER BY d.day), '[]')
        FROM (
          SELECT e.day, sum(e.admissions) AS admissions, sum(e.releases) AS releases,
            sum(e.person_days) AS person_days
          FROM (
            SELECT k.day, k.admissions, k.releases, k.person_days FROM register.stay_day AS k
            WHERE k.day BETWEEN first AND last AND reached && dieuhanh.place_keys(k.place, NULL)
            UNION ALL
            SELECT g.day::date, (g.day = dieuhanh.local_day(s.admitted_at))::integer,
              coalesce(g.day = dieuhanh.local_day(s.released_at), false)::integer, 1
            FROM register.stays AS s, generate_series(
              greatest(first, dieuhanh.local_day(s.admitted_at)),
              least(last, dieuhanh.local_day(coalesce(s.released_at, now()))),
              interval '1 day') AS g(day)
            WHERE reached && dieuhanh.place_keys(s.place, s.district_code)
          ) AS e GROUP BY e.day) AS d);
    END $$
    """,
)

_ROW = "(uuid, jsonb)"
CALLED = tuple(f"stays_{name}{_ROW}" for name in ("transfer", "release", "extend", "end"))
TOLD = ("quarantine_figures()", "quarantine_days(date, date)")
GRANTS = (
    *(f"REVOKE EXECUTE ON FUNCTION dieuhanh.{name} FROM PUBLIC" for name in (*CALLED, *TOLD)),
    *(f"GRANT EXECUTE ON FUNCTION dieuhanh.{name} TO {KEEPERS}" for name in CALLED),
    *(f"GRANT EXECUTE ON FUNCTION dieuhanh.{name} TO {STAFF}" for name in TOLD),
)


def upgrade() -> None:
    for statement in (*TABLES, *OCCUPANCY, *RULES, *ACTIONS, *KEEPING, *FIGURES, *GRANTS):
        # Straight to the driver, so that a colon stays what it is.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    for name in (*CALLED, *TOLD, "home_quarantine()"):
        op.execute(f"DROP FUNCTION dieuhanh.{name}")
    for layer in ("quarantine_sites", "hotels"):
        op.execute(f"DROP TRIGGER hold_place ON layer.{layer}")
        op.execute(f"ALTER TABLE layer.{layer} DROP COLUMN cameras_working")
    for name in ("purge_stays(float8, integer)", "count_days(uuid[])", "quarantine_places(date)"):
        op.execute(f"DROP FUNCTION private.{name}")
    op.execute("DROP TABLE register.quarantine_tests")
    op.execute("DROP TABLE register.stays CASCADE")
    for table in ("occupancy", "stay_day"):
        op.execute(f"DROP TABLE register.{table}")
    for name in ("count_stays()", "hold_place()", "begin_stay()", "prescribe_tests()"):
        op.execute(f"DROP FUNCTION register.{name}")
    op.execute("DROP FUNCTION register.take_test()")
    op.execute("DROP FUNCTION private.count_place(text, boolean)")
    op.execute("DROP FUNCTION private.require_room(layer.hotels, integer, integer, boolean)")
    op.execute("DROP FUNCTION private.listed(text, date)")
    op.execute("DROP FUNCTION private.lock_places(text[])")
    op.execute("DROP TABLE register.quarantine_regime")
