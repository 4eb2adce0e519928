"""Refused edits as problems: the layer, the columns and the rules, never the database's text."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable
from typing import Any, TypeVar

from api.identify import challenge
from api.ogc.queries import no_feature
from api.problems import Problem, as_problem
from layers.history import UnknownState
from layers.layer import Layer
from layers.refusals import (
    Contended,
    Invalid,
    MatchRequired,
    NoFeature,
    NotAllowed,
    Refused,
    Stale,
)
from layers.roles import Caller
from layers.validation import Fault

Result = TypeVar("Result")

_DENIED = {
    "role": "Your account may not do this in the layer {layer!r}.",
    "row": "Your account may not change this feature of {layer!r}: it lies outside of your part.",
    "key": "The key that was shown may only read; {layer!r} was not changed.",
}


def sign_in(layer: Layer) -> Problem:
    """The answer to the public where an account is needed."""
    said = f"Sign in to change the layer {layer.id!r} or to see its history."
    # A browser would ask for a password in a window of its own if it were offered Basic.
    return challenge(said, basic=False)


async def answered(work: Awaitable[Result], layer: Layer, caller: Caller, name: str) -> Result:
    """The outcome of an edit.

    Args:
        name: the feature's id as the address has it.

    Raises:
        Problem: it was refused, and why.
    """
    try:
        return await work
    except Refused as refused:
        raise _problem(refused, layer, caller, name) from refused
    except UnknownState:
        raise Problem(
            409, f"The feature was not there at that version of {layer.id!r}, or it is not known."
        ) from None


def _problem(refused: Refused, layer: Layer, caller: Caller, name: str) -> Problem:
    if isinstance(refused, NotAllowed):
        if caller.account is None:
            return sign_in(layer)
        problem = Problem(403, _DENIED[refused.because].format(layer=layer.id))
        if refused.indexes:
            problem.members["features"] = list(refused.indexes)
        return problem
    if isinstance(refused, NoFeature):
        return no_feature(layer, name)
    if isinstance(refused, MatchRequired):
        return Problem(
            428,
            f"An edit of {layer.id!r} must say by If-Match which version it was made from;"
            " the ETag of the feature names it.",
        )
    if isinstance(refused, Stale):
        return _stale(refused, layer)
    if isinstance(refused, Contended):
        return as_problem(refused)
    assert isinstance(refused, Invalid)
    return _invalid(refused, layer)


def _stale(stale: Stale, layer: Layer) -> Problem:
    said = "is gone" if stale.current is None else "has changed"
    return Problem(
        412,
        f"The feature of {layer.id!r} {said} since the version that the edit was made from.",
        yours=stale.yours,
        current=stale.current,
    )


def _invalid(invalid: Invalid, layer: Layer) -> Problem:
    errors = [error_of(fault) for fault in invalid.faults]
    many = len(errors)
    what = f"{many} value{'s' * (many > 1)} of {layer.id!r}"
    if invalid.conflict:
        return Problem(409, f"{what} in conflict with what is there; see `errors`.", errors=errors)
    broken = "break rules" if many > 1 else "breaks a rule"
    return Problem(422, f"{what} {broken}; see `errors`.", errors=errors)


def error_of(fault: Fault) -> dict[str, Any]:
    """What is wrong, as a member of `errors`."""
    """What is wrong, as a member of `errors`."""
    error: dict[str, Any] = {
        "column": fault.column,
        "value": fault.value,
        "rule": {"vi": fault.rule.vi, "en": fault.rule.en},
    }
    return error if fault.index is None else {**error, "index": fault.index}


def tag(layer: Layer, version: int, body: bytes) -> str:
    """The ETag of an answer to an edit: it names the version, as those of reads do."""
    return f'"{layer.id}:{version}.{hashlib.blake2b(body, digest_size=9).hexdigest()}"'
