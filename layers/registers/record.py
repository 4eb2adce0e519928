"""The record of a register: a private table of persons, stays, samples, stock, said once.

Its page, form, import template, export, API and access policy are derived from the record, as a
layer's are from a `Layer`. The table stands in the schema `register`; where rows are about
persons, what is known of a person stands in `private.person`, and the register's columns show it
as if it were its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.schema import SchemaItem

from layers.layer import Code, CodeList, Column, Record, Text
from layers.tables import column_checks, moment

SCHEMA = "register"
"""The PostgreSQL schema of the registers' tables."""

PLACE = "place"
"""The column that says where a row belongs: `<layer>/<feature id>`, or a code of `elsewhere`."""

SEX = CodeList(
    "sex",
    Text("Giới tính", "Sex"),
    (
        Code("female", Text("Nữ", "Female")),
        Code("male", Text("Nam", "Male")),
        Code("other", Text("Khác", "Other")),
    ),
)

PERSON = (
    Column("name", Text("Họ và tên", "Name"), max_length=120, in_search=True),
    Column(
        "birth_year",
        Text("Năm sinh", "Year of birth"),
        unit="{year}",
        minimum=1880,
        maximum=2200,
    ),
    Column("sex", SEX.title, codes=SEX),
    Column("phone", Text("Điện thoại", "Telephone"), max_length=24, in_search=True),
    Column(
        "identity",
        Text("Số giấy tờ tùy thân", "Identity number"),
        Text(
            "CCCD, CMND hoặc hộ chiếu; chỉ để nhận ra người đã có, không lưu và không hiện lại",
            "Identity card or passport; only to find the person again, neither kept nor shown",
        ),
        max_length=40,
    ),
    Column("home_commune", Text("Xã, phường nơi ở", "Home commune"), max_length=16),
    Column("home_address", Text("Địa chỉ nơi ở", "Home address"), max_length=300),
)
"""The columns about a person, which a register includes. `identity` is written and never read."""

WRITE_ONLY = frozenset({"identity"})
"""Columns that are written and never told."""

FACTS: Mapping[str, str] = {
    "name": "name",
    "birth_year": "birth_year",
    "sex": "sex",
    "phone": "phone",
    "home_commune": "commune_code",
    "home_address": "address",
}
"""The column of `private.person` that keeps each of them, but for the identity number."""

_PERSON_TABLE = sa.Table(
    "person_facts",
    sa.MetaData(),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("birth_year", sa.Integer),
    sa.Column("sex", sa.Text),
    sa.Column("phone", sa.Text),
    sa.Column("identity", sa.Text),
    sa.Column("home_commune", sa.Text),
    sa.Column("home_address", sa.Text),
)
"""The types of the columns about a person."""

KEPT = (
    Column("id", Text("Mã dòng", "Row id"), editable=False),
    Column("commune_code", Text("Xã, phường", "Commune"), editable=False),
    Column("district_code", Text("Quận, huyện", "District"), editable=False),
    Column("made_at", Text("Ghi lúc", "Entered"), editable=False),
    Column("updated_at", Text("Cập nhật lúc", "Updated"), editable=False),
)
"""The columns that the database keeps for each register, after the register's own."""

metadata = sa.MetaData(
    schema=SCHEMA, naming_convention={"ck": "ck_%(table_name)s_%(constraint_name)s"}
)
"""The tables of all registers."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something that is done to a row: a button, and a function that checks and does it.

    Attributes:
        id: the function is `dieuhanh.<register>_<id>(row uuid, facts jsonb)`.
        fields: what the person fills in.
        kinds: the types of those that are no column of the register's table.
        needed: the names of those that must be filled in.
        states: in which states of the row there is the button; empty: in all.
        confirm: what is asked before it is done; None: nothing.
        grave: whether it cannot be taken back, and looks so.
    """

    id: str
    title: Text
    fields: tuple[Column, ...] = ()
    kinds: Mapping[str, Any] = field(default_factory=dict)
    needed: frozenset[str] = frozenset()
    states: tuple[str, ...] = ()
    confirm: Text | None = None
    grave: bool = False


@dataclass(frozen=True, eq=False, kw_only=True)
class Register(Record):
    """A register. Whoever may work on a row may also read it, and nobody else.

    Attributes:
        adding: what is said of making a row; None: nobody makes rows by hand.
        removes: whether rows may be deleted.
        forgets: whether what is deleted is forgotten, and never comes back.
        has_person: whether rows are about persons.
        needs_person: whether each of them is.
        finds_person: whether a new row is about a person who is known already: what is said of
            them finds them, and changes nothing.
        places: the layers whose features rows belong to.
        elsewhere: places that are features of no layer.
        place_stewards: departments beside the steward, and the kind of place (a layer's id or a
            code of `elsewhere`) whose rows they see and keep.
        once: columns that only who makes the row writes.
        restores: columns, beside those that are edited, which an earlier state brings back; the
            table's own triggers must hold every rule about them.
        reason: the column that keeps why a row was last changed; None: there is none.
        computed: SQL over `t`, the row, for columns that are in no table, with their types.
        actions: what may be done to a row.
        listed: the columns of a list, the title first.
        figures: the address of its figures; None: it has none.
        state: the column of the row's state.
        sort: the column that rows are listed by.
        last_first: whether the last of these come first.
        opened_with: the filter that the page begins with, by column.
        province_lists: columns whose codes are the province's own list of that name.
    """

    adding: Text | None = None
    removes: bool = False
    forgets: bool = False
    has_person: bool = True
    needs_person: bool = True
    finds_person: bool = False
    places: tuple[str, ...] = ()
    elsewhere: CodeList | None = None
    place_stewards: Mapping[str, str] = field(default_factory=dict)
    once: frozenset[str] = frozenset()
    restores: tuple[str, ...] = ()
    reason: str | None = None
    computed: Mapping[str, tuple[str, Any]] = field(default_factory=dict)
    actions: tuple[Action, ...] = ()
    listed: tuple[str, ...] = ()
    figures: str | None = None
    state: str | None = None
    sort: str = "made_at"
    last_first: bool = True
    opened_with: Mapping[str, str] = field(default_factory=dict)
    province_lists: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in self.by_name:
            self.held(name)
        for name in (
            self.title_column,
            self.sort,
            self.id_column,
            *self.once,
            *self.restores,
            *self.listed,
            *self.opened_with,
        ):
            if name not in self.by_name:
                raise ValueError(f"register {self.id}: {name} is not among its columns")

    def held(self, name: str) -> sa.Column[Any]:
        """As of `Record`; also of a column about a person, and of a computed one."""
        if name in self.computed:
            return sa.Column(name, self.computed[name][1])
        if self.has_person and name in _PERSON_TABLE.c:
            kept = _PERSON_TABLE.c[name]
            return kept if self.needs_person else sa.Column(name, kept.type)
        found = self.table.c.get(name)
        if found is None:
            raise KeyError(f"register {self.id}: no column {name}")
        return found

    def is_of_person(self, name: str) -> bool:
        """Whether a column is kept with the person and not with the row."""
        return self.has_person and name in _PERSON_TABLE.c

    def is_place(self, value: str) -> bool:
        """Whether a value of `place` names a feature of a layer of the register, or elsewhere."""
        layer, slash, feature = value.partition("/")
        if slash:
            return layer in self.places and re.fullmatch(r"[\w-]{1,36}", feature) is not None
        return self.elsewhere is not None and value in self.elsewhere.values

    @property
    def told(self) -> tuple[Column, ...]:
        """The columns that are read."""
        return tuple(column for column in self.columns if column.name not in WRITE_ONLY)

    @property
    def own(self) -> tuple[str, ...]:
        """The columns of its own table that its record names."""
        return tuple(name for name in self.by_name if name in self.table.c)

    def written(self, *, creating: bool) -> tuple[str, ...]:
        """The columns that who keeps the register writes."""
        if creating and self.adding is None:
            return ()
        return tuple(
            column.name
            for column in self.columns
            if column.editable and (creating or column.name not in self.once)
        )

    @property
    def restored(self) -> tuple[str, ...]:
        """The columns of its own table that an earlier state of a row brings back."""
        edited = [name for name in self.written(creating=False) if name in self.table.c]
        return tuple(dict.fromkeys((*edited, *self.restores)))

    @property
    def revived(self) -> tuple[str, ...]:
        """The columns of its own table that a deleted row comes back with; none: it never does."""
        if not self.removes or self.forgets:
            return ()
        return tuple(one.name for one in self.table.columns if one.name != "updated_at")

    def action(self, name: str) -> Action | None:
        """The action of that id, or None."""
        return next((one for one in self.actions if one.id == name), None)

    def facts(self, action: Action) -> Record:
        """What is filled in for an action, as a record, so that it is shown and checked as one."""
        kinds = {one.name: one.type for one in self.table.columns} | dict(action.kinds)
        held = (
            sa.Column(one.name, kinds[one.name], nullable=one.name not in action.needed)
            for one in action.fields
        )
        return Record(
            id=f"{self.id}/{action.id}",
            theme=self.theme,
            title=action.title,
            description=action.title,
            table=sa.Table(action.id, sa.MetaData(), *held),
            columns=action.fields,
            title_column="",
            steward=self.steward,
            id_column="",
        )

    def with_lists(self, lists: Mapping[str, CodeList]) -> Register:
        """The register with a province's own code lists in its columns and actions."""
        if not self.province_lists:
            return self

        def filled(columns: tuple[Column, ...]) -> tuple[Column, ...]:
            return tuple(
                replace(one, codes=lists[self.province_lists[one.name]])
                if one.name in self.province_lists
                else one
                for one in columns
            )

        actions = tuple(replace(one, fields=filled(one.fields)) for one in self.actions)
        return replace(self, columns=filled(self.columns), actions=actions)


def register_table(
    name: str,
    *items: SchemaItem,
    described_by: tuple[Column, ...],
    has_person: bool = True,
    needs_person: bool = True,
) -> sa.Table:
    """A register's table in the schema `register`, with what every one of them has.

    Args:
        items: the register's own columns and constraints.
        described_by: the records of the columns; codes, ranges and lengths become CHECKs.
        has_person, needs_person: as of `Register`.
    """
    person = [sa.Column("person_id", sa.Uuid, nullable=not needs_person)] if has_person else []
    own = {item.name for item in items if isinstance(item, sa.Column)}
    return sa.Table(
        name,
        metadata,
        sa.Column("id", sa.Uuid, primary_key=True, server_default=sa.text("gen_random_uuid()")),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        *person,
        *items,
        sa.Column("commune_code", sa.Text),
        sa.Column("district_code", sa.Text),
        sa.Column("made_at", moment(), nullable=False, server_default=sa.func.now()),
        sa.Column("updated_at", moment(), nullable=False, server_default=sa.func.now()),
        *(
            check
            for column in described_by
            if column.name in own
            for check in column_checks(column)
        ),
    )
