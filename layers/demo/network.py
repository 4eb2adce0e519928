"""Synthetic wifi, cameras and lines at the demo's checkpoints, quarantine sites and hotels."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import numpy as np

from layers.demo.sites import Row

OPERATORS = ("Nhà mạng A", "Nhà mạng B", "Nhà mạng C")
"""Made up, since the outages are."""
_LABELS = {"wifi": "Wifi", "camera": "Camera", "line": "Đường truyền"}
_PREFIXES = {"wifi": "WF", "camera": "CM", "line": "DT"}


_STATES = ("up", "down", "maintenance", "unknown")
_SHARES = (0.86, 0.07, 0.03, 0.04)
_OUT = ("down", "down", "maintenance")


def network_assets(
    checkpoints: Iterable[Row],
    quarantine_sites: Iterable[Row],
    hotels: Iterable[Row],
    rng: np.random.Generator,
    until: datetime,
) -> list[Row]:
    """Wifi at the checkpoints that have it, a line for each quarantine site, every camera."""
    sites = list(quarantine_sites)
    wanted = [("wifi", one, 0, _state(rng)) for one in checkpoints if one["wifi"]]
    wanted += [("line", one, 0, _state(rng)) for one in sites]
    for site in (*sites, *hotels):
        # As many are up as the site says that work.
        for number in range(site["cameras"]):
            works = number < site["cameras_working"]
            wanted.append(("camera", site, number + 1, "up" if works else str(rng.choice(_OUT))))
    numbers = dict.fromkeys(_LABELS, 0)
    rows = []
    for kind, site, number, state in wanted:
        numbers[kind] += 1
        age = int(rng.integers(3, 900))
        label = f"{_LABELS[kind]} {number}" if number else _LABELS[kind]
        rows.append(
            {
                "code": f"{_PREFIXES[kind]}-{numbers[kind]:03d}",
                "name": f"{label} {site['name']}"[:160],
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


def _state(rng: np.random.Generator) -> str:
    return str(rng.choice(_STATES, p=_SHARES))
