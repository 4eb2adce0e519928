"""Registers as files: the form to fill in, and whole exports, written by a process apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from layers.exporting import notes, psycopg2_text
from layers.layer import Column, sql_type
from layers.province import Province
from layers.registers.queries import Listing, count_sql, export_sql
from layers.registers.record import Register
from layers.roles import Caller, Role
from layers.writing.plan import MAX_ROWS, NATIVE, Plan


def template_columns(register: Register) -> tuple[Column, ...]:
    """The columns of the form, in the order of the record."""
    return tuple(register.column(name) for name in register.written(creating=True))


def template_plan(database_url: str, province: Province, register: Register, path: Path) -> Plan:
    """The form to fill in: the heads in Vietnamese, and a sheet that explains them."""
    columns = template_columns(register)
    return _plan(
        database_url,
        province,
        register,
        path,
        heads=tuple(column.title.vi for column in columns),
        rows=("SELECT WHERE false", []),
        count=("SELECT 0", []),
        notes=notes(columns),
    )


def export_plan(
    database_url: str, province: Province, caller: Caller, listing: Listing, path: Path
) -> Plan:
    """All rows that a listing matches and the caller keeps."""
    register = listing.register
    columns = register.told
    names = [column.name for column in columns]
    native = _casts(register, names)
    return _plan(
        database_url,
        province,
        register,
        path,
        heads=tuple(names),
        rows=psycopg2_text(export_sql(listing, native)),
        count=psycopg2_text(count_sql(listing, MAX_ROWS + 1)),
        notes=notes(columns),
        role=caller.role.database_role,
        account=caller.account,
    )


def _casts(register: Register, names: list[str]) -> list[tuple[str, str]]:
    """The columns, and how each is cast so that a sheet can hold it."""
    return [(name, "" if sql_type(register, name) in NATIVE else "::text") for name in names]


def _plan(
    database_url: str, province: Province, register: Register, path: Path, **parts: Any
) -> Plan:
    given = {"role": Role.PUBLIC.database_role, **parts}
    return Plan(
        database_url=database_url,
        path=path,
        layer=register.id,
        geometry_type="",
        crs=0,
        named_crs=False,
        time_zone=province.time_zone,
        most=MAX_ROWS if path.suffix.lower() == ".xlsx" else None,
        **given,
    )
