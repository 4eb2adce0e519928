"""Persons whom the epidemic's registers are about, their cards (QR), and accounts' places.

Revises: 0022
"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

TABLES = (
    # The places that an account is limited to; none: it is not limited to places.
    """
    CREATE TABLE private.account_place (
      account_id bigint NOT NULL REFERENCES private.account ON DELETE CASCADE,
      layer text NOT NULL CHECK (layer ~ '^[a-z0-9_]{1,60}$'),
      feature text NOT NULL CHECK (char_length(feature) BETWEEN 1 AND 60),
      PRIMARY KEY (account_id, layer, feature)
    )
    """,
    # One row a person however many registers hold it. The identity number is not kept, only a
    # keyed digest to find the person again by. Nobody but the server's own functions reads it.
    """
    CREATE TABLE private.person (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      identity_hash bytea UNIQUE,
      name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 120),
      birth_year smallint CHECK (birth_year BETWEEN 1880 AND 2200),
      sex text CHECK (sex IN ('female', 'male', 'other')),
      phone text CHECK (char_length(phone) <= 20),
      phone_hash bytea,
      commune_code text,
      address text CHECK (char_length(address) <= 300),
      made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      used_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """,
    "CREATE INDEX ON private.person (phone_hash) WHERE phone_hash IS NOT NULL",
    "CREATE INDEX ON private.person (used_at)",
    """
    CREATE TABLE private.card (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      person_id uuid NOT NULL REFERENCES private.person ON DELETE CASCADE,
      made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      expires_at timestamptz NOT NULL,
      revoked_at timestamptz
    )
    """,
    "CREATE INDEX ON private.card (person_id)",
    "CREATE INDEX ON private.card (expires_at)",
    # The keys that sign cards, as JSON Web Keys: the newest signs, all of them verify.
    """
    CREATE TABLE private.card_key (
      kid text PRIMARY KEY,
      key jsonb NOT NULL,
      made_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """,
)

FUNCTIONS = (
    # Whether an account that is limited to places has this one; true for those that are not.
    """
    CREATE FUNCTION dieuhanh.at_place(layer_id text, feature_id text) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      who bigint := dieuhanh.account_id();
    BEGIN
      RETURN NOT EXISTS (SELECT FROM private.account_place WHERE account_id = who)
        OR EXISTS (SELECT FROM private.account_place
                   WHERE account_id = who AND layer = layer_id AND feature = feature_id);
    END $$
    """,
    """
    CREATE FUNCTION private.known(trusted boolean, was anyelement, given anyelement)
    RETURNS anyelement LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT CASE WHEN trusted THEN coalesce(given, was) ELSE coalesce(was, given) END $$
    """,
    # The person that facts are about, found again or new. By identity number where there is one,
    # else by telephone, name and year of birth together. What staff say (`trusted`) replaces what
    # was known; what anybody says fills in what was not.
    """
    CREATE FUNCTION private.take_person(
      facts jsonb, identity bytea, telephone bytea, trusted boolean
    ) RETURNS uuid
    LANGUAGE plpgsql AS $$
    DECLARE
      given private.person := jsonb_populate_record(NULL::private.person, facts - 'id');
      found uuid;
    BEGIN
      -- Of the same person taken twice at once, the second finds the first.
      PERFORM pg_advisory_xact_lock(hashtextextended(
        coalesce(encode(identity, 'hex'), encode(telephone, 'hex'), given.name), 23));
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
    # Persons whom nothing has used for so many days go, unless a register still holds them: a
    # register's foreign key on them says so, and they are looked at again as late.
    """
    CREATE FUNCTION private.purge_persons(keep_days float8, piece integer) RETURNS integer
    LANGUAGE plpgsql AS $$
    DECLARE
      one uuid;
      looked_at integer := 0;
    BEGIN
      DELETE FROM private.card WHERE expires_at < now() - make_interval(secs => keep_days * 86400);
      FOR one IN SELECT p.id FROM private.person AS p
        WHERE p.used_at < now() - make_interval(secs => keep_days * 86400)
        ORDER BY p.used_at LIMIT piece FOR UPDATE SKIP LOCKED
      LOOP
        BEGIN
          DELETE FROM private.person WHERE id = one;
        EXCEPTION WHEN foreign_key_violation THEN
          UPDATE private.person SET used_at = clock_timestamp() WHERE id = one;
        END;
        looked_at := looked_at + 1;
      END LOOP;
      RETURN looked_at;
    END $$
    """,
)


def upgrade() -> None:
    for statement in (*TABLES, *FUNCTIONS):
        # Straight to the driver, so that a colon stays what it is.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    op.execute("DROP FUNCTION private.purge_persons(float8, integer)")
    op.execute("DROP FUNCTION private.take_person(jsonb, bytea, bytea, boolean)")
    op.execute("DROP FUNCTION private.known(boolean, anyelement, anyelement)")
    op.execute("DROP FUNCTION dieuhanh.at_place(text, text) CASCADE")
    for table in ("card_key", "card", "person", "account_place"):
        op.execute(f"DROP TABLE private.{table}")
