"""What districts and the health department do with what declarations raise; the counts of them.

Revises: 0026
"""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

RULES = (
    # The officer who acts, if flags are for them; one who is limited to layers has none.
    """
    CREATE FUNCTION private.flag_officer() RETURNS private.account
    LANGUAGE plpgsql STABLE AS $$
    DECLARE
      who private.account := private.acting_as('officer', 'admin');
    BEGIN
      IF who.role <> 'admin' AND (cardinality(who.layers) > 0
        OR NOT who.departments && '{health,district}'::text[]) THEN
        PERFORM private.refuse('DH403',
          'Việc này dành cho cán bộ y tế và cán bộ huyện.'
          ' / This is for officers of the health department and of districts.');
      END IF;
      RETURN who;
    END $$
    """,
    """
    CREATE FUNCTION private.flag_is_theirs(who private.account, district text) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS $$
      SELECT who.role = 'admin'
        OR 'health' = ANY (who.departments) AND cardinality(who.districts) = 0
        OR who.departments && '{health,district}'::text[]
          AND coalesce(district = ANY (who.districts), false)
    $$
    """,
    # A flag for the officer who acts, locked; who may not see it is not told that it is there.
    """
    CREATE FUNCTION private.flag_for(wanted bigint, who private.account) RETURNS private.flag
    LANGUAGE plpgsql AS $$
    DECLARE
      found private.flag;
    BEGIN
      SELECT * INTO found FROM private.flag AS f WHERE f.id = wanted FOR UPDATE;
      IF found.id IS NULL OR NOT private.flag_is_theirs(who, found.district_code) THEN
        PERFORM private.refuse('DH404', format(
          'Không có cảnh báo số %s trong địa bàn của bạn. / There is no flag %s in your districts.',
          wanted, wanted));
      END IF;
      RETURN found;
    END $$
    """,
    """
    CREATE FUNCTION private.unit_names(codes text[]) RETURNS text[] LANGUAGE sql STABLE AS $$
      SELECT coalesce(array_agg(coalesce(u.name, one.code) ORDER BY one.place), '{}')
      FROM unnest(codes) WITH ORDINALITY AS one (code, place)
      LEFT JOIN layer.admin_units AS u ON u.code = one.code
    $$
    """,
)

TOLD = (
    """
    CREATE FUNCTION private.declaration_told(d private.declaration) RETURNS jsonb
    LANGUAGE sql STABLE AS $$
      SELECT jsonb_build_object('made_at', d.made_at, 'received_at', d.received_at,
        'declared_by', d.declared_by, 'symptoms', d.symptoms, 'contact', d.contact,
        'places', private.unit_names(d.places), 'elsewhere', d.elsewhere, 'kinds', d.kinds)
    $$
    """,
    """
    CREATE FUNCTION private.flag_told(f private.flag) RETURNS jsonb LANGUAGE sql STABLE AS $$
      SELECT jsonb_build_object('id', f.id, 'kinds', f.kinds, 'zones', f.zones, 'state', f.state,
        'times', f.times, 'raised_at', f.raised_at, 'last_at', f.last_at,
        'seen_at', f.seen_at, 'seen_by', f.seen_by,
        'closed_at', f.closed_at, 'closed_by', f.closed_by, 'note', f.note,
        'commune', (private.unit_names(ARRAY[f.commune_code]))[1],
        'district_code', f.district_code,
        'district', (private.unit_names(ARRAY[f.district_code]))[1],
        'person', jsonb_build_object('name', p.name, 'said_name', d.said_name,
          'birth_year', p.birth_year, 'sex', p.sex, 'phone', coalesce(d.phone, p.phone),
          'address', coalesce(d.address, p.address)),
        'declaration', private.declaration_told(d))
      FROM private.person AS p, private.declaration AS d
      WHERE p.id = f.person_id AND d.id = f.declaration_id
    $$
    """,
)

CALLS = (
    # The newest of the flags that an officer works on, and how many there are in each state.
    """
    CREATE FUNCTION dieuhanh.declaration_flags(of_state text, of_kind text, of_district text,
      most integer) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.flag_officer();
    BEGIN
      RETURN (
        WITH theirs AS (
          SELECT f FROM private.flag AS f
          WHERE private.flag_is_theirs(who, f.district_code)
            AND (of_kind IS NULL OR of_kind = ANY (f.kinds))
            AND (of_district IS NULL OR f.district_code = of_district)
        ), newest AS (
          SELECT f FROM theirs
          WHERE of_state = 'all' OR (f).state = of_state
            OR of_state = 'waiting' AND (f).state <> 'closed'
          ORDER BY (f).last_at DESC, (f).id DESC LIMIT most
        )
        SELECT jsonb_build_object(
          'counts', (SELECT jsonb_build_object(
            'open', count(*) FILTER (WHERE (f).state = 'open'),
            'seen', count(*) FILTER (WHERE (f).state = 'seen'),
            'closed', count(*) FILTER (WHERE (f).state = 'closed')) FROM theirs),
          'flags', (SELECT coalesce(jsonb_agg(private.flag_told(f)
            ORDER BY (f).last_at DESC, (f).id DESC), '[]') FROM newest)));
    END $$
    """,
    # A flag with what else the person has declared, and how many cards they can show.
    """
    CREATE FUNCTION dieuhanh.declaration_flag(wanted bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.flag_officer();
      found private.flag := private.flag_for(wanted, who);
    BEGIN
      RETURN private.flag_told(found) || jsonb_build_object(
        'declarations', (SELECT jsonb_agg(private.declaration_told(d) ORDER BY d.made_at DESC)
          FROM private.declaration AS d WHERE d.person_id = found.person_id),
        'cards', (SELECT count(*) FROM private.card AS c WHERE c.person_id = found.person_id
          AND c.revoked_at IS NULL AND c.expires_at > now()));
    END $$
    """,
    """
    CREATE FUNCTION dieuhanh.see_declaration_flag(wanted bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.flag_officer();
    BEGIN
      PERFORM private.flag_for(wanted, who);
      UPDATE private.flag SET state = 'seen', seen_at = clock_timestamp(), seen_by = who.login
      WHERE id = wanted AND state = 'open';
    END $$
    """,
    """
    CREATE FUNCTION dieuhanh.close_declaration_flag(wanted bigint, said text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.flag_officer();
      was private.flag := private.flag_for(wanted, who);
    BEGIN
      IF coalesce(said, '') = '' THEN
        PERFORM private.refuse('DH422',
          'Cần ghi kết quả khi đóng. / A note of the outcome is needed to close it.');
      END IF;
      IF was.state = 'closed' THEN
        PERFORM private.refuse('DH409', format(
          'Cảnh báo số %s đã đóng. / Flag %s is closed already.', wanted, wanted),
          jsonb_build_object('by', was.closed_by, 'at', was.closed_at));
      END IF;
      UPDATE private.flag SET state = 'closed', note = said, closed_at = clock_timestamp(),
        closed_by = who.login, seen_at = coalesce(seen_at, clock_timestamp()),
        seen_by = coalesce(seen_by, who.login)
      WHERE id = wanted;
    END $$
    """,
    # The cards of the person whom a flag is about count no more.
    """
    CREATE FUNCTION dieuhanh.revoke_declaration_cards(wanted bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.flag_officer();
      found private.flag := private.flag_for(wanted, who);
    BEGIN
      UPDATE private.card SET revoked_at = clock_timestamp()
      WHERE person_id = found.person_id AND revoked_at IS NULL;
    END $$
    """,
)

FIGURES = (
    # By day and by district, for staff: declarations and what they said; flags that wait now.
    """
    CREATE FUNCTION dieuhanh.declaration_figures(today date, days integer) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      PERFORM private.acting_as('viewer', 'analyst', 'officer', 'rescuer', 'operator',
        'coordinator', 'admin');
      RETURN jsonb_build_object(
        'days', (
          SELECT jsonb_agg(jsonb_build_object('day', d.day::date, 'declarations', n.declarations,
            'with_symptoms', n.with_symptoms, 'contacts', n.contacts, 'flagged', n.flagged)
            ORDER BY d.day)
          FROM generate_series((today - days + 1)::timestamp, today::timestamp, '1 day') AS d (day)
          CROSS JOIN LATERAL (SELECT coalesce(sum(a.declarations), 0) AS declarations,
            coalesce(sum(a.with_symptoms), 0) AS with_symptoms,
            coalesce(sum(a.contacts), 0) AS contacts, coalesce(sum(a.flagged), 0) AS flagged
            FROM private.declaration_day AS a WHERE a.day = d.day::date) AS n),
        'districts', (
          SELECT coalesce(jsonb_agg(jsonb_build_object('code', u.code, 'name', u.name,
            'declarations', n.declarations, 'with_symptoms', n.with_symptoms, 'open', f.open,
            'seen', f.seen) ORDER BY f.open DESC, dieuhanh.fold(u.name)), '[]')
          FROM layer.admin_units AS u
          CROSS JOIN LATERAL (SELECT coalesce(sum(a.declarations), 0) AS declarations,
            coalesce(sum(a.with_symptoms), 0) AS with_symptoms
            FROM private.declaration_day AS a JOIN layer.admin_units AS c ON c.code = a.commune_code
            WHERE c.parent_code = u.code AND a.day > today - days AND a.day <= today) AS n
          CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE g.state = 'open') AS open,
            count(*) FILTER (WHERE g.state = 'seen') AS seen
            FROM private.flag AS g WHERE g.district_code = u.code AND g.state <> 'closed') AS f
          WHERE u.level = 'district'));
    END $$
    """,
    # For everybody: of the last seven days, by district, and not where it stands for fewer than
    # five people. The days are not theirs to choose: of two windows the difference could be taken.
    """
    CREATE FUNCTION dieuhanh.declaration_counts(zone text) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
      SELECT coalesce(jsonb_agg(jsonb_build_object('code', u.code, 'name', u.name,
        'declarations', CASE WHEN n.sum BETWEEN 1 AND 4 THEN NULL ELSE n.sum END)
        ORDER BY dieuhanh.fold(u.name)), '[]')
      FROM layer.admin_units AS u
      CROSS JOIN LATERAL (SELECT coalesce(sum(a.declarations), 0) AS sum
        FROM private.declaration_day AS a JOIN layer.admin_units AS c ON c.code = a.commune_code
        WHERE c.parent_code = u.code AND a.day > (now() AT TIME ZONE zone)::date - 7
          AND a.day <= (now() AT TIME ZONE zone)::date) AS n
      WHERE u.level = 'district'
    $$
    """,
)

CALLED = {
    "declaration_flags(text, text, text, integer)": "officer, admin",
    "declaration_flag(bigint)": "officer, admin",
    "see_declaration_flag(bigint)": "officer, admin",
    "close_declaration_flag(bigint, text)": "officer, admin",
    "revoke_declaration_cards(bigint)": "officer, admin",
    "declaration_figures(date, integer)": (
        "viewer, analyst, officer, rescuer, operator, coordinator, admin"
    ),
    "declaration_counts(text)": (
        "public, viewer, analyst, officer, rescuer, operator, coordinator, admin"
    ),
}
PRIVATE = (
    "flag_told(private.flag)",
    "declaration_told(private.declaration)",
    "unit_names(text[])",
    "flag_for(bigint, private.account)",
    "flag_is_theirs(private.account, text)",
    "flag_officer()",
)


def _grants() -> list[str]:
    statements = []
    for name, roles in CALLED.items():
        callers = ", ".join(f"dieuhanh_{role.strip()}" for role in roles.split(","))
        statements += [
            f"REVOKE EXECUTE ON FUNCTION dieuhanh.{name} FROM PUBLIC",
            f"GRANT EXECUTE ON FUNCTION dieuhanh.{name} TO {callers}",
        ]
    return statements


def upgrade() -> None:
    for statement in (*RULES, *TOLD, *CALLS, *FIGURES, *_grants()):
        # Straight to the driver, so that a colon stays what it is.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    for name in CALLED:
        op.execute(f"DROP FUNCTION dieuhanh.{name}")
    for name in PRIVATE:
        op.execute(f"DROP FUNCTION private.{name}")
