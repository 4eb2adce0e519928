"""Synthetic rescue teams, shelters and alerts on real units; names say the kind and the unit."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import numpy as np
import pyarrow as pa

from layers.demo.geography import Geography
from layers.demo.sites import Row, largest_settlements

TEAM_STATES = {"free": 0.33, "busy": 0.55, "off": 0.12}
"""The share of the teams in each state, before it is known who has what to do."""
SHELTER_SHARE = 0.4

_TEAMS = (
    ("military", "Đội cứu hộ Ban Chỉ huy Quân sự", 24, 20, ("boat", "digging", "transport")),
    ("police", "Đội cứu nạn cứu hộ Công an", 12, 8, ("boat", "digging")),
    ("medical", "Tổ cấp cứu lưu động Trung tâm Y tế", 6, 3, ("medical", "transport")),
    ("militia", "Đội xung kích", 30, 10, ("boat", "supplies")),
    ("youth_union", "Đội thanh niên tình nguyện", 20, 0, ("supplies",)),
    ("volunteer", "Đội xuồng tình nguyện", 8, 12, ("boat", "transport", "supplies")),
)
_ALERTS = (
    ("Ngập lụt", "Met", "Đưa người già, trẻ em lên nơi cao; ngắt điện."),
    ("Sạt lở đất", "Geo", "Rời nhà ven đồi, ven suối đến nơi trú tránh."),
)
_SHELTERS = (
    ("school", "Trường học", 300),
    ("community_house", "Nhà văn hóa", 120),
    ("office", "Trụ sở UBND", 80),
    ("health_facility", "Trạm Y tế", 30),
)


def rescue_teams(geography: Geography, rng: np.random.Generator, until: datetime) -> list[Row]:
    """A team of each force in each district."""
    rows: list[Row] = []
    settled = np.array(geography.settlement_districts)
    states, shares = list(TEAM_STATES), list(TEAM_STATES.values())
    for district in sorted(set(geography.settlement_districts)):
        homes = np.flatnonzero(settled == district)
        weights = geography.people[homes] / geography.people[homes].sum()
        chosen = rng.choice(homes, len(_TEAMS), p=weights)
        longitude, latitude = geography.scatter(rng, chosen)
        for place, (kind, label, members, capacity, can) in enumerate(_TEAMS):
            age = int(rng.integers(1, 90))
            number = len(rows) + 1
            rows.append(
                {
                    "code": f"DCH-{number:03d}",
                    "name": f"{label} {geography.districts[district].name}",
                    "kind": kind,
                    "state": str(rng.choice(states, p=shares)),
                    "members": int(members * rng.uniform(0.7, 1.3)),
                    "capacity": capacity,
                    **{name: name in can for name in ("boat", "medical", "digging")},
                    **{name: name in can for name in ("transport", "supplies")},
                    "position_at": until - timedelta(minutes=age),
                    "accuracy_m": round(float(rng.lognormal(2.2, 0.5)), 1),
                    "lon": float(longitude[place]),
                    "lat": float(latitude[place]),
                    "age": age,
                }
            )
    return rows


def shelters(geography: Geography, rng: np.random.Generator) -> list[Row]:
    """Schools, halls and offices in a share of the settlements."""
    count = int(len(geography.people) * SHELTER_SHARE)
    share = geography.people / geography.people.sum()
    chosen = rng.choice(len(share), count, replace=False, p=share)
    longitude, latitude = geography.scatter(rng, chosen)
    rows: list[Row] = []
    for number, settlement in enumerate(chosen, 1):
        kind, label, size = _SHELTERS[int(rng.choice(len(_SHELTERS), p=[0.5, 0.25, 0.15, 0.1]))]
        capacity = int(size * rng.lognormal(0, 0.3)) // 10 * 10 + 10
        state = str(rng.choice(["ready", "open", "full", "closed"], p=[0.5, 0.33, 0.07, 0.1]))
        fill = {"open": rng.uniform(0.1, 0.9), "full": 1.0}.get(state, 0.0)
        rows.append(
            {
                "code": f"NT-{number:03d}",
                "name": f"{label} {geography.settlement_names[settlement]}",
                "kind": kind,
                "state": state,
                "capacity": capacity,
                "occupied": int(capacity * fill),
                "water": bool(rng.random() < 0.8),
                "power": bool(rng.random() < 0.7),
                "floors": int(rng.integers(1, 4)),
                "lon": float(longitude[number - 1]),
                "lat": float(latitude[number - 1]),
                "age": int(rng.integers(5, 720)),
            }
        )
    return rows


def alerts(geography: Geography, rng: np.random.Generator, until: datetime) -> pa.Table:
    """One alert around the largest settlement of each district; a few are still in force."""
    rows = []
    for number, settlement in enumerate(largest_settlements(geography)):
        hills = geography.ruggedness[settlement] > 0.5
        event, category, advice = _ALERTS[int(hills)]
        sent = until - timedelta(hours=float(rng.choice([2, 5, 12, 200, 550, 1_230])))
        # Two that were taken back, as happens.
        message = "Cancel" if number % 9 == 4 else "Alert"
        place = geography.settlement_names[settlement]
        kilometres = float(rng.integers(4, 13))
        rows.append(
            {
                "id": str(UUID(bytes=rng.bytes(16), version=4)),
                "headline": f"Cảnh báo {event.lower()} quanh {place} (dữ liệu mô phỏng)",
                "event": event,
                "severity": str(rng.choice(["Extreme", "Severe", "Moderate", "Minor"])),
                "urgency": "Immediate" if hills else "Expected",
                "certainty": "Likely",
                "category": category,
                # Made up, so no one may take it for a real warning.
                "status": "Exercise",
                "message": message,
                "description": f"Bản tin mô phỏng: nguy cơ {event.lower()} trong 24 giờ tới.",
                "instruction": advice,
                "area_desc": f"{kilometres:.0f} km quanh {place}",
                "revision": 2 if message == "Cancel" else 1,
                "sent": sent,
                "onset": sent,
                "expires": sent + timedelta(hours=24),
                "updated_at": sent,
                "geom": geography.circle(settlement, kilometres),
            }
        )
    return pa.Table.from_pylist(rows)
