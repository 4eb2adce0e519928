"""Who asks: roles, what columns each may read, and a caller with departments and districts.

PostgreSQL decides what a caller may do: each role is a database role with grants and row-level
security derived from the layer records (`layers/policy.py`). Nothing here is a second check.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from layers.layer import Audience, Text


class Role(StrEnum):
    """What a person does here."""

    PUBLIC = "public"
    VIEWER = "viewer"
    ANALYST = "analyst"
    OFFICER = "officer"
    RESCUER = "rescuer"
    OPERATOR = "operator"
    COORDINATOR = "coordinator"
    ADMIN = "admin"

    @property
    def label(self) -> Text:
        """What people read."""
        return _TITLES[self]

    @property
    def database_role(self) -> str:
        """The PostgreSQL role that this role acts as."""
        return f"dieuhanh_{self.value}"

    @property
    def audience(self) -> Audience:
        """The most private columns that the role may read."""
        return _AUDIENCES[self]


_TITLES = {
    Role.PUBLIC: Text("Công chúng", "Public"),
    Role.VIEWER: Text("Lãnh đạo (xem)", "Viewer (leadership)"),
    Role.ANALYST: Text("Phân tích viên", "Analyst"),
    Role.OFFICER: Text("Cán bộ sở, ngành, huyện", "Department officer"),
    Role.RESCUER: Text("Đội cứu hộ", "Rescuer"),
    Role.OPERATOR: Text("Tổng đài viên 1022", "Hotline operator"),
    Role.COORDINATOR: Text("Điều phối cứu hộ", "Rescue coordinator"),
    Role.ADMIN: Text("Quản trị", "Administrator"),
}
_AUDIENCES = {
    Role.PUBLIC: Audience.PUBLIC,
    Role.VIEWER: Audience.STAFF,
    Role.ANALYST: Audience.STAFF,
    Role.OFFICER: Audience.STAFF,
    Role.RESCUER: Audience.COORDINATION,
    Role.OPERATOR: Audience.COORDINATION,
    Role.COORDINATOR: Audience.COORDINATION,
    Role.ADMIN: Audience.COORDINATION,
}

READER = {
    Audience.PUBLIC: Role.PUBLIC,
    Audience.STAFF: Role.VIEWER,
    Audience.COORDINATION: Role.COORDINATOR,
}
"""A role that reads what an audience may, for readers who are no one caller (exports)."""

READERS = ", ".join(role.database_role for role in Role)
"""All database roles, as a GRANT lists them: everybody reads what is public."""

DISTRICT = "district"
"""The department of a district's officers; the district itself is in `Caller.districts`."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request.

    Attributes:
        role: what the caller may do in general.
        account: the number of the account; None for the public.
        login: the account's name, for pages and the audit trail.
        departments: the stewards whose layers an officer edits, `DISTRICT` among them.
        districts: the codes of the districts an officer works in; empty: the whole province.
        layers: the layers an officer is limited to; empty: all of the departments'.
        read_only: whether the key that was shown does not allow changes.
    """

    role: Role = Role.PUBLIC
    account: int | None = None
    login: str = ""
    departments: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    read_only: bool = False

    @property
    def audience(self) -> Audience:
        """The most private columns that the caller may read."""
        return self.role.audience

    def to_json(self) -> dict[str, Any]:
        """The caller as JSON, for a process of ours that acts for it."""
        return {**asdict(self), "role": self.role.value}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Caller:
        """The caller that `to_json` wrote."""
        lists = {name: tuple(kept[name]) for name in ("departments", "districts", "layers")}
        return cls(**{**kept, **lists, "role": Role(kept["role"])})


ANYONE = Caller()
"""The public."""
