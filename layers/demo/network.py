"""Synthetic wifi, cameras and lines at the demo's checkpoints, quarantine sites and hotels."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import numpy as np

from layers.demo.sites import Row

OPERATORS = ("Nhà mạng A", "Nhà mạng B", "Nhà mạng C")
"""Made up, since the outages are."""
CAMERAS = 3
"""Cameras of a site that are assets of their own, at most."""
_LABELS = {"wifi": "Wifi", "camera": "Camera", "line": "Đường truyền"}
_PREFIXES = {"wifi": "WF", "camera": "CM", "line": "DT"}


def network_assets(
    checkpoints: Iterable[Row],
    quarantine_sites: Iterable[Row],
    hotels: Iterable[Row],
    rng: np.random.Generator,
    until: datetime,
) -> list[Row]:
    """Wifi at the checkpoints that have it, cameras at sites, a line for each quarantine site."""
    wanted = [("wifi", one) for one in checkpoints if one["wifi"]]
    for site in quarantine_sites:
        wanted.append(("line", site))
        wanted += [("camera", site)] * min(site["cameras"], CAMERAS)
    wanted += [("camera", one) for one in hotels if one["cameras"]]
    numbers = dict.fromkeys(_LABELS, 0)
    rows = []
    for kind, site in wanted:
        numbers[kind] += 1
        state = str(
            rng.choice(["up", "down", "maintenance", "unknown"], p=[0.86, 0.07, 0.03, 0.04])
        )
        age = int(rng.integers(3, 900))
        rows.append(
            {
                "code": f"{_PREFIXES[kind]}-{numbers[kind]:03d}",
                "name": f"{_LABELS[kind]} {site['name']}"[:160],
                "kind": kind,
                "operator": OPERATORS[int(rng.integers(len(OPERATORS)))],
                "site_code": site["code"],
                "state": state,
                "since": until - timedelta(minutes=age),
                # The demo has no monitoring: a heartbeat that never comes would be no news.
                "heartbeat_min": 5 if kind != "line" else None,
                "lon": site["lon"],
                "lat": site["lat"],
                "age": age,
            }
        )
    return rows
