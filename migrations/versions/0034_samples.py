"""Samples: taking people of a sheet together, what a result must say, positives, counts by day.

Revises: 0033
"""

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

KEEPERS = "dieuhanh_officer, dieuhanh_admin"

SAMPLES = (
    # As in 0023, but that a transaction takes 256 locks at most, however many people it names: the
    # database keeps a fixed number of them.
    """
    CREATE OR REPLACE FUNCTION private.take_person(
      facts jsonb, identity bytea, telephone bytea, trusted boolean
    ) RETURNS uuid
    LANGUAGE plpgsql AS $$
    DECLARE
      given private.person := jsonb_populate_record(NULL::private.person, facts - 'id');
      found uuid;
    BEGIN
      -- Of the same person taken twice at once, the second finds the first.
      PERFORM pg_advisory_xact_lock(23, hashtext(
        coalesce(encode(identity, 'hex'), encode(telephone, 'hex'), given.name)) & 255);
      IF identity IS NOT NULL THEN
        SELECT p.id INTO found FROM private.person AS p WHERE p.identity_hash = identity;
      END IF;
      IF found IS NULL AND telephone IS NOT NULL THEN
        SELECT p.id INTO found FROM private.person AS p
        WHERE p.phone_hash = telephone AND dieuhanh.fold(p.name) = dieuhanh.fold(given.name)
          AND (p.birth_year IS NULL OR given.birth_year IS NULL OR p.birth_year = given.birth_year)
          AND (p.identity_hash IS NULL OR identity IS NULL)
        ORDER BY p.made_at LIMIT 1;
      END IF;
      IF found IS NULL THEN
        INSERT INTO private.person (
          identity_hash, name, birth_year, sex, phone, phone_hash, commune_code, address)
        VALUES (identity, given.name, given.birth_year, given.sex, given.phone, telephone,
          given.commune_code, given.address)
        RETURNING id INTO found;
      ELSE
        UPDATE private.person AS p SET
          identity_hash = coalesce(p.identity_hash, identity),
          name = CASE WHEN trusted THEN given.name ELSE p.name END,
          birth_year = private.known(trusted, p.birth_year, given.birth_year),
          sex = private.known(trusted, p.sex, given.sex),
          phone = private.known(trusted, p.phone, given.phone),
          phone_hash = private.known(trusted, p.phone_hash, telephone),
          commune_code = private.known(trusted, p.commune_code, given.commune_code),
          address = private.known(trusted, p.address, given.address),
          used_at = clock_timestamp()
        WHERE p.id = found;
      END IF;
      RETURN found;
    END $$
    """,
    # As `keep_person` for many new rows: asked once whether they are the account's to make.
    """
    CREATE FUNCTION dieuhanh.keep_people(
      named text, facts text[], identities bytea[], telephones bytea[]
    ) RETURNS uuid[]
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      found uuid[] := '{}';
    BEGIN
      PERFORM private.acting_as('officer', 'admin');
      IF dieuhanh.reach(named) = '{}' THEN
        PERFORM private.refuse('DH403',
          'Sổ này không thuộc phần việc của bạn. / This register is not yours to keep.');
      END IF;
      FOR n IN 1..cardinality(facts) LOOP
        found[n] := private.take_person(facts[n]::jsonb, identities[n], telephones[n], true);
      END LOOP;
      RETURN found;
    END $$
    """,
    # After `a_keep`: times that can be, and no other result once the case has been reported.
    """
    CREATE FUNCTION register.check_sample() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      IF NEW.result IS NULL THEN
        NEW.resulted_at := NULL;
      ELSE
        NEW.resulted_at := coalesce(NEW.resulted_at, greatest(now(), NEW.taken_at));
      END IF;
      IF NEW.pool_size > 1 AND NEW.person_id IS NOT NULL THEN
        PERFORM private.refuse('DH422', 'Mẫu gộp không ghi tên một người.'
          ' / A sample of a pool names no single person.');
      END IF;
      IF NEW.taken_at > now() + interval '5 minutes' OR NEW.resulted_at > now() + interval '5 minutes'
        OR NEW.resulted_at < NEW.taken_at THEN
        PERFORM private.refuse('DH422', 'Lấy mẫu phải trước khi có kết quả, và không ở tương lai.'
          ' / A sample is taken before its result, and neither is in the future.');
      END IF;
      IF TG_OP = 'UPDATE' AND OLD.case_day IS NOT NULL AND NEW.result IS DISTINCT FROM 'positive' THEN
        PERFORM private.refuse('DH409', 'Mẫu này đã được báo là ca bệnh: hãy sửa báo cáo của xã trước.'
          ' / This sample has been reported as a case: correct the report of the commune.');
      END IF;
      RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER b_check BEFORE INSERT OR UPDATE ON register.samples
    FOR EACH ROW EXECUTE FUNCTION register.check_sample()
    """,
    "CREATE INDEX ON register.samples (taken_at)",
    # The case of a positive sample is added to the report of a commune and day, once.
    """
    CREATE FUNCTION dieuhanh.samples_report(row_id uuid, facts jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      was register.samples;
      home text;
      why text;
      one integer := (coalesce(facts->>'found', '') = 'community')::integer;
    BEGIN
      PERFORM private.acting_as('officer', 'admin');
      PERFORM private.require_row('samples', row_id);
      SELECT * INTO was FROM register.samples WHERE id = row_id FOR UPDATE;
      IF was.result IS DISTINCT FROM 'positive' OR was.pool_size > 1 OR was.case_day IS NOT NULL THEN
        PERFORM private.refuse('DH409', 'Chỉ báo ca từ mẫu đơn dương tính, và chỉ một lần.'
          ' / A case is reported of a positive sample of one person, and once.');
      END IF;
      IF coalesce(facts->>'found', '') NOT IN ('community', 'isolated') THEN
        PERFORM private.refuse('DH422', 'found: phải là community hoặc isolated.'
          ' / found: must be community or isolated.');
      END IF;
      home := coalesce(facts->>'home_commune', (SELECT p.commune_code FROM private.person AS p
        WHERE p.id = was.person_id));
      SELECT u.code INTO home FROM layer.admin_units AS u WHERE u.code = home AND u.level = 'commune'
        AND dieuhanh.reach('case_reports')
          && dieuhanh.place_keys('admin_units/' || u.code, u.parent_code);
      IF home IS NULL THEN
        PERFORM private.refuse('DH422', 'Cần xã, phường trong địa bàn của bạn để tính ca.'
          ' / A commune of your part is needed, for which the case counts.');
      END IF;
      why := 'Mẫu ' || was.code || ' dương tính';
      INSERT INTO register.case_reports AS r (place, day, community, isolated, reason)
      VALUES ('admin_units/' || home, dieuhanh.local_day(was.resulted_at), one, 1 - one, why)
      ON CONFLICT (place, day) DO UPDATE SET community = r.community + one,
        isolated = r.isolated + 1 - one, reason = why;
      UPDATE register.samples SET case_day = dieuhanh.local_day(was.resulted_at) WHERE id = row_id;
    END $$
    """,
    # Samples by day and district, those that are there and those that are forgotten.
    """
    CREATE FUNCTION private.sample_days(first date, last date)
    RETURNS TABLE (day date, district text, samples bigint, tested bigint, positive bigint,
      hours float8) LANGUAGE sql STABLE AS $$
      SELECT e.day, e.district, sum(e.samples), sum(e.tested), sum(e.positive), sum(e.hours)
      FROM (
        SELECT dieuhanh.local_day(s.taken_at) AS day, coalesce(s.district_code, '') AS district,
          count(*) AS samples,
          count(*) FILTER (WHERE s.result IN ('positive', 'negative')) AS tested,
          count(*) FILTER (WHERE s.result = 'positive') AS positive,
          coalesce(sum(extract(epoch FROM s.resulted_at - s.taken_at) / 3600)
            FILTER (WHERE s.result IN ('positive', 'negative')), 0)::float8 AS hours
        FROM register.samples AS s
        WHERE s.taken_at >= first - interval '1 day' AND s.taken_at < last + interval '2 days'
        GROUP BY 1, 2
        UNION ALL
        SELECT d.day, d.district_code, d.samples, d.tested, d.positive, d.hours
        FROM register.sample_day AS d) AS e
      WHERE e.day BETWEEN first AND last GROUP BY 1, 2
    $$
    """,
    """
    CREATE FUNCTION private.purge_samples(keep_days float8, piece integer) RETURNS integer
    LANGUAGE plpgsql AS $$
    DECLARE
      gone uuid[];
    BEGIN
      PERFORM set_config('dieuhanh.bulk', 'on', true);
      gone := ARRAY(SELECT s.id FROM register.samples AS s
        WHERE s.taken_at < now() - make_interval(secs => keep_days * 86400)
        ORDER BY s.taken_at LIMIT piece FOR UPDATE SKIP LOCKED);
      INSERT INTO register.sample_day AS d (day, district_code, samples, tested, positive, hours)
      SELECT dieuhanh.local_day(s.taken_at), coalesce(s.district_code, ''), count(*),
        count(*) FILTER (WHERE s.result IN ('positive', 'negative')),
        count(*) FILTER (WHERE s.result = 'positive'),
        coalesce(sum(extract(epoch FROM s.resulted_at - s.taken_at) / 3600)
          FILTER (WHERE s.result IN ('positive', 'negative')), 0)
      FROM register.samples AS s WHERE s.id = ANY (gone) GROUP BY 1, 2
      ON CONFLICT (day, district_code) DO UPDATE SET samples = d.samples + excluded.samples,
        tested = d.tested + excluded.tested, positive = d.positive + excluded.positive,
        hours = d.hours + excluded.hours;
      DELETE FROM register.change AS c WHERE c.register = 'samples' AND c.row_id = ANY (gone);
      DELETE FROM register.samples WHERE id = ANY (gone);
      RETURN cardinality(gone);
    END $$
    """,
)

CALLED = {
    "samples_report(uuid, jsonb)": KEEPERS,
    "keep_people(text, text[], bytea[], bytea[])": KEEPERS,
}


def upgrade() -> None:
    grants = (
        statement
        for name, callers in CALLED.items()
        for statement in (
            f"REVOKE EXECUTE ON FUNCTION dieuhanh.{name} FROM PUBLIC",
            f"GRANT EXECUTE ON FUNCTION dieuhanh.{name} TO {callers}",
        )
    )
    for statement in (*SAMPLES, *grants):
        # Straight to the driver, so that a colon stays what it is.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    for name in CALLED:
        op.execute(f"DROP FUNCTION dieuhanh.{name}")
    for name in ("purge_samples(float8, integer)", "sample_days(date, date)"):
        op.execute(f"DROP FUNCTION private.{name}")
    op.execute("DROP FUNCTION register.check_sample() CASCADE")
