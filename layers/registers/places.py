"""The places of a register as people choose and write them, and the communes of the province."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from layers.catalogue import CATALOGUE
from layers.layer import Text
from layers.places import UNITS
from layers.registers.record import Register
from layers.rows import table_name
from spatial.sql import literal, quote

MOST = 5_000
"""Places of a layer that are offered, at most."""
_ANY = ("district_code", "true")


@dataclass(frozen=True, slots=True)
class Place:
    """A place that rows may belong to.

    Attributes:
        value: as the column `place` keeps it.
        code: of the feature, as forms on paper name it.
        own: whether the account keeps rows that belong there.
    """

    value: str
    title: Text
    code: str
    own: bool


async def places(connection: Any, register: Register) -> list[Place]:
    """The places of a register for the account that a connection acts for."""
    found: list[Place] = []
    reach = f"(SELECT dieuhanh.reach({literal(register.id)}))"
    for name in register.places:
        layer = CATALOGUE[name]
        code = quote("code") if "code" in layer.by_name else "''"
        value = f"{literal(name)} || '/' || {quote(layer.id_column)}"
        # Of administrative units the communes are places, each in the district above it.
        is_units = name == UNITS
        district, where = ("parent_code", "level = 'commune'") if is_units else _ANY
        rows = await connection.fetch(
            f"SELECT {value} AS value, {quote(layer.title_column)} AS title, {code} AS code,"
            f" {reach} && dieuhanh.place_keys({value}, {district}) AS own"
            f" FROM {table_name(layer)} WHERE {where} ORDER BY title, value LIMIT {MOST}"
        )
        found += [
            Place(row["value"], Text(row["title"], row["title"]), row["code"], row["own"])
            for row in rows
        ]
    for one in register.elsewhere.codes if register.elsewhere else ():
        own = await connection.fetchval(
            # Of a person's home nobody knows the district before the person.
            f"SELECT '*' = ANY (r) OR EXISTS (SELECT FROM unnest(r) AS k"
            f" WHERE k LIKE '@%' OR k = $1 OR k LIKE $1 || '@%') FROM (SELECT {reach} AS r) AS a",
            one.value,
        )
        found.append(Place(one.value, one.title, "", own))
    return found


async def communes(connection: Any) -> list[tuple[str, str]]:
    """The communes of today by code and name, in the order of their names."""
    rows = await connection.fetch(
        "SELECT code, name FROM layer.admin_units WHERE level = 'commune' ORDER BY name, code"
    )
    return [(row["code"], row["name"]) for row in rows]


def titles(found: Iterable[Place]) -> dict[str, Text]:
    """The titles of places by their values."""
    return {one.value: one.title for one in found}
