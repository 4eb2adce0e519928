"""Who may do what: every layer × role × operation, as PostgreSQL decides it and as HTTP shows it.

What is expected follows from the layer records by the few rules written out here, apart from the
product's own derivation (`layers/policy.py`).
"""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import mapbox_vector_tile
import psycopg2
import psycopg2.errors
import pytest
import sqlalchemy as sa
from geoalchemy2 import Geometry

from api.cli.database import create_database
from layers.catalogue import CATALOGUE
from layers.layer import Audience, Layer
from layers.policy_table import OPERATIONS, markdown, table
from layers.roles import Role
from spatial.sql import quote
from tests.conftest import ROOT, serving
from tests.people import Person, person

AUDIENCES = {
    "public": 0,
    "viewer": 1,
    "analyst": 1,
    "officer": 1,
    "rescuer": 2,
    "operator": 2,
    "coordinator": 2,
    "admin": 2,
}
PUBLIC_PARTS = {"geom", "geom_3857", "feature", "search", "tile_x", "tile_y", "tile_key"}
"""What the database keeps beside a layer's columns, all of it made from what is public."""
A, B = "502", "503"
"""Two districts: the officers' own, and another."""
RESULT = "5b6ce5a1-6f44-4c5f-9c43-0a4c4f7f5a10"
RESULT_OF_ALL = """
    INSERT INTO dieuhanh.analysis_result (id, title, process, version, inputs, layer,
      layer_version, layer_versions, audience, summary, computed_at, kept_by, expires, media_type,
      sha256, body)
    VALUES (%s, 'T', 'hotspots', '1', '{}', 'hotels', 1, '{}', 'public', '{}', now(), 'test',
      now() + interval '1 day', '', '', '')
"""
"""What features of the layers of results belong to."""
CASES = ("own", "own district", "other department", "district", "other layer", "disabled")
PLACES = ("inside", "outside")
WRITES = ("create", "change", "move", "delete")
PAIRS = [(layer, role) for layer in CATALOGUE.values() for role in Role]
NAMES = [f"{layer.id}-{role.value}" for layer, role in PAIRS]


def may_write(layer: Layer, role: Role, case: str, place: str, operation: str) -> bool:
    """What is expected: the one table, as rules."""
    if layer.computed:
        return False
    if role.value not in ("officer", "admin", *layer.editors) or case == "disabled":
        return False
    if role is Role.ADMIN:
        return True
    if case == "own":
        return True
    # An area has no one district, so that an officer of a district never changes it.
    is_near = "district_code" in layer.table.c and place == "inside" and operation != "move"
    if case == "own district":
        return is_near
    return case == "district" and layer.edited_by_districts and is_near


def may_read(layer: Layer, role: Role) -> set[str]:
    """The columns that are expected to be readable, positions and kept ones among them."""
    rank = AUDIENCES[role.value]
    exact = {"geom_exact"} if layer.public_decimals is not None and rank else set()
    own = {column.name for column in layer.columns if column.audience <= rank}
    return (PUBLIC_PARTS & set(_all_columns(layer))) | exact | own


def _all_columns(layer: Layer) -> list[str]:
    kept = ["tile_x", "tile_y", "tile_key"] if layer.is_point else []
    return [*layer.table.c.keys(), *(name for name in kept if name not in layer.table.c)]


@dataclass
class Setting:
    """A database with features in two districts, a server on it, and somebody of each role."""

    url: str
    address: str
    connection: Any
    people: dict[Role, Person]
    features: dict[tuple[str, str], str]

    def acting(self, role: Role, account: int | None) -> Any:
        """A cursor that acts as the server does for a caller; what it does is undone."""
        self.connection.rollback()
        cursor = self.connection.cursor()
        text = "" if account is None else str(account)
        cursor.execute(
            "SELECT set_config('role', %s, true), set_config('dieuhanh.account', %s, true)",
            (f"dieuhanh_{role.value}", text),
        )
        return cursor


@pytest.fixture(scope="module")
def setting(cluster: Any, template_database: str) -> Iterator[Setting]:
    url = create_database(cluster, "policy", template_database)
    people: dict[Role, Person] = {r: person(url, r) for r in Role if r is not Role.PUBLIC}
    connection = psycopg2.connect(url)
    with connection.cursor() as cursor:
        cursor.execute(RESULT_OF_ALL, (RESULT,))
        features = {
            (layer.id, place): _create(cursor, layer, place, owner=True)
            for layer in CATALOGUE.values()
            for place in PLACES
        }
    connection.commit()
    with serving(url) as address:
        yield Setting(url, address, connection, people, features)
    connection.close()


_numbers = itertools.count(1)


def _create(cursor: Any, layer: Layer, place: str, *, owner: bool = False) -> str:
    """Insert the least feature that a layer's table takes; its id."""
    number = next(_numbers)
    values: dict[str, Any] = {}
    if sa.inspect(layer.table).c[layer.id_column].server_default is None and isinstance(
        layer.table.c[layer.id_column].type, sa.Text
    ):
        values[layer.id_column] = f"t{number}"
    for column in layer.table.c:
        needed = not column.nullable and column.server_default is None and column.identity is None
        if not needed or column.name in values or isinstance(column.type, Geometry):
            continue
        values[column.name] = _value(layer, column, number)
    names = [*values, layer.geometry_column]
    marks = ", ".join(["%s"] * len(values))
    shape = _shape(layer)
    key = quote(layer.id_column)
    cursor.execute(
        f"INSERT INTO layer.{quote(layer.table.name)} ({', '.join(map(quote, names))})"
        f" VALUES ({marks}{', ' if marks else ''}{shape}) RETURNING {key}::text",
        (*values.values(), *_where(cursor, place)),
    )
    return str(cursor.fetchone()[0])


def _value(layer: Layer, column: Any, number: int) -> Any:
    record = layer.by_name.get(column.name)
    if record is not None and record.codes is not None:
        return record.codes.values[0]
    if isinstance(column.type, sa.Integer | sa.Float | sa.Numeric):
        return 1 if record is None or record.minimum is None else record.minimum
    if isinstance(column.type, sa.Uuid):
        return RESULT
    if isinstance(column.type, sa.Boolean):
        return True
    if isinstance(column.type, sa.DateTime):
        # Later than the defaults, which are the present: what ends comes after what begins.
        return "2099-01-01T00:00:00Z"
    if isinstance(column.type, sa.Date):
        return "2099-01-01"
    return f"t{number}"


def _shape(layer: Layer) -> str:
    point = "ST_SetSRID(ST_MakePoint(%s, %s), 4326)"
    if layer.is_point:
        return point
    area = f"ST_Buffer({point}, 0.001, 2)"
    if layer.geometry_type.endswith("LineString"):
        area = f"ST_Boundary({area})"
    return f"ST_Multi({area})" if layer.geometry_type.startswith("Multi") else area


_places: dict[str, tuple[float, float]] = {}


def _where(cursor: Any, place: str) -> tuple[float, float]:
    if not _places:
        cursor.execute(
            "SELECT DISTINCT ON (district_code) district_code,"
            " ST_X(ST_PointOnSurface(geom)), ST_Y(ST_PointOnSurface(geom))"
            " FROM dieuhanh.admin_piece WHERE district_code IN (%s, %s)"
            " ORDER BY district_code, ST_Area(geom) DESC",
            (A, B),
        )
        for code, x, y in cursor.fetchall():
            _places["inside" if code == A else "outside"] = (x, y)
    return _places[place]


def attempt(setting: Setting, layer: Layer, role: Role, account: int, **what: str) -> bool:
    """Whether PostgreSQL lets a caller do something; it is undone."""
    cursor = setting.acting(role, account)
    operation, place = what["operation"], what["place"]
    target = f"layer.{quote(layer.table.name)}"
    key = f"{quote(layer.id_column)}::text"
    feature = setting.features[layer.id, place]
    try:
        if operation == "create":
            _create(cursor, layer, place)
        elif operation == "delete":
            cursor.execute(f"DELETE FROM {target} WHERE {key} = %s", (feature,))
        elif operation == "move":
            other = _where(cursor, "outside" if place == "inside" else "inside")
            shape = _shape(layer)
            cursor.execute(
                f"UPDATE {target} SET {quote(layer.geometry_column)} = {shape} WHERE {key} = %s",
                (*other, feature),
            )
        else:
            editable = [c for c in layer.columns if c.editable or layer.computed]
            column = quote(next(c.name for c in editable if not c.audience))
            cursor.execute(f"UPDATE {target} SET {column} = {column} WHERE {key} = %s", (feature,))
        return bool(cursor.rowcount == 1)
    except psycopg2.errors.InsufficientPrivilege:
        return False
    finally:
        setting.connection.rollback()


@pytest.fixture(scope="module")
def officers(setting: Setting) -> dict[tuple[str, str, str], int]:
    """An account for each layer × role × case."""
    departments = {layer.steward for layer in CATALOGUE.values()}
    made: dict[tuple[str, str, str], int] = {}
    with setting.connection.cursor() as cursor:
        for layer, role in PAIRS:
            if role is Role.PUBLIC:
                continue
            other = min(departments - {layer.steward})
            another = next(one for one in CATALOGUE if one != layer.id)
            own = [layer.steward]
            posts: dict[str, tuple[list[str], list[str], list[str]]] = {
                "own": (own, [], []),
                "own district": (own, [A], []),
                "other department": ([other], [], []),
                "district": (["district"], [A], []),
                "other layer": (own, [], [another]),
                "disabled": (own, [], []),
            }
            for case in CASES:
                cursor.execute(
                    "INSERT INTO private.account"
                    " (login, role, departments, districts, layers, disabled_at)"
                    " VALUES (%s, %s, %s, %s, %s, CASE WHEN %s THEN now() END) RETURNING id",
                    (f"p{next(_numbers)}", role.value, *posts[case], case == "disabled"),
                )
                made[layer.id, role.value, case] = cursor.fetchone()[0]
    setting.connection.commit()
    return made


def test_no_combination_is_missing() -> None:
    listed = {(layer, role, operation) for layer, role, operation, _ in table(CATALOGUE.values())}
    wanted = set(itertools.product(CATALOGUE, [role.value for role in Role], OPERATIONS))
    assert listed == wanted
    assert set(AUDIENCES) == {role.value for role in Role}
    assert {layer.id for layer, _ in PAIRS} == set(CATALOGUE)


def test_the_table_says_what_is_expected() -> None:
    for layer_id, role_name, operation, allowed in table(CATALOGUE.values()):
        layer, role = CATALOGUE[layer_id], Role(role_name)
        if operation in ("create", "change", "delete"):
            expected = may_write(layer, role, "own", "inside", operation)
            assert (allowed != "no") == expected, (layer_id, role_name, operation)
        else:
            hidden = {c.name for c in layer.columns} - may_read(layer, role)
            for name in hidden:
                assert name not in allowed.split(), (layer_id, role_name, name)


@pytest.mark.parametrize(("layer", "role"), PAIRS, ids=NAMES)
def test_sql_reads_the_columns_of_the_role_and_no_other(
    setting: Setting, layer: Layer, role: Role
) -> None:
    someone = setting.people.get(role)
    expected = may_read(layer, role)
    for name in _all_columns(layer):
        cursor = setting.acting(role, someone.id if someone else None)
        try:
            cursor.execute(f"SELECT {quote(name)} FROM layer.{quote(layer.table.name)} LIMIT 1")
            is_read = True
        except psycopg2.errors.InsufficientPrivilege:
            is_read = False
        assert is_read == (name in expected), name
    setting.connection.rollback()


@pytest.mark.parametrize(("layer", "role"), PAIRS, ids=NAMES)
def test_sql_writes_as_the_steward_and_the_district_allow(
    setting: Setting, officers: dict[tuple[str, str, str], int], layer: Layer, role: Role
) -> None:
    wrong = []
    for case, place, operation in itertools.product(CASES, PLACES, WRITES):
        account = 0 if role is Role.PUBLIC else officers[layer.id, role.value, case]
        expected = may_write(layer, role, case, place, operation)
        if attempt(setting, layer, role, account, operation=operation, place=place) != expected:
            wrong.append((case, place, operation, f"expected {expected}"))
    assert wrong == []


@pytest.mark.parametrize(("layer", "role"), PAIRS, ids=NAMES)
def test_http_shows_the_columns_of_the_role_and_no_other(
    setting: Setting, layer: Layer, role: Role
) -> None:
    someone = setting.people.get(role)
    expected = {c.name for c in layer.columns} & may_read(layer, role) - {layer.id_column}
    base = f"{setting.address}/ogc/collections/{layer.id}"
    with httpx.Client(headers=someone.headers if someone else {}, timeout=60) as client:
        page = client.get(f"{base}/items?limit=1").json()["features"]
        assert set(page[0]["properties"]) - {layer.id_column} == expected
        one = client.get(f"{base}/items/{page[0]['id']}").json()
        assert set(one["properties"]) - {layer.id_column} == expected
        for address in (f"{base}/items?limit=1&f=csv", f"{base}/export?f=csv"):
            header = set(next(csv.reader(io.StringIO(client.get(address).text))))
            assert (
                header
                - {"lon", "lat", "longitude", "latitude", "wkt", "geometry"}
                - {layer.id_column}
                == expected
            ), address
        whole = json.loads(client.get(f"{base}/export?f=json&skipGeometry=true").text)
        assert set(whole["features"][0]["properties"]) - {layer.id_column} == expected
        public = {c.name for c in layer.columns if c.audience is Audience.PUBLIC}
        tile = client.get(f"{base}/tiles/WebMercatorQuad/8/117/204?f=mvt")
        assert tile.status_code in (200, 204)
        if tile.status_code == 200:
            for found in mapbox_vector_tile.decode(tile.content).values():
                for feature in found["features"]:
                    shown = set(feature["properties"]) - {"point_count", "id"}
                    assert shown & set(_all_columns(layer)) <= public


@pytest.mark.parametrize("role", list(Role), ids=[role.value for role in Role])
def test_what_is_private_is_readable_and_writable_by_no_role(setting: Setting, role: Role) -> None:
    cursor = setting.acting(Role.PUBLIC, None)
    cursor.execute("RESET ROLE")
    cursor.execute(
        "SELECT n.nspname, n.nspname || '.' || c.relname,"
        " has_any_column_privilege(%(r)s, c.oid, 'SELECT'),"
        " has_any_column_privilege(%(r)s, c.oid, 'INSERT, UPDATE')"
        " OR has_table_privilege(%(r)s, c.oid, 'DELETE, TRUNCATE, TRIGGER')"
        " FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
        " WHERE n.nspname IN ('private', 'dieuhanh') AND c.relkind IN ('r', 'v', 'm', 'p')",
        {"r": role.database_role},
    )
    found = cursor.fetchall()
    assert {name for _, name, _, _ in found} >= {
        "private.account",
        "private.session",
        "private.api_key",
        "private.sign_in_failure",
        "private.salt",
        "dieuhanh.change",
    }
    assert [name for _, name, _, writes in found if writes] == []
    closed = [name for schema, name, reads, _ in found if reads and schema == "private"]
    assert closed == []
    assert "dieuhanh.change" not in {name for _, name, reads, _ in found if reads}
    cursor.execute("SELECT has_schema_privilege(%s, 'private', 'USAGE')", (role.database_role,))
    assert cursor.fetchone() == (False,)
    setting.connection.rollback()


def test_the_docs_have_the_table(setting: Setting) -> None:
    assert markdown(CATALOGUE.values()) in (ROOT / "docs" / "security.md").read_text()
