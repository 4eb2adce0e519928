"""The figures of several workers come to one answer."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from api.figures import FOLDER, Metrics


def figure(text: bytes, name: str) -> float:
    """The value of one line."""
    (line,) = (line for line in text.decode().splitlines() if line.startswith(f"{name} "))
    return float(line.split()[-1])


def in_a_worker_that_dies(work: Callable[[Metrics], None]) -> None:
    """Have another process count something, and end without tidying up."""

    def body() -> None:
        metrics = Metrics()
        work(metrics)
        metrics.publish()
        os._exit(0)

    process = multiprocessing.get_context("fork").Process(target=body)
    process.start()
    process.join()
    assert process.exitcode == 0


def test_alone_it_counts_for_itself() -> None:
    metrics = Metrics()
    for seconds in (0.001, 0.02, 20):
        metrics.record("GET", "tile", 200, seconds)
    metrics.record("GET", "tile", 404, 0.001)
    for method in ("BREW", "WHEN"):
        metrics.record(method, "none", 405, 0.001)
    text = metrics.text()
    assert figure(text, 'dieuhanh_requests_total{handler="none",method="other",status="405"}') == 2
    labels = 'handler="tile",method="GET"'
    assert figure(text, f'dieuhanh_requests_total{{{labels},status="200"}}') == 3
    assert figure(text, f'dieuhanh_requests_total{{{labels},status="404"}}') == 1
    assert figure(text, 'dieuhanh_request_seconds_count{handler="tile"}') == 4
    assert figure(text, 'dieuhanh_request_seconds_bucket{handler="tile",le="0.002"}') == 2
    assert figure(text, 'dieuhanh_request_seconds_bucket{handler="tile",le="10.0"}') == 3
    assert figure(text, 'dieuhanh_request_seconds_sum{handler="tile"}') == pytest.approx(20.022)
    assert Metrics().text() != text


def test_what_dead_workers_counted_stays_and_what_they_held_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER, str(tmp_path))

    def work(metrics: Metrics) -> None:
        metrics.cached = 5
        metrics.record("GET", "items", 200, 0.003)
        metrics.watch("dieuhanh_connections_open", "Open", lambda: 8)

    for _ in range(2):
        in_a_worker_that_dies(work)
    living = Metrics()
    work(living)
    text = living.text()
    assert figure(text, "dieuhanh_cached_answers_total") == 15
    assert figure(text, 'dieuhanh_request_seconds_count{handler="items"}') == 3
    assert figure(text, "dieuhanh_connections_open") == 8
    assert figure(text, "dieuhanh_workers") == 1
    assert living.text() == text
