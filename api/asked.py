"""Forms that everybody fills in without a script: fields read into a model, faults beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from api.auth import bodies
from api.ogc.view import View
from api.present import Unit
from api.problems import Problem
from api.sos.given import Given, faults_of
from layers.layer import CodeList

Body = TypeVar("Body", bound=Given)
Written = dict[str, Any]
"""What was written, as the form shows it again: a text by field, a list where many are ticked."""


def written(fields: Mapping[str, list[str]], *, lists: Iterable[str] = ()) -> Written:
    """What a form brought.

    Args:
        lists: the fields of which several may be ticked.
    """
    many = frozenset(lists)
    return {
        name: values if name in many else bodies.one(fields, name).strip()
        for name, values in fields.items()
    }


def whole(text: str) -> int | str | None:
    """A whole number; what is none stays, so that it is told of; nothing is None."""
    if not text:
        return None
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else text


def checked(model: type[Body], values: Mapping[str, Any]) -> Body | list[dict[str, str]]:
    """The model, or what is wrong by field, in both languages. What is None was not given."""
    try:
        return model.model_validate({k: v for k, v in values.items() if v is not None})
    except ValidationError as error:
        return faults_of(error)


def told(view: View, faults: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """What is wrong by field, in the language of the page, the first fault of each."""
    found: dict[str, str] = {}
    for fault in faults:
        found.setdefault(fault["field"].partition(".")[0], view.t(fault["vi"], fault["en"]))
    return found


def sentence(view: View, text: str) -> str:
    """A sentence in both languages, in that of the page."""
    vi, _, en = text.partition(" / ")
    return view.t(vi, en or vi)


def faults_in(problem: Problem) -> list[dict[str, str]]:
    """What a problem says is wrong by field."""
    return list(problem.members.get("errors", []))


def options(view: View, codes: CodeList) -> list[tuple[str, str]]:
    """The codes of a list with what people read."""
    return [(code.value, view.say(code.title)) for code in codes.codes]


def communes(units: Mapping[str, Unit]) -> list[tuple[str, str]]:
    """The communes of today with their names."""
    return [(code, unit.name) for code, unit in units.items() if unit.level == "commune"]
