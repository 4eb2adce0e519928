"""What the tests of registers share: a server, sites that are empty, and people who keep them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg2
import pytest

from api.cli.database import create_database
from tests.conftest import serving
from tests.people import Person, person

_numbers = itertools.count(1)
STAYS = "/api/registers/stays"
TESTS = "/api/registers/quarantine_tests"


@dataclass
class Ward:
    """A server with sites of quarantine, and people who keep their registers."""

    address: str
    url: str
    client: httpx.Client
    people: dict[str, Person] = field(default_factory=dict)
    site: str = ""
    other: str = ""
    hotel: str = ""

    def send(
        self, method: str, path: str, who: str | None = "health", body: Any = None, **options: Any
    ) -> httpx.Response:
        """A request by somebody; by the public if `who` is None."""
        headers = {} if who is None else dict(self.people[who].headers)
        headers |= options.pop("headers", {})
        return self.client.request(method, path, json=body, headers=headers, **options)

    def get(self, path: str, who: str | None = "health") -> Any:
        """The JSON of a GET that must succeed."""
        answer = self.send("GET", path, who)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def find(self, q: str, who: str = "health", register: str = STAYS, **body: str) -> list[Any]:
        """The rows that a search by words finds."""
        answer = self.send("POST", f"{register}/search", who, {"q": q, **body})
        assert answer.status_code == 200, answer.text
        return list(answer.json()["rows"])

    def admit(self, place: str | None = None, who: str = "health", **values: Any) -> Any:
        """A stay that must be taken."""
        answer = self.send("POST", STAYS, who, self.facts(place, **values))
        assert answer.status_code == 201, answer.text
        return answer.json()

    def facts(self, place: str | None = None, **values: Any) -> dict[str, Any]:
        """What is filled in to admit somebody whom nobody knows yet."""
        number = next(_numbers)
        return {
            "name": f"Người thử {number}",
            "phone": f"0905{number:06d}",
            "regime": "contact_14",
            "place": place or self.site,
            **values,
        }

    def act(self, row: str, action: str, who: str = "health", **facts: Any) -> httpx.Response:
        """What is done to a stay."""
        return self.send("POST", f"{STAYS}/{row}/{action}", who, facts)

    def occupied(self, place: str) -> int:
        """What everybody is told of a place."""
        layer, number = place.split("/")
        answer = self.client.get(f"/ogc/collections/{layer}/items/{number}")
        return int(answer.json()["properties"]["occupied"])

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a statement as the database's owner; committed."""
        connection = psycopg2.connect(self.url)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement, values or None)
                return list(cursor.fetchall()) if cursor.description else []
        finally:
            connection.close()

    def new_site(self, capacity: int = 100, occupied: int = 0) -> str:
        """An empty site in the district of the tests."""
        number = next(_numbers)
        ((made,),) = self.sql(
            "INSERT INTO layer.quarantine_sites (code, name, kind, capacity, occupied, geom)"
            " SELECT %s, %s, 'school', %s, %s, ST_PointOnSurface(geom) FROM dieuhanh.admin_piece"
            " WHERE district_code = '503' ORDER BY ST_Area(geom) DESC LIMIT 1 RETURNING id",
            f"THU-{number}",
            f"Khu cách ly thử {number}",
            capacity,
            occupied,
        )
        return f"quarantine_sites/{made}"

    def new_hotel(self, rooms: int = 20, quarantine: int = 3, occupied: int = 2) -> str:
        """A hotel with guests of its own in some of its rooms."""
        number = next(_numbers)
        ((made,),) = self.sql(
            "INSERT INTO layer.hotels (code, name, rooms, rooms_quarantine, occupied,"
            " paid_quarantine, geom) SELECT %s, %s, %s, %s, %s, true, ST_PointOnSurface(geom)"
            " FROM dieuhanh.admin_piece WHERE district_code = '502'"
            " ORDER BY ST_Area(geom) DESC LIMIT 1 RETURNING id",
            f"KST-{number}",
            f"Khách sạn thử {number}",
            rooms,
            quarantine,
            occupied,
        )
        return f"hotels/{made}"

    def cameras(self, place: str, *states: str) -> list[str]:
        """The codes of new cameras of a place, network assets in these states."""
        layer, number = place.split("/")
        codes = [f"CM-THU-{next(_numbers)}" for _ in states]
        self.sql(
            "INSERT INTO layer.network_assets (code, name, kind, operator, site_code, state, geom)"
            " SELECT x.code, 'Camera thử', 'camera', 'Nhà mạng T', s.code, x.state, s.geom"
            f" FROM layer.{layer} AS s, unnest(%s, %s) AS x(code, state) WHERE s.id = %s",
            codes,
            list(states),
            number,
        )
        return codes

    def limit(self, who: str, place: str) -> None:
        """Limit an account to a place."""
        layer, number = place.split("/")
        self.sql(
            "INSERT INTO private.account_place VALUES (%s, %s, %s)",
            self.people[who].id,
            layer,
            number,
        )


@pytest.fixture(scope="module")
def ward(request: Any, cluster: Any, template_database: str) -> Iterator[Ward]:
    name = request.module.__name__.rpartition(".")[2]
    url = create_database(cluster, f"ward_{name}", template_database)
    people = {
        "admin": person(url, "admin"),
        "health": person(url, "officer", departments=("health",)),
        "military": person(url, "officer", departments=("military_command",)),
        "tourism": person(url, "officer", departments=("tourism",)),
        "telecom": person(url, "officer", departments=("telecom",)),
        "district": person(url, "officer", departments=("district",), districts=("503",)),
        "far": person(url, "officer", departments=("district",), districts=("515",)),
        "site": person(url, "officer", departments=("military_command",)),
        "other": person(url, "officer", departments=("military_command",)),
        "reader": person(url, "officer", departments=("health",), scope="read"),
        "viewer": person(url, "viewer"),
        "analyst": person(url, "analyst"),
    }
    with serving(url) as address, httpx.Client(base_url=address, timeout=60) as client:
        opened = Ward(address, url, client, people)
        opened.site, opened.other = opened.new_site(), opened.new_site()
        opened.hotel = opened.new_hotel()
        opened.limit("site", opened.site)
        opened.limit("other", opened.other)
        yield opened
