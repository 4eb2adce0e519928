"""What follows from the reports: levels of risk, growth and reproduction numbers, written down.

A process of its own does it (`python -m layers.outbreaks`): SciPy is not for a worker.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import orjson

from spatial.errors import BadInput
from spatial.stats.epidemic import growth, reproduction, serial_interval, trailing_mean
from spatial.stats.inputs import Floats

TOLD_DAYS = 90
"""Days of reproduction numbers that are kept."""
BEFORE_DAYS = 40
"""Days before them, whose cases infect those of the first."""
WINDOW = 7
GROWTH_DAYS = 14
"""Days that growth is estimated from."""

_CASES = """
SELECT commune_code, district_code, day, community + isolated FROM register.case_reports
WHERE day BETWEEN %s AND %s
"""
_UNITS = "SELECT code FROM layer.admin_units WHERE level IN ('district', 'commune')"
_KEEP = """
INSERT INTO register.epidemic_estimate AS e (unit, day, told) VALUES (%s, %s, %s)
ON CONFLICT (unit) DO UPDATE SET day = excluded.day, told = excluded.told, computed_at = now()
"""


def compute(cursor: Any) -> int:
    """Compute levels, growth and reproduction numbers of all days that are over, and keep them.

    Args:
        cursor: of psycopg2, as the database's owner; the caller commits.

    Returns:
        Of how many units.
    """
    cursor.execute("SELECT dieuhanh.today(), rule FROM register.epidemic_rule")
    today, rule = cursor.fetchone()
    cursor.execute("SELECT private.keep_risk_levels(%s)", (today,))
    last = today - timedelta(days=1)
    series = _series(cursor, last)
    for unit, counts in series.items():
        told = estimate(counts, rule["interval"], last)
        cursor.execute(_KEEP, (unit, last, orjson.dumps(told).decode()))
    cursor.execute(
        "DELETE FROM register.epidemic_estimate WHERE NOT unit = ANY (%s)", (list(series),)
    )
    return len(series)


def _series(cursor: Any, last: date) -> dict[str, Floats]:
    """Cases by day of the province (unit `''`), districts and communes, up to the last day."""
    length = TOLD_DAYS + BEFORE_DAYS
    first = last - timedelta(days=length - 1)
    cursor.execute(_UNITS)
    found = {unit: np.zeros(length) for unit in ("", *(code for (code,) in cursor.fetchall()))}
    cursor.execute(_CASES, (first, last))
    for commune, district, day, cases in cursor.fetchall():
        for unit in ("", district, commune):
            if unit in found:
                found[unit][(day - first).days] += cases
    return found


def estimate(counts: Floats, interval: Mapping[str, Any] | None, last: date) -> dict[str, Any]:
    """What is told of a series of counts that ends with a day.

    Returns:
        `first`, the day of the first of the numbers that are told by day: `smoothed` cases, and
        `rt` with `mean`, `low` and `high`, None where there are too few cases; `growth`, or None
        and `why`.
    """
    told: dict[str, Any] = {"growth": None, "why": None, "rt": None}
    try:
        found = growth(counts[-GROWTH_DAYS:])
        limits = found.doubling_limits
        told["growth"] = {
            "rate": round(found.rate, 5),
            "low": round(found.low, 5),
            "high": round(found.high, 5),
            "days": GROWTH_DAYS,
            "doubling": None if found.doubling is None else round(found.doubling, 2),
            "limits": None if limits is None else [round(one, 2) for one in limits],
        }
    except BadInput as few:
        told["why"] = {"vi": few.vi, "en": str(few)}
    shown = min(TOLD_DAYS, len(counts))
    told["first"] = (last - timedelta(days=shown - 1)).isoformat()
    told["smoothed"] = _rounded(trailing_mean(counts, WINDOW)[-shown:])
    if interval is not None:
        chances = serial_interval(float(interval["mean_days"]), float(interval["sd_days"]))
        numbers = reproduction(counts, chances, window=WINDOW)
        told["rt"] = {
            name: _rounded(getattr(numbers, name)[-shown:]) for name in ("mean", "low", "high")
        }
    return told


def _rounded(values: Floats) -> list[float | None]:
    return [None if np.isnan(one) else round(float(one), 3) for one in values]
