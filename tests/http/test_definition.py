"""The API's definition: valid OpenAPI 3.0, and the server answers as it says."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import OpenAPIV30SpecValidator
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode

from api.ogc.routes import OPERATIONS
from layers.catalogue import CATALOGUE
from tests.http.conftest import LAYERS

EXAMPLES = 6
TRIED_MOST = ("sos_requests", "outbreak_zones", "admin_units")
"""Layers whose operations are tried that often, points and areas; those of others, alike, once."""
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)


@pytest.fixture(scope="session")
def definition(client: httpx.Client) -> dict[str, Any]:
    """The definition."""
    found: dict[str, Any] = client.get("/ogc/api").json()
    return found


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.timeout(900)
def test_answers_are_as_described(server: str, mode: GenerationMode) -> None:
    """Every operation, with values that its parameters allow and with others."""
    described = schemathesis.openapi.from_url(f"{server}/ogc/api")
    wrong = []
    for result in described.get_all_operations():
        assert isinstance(result, Ok), result
        operation = result.ok()
        try:
            _check(operation, mode)
        except (AssertionError, Failure, FailureGroup) as error:
            wrong.append(f"{operation.label}: {error}")
    assert not wrong, "\n\n".join(wrong)


def _check(operation: schemathesis.APIOperation[Any, Any, Any, Any], mode: GenerationMode) -> None:
    if mode is GenerationMode.NEGATIVE and not operation.query:
        return

    parts = operation.path.split("/")
    is_alike = parts[1] == "collections" and len(parts) > 2 and parts[2] in LAYERS

    @settings(
        max_examples=1 if is_alike and parts[2] not in TRIED_MOST else EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(checks=list(CHECKS))

    check()


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_definition_is_valid(client: httpx.Client, lang: str) -> None:
    document = client.get("/ogc/api", params={"lang": lang}).json()
    assert document["openapi"] == "3.0.3"
    OpenAPIV30SpecValidator(document).validate()


def test_each_operation_is_described_once(definition: dict[str, Any]) -> None:
    found = [
        operation["operationId"]
        for operations in definition["paths"].values()
        for operation in operations.values()
    ]
    assert len(found) == len(set(found))
    names = {operation.name for operation in OPERATIONS if operation.path}
    stems = {name.removesuffix(f"_{layer}") for name in found for layer in (*LAYERS, "")}
    assert names <= stems


def test_clients_find_what_they_look_for(definition: dict[str, Any], server: str) -> None:
    assert definition["servers"] == [{"url": f"{server}/ogc"}]
    shared = definition["components"]["parameters"]
    limit = shared["limit"]["schema"]
    assert (limit["default"], limit["maximum"]) == (10, 10_000)
    for name in LAYERS:
        operation = definition["paths"][f"/collections/{name}/items"]["get"]
        given = {}
        for parameter in operation["parameters"]:
            reference = parameter.get("$ref", "").rpartition("/")[2]
            found = shared[reference] if reference else parameter
            given[found["name"]] = found
        assert "cql-text" in given["filter-lang"]["schema"]["enum"]
        assert "hits" in given["resultType"]["schema"]["enum"]
        layer = CATALOGUE[name]
        coded = {column.name for column in layer.readable() if column.codes is not None}
        assert coded
        assert {layer.title_column, *coded} <= given.keys()
        for text in ("bbox", "datetime"):
            assert given[text]["style"] == "form"
            assert given[text]["explode"] is False
            assert given[text]["required"] is False
        assert given["bbox"]["schema"]["type"] == "array"


def test_definition_names_no_other_host(client: httpx.Client, server: str) -> None:
    page = client.get("/ogc/api", params={"f": "html"}).text
    for attribute in ('src="', 'href="'):
        for rest in page.split(attribute)[1:]:
            address = rest.partition('"')[0]
            assert not address.startswith("http") or address.startswith(server), address


def test_summaries_are_in_the_language_asked_for(client: httpx.Client) -> None:
    for lang, summary in (("vi", "Yêu cầu cứu trợ SOS"), ("en", "SOS requests")):
        document = client.get("/ogc/api", params={"lang": lang}).json()
        operation = document["paths"]["/collections/sos_requests/items"]["get"]
        assert operation["summary"].startswith(summary)
        assert operation["tags"][0] in {tag["name"] for tag in document["tags"]}
