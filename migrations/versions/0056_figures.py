"""Contact tracing in numbers: for everybody without small ones, for staff exactly.

Revises: 0055
"""

from importlib import import_module

from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None

EVERYBODY = (
    "dieuhanh_public, dieuhanh_viewer, dieuhanh_analyst, dieuhanh_officer, dieuhanh_rescuer,"
    " dieuhanh_operator, dieuhanh_coordinator, dieuhanh_admin"
)

TRACING = (
    # Numbers of requests, of contacts, of meetings of devices. A request of the last seven days is
    # by when it was asked, closed, or searched. Whom two requests have found counts for both.
    """
    CREATE FUNCTION private.trace_count(what text) RETURNS bigint LANGUAGE sql STABLE AS $$
      SELECT CASE what
        WHEN 'asked' THEN (SELECT count(*) FROM private.trace_request AS r
          WHERE r.state = 'asked')
        WHEN 'live' THEN (SELECT count(*) FROM private.trace_request AS r
          WHERE private.trace_is_live(r))
        WHEN 'closed_week' THEN (SELECT count(*) FROM private.trace_request AS r
          WHERE r.closed_at > now() - interval '7 days')
        WHEN 'province_week' THEN (SELECT count(*) FROM private.trace_request AS r
          WHERE r.asked_at > now() - interval '7 days' AND cardinality(r.districts) = 0)
        WHEN 'district_week' THEN (SELECT count(*) FROM private.trace_request AS r
          WHERE r.asked_at > now() - interval '7 days' AND cardinality(r.districts) > 0)
        WHEN 'searched_week' THEN (SELECT count(*) FROM private.trace_request AS r
          WHERE r.searched_at > now() - interval '7 days')
        WHEN 'first_week' THEN (SELECT coalesce(sum((r.found->>'first')::integer), 0)
          FROM private.trace_request AS r WHERE r.searched_at > now() - interval '7 days')
        WHEN 'second_week' THEN (SELECT coalesce(sum((r.found->>'second')::integer), 0)
          FROM private.trace_request AS r WHERE r.searched_at > now() - interval '7 days')
        WHEN 'contacts' THEN (SELECT count(*) FROM private.trace_request AS r
          JOIN private.trace_contact AS c ON c.request_id = r.id WHERE private.trace_is_live(r))
        WHEN 'to_call' THEN (SELECT count(*) FROM private.trace_request AS r
          JOIN private.trace_contact AS c ON c.request_id = r.id
          WHERE private.trace_is_live(r) AND c.state = 'to_call')
        WHEN 'devices_week' THEN (SELECT count(*) FROM private.proximity AS x
          WHERE x.to_at > now() - interval '7 days')
        END
    $$
    """,
    # The median from asking to the result, of the last seven days.
    """
    CREATE FUNCTION private.trace_minutes() RETURNS float8 LANGUAGE sql STABLE AS $$
      SELECT percentile_cont(0.5) WITHIN GROUP (
        ORDER BY extract(epoch FROM r.searched_at - r.asked_at)) / 60
      FROM private.trace_request AS r WHERE r.searched_at > now() - interval '7 days'
    $$
    """,
    # One number for the dashboard. Each request is about a person, so who has no account is told
    # no number from 1 to 4, and no median of fewer than five: NULL.
    """
    CREATE FUNCTION dieuhanh.trace_figure(what text) RETURNS float8
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      is_staff boolean := EXISTS (SELECT FROM private.account AS a
        WHERE a.id = dieuhanh.account_id() AND a.disabled_at IS NULL);
      found bigint := private.trace_count(CASE what WHEN 'minutes' THEN 'searched_week' ELSE what END);
    BEGIN
      IF NOT is_staff AND found BETWEEN 1 AND 4 THEN
        RETURN NULL;
      END IF;
      RETURN CASE what WHEN 'minutes' THEN private.trace_minutes() ELSE found END;
    END $$
    """,
    # As in 0043, with all that the dashboard has.
    """
    CREATE OR REPLACE FUNCTION dieuhanh.trace_figures() RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      PERFORM private.acting_as('viewer', 'analyst', 'officer', 'coordinator', 'admin');
      RETURN (SELECT jsonb_object_agg(w.what, private.trace_count(w.what))
        FROM unnest('{asked,live,contacts,to_call,closed_week,province_week,district_week,
          first_week,second_week,devices_week}'::text[]) AS w (what))
        || jsonb_build_object('minutes_week', round(private.trace_minutes()));
    END $$
    """,
    "REVOKE EXECUTE ON FUNCTION dieuhanh.trace_figure(text) FROM PUBLIC",
    f"GRANT EXECUTE ON FUNCTION dieuhanh.trace_figure(text) TO {EVERYBODY}",
)


def _execute(statement: str) -> None:
    # Straight to the driver, so that a colon stays what it is.
    op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def upgrade() -> None:
    for statement in TRACING:
        _execute(statement)


def _restore(module: str, part: str, name: str) -> None:
    """Make a function as the migration before made it."""
    for statement in getattr(import_module(f"migrations.versions.{module}"), part):
        if f".{name}(" in statement.split("RETURNS")[0]:
            _execute(statement.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1))


def downgrade() -> None:
    _restore("0043_tracing_desk", "LOOKING", "trace_figures")
    for name in (
        "dieuhanh.trace_figure(text)",
        "private.trace_minutes()",
        "private.trace_count(text)",
    ):
        op.execute(f"DROP FUNCTION {name}")
