"""The SQL objects of every register, derived from its record: grants, row policies, view, triggers.

Rows are read and written by the same rule: `dieuhanh.reach(register)` gives the keys of the places
that the account keeps, `dieuhanh.place_keys` those that a row has. What is told of the persons
comes through a view that asks the same rule, since nobody reads `private.person`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import orjson

from layers.registers.record import FACTS, PLACE, SCHEMA, Register
from layers.roles import DISTRICT, Role
from spatial.sql import literal, quote

KEEPERS = (Role.OFFICER, Role.ADMIN)
"""The roles that keep registers, as far as rows allow."""
_KEEPERS = ", ".join(role.database_role for role in KEEPERS)
_KEPT = ("id", "version", "commune_code", "district_code", "made_at", "updated_at")


def table_name(register: Register) -> str:
    """The quoted, schema-qualified name of a register's table."""
    return f"{quote(SCHEMA)}.{quote(register.table.name)}"


def view_name(register: Register) -> str:
    """The quoted, schema-qualified name of the view that tells a register's rows."""
    return f"{quote(SCHEMA)}.{quote(f'{register.table.name}_told')}"


def _rule(register: Register, row: str = "") -> str:
    """SQL that decides whether the account keeps a row. What the account may is asked once."""
    keys = f"dieuhanh.place_keys({row}{quote(PLACE)}, {row}district_code)"
    return f"(SELECT dieuhanh.reach({literal(register.id)})) && {keys}"


def ddl(register: Register) -> list[str]:
    """Statements that (re)create what a register's record implies."""
    return [*_grants(register), *_policies(register), *_view(register), *_triggers(register)]


def _grants(register: Register) -> list[str]:
    table = table_name(register)
    statements = [f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"]
    statements += [f"REVOKE ALL ON {table} FROM {role.database_role}" for role in Role]
    statements.append(f"GRANT SELECT ON {table} TO {_KEEPERS}")
    person = ["person_id"] if register.has_person else []
    created, changed = (
        [name for name in register.written(creating=creating) if name in register.table.c]
        for creating in (True, False)
    )
    if register.adding is not None:
        names = _list(["id", *person, *created])
        statements.append(f"GRANT INSERT ({names}) ON {table} TO {_KEEPERS}")
    if not changed and (register.actions or register.has_person):
        # Who acts on a row locks it first, which PostgreSQL lets those do who may change a column
        # of it; this one is the database's own, whatever is written.
        changed = ["version"]
    if changed:
        statements.append(f"GRANT UPDATE ({_list(changed)}) ON {table} TO {_KEEPERS}")
    if register.removes:
        statements.append(f"GRANT DELETE ON {table} TO {_KEEPERS}")
    title = literal(f"{register.title.vi} / {register.title.en}")
    statements.append(f"COMMENT ON TABLE {table} IS {title}")
    stewards: dict[str, list[str]] = {register.steward: [""]}
    for department, kind in register.place_stewards.items():
        stewards.setdefault(department, []).append(kind)
    if register.edited_by_districts:
        # The whole of a district is told apart by the account's own codes.
        stewards.setdefault(DISTRICT, []).append("")
    return [*statements, _record(register, stewards)]


def _record(register: Register, stewards: Mapping[str, Sequence[str]]) -> str:
    """What the database's own functions ask of the record."""
    told = {
        "id": literal(register.id),
        "stewards": f"{literal(orjson.dumps(stewards).decode())}::jsonb",
        "restored": _array(register.restored),
        "revived": _array(register.revived),
        "reason": "NULL" if register.reason is None else literal(register.reason),
    }
    written = ", ".join(f"{name} = excluded.{name}" for name in told if name != "id")
    return (
        f"INSERT INTO register.record ({', '.join(told)}) VALUES ({', '.join(told.values())})"
        f" ON CONFLICT (id) DO UPDATE SET {written}"
    )


def _array(names: Sequence[str]) -> str:
    return f"ARRAY[{', '.join(literal(name) for name in names)}]::text[]"


def _policies(register: Register) -> list[str]:
    table, rule = table_name(register), _rule(register)
    policies = {
        "read": f"FOR SELECT TO {_KEEPERS} USING ({rule})",
        "create": f"FOR INSERT TO {_KEEPERS} WITH CHECK ({rule})",
        "change": f"FOR UPDATE TO {_KEEPERS} USING ({rule}) WITH CHECK ({rule})",
        "remove": f"FOR DELETE TO {_KEEPERS} USING ({rule})",
    }
    statements = []
    for name, policy in policies.items():
        statements.append(f"DROP POLICY IF EXISTS dieuhanh_{name} ON {table}")
        statements.append(f"CREATE POLICY dieuhanh_{name} ON {table} {policy}")
    return statements


def _view(register: Register) -> list[str]:
    """The rows with what is known of the persons, and the computed columns."""
    view = view_name(register)
    columns = [f"t.{quote(name)}" for name in dict.fromkeys((*register.own, *_KEPT))]
    source = f"{table_name(register)} AS t"
    if register.has_person:
        columns += [
            f"p.{quote(kept)} AS {quote(name)}"
            for name, kept in FACTS.items()
            if name in register.by_name
        ]
        join = "JOIN" if register.needs_person else "LEFT JOIN"
        source += f" {join} private.person AS p ON p.id = t.person_id"
    columns += [f"({sql}) AS {quote(name)}" for name, (sql, _) in register.computed.items()]
    searched = ", ".join(
        (
            f"p.{quote(FACTS[column.name])}"
            if register.is_of_person(column.name)
            else f"t.{quote(column.name)}"
        )
        for column in register.told
        if column.in_search
    )
    columns.append(f"dieuhanh.fold(concat_ws(' ', {searched or 'NULL'})) AS search")
    return [
        f"DROP VIEW IF EXISTS {view}",
        f"CREATE VIEW {view} WITH (security_barrier) AS SELECT {', '.join(columns)}"
        f" FROM {source} WHERE {_rule(register, 't.')}",
        *(f"REVOKE ALL ON {view} FROM {role.database_role}" for role in Role),
        f"GRANT SELECT ON {view} TO {_KEEPERS}",
    ]


def _triggers(register: Register) -> list[str]:
    table, name = table_name(register), literal(register.id)
    # Triggers of one kind fire in the order of their names: this comes before the register's own.
    statements = [
        f"CREATE OR REPLACE TRIGGER a_keep BEFORE INSERT OR UPDATE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION register.keep_row()",
        f"CREATE OR REPLACE TRIGGER a_note AFTER INSERT OR UPDATE OR DELETE ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION register.note_change({name})",
    ]
    indexed = [(PLACE,), (register.sort, "id")] if register.sort in register.table.c else [(PLACE,)]
    if register.has_person:
        indexed.append(("person_id",))
    for columns in indexed:
        index = quote(f"ix_{register.table.name}_{columns[0]}"[:63])
        names = _list(columns)
        statements.append(f"CREATE INDEX IF NOT EXISTS {index} ON {table} ({names})")
    return statements


def _list(names: list[str] | tuple[str, ...]) -> str:
    return ", ".join(quote(name) for name in names)
