"""A road graph, and the nearest teams by road where there is one.

Revises: 0014
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TABLES = (
    "CREATE SCHEMA road",
    # What the graph was made with; no row: there is none.
    """
    CREATE TABLE road.graph (
      single boolean PRIMARY KEY DEFAULT true CHECK (single),
      srid integer NOT NULL,
      tolerance_m float8 NOT NULL,
      loaded_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    # In the graph's own metric system, where the nearest is found by the index.
    "CREATE TABLE road.node (id bigint PRIMARY KEY, geom geometry(Point) NOT NULL)",
    "CREATE INDEX ON road.node USING gist (geom)",
    # Costs are minutes; a negative one closes the direction.
    """
    CREATE TABLE road.edge (
      id bigint PRIMARY KEY,
      source bigint NOT NULL REFERENCES road.node,
      target bigint NOT NULL REFERENCES road.node,
      length_m float8 NOT NULL CHECK (length_m > 0),
      cost float8 NOT NULL,
      reverse_cost float8 NOT NULL,
      geom geometry(LineString, 4326) NOT NULL
    )
    """,
    "CREATE INDEX ON road.edge (source)",
    "CREATE INDEX ON road.edge (target)",
)

FUNCTIONS = (
    # The quickest ways from many nodes to one, in one query; metres are those of that way. Nothing
    # where pgRouting is not there, and no row for what is not connected.
    """
    CREATE FUNCTION private.road_ways(sources bigint[], goal bigint)
    RETURNS TABLE (node bigint, metres float8, minutes float8)
    LANGUAGE plpgsql STABLE AS $$
    DECLARE
      others bigint[] := array_remove(sources, goal);
    BEGIN
      IF goal IS NULL OR NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'pgrouting') THEN
        RETURN;
      END IF;
      RETURN QUERY SELECT goal, 0::float8, 0::float8 WHERE goal = ANY (sources);
      -- pgRouting refuses an empty array.
      IF cardinality(others) = 0 THEN
        RETURN;
      END IF;
      RETURN QUERY EXECUTE
        'SELECT w.start_vid, sum(e.length_m), max(w.agg_cost)
         FROM pgr_dijkstra(
           ''SELECT id, source, target, cost, reverse_cost FROM road.edge'', $1, $2, true) AS w
         LEFT JOIN road.edge AS e ON e.id = w.edge GROUP BY w.start_vid'
        USING others, goal;
    END $$
    """,
    # Free suitable teams, the nearest first: by road where there is a graph in the system asked
    # for and a way, else by straight line, a way being 1.4 times as long. Boats make 12 km/h where
    # they come by water, all else 30 off the roads. Routed are the nearest in a straight line.
    """
    CREATE FUNCTION dieuhanh.sos_teams(request uuid, srid integer, most integer)
    RETURNS TABLE (id bigint, code text, name text, kind text, capacity integer,
      carries_all boolean, position_at timestamptz, distance_m float8, travel_min float8,
      "by" text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    #variable_conflict use_column
    DECLARE
      who private.account := private.acting_as('operator', 'coordinator', 'admin');
      place layer.sos_requests := private.sos_for(request, who, false);
      spot geometry := ST_Transform(place.geom_exact, srid);
      goal bigint;
      goal_m float8;
    BEGIN
      IF EXISTS (SELECT FROM road.graph AS g WHERE g.srid = sos_teams.srid) THEN
        SELECT n.id, ST_Distance(n.geom, spot) INTO goal, goal_m
        FROM road.node AS n ORDER BY n.geom <-> spot LIMIT 1;
      END IF;
      RETURN QUERY
        WITH free AS MATERIALIZED (
          SELECT t.*, ST_Transform(t.geom_exact, srid) AS spot_m
          FROM layer.rescue_teams AS t
          WHERE t.state = 'free' AND dieuhanh.team_can(t, place.category)
        ), straight AS MATERIALIZED (
          SELECT f.*, ST_Distance(f.spot_m, spot) AS metres FROM free AS f
          ORDER BY metres, f.id LIMIT greatest(most, 50)
        ), entered AS MATERIALIZED (
          SELECT s.*, n.id AS node, n.away FROM straight AS s LEFT JOIN LATERAL (
            SELECT n.id, ST_Distance(n.geom, s.spot_m) AS away FROM road.node AS n
            WHERE goal IS NOT NULL ORDER BY n.geom <-> s.spot_m LIMIT 1) AS n ON true
        ), way AS MATERIALIZED (
          SELECT w.* FROM private.road_ways(
            ARRAY(SELECT DISTINCT e.node FROM entered AS e WHERE e.node IS NOT NULL), goal) AS w
        ), told AS (
          SELECT e.*, CASE WHEN e.boat AND place.category = 'trapped' THEN 12 ELSE 30 END AS kmh,
            -- Where the ways to the road and from it are the longer part, it is no way by road.
            w.node IS NOT NULL AND e.away + goal_m <= e.metres AS is_road,
            w.metres + e.away + goal_m AS road_m,
            w.minutes + (e.away + goal_m) * 1.4 / 1000 / 30 * 60 AS road_min
          FROM entered AS e LEFT JOIN way AS w ON w.node = e.node
        )
        SELECT t.id, t.code, t.name, t.kind, t.capacity,
          t.capacity >= coalesce(place.people, 1), t.position_at,
          round((CASE WHEN t.is_road THEN t.road_m ELSE t.metres END)::numeric)::float8,
          round((CASE WHEN t.is_road THEN t.road_min
            ELSE t.metres * 1.4 / 1000 / t.kmh * 60 END)::numeric, 1)::float8,
          CASE WHEN t.is_road THEN 'road' ELSE 'straight' END
        FROM told AS t
        ORDER BY CASE WHEN t.is_road THEN t.road_m ELSE t.metres * 1.4 END, t.id LIMIT most;
    END $$
    """,
    "REVOKE EXECUTE ON FUNCTION dieuhanh.sos_teams(uuid, integer, integer) FROM PUBLIC",
    """
    GRANT EXECUTE ON FUNCTION dieuhanh.sos_teams(uuid, integer, integer)
      TO dieuhanh_rescuer, dieuhanh_operator, dieuhanh_coordinator, dieuhanh_admin
    """,
)


def upgrade() -> None:
    for statement in (*TABLES, *FUNCTIONS):
        # Straight to the driver, so that a colon stays what it is.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    op.execute("DROP FUNCTION dieuhanh.sos_teams(uuid, integer, integer)")
    op.execute("DROP FUNCTION private.road_ways(bigint[], bigint)")
    op.execute("DROP SCHEMA road CASCADE")
