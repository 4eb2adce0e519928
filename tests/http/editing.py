"""What the tests of editing share: a server on a database of their own, and people."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg2
import pytest

from api.cli.database import create_database
from tests.conftest import serving
from tests.people import Person, person

INSIDE = {"type": "Point", "coordinates": [108.48, 15.56]}
"""In Tam Kỳ."""
ELSEWHERE = {"type": "Point", "coordinates": [108.33, 15.88]}
"""In Hội An."""
CHECKPOINTS = "/ogc/collections/checkpoints/items"
SOS = "/ogc/collections/sos_requests/items"
GEOJSON = {"Content-Type": "application/geo+json"}
PATCH = {"Content-Type": "application/merge-patch+json"}

Json = dict[str, Any]


@dataclass(frozen=True)
class Site:
    """A server, its database, and clients of the people who work there."""

    address: str
    database_url: str
    officer: Person
    admin: Person
    client: httpx.Client

    def ask(self, text: str, *values: Any) -> list[Any]:
        """SQL as the owner."""
        connection = psycopg2.connect(self.database_url)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(text, values or None)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        who: Person | None = None,
        headers: Json | None = None,
    ) -> httpx.Response:
        """A request of the officer's, or of another's."""
        whose = (who or self.officer).headers
        kinds = PATCH if method == "PATCH" else GEOJSON
        given = {**whose, **(kinds if body is not None else {}), **(headers or {})}
        return self.client.request(method, path, json=body, headers=given)

    def make(self, feature: Json | None = None, who: Person | None = None) -> tuple[str, Any]:
        """A new checkpoint: the path of its address, and the answer."""
        answer = self.send("POST", CHECKPOINTS, feature or checkpoint(), who)
        assert answer.status_code == 201, answer.text
        return answer.headers["location"].removeprefix(self.address), answer


def checkpoint(**changes: Any) -> Json:
    """A new checkpoint."""
    properties = {
        "code": f"CK-{uuid.uuid4().hex[:8]}",
        "name": "Chốt thử",
        "kind": "province_border",
    }
    geometry = changes.pop("geometry", INSIDE)
    return {"type": "Feature", "geometry": geometry, "properties": {**properties, **changes}}


def district_at(site_url: str, shape: Json) -> str:
    """The district of a point."""
    connection = psycopg2.connect(site_url)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT (dieuhanh.locate(ST_SetSRID(ST_MakePoint(%s, %s), 4326))).district_code",
            shape["coordinates"],
        )
        (found,) = cursor.fetchone()
    connection.close()
    return str(found)


MakeSite = Callable[[str], Site]


@pytest.fixture(scope="module")
def site(request: Any, cluster: Any, template_database: str) -> Iterator[Site]:
    """A server with two workers on a copy of the demo for one module."""
    name = f"site_{request.module.__name__.rpartition('.')[2]}"
    url = create_database(cluster, name, template_database)
    officer = person(
        url, "officer", departments=("district",), districts=(district_at(url, INSIDE),)
    )
    admin = person(url, "admin")
    with (
        serving(url, {"DIEUHANH_EDIT_MB": "8"}, workers=2) as address,
        httpx.Client(base_url=address, timeout=60) as client,
    ):
        yield Site(address, url, officer, admin, client)
