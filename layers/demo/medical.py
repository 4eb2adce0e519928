"""Synthetic medical facilities: for the province, each district, in the field, in communes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np

from layers.demo.geography import Geography
from layers.demo.sites import Row, largest_settlements

FIELD_HOSPITALS = 4
STATIONS = 40
_SIZES = {
    "provincial_hospital": (600, 0.08),
    "district_centre": (140, 0.04),
    "field_hospital": (300, 0.06),
    "commune_station": (5, 0.0),
}
"""Beds, more or less, and the share of them in intensive care."""


def medical_facilities(
    geography: Geography, rng: np.random.Generator, until: datetime
) -> list[Row]:
    """Facilities on real units; names say the kind and the unit, figures are made up."""
    centres = largest_settlements(geography)
    chosen: list[tuple[str, int]] = [("district_centre", one) for one in centres]
    largest = max(centres, key=lambda one: geography.people[one])
    chosen.insert(0, ("provincial_hospital", largest))
    share = geography.people / geography.people.sum()
    for kind, count in (("field_hospital", FIELD_HOSPITALS), ("commune_station", STATIONS)):
        places = rng.choice(len(share), count, replace=False, p=share)
        chosen += [(kind, int(one)) for one in places]
    longitude, latitude = geography.scatter(rng, np.array([one for _, one in chosen], np.int64))
    rows = []
    for number, (kind, settlement) in enumerate(chosen, 1):
        place = geography.settlement_names[settlement]
        district = geography.districts[geography.settlement_districts[settlement]].name
        name = {
            "provincial_hospital": "Bệnh viện Đa khoa tỉnh",
            "district_centre": f"Trung tâm Y tế {district}",
            "field_hospital": f"Bệnh viện dã chiến {place}",
            "commune_station": f"Trạm Y tế {place}",
        }[kind]
        age = int(rng.integers(30, 60 * 22) if rng.random() < 0.9 else rng.integers(1500, 4000))
        rows.append(
            {"code": f"YT-{number:03d}", "name": name, "kind": kind}
            | _figures(rng, kind)
            | {"reported_at": until - timedelta(minutes=age), "age": age}
            | {"lon": float(longitude[number - 1]), "lat": float(latitude[number - 1])}
        )
    return rows


def _figures(rng: np.random.Generator, kind: str) -> dict[str, Any]:
    size, intensive = _SIZES[kind]
    beds = max(2, int(size * rng.lognormal(0, 0.25)))
    icu = round(beds * intensive)
    ventilators = round(icu * 0.8)
    ambulances = 0 if kind == "commune_station" else max(1, beds // 60)
    busy = rng.beta(5, 3)
    full = bool(rng.random() < 0.08)
    return {
        "state": "full" if full else "open",
        "beds": beds,
        "beds_free": 0 if full else int(beds * (1 - busy)),
        "icu_beds": icu,
        "icu_free": 0 if full else int(rng.binomial(icu, 0.3)),
        "ventilators": ventilators,
        "ventilators_free": int(rng.binomial(ventilators, 0.4)),
        "oxygen_h": int(rng.integers(10, 160)) if icu else 0,
        "ambulances": ambulances,
        "ambulances_free": int(rng.binomial(ambulances, 0.6)),
        "doctors": max(1, beds // 12),
        "nurses": max(2, beds // 5),
    }
