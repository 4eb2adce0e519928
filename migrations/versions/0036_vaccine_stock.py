"""Vaccines, priority groups, lots, and the ledger of doses by place.

Revises: 0035
"""

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

KEEPERS = "dieuhanh_officer, dieuhanh_admin"
_POINT = "place ~ '^vaccination_points/[0-9]{1,18}$'"

TABLES = (
    # Where a list of points that came without coordinates put them.
    """
    ALTER TABLE layer.vaccination_points ADD COLUMN address text,
      ADD COLUMN located text NOT NULL DEFAULT 'exact',
      ADD CONSTRAINT ck_vaccination_points_address_length CHECK (char_length("address") <= 300),
      ADD CONSTRAINT ck_vaccination_points_located_code CHECK ("located" IN ('exact', 'commune'))
    """,
    # The province's own, written by `dieuhanh migrate`.
    """
    CREATE TABLE register.vaccination_rule (
      single boolean PRIMARY KEY DEFAULT true CHECK (single),
      observe_minutes integer NOT NULL DEFAULT 30
    )
    """,
    "INSERT INTO register.vaccination_rule DEFAULT VALUES",
    """
    CREATE TABLE register.vaccine (
      id text PRIMARY KEY,
      doses integer NOT NULL CHECK (doses BETWEEN 1 AND 9),
      least_days integer NOT NULL CHECK (least_days >= 0),
      recommended_days integer NOT NULL CHECK (recommended_days >= least_days),
      least_age integer NOT NULL,
      completes text[] NOT NULL DEFAULT '{}'
    )
    """,
    "CREATE TABLE register.priority_group (id text PRIMARY KEY, rank integer NOT NULL)",
    """
    CREATE TABLE register.vaccine_lots (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      version bigint NOT NULL DEFAULT 1,
      lot text NOT NULL UNIQUE CHECK (char_length(lot) BETWEEN 1 AND 40),
      vaccine text NOT NULL REFERENCES register.vaccine,
      expires_on date NOT NULL,
      state text NOT NULL DEFAULT 'usable',
      document text CHECK (char_length(document) <= 80),
      reason text CHECK (char_length(reason) <= 500),
      place text NOT NULL DEFAULT 'store' CHECK (place = 'store'),
      commune_code text,
      district_code text,
      made_at timestamptz(0) NOT NULL DEFAULT now(),
      updated_at timestamptz(0) NOT NULL DEFAULT now(),
      CONSTRAINT ck_vaccine_lots_state_code CHECK ("state" IN ('usable', 'recalled'))
    )
    """,
    f"""
    CREATE TABLE register.stock_movements (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      version bigint NOT NULL DEFAULT 1,
      place text NOT NULL CHECK (place = 'store' OR {_POINT}),
      lot text NOT NULL REFERENCES register.vaccine_lots (lot),
      kind text NOT NULL,
      doses integer NOT NULL CHECK (doses BETWEEN -1000000 AND 1000000),
      other_place text CHECK (char_length(other_place) <= 40),
      document text CHECK (char_length(document) <= 80),
      reason text CHECK (char_length(reason) <= 500),
      change integer NOT NULL,
      balance integer NOT NULL,
      dose_id uuid,
      pair uuid REFERENCES register.stock_movements,
      commune_code text,
      district_code text,
      made_at timestamptz(0) NOT NULL DEFAULT now(),
      updated_at timestamptz(0) NOT NULL DEFAULT now(),
      CONSTRAINT ck_stock_movements_kind_code CHECK ("kind" IN ('received', 'moved', 'arrived',
        'used', 'unused', 'wasted', 'returned', 'corrected'))
    )
    """,
    "CREATE INDEX ON register.stock_movements (lot)",
    "CREATE INDEX ON register.stock_movements (dose_id) WHERE dose_id IS NOT NULL",
    """
    CREATE TABLE register.stock_balance (
      place text NOT NULL,
      lot text NOT NULL REFERENCES register.vaccine_lots (lot),
      doses integer NOT NULL CHECK (doses >= 0),
      PRIMARY KEY (place, lot)
    )
    """,
)

FUNCTIONS = (
    # A lot is written one way, however it is typed.
    """
    CREATE FUNCTION register.write_lot() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      NEW.lot := upper(regexp_replace(NEW.lot, '\\s', '', 'g'));
      RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER write_lot BEFORE INSERT ON register.vaccine_lots"
    " FOR EACH ROW EXECUTE FUNCTION register.write_lot()",
    # A place as people write it: a point's code, or as the register keeps it.
    """
    CREATE FUNCTION private.point_named(said text) RETURNS text LANGUAGE plpgsql STABLE AS $$
    DECLARE
      found text;
    BEGIN
      IF lower(btrim(said)) = 'store' THEN
        RETURN 'store';
      END IF;
      SELECT 'vaccination_points/' || p.id INTO found FROM layer.vaccination_points AS p
      WHERE p.code = btrim(said) OR 'vaccination_points/' || p.id = btrim(said);
      IF found IS NULL THEN
        PERFORM private.refuse('DH422', format('Không có điểm tiêm %s. / There is no point %s.',
          said, said));
      END IF;
      RETURN found;
    END $$
    """,
    # What a movement changes, and what is then there: never less than nothing.
    """
    CREATE FUNCTION register.enter_movement() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      NEW.lot := upper(regexp_replace(NEW.lot, '\\s', '', 'g'));
      IF NOT EXISTS (SELECT FROM register.vaccine_lots AS l WHERE l.lot = NEW.lot) THEN
        PERFORM private.refuse('DH422', format('Không có lô %s. / There is no lot %s.',
          NEW.lot, NEW.lot));
      END IF;
      -- What comes of doses and of movements elsewhere is entered with them, and not by hand.
      IF (NEW.kind IN ('used', 'unused')) <> (NEW.dose_id IS NOT NULL)
        OR (NEW.kind = 'arrived') <> (NEW.pair IS NOT NULL) THEN
        PERFORM private.refuse('DH422', 'Loại xuất nhập này do hệ thống tự ghi.'
          ' / Movements of this kind are entered with what they come of.');
      END IF;
      IF NEW.doses = 0 OR (NEW.doses < 0 AND NEW.kind <> 'corrected') THEN
        PERFORM private.refuse('DH422', format('doses %s: phải từ 1 trở lên.'
          ' / doses %s: must be 1 or more.', NEW.doses, NEW.doses));
      END IF;
      IF NEW.kind IN ('wasted', 'returned', 'corrected') AND btrim(coalesce(NEW.reason, '')) = '' THEN
        PERFORM private.refuse('DH422', 'Cần ghi lý do. / A reason is needed.');
      END IF;
      NEW.change := CASE WHEN NEW.kind IN ('received', 'arrived', 'unused', 'corrected')
        THEN NEW.doses ELSE -NEW.doses END;
      INSERT INTO register.stock_balance (place, lot, doses) VALUES (NEW.place, NEW.lot, 0)
      ON CONFLICT DO NOTHING;
      IF NEW.kind = 'moved' THEN
        NEW.other_place := private.point_named(coalesce(NEW.other_place, ''));
        IF NEW.other_place = NEW.place THEN
          PERFORM private.refuse('DH422', 'Nơi chuyển đến phải khác. / It is moved to where it is.');
        END IF;
        INSERT INTO register.stock_balance (place, lot, doses)
        VALUES (NEW.other_place, NEW.lot, 0) ON CONFLICT DO NOTHING;
        -- Both, always in the same order: movements that cross do not wait for each other.
        PERFORM FROM register.stock_balance AS b WHERE b.lot = NEW.lot
          AND b.place IN (NEW.place, NEW.other_place) ORDER BY b.place FOR UPDATE;
      END IF;
      UPDATE register.stock_balance AS b SET doses = b.doses + NEW.change
      WHERE b.place = NEW.place AND b.lot = NEW.lot AND b.doses + NEW.change >= 0
      RETURNING b.doses INTO NEW.balance;
      IF NOT FOUND THEN
        PERFORM private.refuse('DH409', format(
          'Ở đây chỉ còn %s liều của lô %s. / There are only %s doses of lot %s here.',
          b.doses, NEW.lot, b.doses, NEW.lot), jsonb_build_object('on_hand', b.doses))
        FROM register.stock_balance AS b WHERE b.place = NEW.place AND b.lot = NEW.lot;
      END IF;
      RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER enter_movement BEFORE INSERT ON register.stock_movements"
    " FOR EACH ROW EXECUTE FUNCTION register.enter_movement()",
    """
    CREATE FUNCTION register.move_in() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      INSERT INTO register.stock_movements (place, lot, kind, doses, other_place, document, pair)
      VALUES (NEW.other_place, NEW.lot, 'arrived', NEW.doses, NEW.place, NEW.document, NEW.id);
      RETURN NULL;
    END $$
    """,
    "CREATE TRIGGER move_in AFTER INSERT ON register.stock_movements"
    " FOR EACH ROW WHEN (NEW.kind = 'moved') EXECUTE FUNCTION register.move_in()",
    # What was entered stays; a mistake is corrected by a movement of its own.
    """
    CREATE FUNCTION register.keep_movement() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      IF private.is_bulk() THEN
        RETURN coalesce(NEW, OLD);
      END IF;
      PERFORM private.refuse('DH409', 'Sổ xuất nhập chỉ ghi thêm, không sửa, không xóa.'
        ' / The ledger is only added to.');
    END $$
    """,
    "CREATE TRIGGER keep_movement BEFORE UPDATE OR DELETE ON register.stock_movements"
    " FOR EACH ROW EXECUTE FUNCTION register.keep_movement()",
    *(
        f"""
        CREATE FUNCTION dieuhanh.vaccine_lots_{action}(row_id uuid, facts jsonb) RETURNS void
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        BEGIN
          PERFORM private.acting_as('officer', 'admin');
          PERFORM private.require_row('vaccine_lots', row_id);
          UPDATE register.vaccine_lots SET state = '{state}', reason = facts->>'reason'
          WHERE id = row_id AND state <> '{state}';
          IF NOT FOUND THEN
            PERFORM private.refuse('DH409', 'Lô này đã như vậy. / The lot is so already.');
          END IF;
        END $$
        """
        for action, state in (("recall", "recalled"), ("restore", "usable"))
    ),
    # The books of a place and a lot, of all where NULL is given: each kind, their sum, the balance.
    """
    CREATE FUNCTION private.stock_book(at_place text DEFAULT NULL, of_lot text DEFAULT NULL)
    RETURNS TABLE (received bigint, arrived bigint, moved bigint, used bigint, unused bigint,
      wasted bigint, returned bigint, corrected bigint, on_hand bigint, balance bigint)
    LANGUAGE sql STABLE AS $$
      SELECT coalesce(sum(m.doses) FILTER (WHERE m.kind = 'received'), 0),
        coalesce(sum(m.doses) FILTER (WHERE m.kind = 'arrived'), 0),
        coalesce(sum(m.doses) FILTER (WHERE m.kind = 'moved'), 0),
        coalesce(sum(m.doses) FILTER (WHERE m.kind = 'used'), 0),
        coalesce(sum(m.doses) FILTER (WHERE m.kind = 'unused'), 0),
        coalesce(sum(m.doses) FILTER (WHERE m.kind = 'wasted'), 0),
        coalesce(sum(m.doses) FILTER (WHERE m.kind = 'returned'), 0),
        coalesce(sum(m.doses) FILTER (WHERE m.kind = 'corrected'), 0),
        coalesce(sum(m.change), 0),
        (SELECT coalesce(sum(b.doses), 0) FROM register.stock_balance AS b
          WHERE (at_place IS NULL OR b.place = at_place) AND (of_lot IS NULL OR b.lot = of_lot))
      FROM register.stock_movements AS m
      WHERE (at_place IS NULL OR m.place = at_place) AND (of_lot IS NULL OR m.lot = of_lot)
    $$
    """,
)

CALLED = ("vaccine_lots_recall(uuid, jsonb)", "vaccine_lots_restore(uuid, jsonb)")
GRANTS = (
    *(f"REVOKE EXECUTE ON FUNCTION dieuhanh.{name} FROM PUBLIC" for name in CALLED),
    *(f"GRANT EXECUTE ON FUNCTION dieuhanh.{name} TO {KEEPERS}" for name in CALLED),
)


def upgrade() -> None:
    for statement in (*TABLES, *FUNCTIONS, *GRANTS):
        # Straight to the driver, so that a colon stays what it is.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    for name in CALLED:
        op.execute(f"DROP FUNCTION dieuhanh.{name}")
    op.execute("DROP FUNCTION private.stock_book(text, text)")
    for table in ("stock_balance", "stock_movements", "vaccine_lots"):
        op.execute(f"DROP TABLE register.{table} CASCADE")
    for table in ("priority_group", "vaccine", "vaccination_rule"):
        op.execute(f"DROP TABLE register.{table}")
    for name in ("write_lot()", "enter_movement()", "move_in()", "keep_movement()"):
        op.execute(f"DROP FUNCTION register.{name}")
    op.execute("DROP FUNCTION private.point_named(text)")
    for column in ("address", "located"):
        op.execute(f"ALTER TABLE layer.vaccination_points DROP COLUMN {column}")
