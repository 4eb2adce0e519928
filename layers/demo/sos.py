"""Synthetic SOS requests: storm waves over ninety days, at any number.

Each request belongs to a wave (a flood or landslide that strikes part of the province for some
days) or to ordinary life. Place, hour, category, priority, answer time and state follow from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from layers.demo.geography import Floats, Geography, Integers, hexadecimal, hilbert_order
from layers.rescue.requests import CATEGORY, CHANNEL, PRIORITY, STATE

DAYS = 90
FIRST_NUMBER = 100_001

_HOURS = DAYS * 24
_DIURNAL = np.array(
    [4, 3, 3, 3, 4, 6, 8, 9, 9, 8, 8, 8, 7, 7, 7, 8, 9, 10, 11, 11, 10, 8, 6, 5], float
)


@dataclass(frozen=True)
class Wave:
    """Days before the end at which it peaks, its length, its share, its taste for mountains."""

    peak: float
    length: float
    share: float
    rugged: float
    reach_km: float


_WAVES = (
    Wave(peak=79, length=2.0, share=0.17, rugged=-3.0, reach_km=45),
    Wave(peak=51, length=2.6, share=0.22, rugged=3.5, reach_km=40),
    Wave(peak=23, length=1.6, share=0.14, rugged=-4.0, reach_km=30),
    Wave(peak=0.5, length=1.6, share=0.17, rugged=-1.5, reach_km=55),
)

# Weights by category: ordinary life, a flood in the lowland, a storm in the mountains.
_MIX = {
    "trapped": (2, 34, 12),
    "landslide": (1, 1, 27),
    "medical": (40, 11, 12),
    "evacuation": (2, 16, 17),
    "food_water": (12, 20, 16),
    "medicine": (22, 5, 5),
    "shelter": (5, 7, 6),
    "missing": (7, 3, 4),
    "other": (9, 3, 1),
}
_URGENCY = {
    "trapped": 2.1,
    "landslide": 2.5,
    "medical": 2.2,
    "missing": 2.0,
    "evacuation": 1.3,
    "medicine": 0.7,
    "food_water": 0.4,
    "shelter": 0.2,
    "other": -0.4,
}
# Share of the answer time after which a request enters each state.
_STAGES = (
    (0.0, "new"),
    (0.08, "verified"),
    (0.2, "assigned"),
    (0.35, "en_route"),
    (0.6, "on_site"),
)
_DISMISSED = (("cancelled", 0.035), ("duplicate", 0.05), ("false", 0.03))
_ANSWER_HOURS = {"critical": 3.0, "high": 8.0, "medium": 22.0, "low": 54.0}


def sos_requests(
    geography: Geography, rng: np.random.Generator, count: int, until: datetime
) -> pa.Table:
    """`count` requests of the ninety days before `until`, in Hilbert order.

    Args:
        geography: where people live.
        rng: the only source of chance.
        count: how many.
        until: an instant in the province's time zone; none is reported after it.
    """
    wave = _draw(
        rng, count, np.array([1 - sum(w.share for w in _WAVES), *(w.share for w in _WAVES)])
    )
    settlement = _settlements(geography, rng, wave)
    longitude, latitude = geography.scatter(rng, settlement)
    age = _ages(rng, wave, until.hour)
    category = _categories(geography, rng, wave, settlement)
    people = _people(rng, category)
    injured = rng.binomial(
        people, np.where(np.isin(category, _indices("landslide", "medical")), 0.25, 0.02)
    )
    priority = _priorities(rng, category, people, injured)
    state, closed = _states(rng, priority, age)
    reported = int(until.timestamp()) - age
    number = np.empty(count, np.int64)
    number[np.argsort(reported, kind="stable")] = np.arange(count)
    ids = _uuids(rng, count)
    accuracy = np.round(rng.lognormal(2.6, 0.8, count), 1)
    channel = _draw(rng, count, np.array([0.46, 0.14, 0.31, 0.09]))
    children = rng.binomial(people - injured, 0.22)
    elderly = rng.binomial(people - injured - children, 0.16)
    resolved = np.where(state == STATE.values.index("resolved"), reported + closed, -1)
    order = hilbert_order(longitude, latitude)
    columns = {
        "id": ids.take(pa.array(order)),
        "code": pc.binary_join_element_wise(
            "S", pa.array(number[order] + FIRST_NUMBER).cast(pa.string()), ""
        ),
        "category": _labels(CATEGORY.values, category[order]),
        "priority": _labels(PRIORITY.values, priority[order]),
        "state": _labels(STATE.values, state[order]),
        "people": pa.array(people[order]),
        "injured": pa.array(injured[order]),
        "children": pa.array(children[order]),
        "elderly": pa.array(elderly[order]),
        "channel": _labels(CHANNEL.values, channel[order]),
        "accuracy_m": pa.array(accuracy[order]),
        "reported_at": _instants(reported[order]),
        "resolved_at": _instants(resolved[order]),
        "updated_at": _instants((reported + closed)[order]),
    }
    return geography.place(pa.table(columns), longitude[order], latitude[order])


def _draw(rng: np.random.Generator, count: int, weights: Floats) -> Integers:
    edges = np.cumsum(weights / weights.sum())
    edges[-1] = 1.0
    return np.searchsorted(edges, rng.random(count), side="right").astype(np.int64)


def _settlements(geography: Geography, rng: np.random.Generator, wave: Integers) -> Integers:
    chosen = np.empty(len(wave), np.int64)
    for index in range(len(_WAVES) + 1):
        weights = geography.people.copy()
        if index:
            storm = _WAVES[index - 1]
            taste = weights * np.exp(storm.rugged * geography.ruggedness)
            centre = int(_draw(rng, 1, taste)[0])
            stretch = np.cos(np.radians(geography.latitude[centre]))
            east = (geography.longitude - geography.longitude[centre]) * stretch
            north = geography.latitude - geography.latitude[centre]
            distance = np.hypot(east, north) * 111.2
            weights = taste * (np.exp(-((distance / storm.reach_km) ** 2)) + 0.02)
        members = np.flatnonzero(wave == index)
        chosen[members] = _draw(rng, members.size, weights)
    return chosen


def _ages(rng: np.random.Generator, wave: Integers, last_hour: int) -> Integers:
    """Seconds between each report and the end, which falls in the given hour of the day."""
    hours = np.arange(_HOURS)
    diurnal = _DIURNAL[(last_hour - 1 - hours) % 24]
    age = np.empty(len(wave), np.int64)
    for index in range(len(_WAVES) + 1):
        intensity = diurnal
        if index:
            storm = _WAVES[index - 1]
            since = (storm.peak + storm.length) * 24 - hours  # hours since the storm broke
            scale = storm.length * 12
            rise = np.clip(since, 0, None) / scale
            intensity = diurnal * rise**2 * np.exp(-1.5 * rise)
        members = np.flatnonzero(wave == index)
        hour = _draw(rng, members.size, intensity)
        age[members] = hour * 3600 + rng.integers(0, 3600, members.size)
    return age


def _categories(
    geography: Geography, rng: np.random.Generator, wave: Integers, settlement: Integers
) -> Integers:
    ordinary, flood, mountain = np.array([_MIX[value] for value in CATEGORY.values], float).T
    rugged = np.where(wave == 0, False, rng.random(len(wave)) < geography.ruggedness[settlement])
    category = np.empty(len(wave), np.int64)
    for members, weights in (
        (wave == 0, ordinary),
        ((wave > 0) & ~rugged, flood),
        ((wave > 0) & rugged, mountain),
    ):
        category[members] = _draw(rng, int(members.sum()), weights)
    return category


def _indices(*categories: str) -> list[int]:
    return [CATEGORY.values.index(value) for value in categories]


def _people(rng: np.random.Generator, category: Integers) -> Integers:
    alone = np.isin(category, _indices("medical", "medicine", "missing"))
    mean = np.where(alone, 0.4, 3.4)
    household = 1 + rng.poisson(mean)
    hamlet = ~alone & (rng.random(len(category)) < 0.03)
    return np.where(hamlet, household + rng.integers(8, 60, len(category)), household)


def _priorities(
    rng: np.random.Generator, category: Integers, people: Integers, injured: Integers
) -> Integers:
    urgency = np.array([_URGENCY[value] for value in CATEGORY.values])[category]
    score = (
        urgency + 0.8 * (injured > 0) + 0.35 * np.log(people) + rng.normal(0, 0.6, len(category))
    )
    priority: Integers = np.digitize(-score, [-2.9, -1.8, -0.7]).astype(np.int64)
    return priority


def _states(
    rng: np.random.Generator, priority: Integers, age: Integers
) -> tuple[Integers, Integers]:
    """The state of each request at the end, and the seconds until it was entered."""
    median = np.array([_ANSWER_HOURS[value] for value in PRIORITY.values])[priority] * 3600
    answer = np.maximum(median * rng.lognormal(0, 0.7, len(age)), 300)
    elapsed = age / answer
    state = np.full(len(age), STATE.values.index("resolved"))
    entered = answer.copy()
    shares = np.array([share for share, _ in _STAGES])
    stage = np.searchsorted(shares, elapsed, side="right") - 1
    stages = np.array([STATE.values.index(value) for _, value in _STAGES])
    open_still = elapsed < 1
    state[open_still] = stages[stage[open_still]]
    entered[open_still] = (shares[stage] * answer)[open_still]
    share = np.array([part for _, part in _DISMISSED])
    dismissed = _draw(rng, len(age), np.array([1 - share.sum(), *share]))
    gone = (dismissed > 0) & (elapsed >= 0.1)
    codes = np.array([0, *(STATE.values.index(value) for value, _ in _DISMISSED)])
    state[gone] = codes[dismissed[gone]]
    entered[gone] = 0.1 * answer[gone]
    return state, np.minimum(entered, age).astype(np.int64)


def _uuids(rng: np.random.Generator, count: int) -> pa.Array:
    """Random UUIDs (version 4, RFC 9562) as 32 hexadecimal digits."""
    octets = np.frombuffer(rng.bytes(16 * count), np.uint8).reshape(count, 16).copy()
    octets[:, 6] = octets[:, 6] & 0x0F | 0x40
    octets[:, 8] = octets[:, 8] & 0x3F | 0x80
    return hexadecimal(octets.tobytes(), 16)


def _labels(values: tuple[str, ...], indices: Integers) -> pa.Array:
    return pa.array(values).take(pa.array(indices))


def _instants(seconds: Integers) -> pa.Array:
    """Seconds since 1970 as UTC instants; negative ones are null."""
    moments = pa.array(seconds, mask=seconds < 0)
    return moments.cast(pa.timestamp("s", tz="UTC"))
