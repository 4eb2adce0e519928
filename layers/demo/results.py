"""What the demo keeps of analysis, so that the map and the dashboard have something to show.

The results are computed by the processes themselves, from the demo's requests for help.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg2

from layers.analysis import kept
from layers.analysis.perform import perform
from layers.analysis.processes import process_of
from layers.catalogue import CATALOGUE
from layers.datasets import vacuum
from layers.province import Province
from layers.roles import ANYONE

KEEPER = "dieuhanh demo"
RESULTS = (
    ("hotspots", "SOS: điểm nóng theo xã (mô phỏng)", {"value": "rate"}),
    ("emerging-hotspots", "SOS: điểm nóng theo tuần (mô phỏng)", {"step_days": 7}),
)
LAYER = "sos_requests"


def keep_results(
    database_url: str, province: Province, *, limits: kept.Limits, days: float
) -> list[str]:
    """Compute the demo's results and keep them for some days, in place of those it kept before.

    Returns:
        Their ids; none where they are there, of the same data.

    Raises:
        psycopg2.Error: the database refused; nothing is changed.
    """
    if _present(database_url):
        return []
    made = []
    for name, title, inputs in RESULTS:
        process = process_of(name)
        asked = process.read({"layer": LAYER, **inputs})
        result = perform(
            process, asked, database_url=database_url, province=province, caller=ANYONE
        )
        made.append((process, title, result))
    expires = datetime.now(UTC) + timedelta(days=days)
    connection = psycopg2.connect(database_url, application_name="dieuhanh demo")
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("SET LOCAL dieuhanh.bulk = 'on'")
            cursor.execute("SELECT set_config('dieuhanh.actor', %s, true)", (KEEPER,))
            cursor.execute(
                "SELECT private.drop_results(array_agg(id)) FROM dieuhanh.analysis_result"
                " WHERE kept_by = %s HAVING count(*) > 0",
                (KEEPER,),
            )
            numbers = [
                str(
                    kept.keep(
                        cursor,
                        process,
                        result,
                        ANYONE,
                        title=title,
                        expires=expires,
                        limits=limits,
                    )
                )
                for process, title, result in made
            ]
        vacuum(connection, [CATALOGUE[one.collection] for one, _, _ in made if one.collection])
        return numbers
    finally:
        connection.close()


def _present(database_url: str) -> bool:
    """Whether the demo's results are there and of the data that are there now."""
    connection = psycopg2.connect(database_url, application_name="dieuhanh demo")
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM dieuhanh.analysis_result WHERE kept_by = %s AND expires >"
                " now() AND layer_version = (SELECT max(version) FROM dieuhanh.commit_log"
                " WHERE layer = %s)",
                (KEEPER, LAYER),
            )
            (found,) = cursor.fetchone()
            return bool(found == len(RESULTS))
    finally:
        connection.close()
