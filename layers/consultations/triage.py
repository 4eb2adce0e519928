"""The rule of the order in which people are called back, written as data in `data/triage.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from layers.consultations.codes import SYMPTOM
from layers.layer import Text

FILE = Path(__file__).resolve().parents[2] / "data" / "triage.toml"
ROUTINE = 4
DANGER = 1


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides the order.

    Attributes:
        spo2: the saturation of oxygen in %, None if unknown.
        conditions: codes of chronic conditions.
    """

    symptoms: Collection[str]
    age: int
    spo2: int | None = None
    pregnant: bool = False
    conditions: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: whoever meets any part of `when` is at its level or before.

    Attributes:
        level: from 1, who is called first, to 3.
        source: where it is from.
    """

    id: str
    level: int
    title: Text
    source: str
    symptoms: frozenset[str] = frozenset()
    spo2_below: int | None = None
    age_from: int | None = None
    pregnant: bool = False
    conditions: bool = False

    def meets(self, facts: Facts) -> bool:
        """Whether the facts meet it."""
        return (
            not self.symptoms.isdisjoint(facts.symptoms)
            or (self.spo2_below is not None and facts.spo2 is not None
                and facts.spo2 < self.spo2_below)
            or (self.age_from is not None and facts.age >= self.age_from)
            or (self.pregnant and facts.pregnant)
            or (self.conditions and bool(facts.conditions))
        )  # fmt: skip


def read_rules(text: str) -> tuple[Rule, ...]:
    """The rules of a file.

    Raises:
        ValueError: a rule names a code that there is not, or a level that there is not.
    """
    found = []
    for one in tomllib.loads(text)["rules"]:
        when: dict[str, Any] = dict(one["when"])
        symptoms = frozenset(when.pop("symptoms", ()))
        if not symptoms <= set(SYMPTOM.values):
            raise ValueError(f"triage rule {one['id']}: {sorted(symptoms)} are not all symptoms")
        if one["level"] not in range(DANGER, ROUTINE):
            raise ValueError(f"triage rule {one['id']}: level {one['level']} is not 1 to 3")
        rule = Rule(
            one["id"], one["level"], Text(**one["title"]), one["source"], symptoms, **when
        )  # fmt: skip
        found.append(rule)
    return tuple(found)


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """The rules that hold."""
    return read_rules(FILE.read_text(encoding="utf-8"))


def danger_signs() -> frozenset[str]:
    """The symptoms of which each alone is a danger sign."""
    return frozenset().union(*(rule.symptoms for rule in rules() if rule.level == DANGER))


def triage(facts: Facts) -> tuple[int, tuple[Rule, ...]]:
    """The level of somebody, and the rules that they meet, the gravest first."""
    met = sorted((rule for rule in rules() if rule.meets(facts)), key=lambda rule: rule.level)
    return (met[0].level if met else ROUTINE), tuple(met)
