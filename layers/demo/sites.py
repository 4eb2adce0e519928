"""Synthetic checkpoints, control points, quarantine sites, hotels and vaccination points.

Names say the kind and the real unit; figures are made up.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from layers.demo.geography import Geography, Unit, hilbert_order, step_inside
from layers.province import Gateway

DISTRICT_BORDERS = 42
COMMUNE_BORDERS = 62
STATIONS = 10
LOCKDOWNS = 12
CONTROL_POINTS = 48
QUARANTINE_SITES = 64
HOTELS = 40
PAID_HOTELS = 20
HOTELS_WITH_CAMERAS = 18
HALLS = 20

_HOTEL_NAMES = (
    "Bình Minh", "Biển Xanh", "Hoa Sen", "Ánh Dương", "Sao Mai", "Phương Đông", "Hải Âu",
    "Thanh Bình", "Mây Trắng", "Hương Quê", "Thiên Nga", "Đại Dương", "Hoàng Yến", "Bạch Đằng",
    "Minh Châu", "Sông Xanh", "Đồi Thông", "Hoa Mai", "Gió Biển", "Kim Cương",
)  # fmt: skip
_STARS = (1, 2, 2, 3, 3, 3, 4, 4, 5)
_PRICES = {1: 250_000, 2: 350_000, 3: 550_000, 4: 950_000, 5: 1_800_000}

Row = dict[str, Any]


def table(geography: Geography, rows: list[Row], until: datetime) -> pa.Table:
    """The rows, in Hilbert order, numbered from 1 in the order they were made.

    A row's `lon` and `lat` become its place; `age` (minutes) becomes `updated_at`.
    """
    longitude = np.array([row["lon"] for row in rows])
    latitude = np.array([row["lat"] for row in rows])
    numbered = [
        {"id": number}
        | {name: value for name, value in row.items() if name not in ("lon", "lat", "age")}
        | {"updated_at": until - timedelta(minutes=int(row["age"]))}
        for number, row in enumerate(rows, 1)
    ]
    built = geography.place(pa.Table.from_pylist(numbered), longitude, latitude)
    return built.take(pa.array(hilbert_order(longitude, latitude)))


def checkpoints(
    geography: Geography, rng: np.random.Generator, gateways: tuple[Gateway, ...]
) -> list[Row]:
    """Checkpoints at the gateways, where communes and districts meet, and in settlements."""
    rows: list[Row] = []
    for gateway in gateways:
        lon, lat = geography.inside(gateway.longitude, gateway.latitude)
        row = {"kind": "province_border", "name": f"Chốt {gateway.road}", "road": gateway.road}
        rows.append(row | {"lon": lon, "lat": lat})
    borders = list(_borders(geography))
    order = rng.permutation(len(borders))
    wanted = {True: DISTRICT_BORDERS, False: COMMUNE_BORDERS}
    for index in order:
        one, other, line = borders[index]
        between_districts = one.parent_code != other.parent_code
        if wanted[between_districts] == 0:
            continue
        wanted[between_districts] -= 1
        spot = line.interpolate(rng.uniform(0.2, 0.8), normalized=True)
        lon, lat = step_inside(one.shape, spot.x, spot.y)
        names = f"{_short(one.name)} – {_short(other.name)}"
        kind = "district_border" if between_districts else "commune_border"
        label = "liên huyện" if between_districts else "liên xã"
        rows.append(
            {"kind": kind, "name": f"Chốt {label} {names}", "road": f"Đường {names}"}
            | {"lon": lon, "lat": lat}
        )
    rows += _settlement_checkpoints(geography, rng)
    for number, row in enumerate(rows, 1):
        row["code"] = f"CK-{number:03d}"
        row.update(_checkpoint_figures(rng, row))
    return rows


def _borders(geography: Geography) -> Iterator[tuple[Unit, Unit, Any]]:
    """Pairs of neighbouring communes and the longest line that parts them."""
    communes = geography.communes
    tree = shapely.STRtree([commune.shape for commune in communes])
    for index, commune in enumerate(communes):
        for near in sorted(int(found) for found in tree.query(commune.shape)):
            if near <= index:
                continue
            shared = commune.shape.boundary.intersection(communes[near].shape.boundary)
            lines = shapely.get_parts(shapely.line_merge(shared))
            lengths = shapely.length(lines)
            if lengths.size and lengths.max() > 0.01:
                yield commune, communes[near], lines[int(lengths.argmax())]


def _settlement_checkpoints(geography: Geography, rng: np.random.Generator) -> list[Row]:
    share = geography.people / geography.people.sum()
    chosen = rng.choice(len(share), STATIONS + LOCKDOWNS, replace=False, p=share)
    longitude, latitude = geography.scatter(rng, chosen)
    rows = []
    for position, settlement in enumerate(chosen):
        name = geography.settlement_names[settlement]
        station = position < STATIONS
        label = ("Bến xe", "Nhà ga", "Bến cảng")[position % 3] if station else "Vùng phong tỏa"
        rows.append(
            {
                "kind": "port_station" if station else "lockdown",
                "name": f"Chốt {label} {_short(name)}",
                "road": f"{label}, {name}",
                "lon": float(longitude[position]),
                "lat": float(latitude[position]),
            }
        )
    return rows


def _checkpoint_figures(rng: np.random.Generator, row: Row) -> Row:
    state = str(rng.choice(["open", "congested", "closed"], p=[0.82, 0.08, 0.10]))
    whole_day = row["kind"] in ("province_border", "lockdown") or rng.random() < 0.4
    return {
        "state": state,
        "hours": "00:00–24:00" if whole_day else "06:00–22:00",
        "wifi": bool(rng.random() < 0.7),
        "qr_code": f"dieuhanh:{row['code']}",
        "officers": int(rng.integers(2, 5) + (6 if row["kind"] == "province_border" else 0)),
        "age": int(rng.integers(1, 90)),
    }


def control_points(geography: Geography, rng: np.random.Generator) -> list[Row]:
    """Offices, firms, markets and others, more where more people live."""
    labels = {
        "office": "Trụ sở UBND", "factory": "Xí nghiệp may", "market": "Chợ",
        "hospital": "Phòng khám", "school": "Trường THCS", "hotel": "Nhà nghỉ",
        "transport": "Bến xe", "other": "Khu công nghiệp",
    }  # fmt: skip
    share = geography.people / geography.people.sum()
    chosen = rng.choice(len(share), CONTROL_POINTS, replace=False, p=share)
    longitude, latitude = geography.scatter(rng, chosen)
    kinds = rng.choice(list(labels), CONTROL_POINTS, p=[0.2, 0.2, 0.25, 0.1, 0.1, 0.05, 0.05, 0.05])
    states = rng.choice(["active", "registered", "closed"], CONTROL_POINTS, p=[0.8, 0.14, 0.06])
    rows = []
    for index, settlement in enumerate(chosen):
        place = geography.settlement_names[settlement]
        rows.append(
            {
                "code": f"DK-{index + 1:03d}",
                "name": f"{labels[str(kinds[index])]} {_short(place)}",
                "kind": str(kinds[index]),
                "state": str(states[index]),
                "address": place,
                "contact": "Bộ phận trực",
                "phone": f"0235 000 {index + 1:04d}",
                "qr_code": f"DEMO{index + 1:04d}",
                "lon": float(longitude[index]),
                "lat": float(latitude[index]),
                "age": int(rng.integers(60, 20_000)),
            }
        )
    return rows


def quarantine_sites(geography: Geography, rng: np.random.Generator, until: datetime) -> list[Row]:
    """Sites in every district, more where more people live."""
    rows: list[Row] = []
    labels = {
        "barracks": ("Doanh trại quân đội", 260),
        "school": ("Trường học", 140),
        "dormitory": ("Ký túc xá", 320),
        "health_facility": ("Trạm Y tế", 40),
        "community_house": ("Nhà văn hóa", 60),
    }
    kinds = list(labels)
    share = geography.people / geography.people.sum()
    first = largest_settlements(geography)
    rest = np.setdiff1d(np.arange(len(share)), first)
    extra = max(QUARANTINE_SITES - len(first), 0)
    weights = share[rest] / share[rest].sum()
    chosen = np.array([*first, *rng.choice(rest, extra, replace=False, p=weights)])
    longitude, latitude = geography.scatter(rng, chosen)
    for number, settlement in enumerate(chosen, 1):
        district = geography.districts[geography.settlement_districts[settlement]]
        kind = "barracks" if number <= len(first) else str(rng.choice(kinds[1:]))
        label, size = labels[kind]
        capacity = int(size * rng.lognormal(0, 0.3)) // 10 * 10 + 10
        state = str(rng.choice(["receiving", "full", "ready", "closed"], p=[0.6, 0.12, 0.2, 0.08]))
        fill = {"receiving": rng.uniform(0.25, 0.95), "full": 1.0}.get(state, 0.0)
        place = geography.settlement_names[settlement]
        rows.append(
            {
                "code": f"CL-{number:03d}",
                "name": f"Khu cách ly {label} {place}",
                "kind": kind,
                "state": state,
                "managing_unit": (
                    f"Ban Chỉ huy Quân sự {district.name}"
                    if kind == "barracks"
                    else f"UBND {place}"
                ),
                "capacity": capacity,
                "occupied": int(capacity * fill),
                "cameras": (cameras := int(rng.poisson(capacity / 40))),
                # Where one is out of order, it is one of many.
                "cameras_working": cameras - (number % 9 == 0 and cameras > 1),
                "opened_on": _day_before(until, int(rng.integers(10, 120))),
                "lon": float(longitude[number - 1]),
                "lat": float(latitude[number - 1]),
                "age": int(rng.integers(5, 720)),
            }
        )
    return rows


def hotels(geography: Geography, rng: np.random.Generator) -> list[Row]:
    """Hotels, mostly in wards and towns; the first ones take guests in paid quarantine."""
    urban = np.array([0.03 if name.startswith("Xã") else 1 for name in geography.settlement_names])
    share = geography.people * urban
    chosen = rng.choice(len(share), HOTELS, p=share / share.sum())
    longitude, latitude = geography.scatter(rng, chosen)
    names = rng.permutation(len(_HOTEL_NAMES))
    rows = []
    for index, settlement in enumerate(chosen):
        paid = index < PAID_HOTELS
        stars = int(rng.choice(_STARS))
        rooms = int(stars * 18 * rng.lognormal(0, 0.35)) + 8
        given = int(rooms * rng.uniform(0.5, 0.95)) if paid else 0
        state = str(
            rng.choice(["available", "full", "standby", "closed"], p=[0.6, 0.12, 0.18, 0.1])
        )
        room = given if paid else rooms
        used = {"available": rng.uniform(0.1, 0.9), "full": 1.0}.get(state, 0.0)
        name = _HOTEL_NAMES[names[index % len(names)]]
        rows.append(
            {
                "code": f"KS-{index + 1:03d}",
                "name": f"Khách sạn {name} {_short(geography.settlement_names[settlement])}",
                "stars": stars,
                "state": state,
                "paid_quarantine": paid,
                "rooms": rooms,
                "rooms_quarantine": given,
                "occupied": int(room * used),
                "price_vnd": int(_PRICES[stars] * rng.uniform(0.8, 1.4)) // 10_000 * 10_000,
                "cameras": (
                    cameras := int(rng.integers(4, 17)) if index < HOTELS_WITH_CAMERAS else 0
                ),
                "cameras_working": cameras - (index % 7 == 3 and cameras > 0),
                "lon": float(longitude[index]),
                "lat": float(latitude[index]),
                "age": int(rng.integers(10, 1440)),
            }
        )
    return rows


def vaccination_points(geography: Geography, rng: np.random.Generator) -> list[Row]:
    """The health station of every settlement, a centre in every district, and large halls."""
    settlements = range(len(geography.settlement_names))
    centres = largest_settlements(geography)
    share = geography.people / geography.people.sum()
    halls = rng.choice(settlements, HALLS, replace=False, p=share)
    places = [
        ("commune_station", f"Trạm Y tế {geography.settlement_names[i]}", i) for i in settlements
    ]
    for settlement in centres:
        district = geography.districts[geography.settlement_districts[settlement]]
        places.append(("health_centre", f"Trung tâm Y tế {district.name}", settlement))
    for count, settlement in enumerate(halls.tolist()):
        name = geography.settlement_names[settlement]
        kind, label = (
            ("hall", "Nhà văn hóa"),
            ("school", "Trường học"),
            ("mobile", "Đội lưu động"),
        )[count % 3]
        places.append((kind, f"{label} {name}", settlement))
    chosen = np.array([settlement for _, _, settlement in places], np.int64)
    longitude, latitude = geography.scatter(rng, chosen)
    rows = []
    for index, (kind, place, settlement) in enumerate(places):
        station = kind == "commune_station"
        lon = geography.longitude[settlement] if station else longitude[index]
        lat = geography.latitude[settlement] if station else latitude[index]
        lon, lat = geography.inside(round(float(lon), 6), round(float(lat), 6))
        row = {"code": f"TC-{index + 1:03d}", "name": f"Điểm tiêm {place}", "kind": kind}
        row |= _vaccination_figures(rng, float(geography.people[settlement]), station)
        rows.append(row | {"lon": lon, "lat": lat})
    return rows


def _vaccination_figures(rng: np.random.Generator, people: float, station: bool) -> Row:
    state = str(rng.choice(["open", "scheduled", "paused", "closed"], p=[0.55, 0.25, 0.1, 0.1]))
    tables = int(rng.integers(1, 4) if station else rng.integers(3, 11))
    sessions = str(rng.choice(["all_day", "morning", "afternoon"], p=[0.6, 0.3, 0.1]))
    today = int(rng.poisson(tables * 70)) if state == "open" else 0
    return {
        "state": state,
        "sessions": sessions,
        "opens": "13:30" if sessions == "afternoon" else "07:00",
        "closes": "11:30" if sessions == "morning" else "17:00",
        "tables": tables,
        "teams": max(1, tables // 2),
        "stock_doses": int(rng.integers(0, 120) * 10 * tables) if state != "closed" else 0,
        "doses_today": today,
        "doses_given": today + int(people * rng.uniform(0.4, 1.6)),
        "age": int(rng.integers(1, 300)),
    }


def largest_settlements(geography: Geography) -> list[int]:
    """The most populous settlement of each district that has any."""
    largest: dict[str, int] = {}
    for index, district in enumerate(geography.settlement_districts):
        if geography.people[index] > geography.people[largest.get(district, index)]:
            largest[district] = index
        largest.setdefault(district, index)
    return list(largest.values())


def _short(name: str) -> str:
    """A unit's name without the word for its kind: `Phường An Mỹ` → `An Mỹ`."""
    for kind in ("Phường ", "Thị trấn ", "Thị xã ", "Thành phố ", "Huyện ", "Xã "):
        name = name.removeprefix(kind)
    return name


def _day_before(until: datetime, days: int) -> date:
    return (until - timedelta(days=days)).date()
