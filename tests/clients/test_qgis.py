"""QGIS adds the layers through OGC API, filters, pages through them and draws them."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest
import sqlalchemy as sa

from layers.migrate import sqlalchemy_url
from tests.clients import headless
from tests.clients.test_gdal import count


@pytest.fixture(scope="module")
def middle(database_url: str) -> str:
    """A time that about half of the requests were reported after."""
    engine = sa.create_engine(sqlalchemy_url(database_url))
    with engine.connect() as connection:
        text = "SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY reported_at)"
        found = connection.execute(sa.text(f"{text} FROM layer.sos_requests")).scalar_one()
    engine.dispose()
    return f"{found.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


@pytest.fixture(scope="module")
def session(server: str, middle: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What one session of headless QGIS found."""
    folder = tmp_path_factory.mktemp("qgis")
    return headless.session("qgis_session.py", folder, server, str(folder), middle)


def test_layers_are_valid_and_described(session: dict[str, Any], database_url: str) -> None:
    assert session["valid"] == [True] * 4
    assert session["title"] in ("Yêu cầu cứu trợ SOS", "SOS requests")
    assert session["featureCount"] == count(database_url, "sos_requests")
    types = session["fields"]
    assert types["people"].startswith("Integer")
    assert types["reported_at"] == "DateTime"
    assert types["priority"] == "String"
    assert "injured" not in types


@pytest.mark.parametrize(
    ("part", "name", "condition"),
    [
        ("all", "sos_requests", "true"),
        ("units", "admin_units", "true"),
        ("filtered", "sos_requests", "priority = 'critical' AND people > 3"),
        ("since", "sos_requests", "reported_at >= '{middle}'"),
        (
            "inside",
            "vaccination_points",
            "geom && ST_MakeEnvelope(108.3, 15.5, 108.6, 15.65, 4326)",
        ),
    ],
)
def test_every_feature_is_read_once(
    session: dict[str, Any],
    database_url: str,
    middle: str,
    part: str,
    name: str,
    condition: str,
) -> None:
    read = session[part]
    expected = count(database_url, name, condition.format(middle=middle))
    assert expected > 0
    assert read["count"] == read["ids"] == expected
    assert 107 < read["west"] < 109
    assert 14.9 < read["south"] < 16.1


def test_layers_and_vector_tiles_are_drawn(session: dict[str, Any]) -> None:
    assert session["flows"] == "GeometryGenerator"
    for what, pixels in session["drawn"].items():
        assert pixels > 1000, f"{what}: {pixels} pixels are drawn"
