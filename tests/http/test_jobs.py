"""Jobs: whose they are, how many, how long, and what a restart does to them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.conftest import ROOT, RunServer, environment, free_port, wait_until_ready
from tests.http.test_conformance_processes import execute, finished
from tests.people import person

LONG = {
    "layer": "sos_requests",
    "by": "hexagon",
    "size_m": 600,
    "permutations": 9999,
    "distance_m": 20_000,
}
"""A request that takes a minute or more."""


def test_a_job_is_its_owners_alone(fresh_database_url: str, run_server: RunServer) -> None:
    address = run_server(fresh_database_url)
    owner = person(fresh_database_url, "analyst")
    other = person(fresh_database_url, "admin")
    with httpx.Client(base_url=address, timeout=90) as client:
        answer = execute(client, "summary", {"layer": "sos_requests"}, **owner.headers)
        assert answer.status_code == 200, answer.text
        assert answer.json()["provenance"]["audience"] == "staff"
        job = answer.headers["location"]
        assert client.get(job, headers=owner.headers).json()["status"] == "successful"
        number = job.rpartition("/")[2]
        paper = client.get(f"/briefing/{number}.pdf", headers=owner.headers)
        assert paper.content.startswith(b"%PDF")
        assert paper.headers["cache-control"] == "no-store"
        listed = client.get("/ogc/jobs", params={"f": "json"}, headers=owner.headers).json()
        assert [one["jobID"] for one in listed["jobs"]] == [job.rpartition("/")[2]]
        for stranger in ({}, other.headers):
            assert client.get(job, headers=stranger).status_code == 404
            assert client.get(f"{job}/results", headers=stranger).status_code == 404
            assert client.get(f"/briefing/{number}.html", headers=stranger).status_code == 404
            assert client.delete(job, headers=stranger).status_code == 404


def test_nobody_sends_a_caller_of_their_own(fresh_database_url: str, run_server: RunServer) -> None:
    address = run_server(fresh_database_url)
    forged = {"X-Dieuhanh-Caller": '{"role":"admin","account":1}'}
    with httpx.Client(base_url=address, timeout=90) as client:
        answer = execute(client, "summary", {"layer": "sos_requests"}, **forged)
        assert answer.json()["provenance"]["audience"] == "public"


def test_the_public_does_not_analyse_what_it_may_not_read(client: httpx.Client) -> None:
    answer = execute(client, "hotspots", {"layer": "sos_requests", "filter": "injured > 0"})
    public = client.get("/ogc/collections/sos_requests/queryables").json()["properties"]
    assert answer.status_code == (200 if "injured" in public else 400)


def test_quota_time_and_size(fresh_database_url: str, run_server: RunServer) -> None:
    limits = {
        "DIEUHANH_ANALYSIS_PUBLIC": "2",
        "DIEUHANH_ANALYSIS_JOBS": "1",
        "DIEUHANH_ANALYSIS_SECONDS": "4",
        "DIEUHANH_ANALYSIS_WAIT": "1",
    }
    with httpx.Client(base_url=run_server(fresh_database_url, limits), timeout=90) as client:
        first = execute(client, "local-moran", LONG, Prefer="respond-async")
        second = execute(client, "local-moran", LONG)
        assert (first.status_code, second.status_code) == (201, 201)
        third = execute(client, "summary", {"layer": "sos_requests"})
        assert third.status_code == 429
        assert "2" in third.json()["detail"]
        waiting = second.headers["location"].rpartition("/")[2]
        assert client.get(f"/briefing/{waiting}.html").status_code == 404
        status = finished(client, first.headers["location"])
        assert status["status"] == "failed"
        assert "4" in status["message"]
        failed = client.get(f"/briefing/{first.headers['location'].rpartition('/')[2]}.pdf")
        assert failed.status_code == 400
        assert status["message"] in failed.json()["detail"]
        client.delete(second.headers["location"])
        assert execute(client, "summary", {"layer": "sos_requests"}).status_code in (200, 201)


def test_a_result_that_is_too_large_is_no_result(
    fresh_database_url: str, run_server: RunServer
) -> None:
    address = run_server(fresh_database_url, {"DIEUHANH_ANALYSIS_RESULT_MB": "1"})
    with httpx.Client(base_url=address, timeout=90) as client:
        inputs = {"layer": "sos_requests", "by": "hexagon", "size_m": 800}
        answer = execute(client, "hotspots", inputs, Prefer="respond-async")
        status = finished(client, answer.headers["location"])
        assert status["status"] == "failed"
        assert "MB" in status["message"]


@pytest.mark.timeout(180)
def test_jobs_outlive_the_server(fresh_database_url: str, tmp_path: Path) -> None:
    port = free_port()
    settings = {
        "PORT": str(port),
        "DIEUHANH_WORKERS": "1",
        "DIEUHANH_ACCESS_LOG": "0",
        "DIEUHANH_ANALYSIS_JOBS": "1",
    }
    arguments = [sys.executable, "-m", "api.cli", "serve"]
    env = environment(fresh_database_url, settings)
    first = subprocess.Popen(arguments, cwd=ROOT, env=env, start_new_session=True)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=90) as client:
        wait_until_ready(first, f"http://127.0.0.1:{port}")
        running = execute(client, "local-moran", LONG, Prefer="respond-async")
        waiting = execute(client, "summary", {"layer": "sos_requests"}, Prefer="respond-async")
        job = running.headers["location"]
        deadline = time.monotonic() + 30
        while client.get(job).json()["status"] != "running":
            assert time.monotonic() < deadline
            time.sleep(0.1)
        first.send_signal(signal.SIGTERM)
        first.wait(30)
        second = subprocess.Popen(arguments, cwd=ROOT, env=env, start_new_session=True)
        try:
            wait_until_ready(second, f"http://127.0.0.1:{port}")
            assert client.delete(job).status_code == 200
            # Nobody asks for the job that waited; the server takes it up by itself.
            with psycopg.connect(fresh_database_url, autocommit=True) as connection:
                number = waiting.headers["location"].rpartition("/")[2]
                deadline = time.monotonic() + 60
                while time.monotonic() < deadline:
                    (status,) = connection.execute(
                        "SELECT status FROM private.analysis_job WHERE id = %s", (number,)
                    ).fetchone() or ("gone",)
                    if status == "successful":
                        break
                    time.sleep(0.2)
                assert status == "successful"
        finally:
            os.killpg(second.pid, signal.SIGTERM)
            second.wait(30)


def test_expired_jobs_are_removed(fresh_database_url: str, run_server: RunServer) -> None:
    with httpx.Client(base_url=run_server(fresh_database_url), timeout=90) as client:
        answer = execute(client, "summary", {"layer": "sos_requests"})
        job = answer.headers["location"]
        with psycopg.connect(fresh_database_url, autocommit=True) as connection:
            connection.execute("UPDATE private.analysis_job SET expires = now()")
        assert client.get(job).status_code == 404
