"""Doses that are entered together leave the stock together.

Revises: 0049
"""

from alembic import op

revision = "0052"
down_revision = "0049"
branch_labels = None
depends_on = None

_TAKES = "g.number IS NOT NULL AND g.state <> 'void' AND g.place <> 'elsewhere'"

DOSES = (
    # Doses that have been counted together come with what is left. Nobody else gives a balance: the
    # column is no keeper's to write.
    "DROP TRIGGER enter_movement ON register.stock_movements",
    "CREATE TRIGGER enter_movement BEFORE INSERT ON register.stock_movements FOR EACH ROW"
    " WHEN (NEW.balance IS NULL) EXECUTE FUNCTION register.enter_movement()",
    # Doses that one statement enters leave each stock together, its row written once: written once
    # for each dose, a transaction passes over all its earlier versions each time.
    f"""
    CREATE FUNCTION register.use_doses() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      dose register.vaccinations;
    BEGIN
      IF private.is_bulk() THEN
        RETURN NULL;
      END IF;
      -- Always in the same order: statements that cross do not wait for each other.
      PERFORM FROM register.stock_balance AS b
      WHERE (b.place, b.lot) IN (SELECT g.place, g.lot FROM given AS g WHERE {_TAKES})
      ORDER BY b.place, b.lot FOR UPDATE;
      PERFORM private.refuse('DH409', format(
        'Ở đây chỉ còn %s liều của lô %s. / There are only %s doses of lot %s here.',
        coalesce(b.doses, 0), u.lot, coalesce(b.doses, 0), u.lot),
        jsonb_build_object('on_hand', coalesce(b.doses, 0)))
      FROM (SELECT g.place, g.lot, count(*) AS n FROM given AS g WHERE {_TAKES} GROUP BY 1, 2) AS u
      LEFT JOIN register.stock_balance AS b USING (place, lot)
      WHERE u.n > coalesce(b.doses, 0) ORDER BY u.place, u.lot LIMIT 1;
      INSERT INTO register.stock_movements (place, lot, kind, doses, dose_id, change, balance)
      SELECT g.place, g.lot, 'used', 1, g.id, -1,
        b.doses - row_number() OVER (PARTITION BY g.place, g.lot ORDER BY g.given_at, g.id)
      FROM given AS g JOIN register.stock_balance AS b ON b.place = g.place AND b.lot = g.lot
      WHERE {_TAKES};
      UPDATE register.stock_balance AS b SET doses = b.doses - u.n
      FROM (SELECT g.place, g.lot, count(*) AS n FROM given AS g WHERE {_TAKES} GROUP BY 1, 2) AS u
      WHERE b.place = u.place AND b.lot = u.lot;
      FOR dose IN SELECT g.* FROM given AS g WHERE g.number IS NOT NULL LOOP
        PERFORM private.plan_next(dose);
      END LOOP;
      UPDATE register.vaccination_registrations AS r SET state = 'arrived', place = g.place
      FROM given AS g WHERE r.id = g.registration_id AND g.number IS NULL;
      RETURN NULL;
    END $$
    """,
    # The function of 0038, for what becomes of a dose that is there.
    "DROP TRIGGER use_dose ON register.vaccinations",
    "CREATE TRIGGER use_dose AFTER UPDATE ON register.vaccinations"
    " FOR EACH ROW EXECUTE FUNCTION register.use_dose()",
    "CREATE TRIGGER use_doses AFTER INSERT ON register.vaccinations"
    " REFERENCING NEW TABLE AS given FOR EACH STATEMENT EXECUTE FUNCTION register.use_doses()",
)


def upgrade() -> None:
    for statement in DOSES:
        # Straight to the driver, so that a colon stays what it is.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    op.execute("DROP TRIGGER use_doses ON register.vaccinations")
    op.execute("DROP FUNCTION register.use_doses()")
    op.execute("DROP TRIGGER use_dose ON register.vaccinations")
    op.execute(
        "CREATE TRIGGER use_dose AFTER INSERT OR UPDATE ON register.vaccinations"
        " FOR EACH ROW EXECUTE FUNCTION register.use_dose()"
    )
    op.execute("DROP TRIGGER enter_movement ON register.stock_movements")
    op.execute(
        "CREATE TRIGGER enter_movement BEFORE INSERT ON register.stock_movements"
        " FOR EACH ROW EXECUTE FUNCTION register.enter_movement()"
    )
