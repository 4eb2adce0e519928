"""`GET /api/registers` and `…/places`: what a page of registers is made from."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.forms import form_column
from api.ogc.operations import read
from api.registers.desk import keeper, staff, told
from api.services import services
from layers.accounts import districts_of
from layers.layer import Column, Record, Text
from layers.registers.catalogue import registers_of
from layers.registers.keeping import reached
from layers.registers.places import communes, places
from layers.registers.queries import filter_columns
from layers.registers.record import WRITE_ONLY, Action, Register


async def registers(request: Request) -> Response:
    """`GET /api/registers`: the registers that the caller keeps, with their forms and actions."""
    caller = staff(request)
    read(request, {})
    served = services(request)
    found = registers_of(served.province)
    names = await reached(served.database, found, caller)
    return told(
        {
            "registers": [_register(found[name], caller.read_only) for name in names],
            "timeZone": str(served.province.time_zone),
        }
    )


def _register(register: Register, read_only: bool) -> dict[str, Any]:
    adding = register.adding
    writes = not read_only
    created = register.written(creating=True)
    changed = register.written(creating=False)
    columns = [
        {
            **form_column(
                register,
                column,
                writable=writes and column.name in (*created, *changed),
                once=column.name in register.once,
            ),
            "told": column.name not in WRITE_ONLY,
        }
        for column in register.columns
    ]
    return {
        "id": register.id,
        "theme": _text(register.theme.title),
        "title": _text(register.title),
        "description": _text(register.description),
        "titleColumn": register.title_column,
        "stateColumn": register.state,
        "sort": f"{'-' if register.last_first else ''}{register.sort}",
        "openedWith": dict(register.opened_with),
        "listed": list(register.listed or (register.title_column, register.sort)),
        "adding": None if adding is None or not writes else _text(adding),
        "removes": register.removes and writes,
        "revives": bool(register.revived) and writes,
        "figures": register.figures,
        "filters": list(filter_columns(register)),
        "columns": columns,
        "actions": [_action(register, one) for one in register.actions] if writes else [],
    }


def _action(register: Register, action: Action) -> dict[str, Any]:
    facts = register.facts(action)
    return {
        "id": action.id,
        "title": _text(action.title),
        "states": list(action.states),
        "confirm": None if action.confirm is None else _text(action.confirm),
        "grave": action.grave,
        "columns": [_fact(facts, column) for column in action.fields],
    }


def _fact(facts: Record, column: Column) -> dict[str, Any]:
    return form_column(facts, column, writable=True)


async def places_of(request: Request) -> Response:
    """`GET /api/registers/{register}/places`: the places and communes that its forms offer."""
    _, register = await keeper(request)
    read(request, {})
    async with services(request).database.acting(staff(request), read_only=True) as connection:
        offered = await places(connection, register)
        units = await communes(connection)
    return told(
        {
            "places": [
                {"value": one.value, "title": _text(one.title), "code": one.code, "own": one.own}
                for one in offered
            ],
            "communes": [{"value": code, "title": name} for code, name in units],
            "districts": [
                {"value": code, "title": name}
                for code, name in districts_of(services(request).province).items()
            ],
        }
    )


def _text(text: Text) -> dict[str, str]:
    return {"vi": text.vi, "en": text.en}
