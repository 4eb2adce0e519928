"""What a caller sends as a feature, held against the layer's record: every fault, by column.

The record says what the database will check as well, so that a person is told of all that is
wrong at once and in words, and not of the first constraint by its name.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from layers.layer import Column, Layer, Record, Text, sql_type
from layers.outlines import BadShape, read_shape
from layers.policy import writable_columns
from layers.roles import Role
from spatial.crs import Crs
from spatial.errors import shown

LONGEST_TEXT = 10_000
"""Characters of a text whose column names no limit of its own."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INTEGERS = {sa.SmallInteger: 2**15 - 1, sa.BigInteger: 2**63 - 1}

MISSING = Text("bắt buộc phải có giá trị", "a value is required")
READ_ONLY = Text(
    "cột này do máy chủ tự ghi, không sửa được", "this column is the server's own to write"
)
UNCHANGING = Text(
    "mã của đối tượng không bao giờ đổi; phải trùng với mã trong địa chỉ",
    "a feature's id never changes; it must be the one in the address",
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a feature.

    Attributes:
        column: the column, `geometry`, or None where the feature as a whole is at fault.
        value: what was sent, as it can be shown.
        rule: the rule that it breaks.
        index: which feature of a batch, from 0.
    """

    column: str | None
    value: Any
    rule: Text
    index: int | None = None


class BadValue(ValueError):
    """A value breaks a rule of its column."""

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(en)
        self.rule = Text(vi, en)


@dataclass(slots=True)
class Draft:
    """What is to be written of one feature, and what is wrong with it.

    Attributes:
        identifier: the id that the client made; None: the database makes it.
        values: by column; a column that is absent gets its default, or stays as it is.
        shape: the geometry as hexadecimal EWKB in EPSG:4326; None where none was sent.
        kept: read-only values that were sent, to be compared with what is stored.
    """

    identifier: Any = None
    values: dict[str, Any] = field(default_factory=dict)
    shape: str | None = None
    kept: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, column: str | None, value: Any, rule: Text) -> None:
        """Add what is wrong."""
        self.faults.append(Fault(column, presentable(value), rule))


def presentable(value: Any) -> Any:
    """A value as an error shows it: small, and itself if it is plain."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float) and abs(value) < 1e15:
        return value
    return shown(value)


class RowReceiver:
    """Reads the values of rows that are sent, each column by its rules.

    Args:
        record: the record.
        columns: those that the sender knows of.
        writable: the names of those that the sender may write.
        time_zone: of times that tell none.
    """

    def __init__(
        self,
        record: Record,
        columns: Iterable[Column],
        writable: Collection[str],
        time_zone: tzinfo,
    ) -> None:
        self._record = record
        self._columns = {column.name: column for column in columns}
        self._writable = {name for name in writable if name in self._columns}
        self._zone = time_zone

    def new_row(self, values: Any) -> Draft:
        """A new row: what is absent or null gets its default, what has none is missed."""
        draft = self._values(values)
        self._complete(draft, dropping_null=True)
        return draft

    def changed_row(self, values: Any) -> Draft:
        """A part of an existing row (RFC 7396); null empties a column."""
        draft = self._values(values)
        self._missed(draft)
        return draft

    def _missed(self, draft: Draft) -> None:
        for name, value in draft.values.items():
            if value is None and not self._record.held(name).nullable:
                draft.fault(name, None, MISSING)

    def _values(self, given: Any) -> Draft:
        draft = Draft()
        if given is None:
            given = {}
        if not isinstance(given, Mapping):
            rule = Text("phải là một đối tượng JSON", "must be a JSON object")
            draft.fault("properties", given, rule)
            return draft
        for name, value in given.items():
            column = self._columns.get(name)
            if column is None:
                rule = Text(
                    f"{self._record.id} không có cột này", f"{self._record.id} has no such column"
                )
                draft.fault(shown(name), value, rule)
                continue
            try:
                read = self._read(column, value)
            except BadValue as error:
                draft.fault(name, value, error.rule)
                continue
            (draft.values if name in self._writable else draft.kept)[name] = read
        return draft

    def _complete(self, draft: Draft, *, dropping_null: bool) -> None:
        at_fault = {fault.column for fault in draft.faults}
        for name in self._columns:
            if name not in self._writable:
                continue
            held = self._record.held(name)
            absent = draft.values.get(name) is None
            if absent and not held.nullable:
                if dropping_null:
                    draft.values.pop(name, None)
                if held.server_default is None and name not in at_fault:
                    draft.fault(name, None, MISSING)

    def _read(self, column: Column, given: Any) -> Any:
        if given is None:
            return None
        value = self._typed(column, given)
        if column.codes is not None and value not in column.codes.values:
            known = ", ".join(column.codes.values)
            raise BadValue(f"phải là một trong: {known}", f"must be one of: {known}")
        low, high = column.minimum, column.maximum
        if low is not None and value < low:
            raise BadValue(f"phải từ {low:,.15g} trở lên", f"must be {low:,.15g} or more")
        if high is not None and value > high:
            raise BadValue(f"phải từ {high:,.15g} trở xuống", f"must be {high:,.15g} or less")
        return value

    def _typed(self, column: Column, given: Any) -> Any:
        held = self._record.held(column.name)
        match sql_type(self._record, column.name):
            case "int8":
                return _whole(given, largest(held.type))
            case "float8":
                return _number(given)
            case "bool":
                if not isinstance(given, bool):
                    raise BadValue("phải là true hoặc false", "must be true or false")
                return given
            case "timestamptz":
                return _moment(given, self._zone)
            case "date":
                return _day(given)
            case "uuid":
                return _uuid(given)
        return _text(given, column.max_length or LONGEST_TEXT, blank=bool(held.nullable))


class Receiver(RowReceiver):
    """Reads the features that a role sends to a layer.

    Args:
        layer: the record.
        role: decides which columns exist, and which may be written.
        crs: of the coordinates.
        time_zone: of times that tell none.
        vertices: positions of a geometry at most.
    """

    def __init__(
        self, layer: Layer, role: Role, crs: Crs, time_zone: tzinfo, vertices: int
    ) -> None:
        written = set(writable_columns(layer, role)) - {layer.id_column}
        super().__init__(layer, layer.readable(role.audience), written, time_zone)
        self._layer = layer
        self._crs = crs
        self._vertices = vertices
        self._placed = layer.area_column is None

    def created(self, feature: Mapping[str, Any]) -> Draft:
        """A new feature: what is absent or null gets its default, what has none is missed."""
        draft = self._values(feature.get("properties"))
        self._own_identifier(feature, draft)
        self._complete(draft, dropping_null=True)
        self._geometry(feature, draft, required=self._placed)
        return draft

    def replaced(self, feature: Mapping[str, Any]) -> Draft:
        """The whole of an existing feature; columns that are absent get their defaults."""
        draft = self._values(feature.get("properties"))
        self._same_identifier(feature, draft)
        self._complete(draft, dropping_null=True)
        self._geometry(feature, draft, required=self._placed)
        return draft

    def merged(self, patch: Mapping[str, Any]) -> Draft:
        """A part of an existing feature (RFC 7396); null empties a column."""
        draft = self._values(patch.get("properties"))
        self._same_identifier(patch, draft)
        self._missed(draft)
        self._geometry(patch, draft, required=self._placed and "geometry" in patch)
        return draft

    def _own_identifier(self, feature: Mapping[str, Any], draft: Draft) -> None:
        """The id of a new feature: a UUID or a code that the client made; never a number."""
        layer = self._layer
        name = layer.id_column
        in_properties = draft.kept.pop(name, None)
        given = feature.get("id")
        for other, value in draft.kept.items():
            if value is not None:
                draft.fault(other, value, READ_ONLY)
        if layer.table.c[name].identity is not None:
            # The database counts; an id that came along with a copied feature means nothing.
            if in_properties is not None:
                draft.fault(name, in_properties, READ_ONLY)
            return
        if given is not None:
            try:
                given = self._read(self._columns[name], given)
            except BadValue as error:
                draft.fault(name, given, error.rule)
                return
            if in_properties not in (None, given):
                draft.fault(name, in_properties, UNCHANGING)
        draft.identifier = in_properties if given is None else given
        if draft.identifier is None and layer.table.c[name].server_default is None:
            draft.fault(name, None, MISSING)

    def _same_identifier(self, feature: Mapping[str, Any], draft: Draft) -> None:
        """An id that was sent is compared with the one in the address, as read-only values are."""
        name = self._layer.id_column
        if feature.get("id") is None:
            return
        try:
            given = self._read(self._columns[name], feature["id"])
        except BadValue:
            draft.fault(name, feature["id"], UNCHANGING)
            return
        if draft.kept.setdefault(name, given) != given:
            draft.fault(name, feature["id"], UNCHANGING)

    def _geometry(self, feature: Mapping[str, Any], draft: Draft, *, required: bool) -> None:
        given = feature.get("geometry")
        if given is None:
            if required:
                draft.fault("geometry", None, MISSING)
            return
        try:
            draft.shape = read_shape(given, self._layer.geometry_type, self._crs, self._vertices)
        except BadShape as error:
            draft.fault("geometry", error.value, error.rule)


def compare_kept(layer: Layer, draft: Draft, stored: Mapping[str, Any]) -> None:
    """Add a fault for each read-only value that was sent and is not what is stored."""
    for name, value in draft.kept.items():
        if value is not None and value != stored[name]:
            draft.fault(name, value, UNCHANGING if name == layer.id_column else READ_ONLY)


def readonly_columns(layer: Layer, role: Role) -> Collection[str]:
    """The columns that a role reads and does not write, the id among them."""
    written = set(writable_columns(layer, role)) - {layer.id_column}
    return [c.name for c in layer.readable(role.audience) if c.name not in written]


def largest(kind: Any) -> int:
    """The largest whole number that a column of an integer type holds."""
    return next((limit for type_, limit in _INTEGERS.items() if isinstance(kind, type_)), 2**31 - 1)


def _whole(given: Any, limit: int) -> int:
    if isinstance(given, float) and given.is_integer():
        given = int(given)
    if isinstance(given, bool) or not isinstance(given, int):
        raise BadValue("phải là số nguyên", "must be a whole number")
    if abs(given) > limit:
        raise BadValue("số quá lớn", "the number is too large")
    return given


def _number(given: Any) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise BadValue("phải là một số", "must be a number")
    try:
        value = float(given)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise BadValue("phải là một số hữu hạn", "must be a finite number")
    return value


def _moment(given: Any, zone: tzinfo) -> datetime:
    try:
        if not isinstance(given, str) or not _DATE.match(given):
            raise ValueError
        moment = datetime.fromisoformat(given)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        # The tables keep seconds.
        return moment.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        raise BadValue(
            "phải là thời điểm, ví dụ 2021-08-15T14:00:00+07:00",
            "must be a time, e.g. 2021-08-15T14:00:00+07:00",
        ) from None


def _day(given: Any) -> date:
    try:
        if not isinstance(given, str) or not _DATE.fullmatch(given):
            raise ValueError
        return date.fromisoformat(given)
    except ValueError:
        raise BadValue(
            "phải là ngày, ví dụ 2021-08-15", "must be a date, e.g. 2021-08-15"
        ) from None


def _uuid(given: Any) -> UUID:
    try:
        return UUID(given if isinstance(given, str) else "")
    except ValueError:
        raise BadValue("phải là mã UUID", "must be a UUID") from None


def _text(given: Any, longest: int, *, blank: bool) -> str:
    if not isinstance(given, str):
        raise BadValue("phải là chuỗi ký tự", "must be a text")
    text = unicodedata.normalize("NFC", given)
    if any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in text):
        raise BadValue("có ký tự không lưu được", "holds a character that cannot be stored")
    if len(text) > longest:
        raise BadValue(f"dài quá {longest} ký tự", f"is longer than {longest} characters")
    if not blank and not text.strip():
        raise BadValue(MISSING.vi, MISSING.en)
    return text
