"""What the tests of coordination share: a server with people and teams, requests in any state."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg2
import pytest

from api.cli.database import create_database
from layers.roles import Role
from tests.conftest import serving
from tests.people import Person, person

HOI_AN = (108.33421, 15.88012)
WITH_TEAM = ("assigned", "en_route", "on_site")
CLOSED = ("resolved", "cancelled", "duplicate", "false")
STATES = ("new", "verified", *WITH_TEAM, *CLOSED)
MAY_BECOME = {
    "new": {"verified", "cancelled", "duplicate", "false"},
    "verified": {"assigned", "cancelled", "duplicate", "false"},
    "assigned": {"verified", "en_route", "cancelled", "duplicate", "false"},
    "en_route": {"verified", "assigned", "on_site", "cancelled", "duplicate", "false"},
    "on_site": {"verified", "assigned", "resolved", "cancelled", "duplicate", "false"},
    **{state: set[str]() for state in CLOSED},
}
"""The state machine, as docs/rescue.md draws it."""

_numbers = itertools.count(1)


@dataclass
class Desk:
    """A server, its database, and people of each role."""

    address: str
    url: str
    photos: Path
    client: httpx.Client
    people: dict[str, Person]
    team: int = field(default=0)
    """The team that the rescuer belongs to."""

    def send(
        self, method: str, path: str, body: Any = None, who: str | Person | None = "coordinator"
    ) -> httpx.Response:
        """A request by somebody; by the public if `who` is None."""
        someone = self.people[who] if isinstance(who, str) else who
        headers = {} if someone is None else someone.headers
        return self.client.request(method, path, json=body, headers=headers)

    def post(self, path: str, body: Any = None, who: str | Person | None = "coordinator") -> Any:
        """The JSON of a POST that must succeed."""
        answer = self.send("POST", path, body, who)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def get(self, path: str, who: str | Person | None = "coordinator") -> Any:
        """The JSON of a GET that must succeed."""
        answer = self.send("GET", path, None, who)
        assert answer.status_code == 200, answer.text
        assert answer.headers["cache-control"] == "private, no-store"
        return answer.json()

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a statement as the database's owner; committed."""
        connection = psycopg2.connect(self.url)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement, values or None)
                return list(cursor.fetchall()) if cursor.description else []
        finally:
            connection.close()

    def report(self, **changes: Any) -> dict[str, Any]:
        """A post by the public, taken; its id, code and follow token."""
        body = {
            "id": str(uuid4()), "lon": HOI_AN[0], "lat": HOI_AN[1], "category": "trapped",
            "people": 3, "note": "Nước lên nhanh", "phone": "0905 111 222", "name": "Chị Ba",
            **changes,
        }  # fmt: skip
        given = {name: value for name, value in body.items() if value is not None}
        answer = self.client.post("/api/sos", json=given)
        assert answer.status_code in (201, 202), answer.text
        found: dict[str, Any] = answer.json()
        return found

    def new_team(self, *members: Person, **columns: Any) -> int:
        """A free team with everything it may need, near where requests are."""
        number = next(_numbers)
        values = {
            "code": f"T-{number}", "name": f"Đội thử {number}", "kind": "militia",
            "capacity": 10, "boat": True, "medical": True, "digging": True, "transport": True,
            "supplies": True, **columns,
        }  # fmt: skip
        lon, lat = values.pop("lon", HOI_AN[0]), values.pop("lat", HOI_AN[1])
        names = ", ".join(values)
        places = ", ".join(["%s"] * len(values))
        ((team,),) = self.sql(
            f"INSERT INTO layer.rescue_teams ({names}, geom) VALUES ({places},"
            " ST_SetSRID(ST_MakePoint(%s, %s), 4326)) RETURNING id",
            *values.values(),
            lon,
            lat,
        )
        for member in members:
            self.sql(
                "INSERT INTO private.team_member (team_id, account_id) VALUES (%s, %s)",
                team,
                member.id,
            )
        return int(team)

    def request_in(self, state: str) -> str:
        """A request that is in a state, its team the rescuer's where it has one."""
        posted = self.report()
        request = posted["id"]
        if state in WITH_TEAM:
            self.sql(
                "INSERT INTO private.sos_assignment (request_id, team_id, actor)"
                " VALUES (%s, %s, 'test')",
                request,
                self.team,
            )
        if state != "new":
            self.sql(
                "SET LOCAL dieuhanh.bulk = 'on'; UPDATE layer.sos_requests SET state = %s"
                " WHERE id = %s",
                state,
                request,
            )
        return str(request)

    def state(self, request: str) -> str:
        """The state of a request, in the table itself."""
        ((found,),) = self.sql("SELECT state FROM layer.sos_requests WHERE id = %s", request)
        return str(found)


@pytest.fixture(scope="module")
def desk(
    request: Any, cluster: Any, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    """A server with two workers on a copy of the demo for one module; all teams of it are off."""
    url = create_database(
        cluster, f"desk_{request.module.__name__.rpartition('.')[2]}", template_database
    )
    photos = tmp_path_factory.mktemp("photos")
    people = {
        role.value: person(url, role, departments=("rescue_coordination",))
        for role in Role
        if role is not Role.PUBLIC
    }
    people["other_coordinator"] = person(url, "coordinator")
    people["other_rescuer"] = person(url, "rescuer")
    with (
        serving(url, {"DIEUHANH_PHOTOS": str(photos)}, workers=2) as address,
        httpx.Client(base_url=address, timeout=60) as client,
    ):
        opened = Desk(address, url, photos, client, people)
        opened.sql("UPDATE layer.rescue_teams SET state = 'off'")
        opened.team = opened.new_team(people["rescuer"])
        yield opened
