"""OGC API Processes part 1 (18-062r2): its abstract tests, against the real server."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from layers.analysis.processes import PROCESSES
from tests.http.abstract import abstract

CORE = "ogcapi-processes-1/1.0/conf/core"
DESCRIBED = "ogcapi-processes-1/1.0/conf/ogc-process-description"
JOBS = "ogcapi-processes-1/1.0/conf/job-list"
JSON = "ogcapi-processes-1/1.0/conf/json"
HTML = "ogcapi-processes-1/1.0/conf/html"
OAS30 = "ogcapi-processes-1/1.0/conf/oas30"
DISMISS = "ogcapi-processes-1/1.0/conf/dismiss"
EXCEPTIONS = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0"
NOBODY = "00000000-0000-4000-8000-000000000000"
UNITS = {"layer": "sos_requests", "by": "district"}


def execute(
    client: httpx.Client, process: str, inputs: dict[str, Any], **headers: str
) -> httpx.Response:
    """The answer to a request to run a process."""
    return client.post(
        f"/ogc/processes/{process}/execution", json={"inputs": inputs}, headers=headers, timeout=90
    )


def finished(client: httpx.Client, address: str) -> dict[str, Any]:
    """The status of a job once it has ended."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found: dict[str, Any] = client.get(address).json()
        if found["status"] not in ("accepted", "running"):
            return found
        time.sleep(0.1)
    raise AssertionError(f"{address} does not end")


@abstract(JSON, "definition")
@abstract(CORE, "process-list", "process-list-success", "pl-links", "landingpage-success")
def test_the_list_of_processes(client: httpx.Client) -> None:
    landing = client.get("/ogc", params={"f": "json"}).json()
    rel = "http://www.opengis.net/def/rel/ogc/1.0/processes"
    (address,) = [link["href"] for link in landing["links"] if link["rel"] == rel]
    answer = client.get(address, params={"f": "json"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert [one["id"] for one in answer.json()["processes"]] == list(PROCESSES)
    assert "self" in [link["rel"] for link in answer.json()["links"]]


@abstract(CORE, "pl-limit-definition", "pl-limit-response")
def test_the_list_is_as_long_as_asked(client: httpx.Client) -> None:
    found = client.get("/ogc/processes", params={"f": "json", "limit": 2}).json()
    assert len(found["processes"]) == 2
    assert client.get("/ogc/processes", params={"limit": 0}).status_code == 400


@abstract(CORE, "process", "process-success")
@abstract(DESCRIBED, "json-encoding", "inputs-def", "outputs-def", "input-def", "output-def")
@pytest.mark.parametrize("name", PROCESSES)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_process_is_described(client: httpx.Client, name: str, language: str) -> None:
    found = client.get(f"/ogc/processes/{name}", params={"f": "json", "lang": language}).json()
    process = PROCESSES[name]
    assert found["title"] == process.title.in_language(language)
    assert found["description"] == process.description.in_language(language)
    assert found["version"] == process.version
    assert set(found["jobControlOptions"]) == {"sync-execute", "async-execute"}
    assert set(found["inputs"]) == set(process.inputs.model_fields)
    for described in found["inputs"].values():
        assert described["schema"]
        assert {"minOccurs", "maxOccurs"} <= described.keys()
    needed = process.inputs.model_fields["layer"].is_required()
    assert found["inputs"]["layer"]["minOccurs"] == int(needed)


@abstract(CORE, "process-exception-no-such-process")
def test_there_is_no_such_process(client: httpx.Client) -> None:
    for answer in (client.get("/ogc/processes/none"), execute(client, "none", UNITS)):
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"] == f"{EXCEPTIONS}/no-such-process"


@abstract(
    CORE,
    "process-execute-op",
    "process-execute-request",
    "process-execute-default-execution-mode",
    "process-execute-sync-one",
    "process-execute-sync-raw-value-one",
)
def test_a_process_runs_at_once(client: httpx.Client) -> None:
    answer = execute(client, "hotspots", UNITS)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/geo+json"
    found = answer.json()
    assert len(found["features"]) == 18
    assert {"z", "p", "q", "class", "n"} <= found["features"][0]["properties"].keys()
    assert found["provenance"]["inputs"] == {
        **UNITS,
        "value": "count",
        "correction": "fdr",
        "inference": "permutation",
    }


@abstract(CORE, "process-execute-sync-document")
def test_the_result_as_a_document(client: httpx.Client) -> None:
    asked = {"inputs": {"layer": "sos_requests"}, "response": "document"}
    answer = client.post("/ogc/processes/summary/execution", json=asked, timeout=90)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["result"]["summary"]["rows"] == 18


@abstract(
    CORE,
    "process-execute-auto-execution-mode",
    "process-execute-success-async",
    "job-creation-default-execution-mode",
    "job-op",
    "job-success",
    "job-results",
)
def test_a_process_runs_while_one_goes_on(client: httpx.Client) -> None:
    answer = execute(client, "summary", {"layer": "sos_requests"}, Prefer="respond-async")
    assert answer.status_code == 201
    assert answer.headers["preference-applied"] == "respond-async"
    assert answer.json()["status"] in ("accepted", "running", "successful")
    address = answer.headers["location"]
    assert address.endswith(answer.json()["jobID"])
    status = finished(client, address)
    assert status["status"] == "successful"
    assert status["progress"] == 100
    assert status["processID"] == "summary"
    links = [one["href"] for one in status["links"] if one["rel"].endswith("/results")]
    assert links
    result = client.get(f"{address}/results")
    assert result.json()["summary"]["rows"] == 18


@abstract(CORE, "job-exception-no-such-job", "job-results-exception-no-such-job")
def test_there_is_no_such_job(client: httpx.Client) -> None:
    for job in (NOBODY, "no-id"):
        for path in (f"/ogc/jobs/{job}", f"/ogc/jobs/{job}/results"):
            answer = client.get(path)
            assert answer.status_code == 404, path
            assert answer.json()["type"] == f"{EXCEPTIONS}/no-such-job"
        assert client.delete(f"/ogc/jobs/{job}").status_code == 404


@abstract(CORE, "job-results-failed")
def test_a_job_that_fails_says_why(client: httpx.Client) -> None:
    asked = {"layer": "sos_requests", "by": "hexagon", "size_m": 50}
    answer = execute(client, "hotspots", asked, Prefer="respond-async")
    status = finished(client, answer.headers["location"])
    assert status["status"] == "failed"
    assert "50 m" in status["message"]
    result = client.get(f"{answer.headers['location']}/results")
    assert result.status_code == 400
    assert "50 m" in result.json()["detail"]


@abstract(DISMISS, "job-dismiss-op", "job-dismiss-success")
def test_a_job_is_dismissed(client: httpx.Client) -> None:
    inputs = {"layer": "sos_requests", "by": "commune", "permutations": 9999}
    answer = execute(client, "local-moran", inputs, Prefer="respond-async")
    address = answer.headers["location"]
    gone = client.delete(address)
    assert gone.status_code == 200
    assert gone.json()["status"] == "dismissed"
    assert client.get(address).json()["status"] == "dismissed"
    assert client.get(f"{address}/results").status_code == 410


@abstract(JOBS, "job-list-op", "job-list-success")
def test_the_list_of_jobs_tells_the_public_nothing(client: httpx.Client) -> None:
    execute(client, "summary", {"layer": "sos_requests"}, Prefer="respond-async")
    answer = client.get("/ogc/jobs", params={"f": "json"})
    assert answer.status_code == 200
    assert answer.json()["jobs"] == []


@pytest.mark.parametrize(
    ("process", "inputs", "named"),
    [
        ("hotspots", {}, "layer"),
        ("hotspots", {"layer": "none"}, "'none'"),
        ("hotspots", {"layer": "sos_requests", "by": "town"}, "'town'"),
        ("hotspots", {"layer": "sos_requests", "size_m": 500}, "size_m"),
        ("hotspots", {"layer": "sos_requests", "unknown": 1}, "unknown"),
        ("hotspots", {"layer": "sos_requests", "filter": "people >"}, "The filter ends"),
        ("hotspots", {"layer": "sos_requests", "filter": "phone = '1'"}, "phone"),
        ("hotspots", {"layer": "sos_requests", "datetime": "2021-13-01"}, "2021-13-01"),
        ("hotspots", {"layer": "admin_units", "datetime": "2021-01-01"}, "admin_units"),
        ("hotspots", {"layer": "sos_requests", "by": "hexagon", "size_m": float(10**9)}, "size_m"),
        ("hotspots", {"layer": "sos_requests", "value": "note"}, "'note'"),
        ("hotspots", {"layer": "admin_units"}, "admin_units"),
        ("local-moran", {"layer": "sos_requests", "permutations": 3}, "permutations"),
        ("emerging-hotspots", {"layer": "admin_units"}, "admin_units"),
        ("nearest", {"layer": "sos_requests", "to": "none"}, "'none'"),
        ("scan", {"layer": "sos_requests", "max_share": 2}, "max_share"),
    ],
)
def test_bad_inputs_are_named(
    client: httpx.Client, process: str, inputs: dict[str, Any], named: str
) -> None:
    answer = execute(client, process, inputs)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert named in answer.json()["detail"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"3", b'{"inputs": 3}', b"\xff", b"null"])
def test_bodies_that_are_no_request(client: httpx.Client, body: bytes) -> None:
    answer = client.post(
        "/ogc/processes/summary/execution",
        content=body,
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 400, answer.text
    assert answer.json()["detail"]


@abstract(OAS30, "completeness", "exceptions-codes", "oas-definition-1", "oas-definition-2")
def test_the_definition_has_the_operations(client: httpx.Client) -> None:
    paths = client.get("/ogc/api").json()["paths"]
    expected = {
        "/processes": {"get"},
        "/processes/{process}": {"get"},
        "/processes/{process}/execution": {"post"},
        "/jobs": {"get"},
        "/jobs/{job}": {"get", "delete"},
        "/jobs/{job}/results": {"get"},
    }
    for path, methods in expected.items():
        assert methods <= paths[path].keys(), path
        for method in methods:
            assert {"400", "503"} <= paths[path][method]["responses"].keys()


@abstract(HTML, "definition", "content")
def test_pages_for_people(client: httpx.Client) -> None:
    for path in ("/ogc/processes", "/ogc/processes/hotspots", "/ogc/jobs"):
        answer = client.get(path, params={"f": "html"})
        assert answer.status_code == 200, path
        assert answer.headers["content-type"].startswith("text/html")
    answer = execute(client, "summary", {"layer": "sos_requests"})
    page = client.get(answer.headers["location"], params={"f": "html"})
    assert "sos_requests" in page.text
    assert client.get("/ogc/processes", params={"f": "xml"}).status_code == 400
    assert client.get("/ogc/processes", params={"unknown": "1"}).status_code == 400
