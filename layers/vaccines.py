"""The vaccines and priority groups of a province, as its settings say them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from layers.layer import Code, CodeList, Text

_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class Vaccine:
    """A vaccine.

    Attributes:
        doses: of a whole course.
        least_days: from one dose to the next, at least; 0 for a course of one.
        recommended_days: from one dose to the next, as it is planned.
        least_age: in years.
        completes: the vaccines with whose first dose a course may go on with this one.
        source: where these numbers come from.
    """

    id: str
    title: Text
    doses: int
    least_days: int
    recommended_days: int
    least_age: int
    completes: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class PriorityGroup:
    """People who come before those of the groups after it."""

    id: str
    title: Text


@dataclass(frozen=True, slots=True)
class Vaccination:
    """What a province says of vaccination.

    Attributes:
        observe_minutes: for which people are watched after a dose.
        groups: in the order of their priority.
    """

    observe_minutes: int = 30
    vaccines: tuple[Vaccine, ...] = ()
    groups: tuple[PriorityGroup, ...] = ()

    @property
    def code_lists(self) -> tuple[CodeList, CodeList]:
        """The lists of vaccines and of priority groups."""
        return (
            _listed("vaccines", Text("Vắc-xin", "Vaccine"), self.vaccines),
            _listed("priority_groups", Text("Nhóm ưu tiên", "Priority group"), self.groups),
        )


def _listed(name: str, title: Text, of: Iterable[Vaccine | PriorityGroup]) -> CodeList:
    return CodeList(name, title, tuple(Code(one.id, one.title) for one in of))


def read_vaccination(given: Mapping[str, Any]) -> Vaccination:
    """The section `[vaccination]` of a province's settings.

    Raises:
        KeyError: a setting is missing.
        ValueError: one is wrong; the message names the value and the rule.
    """
    vaccines = tuple(_vaccine(one) for one in given.get("vaccines", ()))
    groups = tuple(
        PriorityGroup(_id(one, "priority group"), _text(one)) for one in given.get("groups", ())
    )
    names = [one.id for one in vaccines]
    for listed in (names, [one.id for one in groups]):
        if len(set(listed)) != len(listed):
            raise ValueError(f"[vaccination] an id is listed twice: {', '.join(listed)}")
    for one in vaccines:
        unknown = set(one.completes) - set(names)
        if unknown:
            raise ValueError(
                f"the vaccine {one.id!r} completes unknown ones: {', '.join(sorted(unknown))}"
            )
    return Vaccination(_number(given, "observe_minutes", 1, 240, 30), vaccines, groups)


def _vaccine(given: Mapping[str, Any]) -> Vaccine:
    least = _number(given, "least_days", 0, 366)
    recommended = _number(given, "recommended_days", 0, 366)
    if recommended < least:
        raise ValueError(f"recommended_days {recommended} must be least_days {least} or more")
    return Vaccine(
        _id(given, "vaccine"),
        _text(given),
        _number(given, "doses", 1, 9),
        least,
        recommended,
        _number(given, "least_age", 0, 120),
        tuple(str(one) for one in given.get("completes", ())),
        str(given["source"]),
    )


def _id(given: Mapping[str, Any], what: str) -> str:
    name = str(given["id"])
    if not _ID.fullmatch(name):
        raise ValueError(f"the {what}'s id {name!r} must be letters a-z, digits and _")
    return name


def _text(given: Mapping[str, Any]) -> Text:
    title = given["title"]
    return Text(str(title["vi"]), str(title["en"]))


def _number(
    given: Mapping[str, Any], name: str, least: int, most: int, default: int | None = None
) -> int:
    value = given.get(name, default)
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"[vaccination] {name} {value!r} must be {least} to {most}")
    return value
