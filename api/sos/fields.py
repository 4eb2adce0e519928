"""The fields of a post: read by hand, since a post must cost little, with all faults at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson

from api.problems import Problem
from api.sos.position import PositionError, read_position
from layers.layer import Text
from layers.province import Province
from layers.rescue.requests import CATEGORY

COUNTS = ("people", "injured", "children", "elderly")
TEXTS = {"name": 120, "on_behalf_of": 120, "address": 300, "note": 4000}
"""Texts and their lengths at most, in characters."""
MOST_PEOPLE = 10_000
MOST_NEEDS = 20
LONGEST_NEED = 80
FARTHEST_M = 100_000.0

_TOKEN = "token"
"""The field that may carry the secret to follow a request with."""
ADDED_TEXTS = ("name", "on_behalf_of", "address")
"""The texts of a request that can be given later; a note later is one of the timeline."""

_KNOWN = {
    "id", "lon", "lat", "accuracy_m", "category", *COUNTS, "needs", "phone", *TEXTS, "position",
    "commune_code",
}  # fmt: skip
_PHONE = re.compile(r"\d{3,15}")
_LINK = re.compile(r"(?i)\b(?:https?://|www\.)([^\s/]+)")
_MAPS = re.compile(r"(?i)(?:^|\.)(?:google\.[a-z.]+|goo\.gl|openstreetmap\.org|osm\.org)$")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(slots=True)
class Post:
    """What was posted: `row` for the database, and what it is compared and found by."""

    id: UUID
    row: dict[str, Any]
    phone: str | None
    content: bytes
    ignored: list[str]


@dataclass(slots=True)
class Addition:
    """What is added to a request later: `details` for the database, `content` to know it by."""

    id: UUID | None
    details: dict[str, Any]
    phone: str | None
    note: str | None
    cancel: bool
    content: bytes
    ignored: list[str]


@dataclass(slots=True)
class _Reading:
    """The values read so far, and the faults."""

    given: Mapping[str, Any]
    row: dict[str, Any] = field(default_factory=dict)
    faults: list[dict[str, str]] = field(default_factory=list)

    def fault(self, name: str, text: Text) -> None:
        self.faults.append({"field": name, "vi": text.vi, "en": text.en})

    def has(self, name: str) -> bool:
        return self.given.get(name) not in (None, "")


def read_post(given: Mapping[str, Any], province: Province) -> Post:
    """A post from its JSON object or form.

    Raises:
        Problem: 422 with every fault by field, in Vietnamese and English, in `errors`.
    """
    reading = _Reading(given)
    request = _id(reading)
    _category(reading)
    for name in COUNTS:
        _count(reading, name)
    for name, length in TEXTS.items():
        _text(reading, name, length)
    _needs(reading)
    phone = _phone(reading)
    _place(reading, province)
    if reading.faults or request is None:
        raise unprocessable(reading.faults)
    row = {"id": str(request), **reading.row}
    content = sha256(orjson.dumps(row, option=orjson.OPT_SORT_KEYS)).digest()
    row["links"] = phone is None and _has_links(row)
    return Post(request, row, phone, content, sorted(given.keys() - _KNOWN))


def read_addition(given: Mapping[str, Any]) -> Addition:
    """An addition from its JSON object or form.

    Raises:
        Problem: 422 as `read_post`.
    """
    reading = _Reading(given)
    name = _id(reading) if reading.has("id") else None
    for count in COUNTS:
        _count(reading, count)
    for text in ADDED_TEXTS:
        _text(reading, text, TEXTS[text])
    _needs(reading)
    phone = _phone(reading)
    details = dict(reading.row)
    _text(reading, "note", TEXTS["note"])
    if reading.faults:
        raise unprocessable(reading.faults)
    note = reading.row.get("note")
    cancel = given.get("cancel") in (True, "true", "1")
    whole = {"details": details, "note": note, "cancel": cancel}
    content = sha256(orjson.dumps(whole, option=orjson.OPT_SORT_KEYS)).digest()
    known = {"id", "cancel", "note", "needs", "phone", _TOKEN, *COUNTS, *ADDED_TEXTS}
    return Addition(name, details, phone, note, cancel, content, sorted(given.keys() - known))


def unprocessable(faults: list[dict[str, str]]) -> Problem:
    """The answer to a post whose fields break their rules."""
    said = "; ".join(f"{one['field']}: {one['en']}" for one in faults)
    return Problem(422, f"The post cannot be taken. {said}", errors=faults)


def _id(reading: _Reading) -> UUID | None:
    text = reading.given.get("id")
    try:
        if isinstance(text, str) and len(text) == 36:
            return UUID(text)
    except ValueError:
        pass
    reading.fault(
        "id",
        Text(
            "Cần một UUID do máy gửi tự tạo, ví dụ 1b4e28ba-2fa1-4d2e-883f-0016d3cca427.",
            "A UUID that the sender made is needed, such as 1b4e28ba-2fa1-4d2e-883f-0016d3cca427.",
        ),
    )
    return None


def _category(reading: _Reading) -> None:
    value = reading.given.get("category")
    if isinstance(value, str) and value in CATEGORY.values:
        reading.row["category"] = value
        return
    known = ", ".join(CATEGORY.values)
    reading.fault("category", Text(f"Phải là một trong: {known}.", f"Must be one of: {known}."))


def _count(reading: _Reading, name: str) -> None:
    if not reading.has(name):
        return
    value = reading.given[name]
    if isinstance(value, str) and re.fullmatch(r"\s*\d{1,6}\s*", value):
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_PEOPLE:
        reading.fault(
            name,
            Text(
                f"Phải là số nguyên từ 0 đến {MOST_PEOPLE}.",
                f"Must be a whole number from 0 to {MOST_PEOPLE}.",
            ),
        )
        return
    reading.row[name] = value


def _text(reading: _Reading, name: str, length: int) -> None:
    if not reading.has(name):
        return
    value = reading.given[name]
    # "On behalf of somebody", without saying of whom.
    if name == "on_behalf_of" and isinstance(value, bool):
        value = "yes" if value else ""
    text = _clean(value)
    if text is None or len(text) > length:
        reading.fault(
            name,
            Text(
                f"Phải là văn bản, nhiều nhất {length} ký tự.",
                f"Must be a text of {length} characters at most.",
            ),
        )
    elif text:
        reading.row[name] = text


def _clean(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    try:
        value.encode()
    except UnicodeEncodeError:
        return None
    return _CONTROL.sub("", value).strip()


def _needs(reading: _Reading) -> None:
    """A list of short texts; one text is split at its commas and lines."""
    if not reading.has("needs"):
        return
    value = reading.given["needs"]
    listed = re.split(r"[,;\n]", value) if isinstance(value, str) else value
    texts = [_clean(one) for one in listed] if isinstance(listed, list) else [None]
    kept = [text for text in texts if text != ""]
    if len(kept) > MOST_NEEDS or any(text is None or len(text) > LONGEST_NEED for text in kept):
        reading.fault(
            "needs",
            Text(
                f"Phải là danh sách nhiều nhất {MOST_NEEDS} mục, mỗi mục {LONGEST_NEED} ký tự.",
                f"Must be a list of {MOST_NEEDS} texts at most, each of {LONGEST_NEED} characters.",
            ),
        )
        return
    reading.row["needs"] = kept


def phone_number(value: Any) -> str | None:
    """A number's digits, a Vietnamese one with its leading 0; None for what is no number."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return None
    digits = re.sub(r"[\s.()-]", "", value)
    digits = re.sub(r"^(?:\+|00)?84(?=\d{9,10}$)", "0", digits).removeprefix("+")
    return digits if _PHONE.fullmatch(digits) and digits.isascii() else None


def _phone(reading: _Reading) -> str | None:
    if not reading.has("phone"):
        return None
    phone = phone_number(reading.given["phone"])
    if phone is None:
        reading.fault(
            "phone",
            Text(
                "Phải là số điện thoại từ 3 đến 15 chữ số.",
                "Must be a telephone number of 3 to 15 digits.",
            ),
        )
        return None
    reading.row["phone"] = phone
    return phone


def _number(value: Any) -> float | None:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # Neither infinite nor not a number.
    return float(value) if abs(value) < 1e9 else None


def _accuracy(reading: _Reading) -> None:
    if not reading.has("accuracy_m"):
        return
    accuracy = _number(reading.given["accuracy_m"])
    if accuracy is None or accuracy < 0:
        reading.fault(
            "accuracy_m", Text("Phải là số mét, từ 0.", "Must be a number of metres, from 0.")
        )
        return
    reading.row["accuracy_m"] = min(accuracy, FARTHEST_M)


def _place(reading: _Reading, province: Province) -> None:
    """The position: by `lon` and `lat`, by a pasted `position`, or by a commune and an address."""
    row = reading.row
    _accuracy(reading)
    if reading.has("lon") or reading.has("lat"):
        _degrees(reading)
    elif reading.has("position"):
        text = _clean(reading.given["position"])
        try:
            if text is None or len(text) > 2000:
                raise PositionError(Text("Phải là văn bản.", "Must be a text."))
            found = read_position(text, province)
        except PositionError as error:
            reading.fault("position", error.text)
            return
        row |= {"lon": found.lon, "lat": found.lat, "position_source": found.source}
        if found.accuracy_m is not None:
            row.setdefault("accuracy_m", found.accuracy_m)
    elif reading.has("commune_code"):
        code = _clean(reading.given["commune_code"])
        if code is None or not re.fullmatch(r"[\w-]{1,16}", code):
            reading.fault("commune_code", no_commune())
            return
        if "address" not in row:
            reading.fault(
                "address",
                Text(
                    "Cần địa chỉ khi chỉ biết xã, phường.",
                    "An address is needed where only the commune is known.",
                ),
            )
        row |= {"commune_code": code, "position_source": "commune"}
    else:
        reading.fault(
            "lon",
            Text(
                "Cần vị trí: lon và lat, hoặc position, hoặc commune_code và address.",
                "A position is needed: lon and lat, or position, or commune_code and address.",
            ),
        )


def no_commune() -> Text:
    """What is said of a commune's code that is none."""
    return Text(
        "Không có xã, phường nào mang mã này.", "There is no commune of the province of this code."
    )


def _degrees(reading: _Reading) -> None:
    values = {}
    for name, most in (("lon", 180), ("lat", 90)):
        value = _number(reading.given.get(name))
        if value is None or abs(value) > most:
            reading.fault(
                name,
                Text(
                    f"Phải là số độ từ -{most} đến {most}.",
                    f"Must be a number of degrees from -{most} to {most}.",
                ),
            )
        else:
            values[name] = round(value, 7)
    if len(values) == 2 and values == {"lon": 0, "lat": 0}:
        reading.fault(
            "lon",
            Text(
                "0, 0 là giá trị của máy chưa có vị trí.",
                "0, 0 is what a device without a position says.",
            ),
        )
    reading.row |= values | {"position_source": "gps"}


def _has_links(row: Mapping[str, Any]) -> bool:
    """Whether texts hold links to elsewhere than a map."""
    texts = [str(row.get(name, "")) for name in TEXTS] + list(row.get("needs", ()))
    hosts = [host for text in texts for host in _LINK.findall(text)]
    return any(not _MAPS.search(host) for host in hosts)
