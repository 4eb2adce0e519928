"""`/api/forms`: what a form is made from, and what its caller may do, as PostgreSQL has it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.http.editing import ELSEWHERE, Site, checkpoint, site
from tests.people import Person, person

__all__ = ["site"]

EVERYTHING = ["create", "change", "delete"]


def told(site: Site, path: str, who: Person | None = None) -> Any:
    """The JSON at an address of the forms, for a person or for the public."""
    answer = site.client.get(f"/api/forms{path}", headers=who.headers if who else {})
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()


def test_the_public_may_do_nothing(site: Site) -> None:
    path, _ = site.make()
    assert told(site, "") == {"layers": {}}
    assert told(site, path.replace("/ogc/collections", "").replace("/items", "")) == {"may": []}
    answer = site.client.get("/api/forms/checkpoints")
    assert answer.status_code == 401
    assert "www-authenticate" in answer.headers


def test_what_an_officer_may_do_depends_on_where_the_feature_lies(site: Site) -> None:
    here, _ = site.make()
    there, _ = site.make(checkpoint(geometry=ELSEWHERE), site.admin)
    district = site.ask(
        "SELECT district_code FROM layer.checkpoints WHERE id = %s", int(here.rpartition("/")[2])
    )[0][0]
    officer = person(site.database_url, "officer", departments=["district"], districts=[district])
    layers = told(site, "", officer)["layers"]
    assert layers["checkpoints"] == EVERYTHING
    assert "hotels" not in layers
    for path, may in ((here, ["change", "delete"]), (there, [])):
        identifier = path.rpartition("/")[2]
        assert told(site, f"/checkpoints/{identifier}", officer) == {"may": may}
        # What it says is what then happens.
        answer = site.send("PATCH", path, {"properties": {"officers": 3}}, officer)
        assert answer.status_code == (200 if may else 403)


def test_a_key_for_reading_may_do_nothing(site: Site) -> None:
    reader = person(site.database_url, "admin", scope="read")
    path, _ = site.make()
    assert told(site, "", reader) == {"layers": {}}
    assert told(site, f"/checkpoints/{path.rpartition('/')[2]}", reader) == {"may": []}


def test_an_analyst_reads_the_form_and_writes_nothing(site: Site) -> None:
    analyst = person(site.database_url, "analyst")
    assert told(site, "", analyst) == {"layers": {}}
    columns = told(site, "/checkpoints", analyst)["columns"]
    assert {one["write"] for one in columns} == {"never"}


def test_a_form_has_what_the_record_says(site: Site) -> None:
    form = told(site, "/checkpoints", site.admin)
    assert (form["geometryType"], form["clientIds"]) == ("Point", False)
    columns = {one["name"]: one for one in form["columns"]}
    assert columns["id"]["write"] == columns["district_code"]["write"] == "never"
    assert columns["name"]["write"] == "always"
    assert (columns["name"]["nullable"], columns["name"]["hasDefault"]) == (False, False)
    assert columns["name"]["maxLength"] == 160
    assert columns["state"]["default"] == "open"
    assert columns["wifi"]["default"] is False
    assert columns["in_today"]["default"] == 0
    assert columns["officers"]["minimum"] == 0
    assert columns["officers"]["maximum"] == 2**31 - 1
    assert columns["officers"]["nullable"] is True
    assert columns["kind"]["codes"]["lockdown"] == {
        "vi": "Chốt vùng phong tỏa",
        "en": "Locked-down area",
    }
    units = told(site, "/admin_units", site.admin)
    assert {one["name"]: one["write"] for one in units["columns"]}["code"] == "once"
    alerts = told(site, "/alerts", site.admin)
    assert alerts["clientIds"] is True
    moments = {one["name"]: one for one in alerts["columns"] if one["format"] == "date-time"}
    assert (moments["onset"]["hasDefault"], moments["onset"]["default"]) == (True, None)
    assert moments["onset"]["maxLength"] is None


def test_staff_see_their_columns_in_the_map_and_the_form(site: Site) -> None:
    def named(columns: list[dict[str, Any]]) -> set[str]:
        return {one["name"] for one in columns}

    def on_map(headers: dict[str, str]) -> set[str]:
        answer: httpx.Response = site.client.get("/api/map", headers=headers)
        layers = {layer["id"]: layer for layer in answer.json()["layers"]}
        return named(layers["sos_requests"]["columns"])

    assert "injured" not in on_map({})
    assert "injured" in on_map(site.admin.headers)
    assert "injured" in named(told(site, "/sos_requests", site.admin)["columns"])


@pytest.mark.parametrize("path", ["/nowhere", "/nowhere/1", "/checkpoints/0", "/checkpoints/x"])
def test_what_is_not_there_is_404(site: Site, path: str) -> None:
    answer = site.client.get(f"/api/forms{path}", headers=site.admin.headers)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_an_unknown_parameter_is_named(site: Site) -> None:
    answer = site.client.get("/api/forms/checkpoints?x=1", headers=site.admin.headers)
    assert answer.status_code == 400
    assert "'x'" in answer.json()["detail"]
