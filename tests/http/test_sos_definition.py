"""The definition of requests for help and declarations: valid, with the rules of their bodies."""

from __future__ import annotations

import httpx
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from api.sos.definition import EVERY
from layers.declarations.codes import SYMPTOM
from layers.rescue.requests import STATE


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_definition_is_valid_and_in_the_language_asked_for(
    client: httpx.Client, language: str
) -> None:
    answer = client.get("/api/definition", headers={"Accept-Language": language})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.1"
    found = answer.json()
    OpenAPIV31SpecValidator(found).validate()
    described = {
        (method.upper(), path): operation
        for path, methods in found["paths"].items()
        for method, operation in methods.items()
    }
    assert described.keys() == {(one.method, one.path) for one in EVERY}
    assert len({one["operationId"] for one in described.values()}) == len(EVERY)
    for one in EVERY:
        summary = described[one.method, one.path]["summary"]
        assert summary == (one.title.vi if language == "vi" else one.title.en)


def test_bodies_are_described_as_they_are_read(client: httpx.Client) -> None:
    schemas = client.get("/api/definition").json()["components"]["schemas"]
    assert schemas["Step"]["properties"]["state"]["enum"] == list(STATE.values)
    assert schemas["Step"]["required"] == ["state"]
    assert schemas["Position"]["properties"]["lat"]["maximum"] == 90
    assert schemas["Post"]["required"] == ["id", "category"]
    symptoms = schemas["Declaration"]["properties"]["symptoms"]["items"]["enum"]
    assert symptoms == list(SYMPTOM.values)


def test_the_page_of_the_api_shows_it(client: httpx.Client) -> None:
    page = client.get("/ogc/api", headers={"Accept": "text/html"})
    assert 'data-swagger="/api/definition"' in page.text
