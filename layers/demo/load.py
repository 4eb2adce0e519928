"""Writes the demo into the database: all of it or nothing, and never over anybody's own data."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import psycopg2
import pyarrow as pa
import pyarrow.csv
from psycopg2.extras import execute_values

from layers.catalogue import CATALOGUE
from layers.checkins.keeping import COUNTER
from layers.datasets import advance_numbers, note_dataset, vacuum
from layers.demo import directives, epidemic, medical, network, outbreak, rescue, sites
from layers.demo.check_ins import check_in
from layers.demo.doses import give_doses
from layers.demo.geography import Geography, load_geography
from layers.demo.sos import sos_requests
from layers.demo.stays import give_stays
from layers.demo.tasks import give_tasks
from layers.demo.tracing import trace
from layers.demo.volunteers import give_help
from layers.layer import EXACT_GEOMETRY, Layer
from layers.province import Province
from layers.registers.catalogue import REGISTERS
from layers.rows import (
    DEGREE_DECIMALS,
    feature_expression,
    property_columns,
    published,
    search_expression,
    table_name,
)
from layers.vaccinating.keeping import COUNTER as DOSE_COUNTER
from spatial.sql import quote

MARK = "dieuhanh demo"
"""How the source of a demo's data set begins in `dieuhanh.dataset`."""

REFERENCE = "admin_units"
BATCH = 50_000
LARGE = 100_000
"""Rows from which preparing the table for a large load pays."""

Progress = Callable[[str, int, int], None]
"""Told a layer's id, the rows written and the rows in all."""


class DemoRefused(Exception):
    """The database holds data that the demo did not make. The message is one line."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What the demo's rows are made from, beside chance."""

    geography: Geography
    province: Province
    seed: int
    sos: int
    until: datetime


def _sites(make: Callable[[Setting, np.random.Generator], list[sites.Row]]) -> Maker:
    return lambda setting, rng: sites.table(setting.geography, make(setting, rng), setting.until)


def _network_assets(setting: Setting, rng: np.random.Generator) -> list[sites.Row]:
    s = setting
    return network.network_assets(
        sites.checkpoints(s.geography, _chance(s, "checkpoints"), s.province.gateways),
        sites.quarantine_sites(s.geography, _chance(s, "quarantine_sites"), s.until),
        sites.hotels(s.geography, _chance(s, "hotels")),
        rng,
        s.until,
    )


def _chance(setting: Setting, layer_id: str) -> np.random.Generator:
    """A layer's own generator: more SOS requests leave the checkpoints as they are."""
    return np.random.default_rng([setting.seed, *layer_id.encode()])


Maker = Callable[[Setting, np.random.Generator], pa.Table]
MAKERS: dict[str, Maker] = {
    "checkpoints": _sites(lambda s, rng: sites.checkpoints(s.geography, rng, s.province.gateways)),
    "control_points": _sites(lambda s, rng: sites.control_points(s.geography, rng)),
    "quarantine_sites": _sites(lambda s, rng: sites.quarantine_sites(s.geography, rng, s.until)),
    "hotels": _sites(lambda s, rng: sites.hotels(s.geography, rng)),
    "vaccination_points": _sites(lambda s, rng: sites.vaccination_points(s.geography, rng)),
    "sos_requests": lambda s, rng: sos_requests(s.geography, rng, s.sos, s.until),
    "rescue_teams": _sites(lambda s, rng: rescue.rescue_teams(s.geography, rng, s.until)),
    "shelters": _sites(lambda s, rng: rescue.shelters(s.geography, rng)),
    "alerts": lambda s, rng: rescue.alerts(s.geography, rng, s.until),
    "outbreak_zones": lambda s, rng: epidemic.outbreak_zones(s.geography, rng, s.until),
    "medical_facilities": _sites(
        lambda s, rng: medical.medical_facilities(s.geography, rng, s.until)
    ),
    "testing_sites": _sites(lambda s, rng: outbreak.testing_sites(s.geography, rng)),
    "directives": lambda s, rng: directives.directives(s.geography, s.province, s.until),
    "network_assets": _sites(_network_assets),
}
"""How the rows of each demo layer are made."""


@dataclass(frozen=True, slots=True)
class DemoResult:
    """The rows of each layer, and whether they were there already."""

    rows: dict[str, int]
    unchanged: bool


def load_demo(
    database_url: str,
    province: Province,
    *,
    sos: int = 5_000,
    seed: int = 1,
    until: datetime | None = None,
    replace: bool = False,
    files: Path | None = None,
    progress: Progress = lambda layer, done, total: None,
) -> DemoResult:
    """Make the demo of a province and write it, in one transaction.

    The same seed makes the same ids and rows; times end at `until`. A database that already
    has the demo of this seed and size is left as it is.

    Args:
        database_url: a migrated database, as its owner.
        province: whose geography is used.
        sos: how many SOS requests.
        seed: of all chance.
        until: the end of the ninety days; the hour that has just begun when None.
        replace: also replace rows that the demo did not make.
        files: the folder of the files of directives; None: they get none.
        progress: told how far the writing is.

    Raises:
        DemoRefused: a layer holds other data and `replace` is not given.
        psycopg2.Error: the database refused; nothing is written.
    """
    if until is None:
        until = datetime.now(province.time_zone).replace(minute=0, second=0, microsecond=0)
    until = until.astimezone(province.time_zone)
    layers = [CATALOGUE[layer_id] for layer_id in MAKERS]
    connection = psycopg2.connect(database_url, application_name="dieuhanh demo")
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(7233003)")
            cursor.execute("SET LOCAL dieuhanh.bulk = 'on'")
            cursor.execute("SET LOCAL synchronous_commit = on")  # as `vacuum` wants
            cursor.execute("SET LOCAL timezone = 'UTC'")
            cursor.execute("SET LOCAL work_mem = '128MB'")  # a batch, as statement triggers see it
            sources = {layer.id: _source(layer, seed, sos) for layer in layers}
            if not replace:
                _refuse_foreign(cursor, layers)
                _refuse_kept(cursor)
                if _present(cursor, sources):
                    return DemoResult(_counts(cursor, layers), unchanged=True)
            load_reference(cursor, province)
            geography = load_geography(province)
            _populate(cursor, geography)
            setting = Setting(geography, province, seed, sos, until)
            rows = {}
            for layer in layers:
                made = _make(layer.id, setting)
                _replace_rows(cursor, layer, made, progress)
                note_dataset(cursor, layer.id, synthetic=True, source=sources[layer.id])
                rows[layer.id] = made.num_rows
            give_tasks(cursor)
            epidemic.declare(cursor, geography, seed, until, str(province.time_zone))
            check_in(cursor, np.random.default_rng([seed, *b"check_in"]), until)
            trace(cursor, seed, until)
            give_stays(cursor, seed, until)
            give_doses(cursor, seed, until)
            # Levels of risk follow from the doses too.
            outbreak.give_cases(cursor, geography, seed, until)
            give_help(cursor, seed, until, province.hotline)
            if files is not None:
                issued = directives.issued(geography, province, until)
                directives.give_files(cursor, files, issued)
        vacuum(connection, [CATALOGUE[REFERENCE], *layers])
    finally:
        connection.close()
    return DemoResult(rows, unchanged=False)


def load_reference(cursor: Any, province: Province) -> int:
    """Write the province's administrative units; those that say the same are left alone.

    Returns how many were written or changed.
    """
    collection = json.loads(province.admin_units_file.read_text(encoding="utf-8"))
    levels = ("province", "district", "commune")
    features = sorted(
        collection["features"], key=lambda feature: levels.index(feature["properties"]["level"])
    )
    columns = ("code", "name", "level", "kind", "parent_code", "structure", "area_km2", "geom")
    names = ", ".join(columns)
    table = table_name(CATALOGUE[REFERENCE])
    values = [
        (
            *(feature["properties"].get(name) for name in columns[:5]),
            "2025" if feature["properties"]["level"] == "commune" else "2021",
            feature["properties"].get("area_km2"),
            json.dumps(feature["geometry"]),
        )
        for feature in features
    ]
    settings = ", ".join(f"{name} = excluded.{name}" for name in columns[1:])
    mine = ", ".join(f"t.{name}" for name in columns[1:])
    new = ", ".join(f"excluded.{name}" for name in columns[1:])
    written = execute_values(
        cursor,
        f"INSERT INTO {table} AS t ({names}) VALUES %s ON CONFLICT (code) DO UPDATE"
        f" SET {settings} WHERE ({mine}) IS DISTINCT FROM ({new}) RETURNING code",
        values,
        template=f"({', '.join(['%s'] * 7)}, ST_Multi(ST_GeomFromGeoJSON(%s)))",
        fetch=True,
    )
    if written:
        source = f"data/provinces/{province.id}/{province.admin_units_file.name}"
        note_dataset(cursor, REFERENCE, synthetic=False, source=source)
    return len(written)


def _populate(cursor: Any, geography: Geography) -> None:
    """Give the units that have none a synthetic population; a province's own figures stay."""
    execute_values(
        cursor,
        f"UPDATE {table_name(CATALOGUE[REFERENCE])} AS t SET population = v.people"
        " FROM (VALUES %s) AS v (code, people) WHERE t.code = v.code AND t.population IS NULL",
        list(geography.population().items()),
    )


def _source(layer: Layer, seed: int, sos: int) -> str:
    size = f", {sos} SOS" if layer.id == "sos_requests" else ""
    return f"{MARK}, seed {seed}{size}"


def _refuse_foreign(cursor: Any, layers: list[Layer]) -> None:
    cursor.execute("SELECT layer, synthetic, source, loaded_at FROM dieuhanh.dataset")
    datasets = {layer: (synthetic, source, at) for layer, synthetic, source, at in cursor}
    for layer in layers:
        cursor.execute(f"SELECT EXISTS (SELECT FROM {table_name(layer)})")
        if not cursor.fetchone()[0]:
            continue
        synthetic, source, at = datasets.get(layer.id, (False, "", None))
        own = synthetic and source.startswith(MARK)
        if own:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM dieuhanh.change WHERE layer = %s AND at > %s"
                " AND op <> 'load' AND actor <> ALL (%s))",
                (layer.id, at, [COUNTER, DOSE_COUNTER]),
            )
            own = not cursor.fetchone()[0]
        if not own:
            raise DemoRefused(
                f"Lớp {layer.id} có dữ liệu không do bản mô phỏng tạo ra; dùng --replace để thay."
                f" / Layer {layer.id} holds data that the demo did not make;"
                " --replace replaces it."
            )


def _refuse_kept(cursor: Any) -> None:
    """The demo's own rows are made without a history; whoever keeps a register makes one."""
    cursor.execute("SELECT min(register) FROM register.change")
    kept = REGISTERS.get(cursor.fetchone()[0])
    if kept is not None:
        raise DemoRefused(
            f"Sổ {kept.id} có dữ liệu không do bản mô phỏng tạo ra; dùng --replace để thay."
            f" / Register {kept.id} holds data that the demo did not make; --replace replaces it."
        )


def _present(cursor: Any, sources: dict[str, str]) -> bool:
    cursor.execute("SELECT layer, source FROM dieuhanh.dataset WHERE synthetic")
    return dict(cursor.fetchall()) == sources


def _counts(cursor: Any, layers: list[Layer]) -> dict[str, int]:
    counts = {}
    for layer in layers:
        cursor.execute(f"SELECT count(*) FROM {table_name(layer)}")
        counts[layer.id] = cursor.fetchone()[0]
    return counts


def _make(layer_id: str, setting: Setting) -> pa.Table:
    return MAKERS[layer_id](setting, _chance(setting, layer_id))


def _replace_rows(cursor: Any, layer: Layer, rows: pa.Table, progress: Progress) -> None:
    table = table_name(layer)
    large = rows.num_rows >= LARGE
    names = ", ".join(quote(name) for name in rows.column_names)
    done = 0
    progress(layer.id, 0, rows.num_rows)
    with _emptied_for_many(cursor, layer, names) if large else _emptied(cursor, table) as target:
        for text, count in _csv(rows):
            cursor.copy_expert(f"COPY {target.table} ({names}) FROM STDIN (FORMAT csv)", text)
            for statement in target.afterwards:
                cursor.execute(statement)
            done += count
            progress(layer.id, done, rows.num_rows)
    advance_numbers(cursor, layer)


@dataclass(frozen=True, slots=True)
class _Target:
    """The table that a batch is copied to, and what to run after each batch."""

    table: str
    afterwards: tuple[str, ...] = ()


@contextmanager
def _emptied(cursor: Any, table: str) -> Iterator[_Target]:
    cursor.execute(f"DELETE FROM {table}")
    yield _Target(table)


@contextmanager
def _emptied_for_many(cursor: Any, layer: Layer, names: str) -> Iterator[_Target]:
    """Empty a table and make ready for a large load: much faster than row by row.

    What the row trigger would work out for each row, one statement works out for a batch, and
    indexes are made after the rows. Readers of the layer wait until the load commits.
    """
    table = table_name(layer)
    cursor.execute(f"TRUNCATE {table}")
    cursor.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE indrelid = %s::regclass AND NOT EXISTS"
        " (SELECT FROM pg_constraint WHERE conindid = indexrelid) ORDER BY 1",
        (table,),
    )
    indexes = cursor.fetchall()
    for name, _ in indexes:
        cursor.execute(f"DROP INDEX {name}")
    cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER dieuhanh_row")
    cursor.execute(f"CREATE TEMPORARY TABLE batch (LIKE {table} INCLUDING DEFAULTS) ON COMMIT DROP")
    if layer.public_decimals is not None:
        cursor.execute(f"ALTER TABLE batch ALTER {quote(EXACT_GEOMETRY)} DROP NOT NULL")
    geometry = quote(layer.geometry_column)
    shown = "b.published"
    feature = feature_expression(layer, property_columns(layer), shown, DEGREE_DECIMALS, "b.")
    search = search_expression(layer, "b.") or "NULL"
    kept = "" if layer.public_decimals is None else f", {quote(EXACT_GEOMETRY)}"
    exact = "" if layer.public_decimals is None else f", b.{geometry}"
    yield _Target(
        "batch",
        (
            f"INSERT INTO {table} ({names}{kept}, feature, search)"
            f" SELECT {names.replace(geometry, shown)}{exact}, {feature}, {search}"
            # Apart, so that the rounded position is worked out once for each row.
            f" FROM (SELECT *, {published(layer, geometry)} AS published FROM batch OFFSET 0) AS b",
            "TRUNCATE batch",
        ),
    )
    cursor.execute("DROP TABLE batch")
    cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER dieuhanh_row")
    cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
    for _, definition in indexes:
        cursor.execute(definition)


def _csv(rows: pa.Table) -> Iterator[tuple[io.BytesIO, int]]:
    options = pyarrow.csv.WriteOptions(include_header=False)
    for start in range(0, rows.num_rows, BATCH):
        batch = rows.slice(start, BATCH)
        text = io.BytesIO()
        pyarrow.csv.write_csv(batch, text, options)
        text.seek(0)
        yield text, batch.num_rows
