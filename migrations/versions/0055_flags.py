"""Flags of positive samples.

Revises: 0050
"""

from importlib import import_module

from alembic import op

revision = "0055"
down_revision = "0050"
branch_labels = None
depends_on = None

FLAGS = (
    # One that a sample raised is about no declaration, and may be of somebody of an unknown home.
    "ALTER TABLE private.flag ALTER declaration_id DROP NOT NULL, ALTER commune_code DROP NOT NULL",
    # A positive sample of one person raises a flag where the person lives, else where it was taken.
    # `times` are the declarations of a flag. A result that turns out not to be positive takes it
    # back, if no other sample says so.
    """
    CREATE FUNCTION register.flag_sample() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      IF OLD.result = 'positive'
        AND (NEW.result, NEW.person_id) IS DISTINCT FROM ('positive', OLD.person_id) THEN
        UPDATE private.flag AS f SET kinds = array_remove(f.kinds, 'positive')
        WHERE f.person_id = OLD.person_id AND f.state <> 'closed' AND 'positive' = ANY (f.kinds)
          AND f.kinds <> '{positive}' AND private.positive_of(f.person_id) IS NULL;
        UPDATE private.flag AS f SET state = 'closed', closed_at = clock_timestamp(),
          closed_by = 'system:samples', note = 'Kết quả mẫu đã sửa: không dương tính.'
            || ' / The result of the sample was corrected: not positive.'
        WHERE f.person_id = OLD.person_id AND f.state <> 'closed' AND f.kinds = '{positive}'
          AND private.positive_of(f.person_id) IS NULL;
      END IF;
      IF NEW.result = 'positive' AND NEW.person_id IS NOT NULL
        AND (OLD.result, OLD.person_id) IS DISTINCT FROM (NEW.result, NEW.person_id) THEN
        INSERT INTO private.flag AS f (person_id, kinds, commune_code, district_code, times,
          raised_at, last_at)
        SELECT p.id, '{positive}', coalesce(u.code, NEW.commune_code),
          CASE WHEN u.code IS NULL THEN NEW.district_code ELSE u.parent_code END, 0,
          NEW.resulted_at, NEW.resulted_at
        FROM private.person AS p LEFT JOIN layer.admin_units AS u
          ON u.code = p.commune_code AND u.level = 'commune'
        WHERE p.id = NEW.person_id
        ON CONFLICT (person_id) WHERE state <> 'closed' DO UPDATE SET declaration_id = NULL,
          kinds = ARRAY(SELECT DISTINCT unnest(f.kinds || excluded.kinds) ORDER BY 1),
          state = CASE WHEN excluded.kinds <@ f.kinds THEN f.state ELSE 'open' END,
          last_at = greatest(f.last_at, excluded.last_at);
      END IF;
      RETURN NULL;
    END $$
    """,
    # What a flag tells of the newest positive sample of its person; null: there is none.
    """
    CREATE FUNCTION private.positive_of(person uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
      SELECT jsonb_build_object('code', s.code, 'method', s.method, 'taken_at', s.taken_at,
        'resulted_at', s.resulted_at, 'site', t.name)
      FROM register.samples AS s
      LEFT JOIN layer.testing_sites AS t ON s.place = 'testing_sites/' || t.id
      WHERE s.person_id = person AND s.result = 'positive' ORDER BY s.resulted_at DESC LIMIT 1
    $$
    """,
    """
    CREATE TRIGGER c_flag AFTER INSERT OR UPDATE OF result, person_id ON register.samples
    FOR EACH ROW EXECUTE FUNCTION register.flag_sample()
    """,
    # As in 0027, with the sample; of no declaration in particular, the newest there is.
    """
    CREATE OR REPLACE FUNCTION private.flag_told(f private.flag) RETURNS jsonb
    LANGUAGE sql STABLE AS $$
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
        'sample', CASE WHEN 'positive' = ANY (f.kinds) THEN private.positive_of(f.person_id) END,
        'declaration', CASE WHEN d.id IS NOT NULL THEN private.declaration_told(d) END)
      FROM private.person AS p
      LEFT JOIN LATERAL (SELECT e.* FROM private.declaration AS e WHERE e.person_id = p.id
        AND (f.declaration_id IS NULL OR e.id = f.declaration_id)
        ORDER BY e.made_at DESC LIMIT 1) AS d ON true
      WHERE p.id = f.person_id
    $$
    """,
    # As in 0027, also of somebody who has declared nothing.
    """
    CREATE OR REPLACE FUNCTION dieuhanh.declaration_flag(wanted bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.flag_officer();
      found private.flag := private.flag_for(wanted, who);
    BEGIN
      RETURN private.flag_told(found) || jsonb_build_object(
        'declarations', (SELECT coalesce(jsonb_agg(private.declaration_told(d)
          ORDER BY d.made_at DESC), '[]')
          FROM private.declaration AS d WHERE d.person_id = found.person_id),
        'cards', (SELECT count(*) FROM private.card AS c WHERE c.person_id = found.person_id
          AND c.revoked_at IS NULL AND c.expires_at > now()));
    END $$
    """,
    # As in 0026; flags that are about no declaration go as late.
    """
    CREATE OR REPLACE FUNCTION private.purge_declarations(keep_days float8, piece integer)
    RETURNS integer LANGUAGE sql AS $$
      WITH alone AS (
        DELETE FROM private.flag WHERE declaration_id IS NULL
          AND last_at < now() - make_interval(secs => keep_days * 86400)
      ), gone AS (
        DELETE FROM private.declaration WHERE id IN (
          SELECT d.id FROM private.declaration AS d
          WHERE d.received_at < now() - make_interval(secs => keep_days * 86400)
          ORDER BY d.received_at LIMIT piece FOR UPDATE SKIP LOCKED)
        RETURNING id
      ) SELECT count(*)::integer FROM gone
    $$
    """,
)


def _execute(statement: str) -> None:
    # Straight to the driver, so that a colon stays what it is.
    op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def upgrade() -> None:
    for statement in FLAGS:
        _execute(statement)


def downgrade() -> None:
    op.execute("DROP FUNCTION register.flag_sample() CASCADE")
    op.execute("DELETE FROM private.flag WHERE declaration_id IS NULL")
    for column in ("declaration_id", "commune_code"):
        op.execute(f"ALTER TABLE private.flag ALTER {column} SET NOT NULL")
    for module, part, name in (
        ("0026_declarations", "POSTING", "private.purge_declarations"),
        ("0027_flags", "TOLD", "private.flag_told"),
        ("0027_flags", "CALLS", "dieuhanh.declaration_flag"),
    ):
        for statement in getattr(import_module(f"migrations.versions.{module}"), part):
            if f"FUNCTION {name}(" in statement:
                _execute(statement.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1))
    op.execute("DROP FUNCTION private.positive_of(uuid)")
