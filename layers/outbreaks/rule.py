"""The rules of an epidemic as a province's settings write them: serial interval, risk levels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import orjson

LEVELS = 4
"""Levels of risk, from 1 (low) to 4 (very high)."""


@dataclass(frozen=True, slots=True)
class Interval:
    """From the onset of a case to that of a case it infects, in days.

    Attributes:
        source: where the numbers are from.
    """

    mean_days: float
    sd_days: float
    source: str


@dataclass(frozen=True, slots=True)
class RiskRule:
    """How a commune's level of risk follows from its numbers.

    Attributes:
        id: the decision's number.
        source: what it is, and what of it is not applied here.
        days: of which new community cases are counted.
        per: people that a rate is for.
        incidence: the rates from which on the second, third and fourth class of incidence begin.
        adults_percent: of adults with a dose, from which on the coverage is reached.
        elders_age: years from which on somebody counts as old.
        elders_percent: of old people fully vaccinated, below which a level is raised by one.
        reached, missed: the level of each class of incidence by whether the coverage is reached.
    """

    id: str
    source: str
    incidence: tuple[float, ...]
    reached: tuple[int, ...]
    missed: tuple[int, ...]
    days: int = 7
    per: int = 100_000
    adults_percent: float = 70
    elders_age: int = 50
    elders_percent: float = 80

    def __post_init__(self) -> None:
        if len(self.incidence) != LEVELS - 1 or sorted(set(self.incidence)) != [*self.incidence]:
            raise ValueError(f"[epidemic.risk] incidence: must be {LEVELS - 1} rising rates")
        for name in ("reached", "missed"):
            levels = getattr(self, name)
            if len(levels) != LEVELS or not all(1 <= level <= LEVELS for level in levels):
                raise ValueError(
                    f"[epidemic.risk] {name}: must be {LEVELS} levels from 1 to {LEVELS}"
                )
        if not 18 <= self.elders_age <= 120:
            raise ValueError("[epidemic.risk] elders_age: must be 18 to 120 years")
        if not 1 <= self.days <= 28 or self.per < 1:
            raise ValueError("[epidemic.risk] days must be 1 to 28, per at least 1")


@dataclass(frozen=True, slots=True)
class EpidemicRules:
    """What the province says of its epidemic.

    Attributes:
        late_after_days: days after the day it is about, from which on a report is late.
        result_hours: that a sample may wait for its result.
        risk: None: levels of risk are not computed.
        interval: None: reproduction numbers are not computed.
    """

    late_after_days: int = 1
    result_hours: float = 48
    risk: RiskRule | None = None
    interval: Interval | None = None

    def to_json(self) -> str:
        """What the database's functions read."""
        return orjson.dumps(asdict(self)).decode()


def epidemic_rules(settings: Mapping[str, Any]) -> EpidemicRules:
    """The rules from the settings under `epidemic`; without any, what can be said without.

    Raises:
        KeyError, TypeError, ValueError: a setting is missing or wrong.
    """
    late, hours = int(settings.get("late_after_days", 1)), float(settings.get("result_hours", 48))
    if late < 0 or hours <= 0:
        raise ValueError("[epidemic] late_after_days, result_hours: must be positive")
    risk, interval = settings.get("risk"), settings.get("serial_interval")
    return EpidemicRules(
        late_after_days=late,
        result_hours=hours,
        risk=None if risk is None else _risk(risk),
        interval=None
        if interval is None
        else Interval(
            float(interval["mean_days"]), float(interval["sd_days"]), str(interval["source"])
        ),
    )


def _risk(settings: Mapping[str, Any]) -> RiskRule:
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in settings.items()
    }
    return RiskRule(**given)
